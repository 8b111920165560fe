// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.features;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.mien.api.Feature;
import org.mien.api.InputSpec;
import org.mien.api.data.Picture;
import org.mien.api.data.Sample;
import org.mien.api.method.Backbone;
import org.mien.api.net.Trunk;
import org.mien.core.Evaluations;
import org.mien.core.Features;
import org.mien.core.MienException;
import org.mien.core.Value;
import org.mien.core.internal.data.FacesAndCropsTest;
import org.mien.core.internal.data.Splits;
import org.mien.core.internal.pipeline.BoundPipeline;
import org.mien.core.internal.pipeline.Recipes;
import org.mien.core.internal.plugin.Kind;
import org.mien.core.internal.service.Fakes;
import org.mien.core.internal.service.OnPlatform;
import org.mien.nn.Patches;
import org.mien.nn.TransformerBlock;
import org.mien.vision.Images;
import org.mien.weights.Npy;
import org.mien.weights.Npz;

class FeaturesTest extends OnPlatform {
    /** Tokens that look at each other, without a class token. */
    private static final class Tokens implements Backbone<Fakes.None> {
        @Override
        public Class<Fakes.None> settings() {
            return Fakes.None.class;
        }

        @Override
        public InputSpec input(Fakes.None settings) {
            return new InputSpec(8, 8, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f));
        }

        @Override
        public Trunk trunk(Fakes.None settings, InputSpec input) {
            return new Trunk(
                    input,
                    List.of(
                            new Trunk.Stage(
                                    Feature.tokens("embed", 8, 2, 2, 0),
                                    () -> new Patches(3, 8, 4)),
                            new Trunk.Stage(
                                    Feature.tokens("block0", 8, 2, 2, 0),
                                    () -> new TransformerBlock(8, 2, 16)),
                            new Trunk.Stage(
                                    Feature.tokens("block1", 8, 2, 2, 0),
                                    () -> new TransformerBlock(8, 2, 16))));
        }
    }

    /** An array as NumPy would see it. */
    private record Array(String type, String shape, ByteBuffer elements) {
        float[] floats() {
            float[] all = new float[elements.remaining() / 4];
            elements.asFloatBuffer().get(all);
            return all;
        }

        List<Long> longs() {
            List<Long> all = new ArrayList<>();
            for (int i = 0; i < elements.remaining() / 8; i++) {
                all.add(elements.getLong(8 * i));
            }
            return all;
        }

        List<String> texts() {
            int width = Integer.parseInt(type.substring(2));
            List<String> all = new ArrayList<>();
            for (int at = 0; at < elements.remaining(); at += 4 * width) {
                StringBuilder text = new StringBuilder();
                for (int i = 0; i < width && elements.getInt(at + 4 * i) != 0; i++) {
                    text.appendCodePoint(elements.getInt(at + 4 * i));
                }
                all.add(text.toString());
            }
            return all;
        }
    }

    private static final Pattern HEADER =
            Pattern.compile(
                    "\\{'descr': '([^']+)', 'fortran_order': False, 'shape': \\((.*?)\\), \\} *\n");

    private static Map<String, Array> read(Path file) throws IOException {
        Map<String, Array> arrays = new LinkedHashMap<>();
        try (ZipFile zip = new ZipFile(file.toFile())) {
            for (ZipEntry entry : zip.stream().toList()) {
                try (InputStream in = zip.getInputStream(entry)) {
                    ByteBuffer all =
                            ByteBuffer.wrap(in.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
                    int length = all.getShort(8);
                    String header = new String(all.array(), 10, length, StandardCharsets.US_ASCII);
                    Matcher matcher = HEADER.matcher(header);
                    assertTrue(matcher.matches(), header);
                    ByteBuffer rest =
                            all.position(10 + length).slice().order(ByteOrder.LITTLE_ENDIAN);
                    String name = entry.getName().replaceFirst("[.]npy$", "");
                    arrays.put(name, new Array(matcher.group(1), matcher.group(2), rest));
                }
            }
        }
        return arrays;
    }

    private static float[] values(int n, int side) {
        float[] values = new float[n * 3 * side * side];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.sin(0.37 * i);
        }
        return values;
    }

    private Path npy(String name, float[] values, long... shape) throws IOException {
        Path file = work.resolve(name);
        try (OutputStream out = Files.newOutputStream(file)) {
            Npy.floats(values, shape).write(out);
        }
        return file;
    }

    private Features.Order array(String backbone, Path tensor, String output, String... keys) {
        return new Features.Order(
                backbone,
                map(keys),
                null,
                "",
                "",
                List.of(),
                tensor,
                List.of(),
                "",
                "",
                work.resolve(output),
                3);
    }

    private Features.Order with(
            Features.Order order, Path weights, String kind, String stage, String... taps) {
        return new Features.Order(
                order.backbone(),
                order.keys(),
                weights,
                kind,
                stage,
                List.of(taps),
                order.tensor(),
                order.images(),
                order.pipeline(),
                order.split(),
                order.output(),
                order.batch());
    }

    private Features.Order dataset(String split, String output, String... keys) {
        return new Features.Order(
                "small",
                map(keys),
                null,
                "vector",
                "",
                List.of(),
                null,
                List.of(),
                "demo",
                split,
                work.resolve(output),
                4);
    }

    /** What the command gives for a run: its checkpoint holds more than a backbone. */
    @Test
    void aCheckpointOfARunGivesItsTrainedBackbone() {
        Path best = train("demo", "train.epochs=1").folder().resolve("best.safetensors");
        Features.Order order = dataset("test", "trained.npz");
        String words = write(with(order, best, "vector", "")).weights();
        assertTrue(words.contains("5 of 7 tensors of " + best), words);
        assertTrue(words.contains("names begin with backbone."), words);
    }

    /** What it answers on a split, beside what is known of the samples. */
    @Test
    void outputsOfARun() throws IOException {
        String run = train("demo", "train.epochs=1").id();
        Path file = work.resolve("outputs.npz");
        Evaluations.Outputs written =
                mien.evaluations()
                        .outputs(
                                run,
                                "test",
                                Map.of(),
                                List.of("embedding", "probabilities", "face"),
                                file);
        assertEquals(List.of("embedding", "probabilities", "face"), names(written));
        Map<String, Array> all = read(file);
        int samples = written.samples();
        assertEquals(samples + ", 2", all.get("face").shape());
        assertEquals(List.of("one", "two"), all.get("face_names").texts());
        List<String> classes = all.get("classes").texts();
        assertEquals(classes, all.get("probabilities_names").texts());
        float[] probabilities = all.get("probabilities").floats();
        assertEquals(samples * classes.size(), probabilities.length);
        float sum = 0;
        for (int k = 0; k < classes.size(); k++) {
            sum += probabilities[k];
        }
        assertEquals(1, sum, 1e-5);
        float[] embedding = all.get("embedding").floats();
        float[] face = all.get("face").floats();
        int width = written.widths().get("embedding");
        for (int i = 0; i < samples; i++) {
            assertEquals(embedding[i * width], face[2 * i], "row " + i + " is the same sample");
        }
        assertEquals(samples, all.get("ids").texts().size());
        assertEquals(samples, all.get("labels").longs().size());
        String twice =
                assertThrows(MienException.class, () -> outputs(run, "probabilities", file))
                        .getMessage();
        assertTrue(twice.contains("exists already"), twice);
        Path other = work.resolve("other.npz");
        String unknown =
                assertThrows(MienException.class, () -> outputs(run, "embeding", other))
                        .getMessage();
        assertTrue(
                unknown.contains("no output 'embeding'") && unknown.contains("embedding"), unknown);
        assertFalse(Files.exists(other));
    }

    private void outputs(String run, String name, Path file) {
        mien.evaluations().outputs(run, "test", Map.of(), List.of(name), file);
    }

    private static List<String> names(Evaluations.Outputs written) {
        return List.copyOf(written.widths().keySet());
    }

    private Features.Written write(Features.Order order) {
        return mien.features().write(order, (done, all) -> {}, () -> false);
    }

    @Test
    void ofAReadyArray() throws IOException {
        bind(Kind.BACKBONE, "plain", new Fakes.Plain());
        long before = torch.arrays();
        float[] values = values(7, 10);
        Path tensor = npy("x.npy", values, 7, 3, 10, 10);
        List<Integer> told = new ArrayList<>();
        Features.Written features =
                mien.features()
                        .write(
                                array("plain", tensor, "out.npz"),
                                (done, all) -> told.add(done),
                                () -> false);
        assertEquals("pool", features.stage());
        assertEquals(7, features.items());
        assertEquals(List.of(work.resolve("out.npz")), features.files());
        assertEquals(7, told.get(told.size() - 1));
        Array found = read(work.resolve("out.npz")).get("features");
        assertEquals("<f4", found.type());
        assertEquals("7, 3", found.shape());
        float[] means = found.floats();
        for (int i = 0; i < 21; i++) {
            double sum = 0;
            for (int j = 0; j < 100; j++) {
                sum += values[i * 100 + j];
            }
            assertEquals(sum / 100, means[i], 1e-6);
        }
        assertEquals(before, torch.arrays());
        assertTrue(Files.readString(work.resolve("out.json")).contains("\"complete\": true"));
    }

    @Test
    void whatEachStageGives() throws IOException {
        Path tensor = npy("x.npy", values(2, 8), 2, 3, 8, 8);
        Features.Order order = array("small", tensor, "all.npz");
        write(with(order, null, "vector", "", "output"));
        Map<String, Array> all = read(work.resolve("all.npz"));
        assertEquals("2, 6, 8, 8", all.get("output.conv").shape());
        float[] map = all.get("output.conv").floats();
        double sum = 0;
        for (int i = 0; i < 64; i++) {
            sum += map[i];
        }
        assertEquals(sum / 64, all.get("features").floats()[0], 1e-5);
        assertArrayEquals(all.get("features").floats(), all.get("output.pool").floats());
    }

    @Test
    void aStageAKindAndWeightsOfAFile() throws IOException {
        Map<String, Npy> arrays = new LinkedHashMap<>();
        InputSpec input = new Fakes.Small().input(new Fakes.Small.Settings(8));
        new Fakes.Small()
                .trunk(new Fakes.Small.Settings(8), input)
                .each(
                        "",
                        (path, var) -> {
                            float[] one = new float[(int) var.size()];
                            Arrays.fill(one, path.startsWith("conv.0") ? 0.5f : 1);
                            arrays.put(path, Npy.floats(one, var.shape()));
                        });
        Path weights = work.resolve("w.npz");
        try (OutputStream out = Files.newOutputStream(weights)) {
            Npz.write(out, arrays);
        }
        float[] ones = new float[2 * 3 * 64];
        Arrays.fill(ones, 1);
        Path tensor = npy("ones.npy", ones, 2, 3, 8, 8);
        Features.Order order = array("small", tensor, "map.npz");
        Features.Written map = write(with(order, weights, "map", ""));
        assertEquals("map (6, 8, 8)", map.gives());
        assertTrue(map.weights().startsWith(arrays.size() + " of " + arrays.size()), map.weights());
        Array found = read(work.resolve("map.npz")).get("features");
        assertEquals("2, 6, 8, 8", found.shape());
        float[] pixels = found.floats();
        // 27 neighbours of 0.5, minus the mean 1, plus the shift 1; corners have 12 neighbours.
        assertEquals((27 * 0.5 - 1) / Math.sqrt(1 + 1e-5) + 1, pixels[9], 1e-3);
        assertEquals((12 * 0.5 - 1) / Math.sqrt(1 + 1e-5) + 1, pixels[0], 1e-3);
        write(with(array("small", tensor, "stage.npz"), weights, "", "conv"));
        assertArrayEquals(pixels, read(work.resolve("stage.npz")).get("features").floats());
    }

    @Test
    void attentionBesideTheTokens() throws IOException {
        bind(Kind.BACKBONE, "tokens", new Tokens());
        Path tensor = npy("x.npy", values(4, 8), 4, 3, 8, 8);
        write(with(array("tokens", tensor, "out.npz"), null, "tokens", "", "attention"));
        Map<String, Array> arrays = read(work.resolve("out.npz"));
        assertEquals(
                List.of("features", "attention.0", "attention.1"), List.copyOf(arrays.keySet()));
        assertEquals("4, 4, 8", arrays.get("features").shape());
        assertEquals("4, 2, 4, 4", arrays.get("attention.1").shape());
        float[] weights = arrays.get("attention.1").floats();
        for (int row = 0; row < weights.length; row += 4) {
            float sum = weights[row] + weights[row + 1] + weights[row + 2] + weights[row + 3];
            assertEquals(1, sum, 1e-5);
        }
        assertTrue(
                refused(() -> write(with(array("tokens", tensor, "o.npz"), null, "", "", "heat")))
                        .contains("offers no 'heat' up to the stage 'block1'"));
    }

    @Test
    void overADatasetWithLabelsAndIds() throws IOException {
        Features.Written all = write(dataset("", "all.npz"));
        assertEquals(90, all.items());
        Map<String, Array> arrays = read(work.resolve("all.npz"));
        assertEquals("90, 6", arrays.get("features").shape());
        List<String> ids = arrays.get("ids").texts();
        List<Long> labels = arrays.get("labels").longs();
        List<String> splits = arrays.get("splits").texts();
        assertEquals(List.of("red", "green", "blue"), arrays.get("classes").texts());
        assertEquals(30, splits.stream().filter("test"::equals).count());
        for (int i = 0; i < 90; i++) {
            assertEquals(
                    Long.parseLong(ids.get(i).replace("colour-", "")) % 3,
                    labels.get(i),
                    ids.get(i));
        }
        write(dataset("test", "test.npz"));
        Map<String, Array> test = read(work.resolve("test.npz"));
        float[] one = test.get("features").floats();
        float[] whole = arrays.get("features").floats();
        int at = ids.indexOf(test.get("ids").texts().get(0));
        assertArrayEquals(
                Arrays.copyOfRange(whole, 6 * at, 6 * at + 6), Arrays.copyOf(one, 6), 1e-6f);
    }

    @Test
    void inPiecesThatGoOnWhereTheyWereBrokenOff() throws IOException {
        FeatureOrders small =
                new FeatureOrders(
                        registry, new Recipes(registry, pipelines, shipped), torch, 24 * 24);
        Features.Order order = dataset("test", "out.npz");
        BooleanSupplier soon = stopAfter(7);
        String stopped = refused(() -> small.write(order, (done, all) -> {}, soon));
        assertTrue(stopped.contains("stopped after 24 of 30"), stopped);
        assertTrue(Files.exists(work.resolve("out-00001.npz")));
        assertFalse(Files.exists(work.resolve("out-00002.npz")));
        byte[] first = Files.readAllBytes(work.resolve("out-00001.npz"));
        Features.Written done = small.write(order, (all, of) -> {}, () -> false);
        assertEquals(1, done.kept());
        assertEquals(2, done.files().size());
        assertArrayEquals(first, Files.readAllBytes(work.resolve("out-00001.npz")));
        assertEquals("6, 6", read(work.resolve("out-00002.npz")).get("features").shape());
        assertEquals(2, small.write(order, (all, of) -> {}, () -> false).kept());
        // A learning rate changes no feature; a seed of the validation split may.
        Features.Order rate = dataset("test", "out.npz", "train.lr=0.5");
        assertEquals(2, small.write(rate, (all, of) -> {}, () -> false).kept());
        Features.Order other = dataset("test", "out.npz", "size=10");
        assertTrue(
                refused(() -> small.write(other, (all, of) -> {}, () -> false))
                        .contains("out.json is of other features"));
    }

    @Test
    void ofImages() throws IOException {
        bind(Kind.BACKBONE, "plain", new Fakes.Plain());
        List<Path> images = new ArrayList<>();
        Map<String, Value> values =
                new LinkedHashMap<>(pipelines.find("demo").orElseThrow().values());
        try (Splits splits = new Splits(BoundPipeline.of(registry, "demo", values))) {
            for (Sample sample : splits.of(Sample.Split.TEST).subList(0, 3)) {
                Path image = work.resolve(sample.id() + ".png");
                Files.write(image, Images.encodePng(splits.read(sample)));
                images.add(image);
            }
        }
        Features.Order order =
                new Features.Order(
                        "plain",
                        Map.of(),
                        null,
                        "",
                        "",
                        List.of(),
                        null,
                        images,
                        "",
                        "",
                        work.resolve("images.npz"),
                        2);
        write(order);
        Map<String, Array> arrays = read(work.resolve("images.npz"));
        assertEquals(images.stream().map(Path::toString).toList(), arrays.get("paths").texts());
        float[] means = arrays.get("features").floats();
        // The colour of the class is brighter by 150 of 255 than the others.
        for (int i = 0; i < 3; i++) {
            String name = images.get(i).getFileName().toString();
            int label = Integer.parseInt(name.replaceAll("\\D", "")) % 3;
            for (int c = 0; c < 3; c++) {
                assertEquals(c == label, means[3 * i + c] > 0.5, images.get(i) + " " + c);
            }
        }
        Files.write(images.get(1), new byte[] {1, 2, 3});
        Features.Order bad =
                new Features.Order(
                        "plain",
                        map("preprocess=noise"),
                        null,
                        "",
                        "",
                        List.of(),
                        null,
                        images,
                        "",
                        "",
                        work.resolve("bad.npz"),
                        2);
        assertTrue(refused(() -> write(bad)).contains("image " + images.get(1)));
        assertFalse(Files.exists(work.resolve("bad.npz")));
    }

    /** Two faces in each image and three crops of each face; of a dataset one face a sample. */
    @Test
    void aRowIsACropOfAFace() throws IOException {
        bind(Kind.BACKBONE, "plain", new Fakes.Plain());
        bind(Kind.PREPROCESSOR, "people", new FacesAndCropsTest.People());
        bind(Kind.PREPROCESSOR, "colourings", new FacesAndCropsTest.Colourings());
        Picture dark = Picture.rgb(8, 8, ByteBuffer.allocate(3 * 64));
        Path image = Files.write(work.resolve("two.png"), Images.encodePng(dark));
        Map<String, String> keys = map("preprocess=people,colourings");
        write(
                new Features.Order(
                        "plain",
                        keys,
                        null,
                        "",
                        "",
                        List.of(),
                        null,
                        List.of(image, image),
                        "",
                        "",
                        work.resolve("crops.npz"),
                        2));
        Map<String, Array> arrays = read(work.resolve("crops.npz"));
        assertEquals(12, arrays.get("paths").texts().size());
        assertEquals(
                List.of(0L, 0L, 0L, 1L, 1L, 1L, 0L, 0L, 0L, 1L, 1L, 1L),
                arrays.get("faces").longs());
        assertEquals(
                List.of(0L, 1L, 2L, 0L, 1L, 2L, 0L, 1L, 2L, 0L, 1L, 2L),
                arrays.get("crops").longs());
        configure("crowd", "dataset=colours", "backbone=plain", "method=head", "preprocess=people");
        Features.Order samples =
                new Features.Order(
                        "plain",
                        Map.of(),
                        null,
                        "",
                        "",
                        List.of(),
                        null,
                        List.of(),
                        "crowd",
                        "test",
                        work.resolve("crowd.npz"),
                        2);
        assertTrue(
                refused(() -> write(samples))
                        .contains("sample 'colour-60': preprocessor 'people' found 2 faces"));
    }

    @Test
    void whatCannotBeIsNamed() throws IOException {
        float[] values = values(3, 8);
        values[2 * 192 + 64 + 8 + 5] = Float.NaN;
        Path nan = npy("nan.npy", values, 3, 3, 8, 8);
        String told = refused(() -> write(array("small", nan, "o.npz")));
        assertTrue(told.contains("holds NaN at [2, 1, 1, 5]"), told);
        Path flat = npy("flat.npy", new float[64], 8, 8);
        assertTrue(
                refused(() -> write(array("small", flat, "p.npz")))
                        .contains("has shape [8, 8] of f32; expected (N, 3, height, width)"));
        Path good = npy("good.npy", values(1, 8), 1, 3, 8, 8);
        assertTrue(
                refused(() -> write(array("smal", good, "q.npz")))
                        .contains("Did you mean 'small'"));
        assertTrue(
                refused(() -> write(array("small", good, "q.npz", "sise=8")))
                        .contains("Did you mean 'backbone.size'?"));
        Features.Order order = array("small", good, "q.npz");
        assertTrue(
                refused(() -> write(with(order, null, "tokens", ""))).contains("no stage gives a"));
        assertTrue(
                refused(() -> write(with(order, null, "vectors", "")))
                        .contains("expected map, vector or tokens"));
        assertTrue(
                refused(() -> write(with(order, null, "map", "pool")))
                        .contains("stage 'pool' gives vector (6)"));
        assertTrue(
                refused(() -> write(with(order, work.resolve("none.pth"), "", "")))
                        .contains("none.pth does not exist"));
        assertFalse(Files.exists(work.resolve("q.npz")));
        write(order);
        Files.delete(work.resolve("q.json"));
        assertTrue(refused(() -> write(order)).contains("q.npz exists already"));
    }
}
