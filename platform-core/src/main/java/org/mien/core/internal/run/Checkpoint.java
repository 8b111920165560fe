// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.mien.core.MienException;
import org.mien.core.internal.io.Atomic;
import org.mien.nn.spi.Weights;
import org.mien.weights.BadWeights;
import org.mien.weights.Safetensors;
import org.mien.weights.Tensor;
import org.mien.weights.WeightsFile;

/**
 * Named arrays in a safetensors file, by the one reader and writer of that format. The same arrays
 * give the same bytes.
 *
 * @param arrays path to array
 * @param metadata text by name
 */
public record Checkpoint(Map<String, Values> arrays, Map<String, String> metadata) {
    /**
     * An array.
     *
     * @param shape its axes
     * @param source gives its elements row by row, each time anew: of what is written no more than
     *     one array is outside the engine at once
     */
    public record Values(long[] shape, Source source) {
        public Values(long[] shape, float[] elements) {
            this(shape, () -> elements);
        }

        public float[] elements() {
            return source.elements();
        }
    }

    public void write(Path file) throws IOException {
        Map<String, Safetensors.Values> written = new LinkedHashMap<>();
        arrays.forEach(
                (name, values) ->
                        written.put(
                                name, new Safetensors.Values(values.shape(), values::elements)));
        Atomic.write(file, out -> Safetensors.write(out, written, metadata));
    }

    /** Gives the elements of an array, all or some. */
    public interface Source {
        float[] elements();

        /** Those that follow a number of others. */
        default void read(long from, float[] into) {
            System.arraycopy(elements(), Math.toIntExact(from), into, 0, into.length);
        }
    }

    /** Of an array that lies in a file. */
    private record InFile(Tensor tensor, Path file) implements Source {
        @Override
        public float[] elements() {
            float[] elements = new float[(int) tensor.elements()];
            read(0, elements);
            return elements;
        }

        @Override
        public void read(long from, float[] into) {
            try {
                tensor.read(from, into);
            } catch (BadWeights e) {
                throw broken(file, e.getMessage());
            }
        }
    }

    /** A file whose arrays are read one by one, when they are asked for, as it was when opened. */
    public record Opened(Checkpoint checkpoint, WeightsFile file) implements AutoCloseable {
        @Override
        public void close() {
            file.close();
        }
    }

    /**
     * Reads a file written by {@link #write}.
     *
     * @throws MienException in words, for a file that is not one or is cut
     */
    public static Checkpoint read(Path file) {
        try (Opened opened = open(file)) {
            Map<String, Values> arrays = new LinkedHashMap<>();
            opened.checkpoint()
                    .arrays()
                    .forEach(
                            (path, values) ->
                                    arrays.put(
                                            path, new Values(values.shape(), values.elements())));
            return new Checkpoint(arrays, opened.checkpoint().metadata());
        }
    }

    /**
     * Opens a file written by {@link #write}. A file that takes its place later changes nothing.
     *
     * @throws MienException in words, for a file that is not one or is cut
     */
    public static Opened open(Path file) {
        if (!Files.isRegularFile(file)) {
            throw new MienException(
                    "checkpoint " + file + " is missing. Train the pipeline again.");
        }
        try {
            WeightsFile opened = WeightsFile.open(file);
            if (!opened.format().equals("safetensors")) {
                throw broken(file, "it is " + opened.format());
            }
            Map<String, Values> arrays = new LinkedHashMap<>();
            for (Map.Entry<String, Tensor> entry : opened.tensors().entrySet()) {
                Tensor tensor = entry.getValue();
                if (tensor.elements() > Integer.MAX_VALUE / 4) {
                    throw broken(file, "'" + entry.getKey() + "' is too large");
                }
                arrays.put(entry.getKey(), new Values(tensor.shape(), new InFile(tensor, file)));
            }
            return new Opened(new Checkpoint(arrays, opened.metadata()), opened);
        } catch (BadWeights e) {
            String why = e.getMessage().replace(file + " cannot be used: ", "");
            throw broken(file, why.replaceFirst("\\.$", "") + ". Train the pipeline again");
        }
    }

    /**
     * Gives every var of the weights its values.
     *
     * @param prefix beginning of their names in the checkpoint
     * @param otherwise beginning of the message when an array is missing or has another shape
     */
    public void into(Weights weights, String prefix, String otherwise) {
        check(weights, prefix, otherwise);
        for (Weights.Entry entry : weights.entries().values()) {
            Values found = arrays.get(prefix + entry.path());
            weights.set(entry.path(), found.elements(), found.shape());
        }
    }

    /**
     * Lets the weights read their values when they need them, and as often; none of them moves.
     *
     * @param otherwise beginning of the message when an array is missing or has another shape
     */
    public void under(Weights weights, String otherwise) {
        check(weights, "", otherwise);
        weights.from((entry, from, into) -> arrays.get(entry.path()).source().read(from, into));
    }

    private void check(Weights weights, String prefix, String otherwise) {
        for (Weights.Entry entry : weights.entries().values()) {
            Values found = arrays.get(prefix + entry.path());
            if (found == null) {
                throw misfit(otherwise, "it has no '" + prefix + entry.path() + "'");
            }
            if (!Arrays.equals(found.shape(), entry.var().shape())) {
                throw misfit(
                        otherwise,
                        "'"
                                + entry.path()
                                + "' has shape "
                                + Arrays.toString(found.shape())
                                + ", the network needs "
                                + Arrays.toString(entry.var().shape()));
            }
        }
    }

    /**
     * The error of a checkpoint that other code wrote.
     *
     * @param otherwise beginning of the message
     * @param why what does not fit
     */
    public static MienException misfit(String otherwise, String why) {
        return new MienException(
                otherwise
                        + ": its checkpoint does not fit the plugins that are installed now: "
                        + why
                        + ". Install the versions in its config.json, or train again.");
    }

    private static MienException broken(Path file, String why) {
        return new MienException(
                "checkpoint " + file + " is no checkpoint, or was cut: " + why + ".");
    }
}
