// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.run;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import java.io.EOFException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.mien.core.MienException;
import org.mien.core.internal.io.Atomic;
import org.mien.core.internal.io.Json;
import org.mien.nn.spi.Weights;

/**
 * Named arrays in a safetensors file: eight bytes of header length, a JSON header, the elements.
 * The same arrays give the same bytes.
 *
 * @param arrays path to array
 * @param metadata text by name
 */
public record Checkpoint(Map<String, Values> arrays, Map<String, String> metadata) {
    private static final int LONGEST_HEADER = 16 << 20;

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

        long count() {
            return Arrays.stream(shape).reduce(1, Math::multiplyExact);
        }
    }

    public void write(Path file) throws IOException {
        JsonObject header = new JsonObject();
        JsonObject meta = new JsonObject();
        metadata.forEach(meta::addProperty);
        header.add("__metadata__", meta);
        long at = 0;
        for (Map.Entry<String, Values> entry : arrays.entrySet()) {
            long bytes = 4 * entry.getValue().count();
            JsonObject one = new JsonObject();
            one.addProperty("dtype", "F32");
            one.add("shape", Json.tree(entry.getValue().shape()));
            one.add("data_offsets", Json.tree(new long[] {at, at + bytes}));
            header.add(entry.getKey(), one);
            at += bytes;
        }
        byte[] text = header.toString().getBytes(StandardCharsets.UTF_8);
        int padded = (text.length + 7) / 8 * 8;
        Atomic.write(
                file,
                out -> {
                    ByteBuffer length = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
                    out.write(length.putLong(padded).array());
                    out.write(text);
                    out.write(" ".repeat(padded - text.length).getBytes(StandardCharsets.US_ASCII));
                    for (Values values : arrays.values()) {
                        float[] elements = values.elements();
                        if (elements.length != values.count()) {
                            throw new IllegalStateException(
                                    elements.length
                                            + " elements for the shape "
                                            + Arrays.toString(values.shape()));
                        }
                        ByteBuffer bytes =
                                ByteBuffer.allocate(Math.multiplyExact(4, elements.length))
                                        .order(ByteOrder.LITTLE_ENDIAN);
                        bytes.asFloatBuffer().put(elements);
                        out.write(bytes.array());
                    }
                });
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
    private record Stretch(RandomAccessFile opened, Path file, long at, int count)
            implements Source {
        @Override
        public float[] elements() {
            float[] elements = new float[count];
            read(0, elements);
            return elements;
        }

        @Override
        public void read(long from, float[] into) {
            try {
                bytes(opened, file, at + 4 * from, 4 * into.length).asFloatBuffer().get(into);
            } catch (IOException e) {
                throw unreadable(file, e);
            }
        }
    }

    /** A file whose arrays are read one by one, when they are asked for, as it was when opened. */
    public record Opened(Checkpoint checkpoint, RandomAccessFile file) implements AutoCloseable {
        @Override
        public void close() {
            try {
                file.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e); // of a file that was only read
            }
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
        RandomAccessFile opened = null;
        try {
            // A channel would be closed for all by the first thread that is interrupted.
            opened = new RandomAccessFile(file.toFile(), "r");
            return new Opened(parse(opened, file), opened);
        } catch (JsonParseException
                | IllegalStateException
                | NullPointerException
                | UnsupportedOperationException
                | ArithmeticException e) {
            closeQuietly(opened);
            throw broken(file, "its header cannot be read");
        } catch (IOException e) {
            closeQuietly(opened);
            throw unreadable(file, e);
        } catch (MienException e) {
            closeQuietly(opened);
            throw e;
        }
    }

    private static void closeQuietly(RandomAccessFile file) {
        try {
            if (file != null) {
                file.close();
            }
        } catch (IOException e) {
            // What went wrong before is told.
        }
    }

    private static MienException unreadable(Path file, IOException e) {
        return new MienException(
                "checkpoint "
                        + file
                        + (Files.exists(file)
                                ? " cannot be read: " + e.getMessage()
                                : " is missing")
                        + ". Train the pipeline again.");
    }

    private static Checkpoint parse(RandomAccessFile opened, Path file) throws IOException {
        long size = opened.length();
        long headerLength = bytes(opened, file, 0, 8).getLong();
        if (headerLength < 2 || headerLength > LONGEST_HEADER || headerLength > size - 8) {
            throw broken(file, "its header claims " + headerLength + " bytes");
        }
        String text =
                StandardCharsets.UTF_8
                        .decode(bytes(opened, file, 8, (int) headerLength))
                        .toString();
        JsonObject header = JsonParser.parseString(text).getAsJsonObject();
        Map<String, Values> arrays = new LinkedHashMap<>();
        Map<String, String> metadata = new LinkedHashMap<>();
        for (Map.Entry<String, JsonElement> entry : header.entrySet()) {
            JsonObject one = entry.getValue().getAsJsonObject();
            if (entry.getKey().equals("__metadata__")) {
                one.entrySet().forEach(m -> metadata.put(m.getKey(), m.getValue().getAsString()));
                continue;
            }
            long[] shape = Json.read(one.get("shape"), long[].class);
            long[] offsets = Json.read(one.get("data_offsets"), long[].class);
            long count = 1;
            for (long axis : shape) {
                count = Math.multiplyExact(count, axis);
            }
            if (!one.get("dtype").getAsString().equals("F32")
                    || offsets.length != 2
                    || offsets[0] < 0
                    || offsets[1] - offsets[0] != Math.multiplyExact(4L, count)
                    || offsets[1] > size - 8 - headerLength
                    || count > Integer.MAX_VALUE / 4) {
                throw broken(file, "'" + entry.getKey() + "' does not lie within it");
            }
            long from = 8 + headerLength + offsets[0];
            arrays.put(
                    entry.getKey(),
                    new Values(shape, new Stretch(opened, file, from, (int) count)));
        }
        return new Checkpoint(arrays, metadata);
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

    private static ByteBuffer bytes(RandomAccessFile opened, Path file, long from, int count)
            throws IOException {
        byte[] bytes = new byte[count];
        synchronized (opened) {
            opened.seek(from);
            try {
                opened.readFully(bytes);
            } catch (EOFException e) {
                throw broken(file, "it ends too early");
            }
        }
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static MienException broken(Path file, String why) {
        return new MienException(
                "checkpoint " + file + " is no checkpoint, or was cut: " + why + ".");
    }
}
