// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.features;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToLongFunction;
import java.util.stream.IntStream;
import org.mien.api.InputSpec;
import org.mien.api.data.Picture;
import org.mien.api.data.Sample;
import org.mien.api.data.Sample.Split;
import org.mien.api.data.Target;
import org.mien.api.data.Targets;
import org.mien.core.MienException;
import org.mien.core.internal.data.Chain;
import org.mien.core.internal.data.ClassNames;
import org.mien.core.internal.data.ImageFile;
import org.mien.core.internal.data.Loader;
import org.mien.core.internal.data.Splits;
import org.mien.core.internal.io.Digests;
import org.mien.core.internal.pipeline.BoundPipeline;
import org.mien.core.internal.plugin.Border;
import org.mien.vision.Limits;
import org.mien.weights.BadWeights;
import org.mien.weights.Npy;
import org.mien.weights.Tensor;
import org.mien.weights.Type;
import org.mien.weights.WeightsFile;

/** What features are taken of, in a fixed order. Loading is for one thread. */
interface FeatureSource extends AutoCloseable {
    /**
     * What a row is of: one crop of one face of one thing, each counted from 0.
     *
     * @param item the thing
     * @param face of it
     * @param crop of the face
     */
    record Row(int item, int face, int crop) {
        static Row of(int item) {
            return new Row(item, 0, 0);
        }
    }

    /**
     * Rows of a batch, as pixels or as finished values.
     *
     * @param rows what they are of
     * @param pixels interleaved RGB of all rows, or null
     * @param values (N, 3, H, W), or null
     */
    record Loaded(List<Row> rows, ByteBuffer pixels, float[] values) {
        static Loaded floats(List<Row> rows, float[] values) {
            return new Loaded(rows, null, values);
        }
    }

    /** What the network reads. */
    InputSpec input();

    /** How many things there are. */
    int size();

    /** A thing, for messages. */
    String name(int item);

    /** All of it, for messages and the record. */
    String words();

    /** Which things they are. */
    String sha256();

    /** Reads some. */
    Loaded load(int from, int to) throws IOException;

    /** Adds what stands beside the features of these rows. */
    void beside(Map<String, Npy> arrays, List<Row> rows);

    @Override
    void close();

    /** A ready array. */
    final class ReadyArray implements FeatureSource {
        private final WeightsFile file;
        private final Tensor array;
        private final InputSpec input;
        private final String sha256;

        /**
         * Opens a file.
         *
         * @param read what the backbone reads with its keys; the array may have another size
         */
        ReadyArray(Path path, InputSpec read) {
            try {
                file = WeightsFile.open(path);
            } catch (BadWeights e) {
                throw new MienException(e.getMessage());
            }
            try {
                array = file.tensors().get("array");
                if (!file.format().equals("npy") || array == null) {
                    throw new MienException(
                            path
                                    + " is "
                                    + file.format()
                                    + "; expected one array as numpy.save writes it (.npy)");
                }
                long[] shape = array.shape();
                boolean fits =
                        shape.length == 4
                                && shape[0] > 0
                                && shape[0] < Integer.MAX_VALUE
                                && shape[1] == 3
                                && shape[2] > 0
                                && shape[2] <= 4096
                                && shape[3] > 0
                                && shape[3] <= 4096;
                if (!fits || array.type() != Type.F32) {
                    throw new MienException(
                            path
                                    + " has shape "
                                    + Arrays.toString(shape)
                                    + " of "
                                    + array.type().word()
                                    + "; expected (N, 3, height, width) of f32, for example (N, 3, "
                                    + read.height()
                                    + ", "
                                    + read.width()
                                    + "), scaled as the network expects");
                }
                input =
                        new InputSpec(
                                (int) shape[2], (int) shape[3], read.mean(), read.deviation());
                sha256 = file.sha256();
            } catch (BadWeights e) {
                file.close();
                throw new MienException(e.getMessage());
            } catch (RuntimeException e) {
                file.close();
                throw e;
            }
        }

        @Override
        public InputSpec input() {
            return input;
        }

        @Override
        public int size() {
            return (int) array.shape()[0];
        }

        @Override
        public String name(int item) {
            return "image " + item + " of " + file.file();
        }

        @Override
        public String words() {
            return file.file().toString();
        }

        @Override
        public String sha256() {
            return sha256;
        }

        @Override
        public Loaded load(int from, int to) throws IOException {
            float[] values = file.floats(array.rows(from, to - from));
            int image = 3 * input.height() * input.width();
            for (int i = 0; i < values.length; i++) {
                if (!Float.isFinite(values[i])) {
                    int pixel = i % image;
                    int plane = input.height() * input.width();
                    throw new MienException(
                            file.file()
                                    + " holds "
                                    + values[i]
                                    + " at ["
                                    + (from + i / image)
                                    + ", "
                                    + pixel / plane
                                    + ", "
                                    + pixel % plane / input.width()
                                    + ", "
                                    + pixel % input.width()
                                    + "]; expected finite numbers");
                }
            }
            List<Row> rows = IntStream.range(from, to).mapToObj(Row::of).toList();
            return Loaded.floats(rows, values);
        }

        @Override
        public void beside(Map<String, Npy> arrays, List<Row> rows) {
            // The features are in the order of the array.
        }

        @Override
        public void close() {
            file.close();
        }
    }

    /** Pictures that go through the steps from image to input. */
    abstract class FromPictures implements FeatureSource {
        private final InputSpec input;
        private final Chain chain;

        FromPictures(InputSpec input, List<BoundPipeline.Step> steps, Limits limits) {
            this.input = input;
            chain = new Chain(steps, List.of("face"), input, limits);
        }

        abstract Picture read(int item) throws IOException;

        /** The faces that count of those that were found in a thing; at least one. */
        abstract List<Chain.Found> faces(Chain chain, List<Chain.Found> found);

        @Override
        public final InputSpec input() {
            return input;
        }

        @Override
        public final Loaded load(int from, int to) {
            List<Row> rows = new ArrayList<>();
            List<Map<String, Picture>> crops = new ArrayList<>();
            for (int item = from; item < to; item++) {
                int thing = item;
                try {
                    Border.call("the image", List.of(), () -> load(thing, rows, crops));
                } catch (MienException e) {
                    throw new MienException(name(item) + ": " + e.getMessage());
                }
            }
            return new Loaded(rows, Loader.stack(crops).get("face"), null);
        }

        private boolean load(int item, List<Row> rows, List<Map<String, Picture>> crops)
                throws IOException {
            List<Chain.Found> faces = faces(chain, chain.prepare(read(item)));
            for (int face = 0; face < faces.size(); face++) {
                List<Map<String, Picture>> own = chain.views(faces.get(face), null);
                if (own.isEmpty()) {
                    throw chain.none();
                }
                for (int crop = 0; crop < own.size(); crop++) {
                    rows.add(new Row(item, face, crop));
                }
                crops.addAll(own);
            }
            return true;
        }

        @Override
        public void beside(Map<String, Npy> arrays, List<Row> rows) {
            arrays.put("faces", numbers(rows, Row::face));
            arrays.put("crops", numbers(rows, Row::crop));
        }

        private static Npy numbers(List<Row> rows, ToLongFunction<Row> number) {
            return Npy.longs(rows.stream().mapToLong(number).toArray(), rows.size());
        }

        @Override
        public void close() {
            chain.close();
        }
    }

    /** Image files. */
    final class Photos extends FromPictures {
        private final List<Path> files;
        private final Limits limits;

        Photos(List<Path> files, InputSpec input, List<BoundPipeline.Step> steps, Limits limits) {
            super(input, steps, limits);
            this.files = List.copyOf(files);
            this.limits = limits;
        }

        @Override
        public int size() {
            return files.size();
        }

        @Override
        public String name(int item) {
            return "image " + files.get(item);
        }

        @Override
        public String words() {
            return files.size() + " images from " + files.get(0);
        }

        @Override
        public String sha256() {
            List<String> all = new ArrayList<>();
            for (Path file : files) {
                try {
                    all.add(file + " " + Files.size(file) + " " + Files.getLastModifiedTime(file));
                } catch (IOException e) {
                    all.add(file.toString()); // the reason comes when it is read
                }
            }
            return Digests.of(all);
        }

        @Override
        Picture read(int item) throws IOException {
            return ImageFile.read(files.get(item), limits);
        }

        @Override
        List<Chain.Found> faces(Chain chain, List<Chain.Found> found) {
            if (found.isEmpty()) {
                throw new MienException(
                        chain.blind()
                                + " found no face. Take it out, or let the step take the whole"
                                + " picture");
            }
            return found;
        }

        @Override
        public void beside(Map<String, Npy> arrays, List<Row> rows) {
            super.beside(arrays, rows);
            arrays.put(
                    "paths",
                    Npy.texts(rows.stream().map(row -> files.get(row.item()).toString()).toList()));
        }
    }

    /** A dataset, by split. */
    final class Samples extends FromPictures {
        private final Splits splits;
        private final String who;
        private final List<Sample> samples = new ArrayList<>();
        private final List<String> of = new ArrayList<>();

        /**
         * Opens a dataset.
         *
         * @param some the splits that count
         */
        Samples(BoundPipeline bound, List<Split> some, InputSpec input) {
            super(input, bound.steps(), bound.image().limits());
            try {
                splits = new Splits(bound);
            } catch (RuntimeException e) {
                super.close();
                throw e;
            }
            who = bound.dataset().who();
            for (Split split : some) {
                samples.addAll(some.size() == 1 ? splits.some(split) : splits.of(split));
                while (of.size() < samples.size()) {
                    of.add(Splits.word(split));
                }
            }
            if (samples.isEmpty()) {
                close();
                throw new MienException(who + " has no samples");
            }
        }

        @Override
        public int size() {
            return samples.size();
        }

        @Override
        public String name(int item) {
            return "sample '" + samples.get(item).id() + "'";
        }

        @Override
        public String words() {
            return who;
        }

        @Override
        public String sha256() {
            // What a label means is part of it: its number alone may be another class by now.
            List<String> all = new ArrayList<>(splits.targets().classes());
            all.addAll(splits.targets().multiLabel());
            all.addAll(ClassNames.of(splits.targets(), Target.VALUES));
            for (int i = 0; i < samples.size(); i++) {
                Sample sample = samples.get(i);
                all.add(sample.id() + " " + told(sample) + " " + of.get(i));
            }
            return Digests.of(all);
        }

        private static String told(Sample sample) {
            return sample.label()
                    + Arrays.toString(sample.multiLabel())
                    + Arrays.toString(sample.values());
        }

        @Override
        Picture read(int item) throws IOException {
            return splits.read(samples.get(item));
        }

        @Override
        List<Chain.Found> faces(Chain chain, List<Chain.Found> found) {
            return List.of(chain.only(found));
        }

        @Override
        public void beside(Map<String, Npy> arrays, List<Row> rows) {
            super.beside(arrays, rows);
            List<Integer> items = rows.stream().map(Row::item).toList();
            long[] labels = new long[items.size()];
            List<String> ids = new ArrayList<>();
            List<String> names = new ArrayList<>();
            for (int i = 0; i < labels.length; i++) {
                Sample sample = samples.get(items.get(i));
                labels[i] = sample.label();
                ids.add(sample.id());
                names.add(of.get(items.get(i)));
            }
            arrays.put("labels", Npy.longs(labels, labels.length));
            arrays.put("ids", Npy.texts(ids));
            arrays.put("splits", Npy.texts(names));
            Targets targets = splits.targets();
            arrays.put("classes", Npy.texts(targets.classes()));
            List<Sample> some = items.stream().map(samples::get).toList();
            numbers(arrays, "multi_label", targets.multiLabel(), some, Sample::multiLabel);
            numbers(
                    arrays,
                    "values",
                    targets.values().stream().map(Targets.Value::name).toList(),
                    some,
                    Sample::values);
        }

        /** A row a sample, NaN where nothing is known, and the names of the columns. */
        private static void numbers(
                Map<String, Npy> arrays,
                String name,
                List<String> columns,
                List<Sample> some,
                Function<Sample, float[]> numbers) {
            if (columns.isEmpty()) {
                return;
            }
            float[] all = new float[some.size() * columns.size()];
            Arrays.fill(all, Float.NaN);
            for (int i = 0; i < some.size(); i++) {
                float[] row = numbers.apply(some.get(i));
                System.arraycopy(row, 0, all, i * columns.size(), row.length);
            }
            arrays.put(name, Npy.floats(all, some.size(), columns.size()));
            arrays.put(name + "_names", Npy.texts(columns));
        }

        @Override
        public void close() {
            super.close();
            splits.close();
        }
    }
}
