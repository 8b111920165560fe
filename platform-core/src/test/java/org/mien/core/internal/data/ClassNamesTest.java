// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.mien.api.Feature;
import org.mien.api.Output;
import org.mien.api.data.Dataset;
import org.mien.api.data.Picture;
import org.mien.api.data.Sample;
import org.mien.api.data.Targets;
import org.mien.api.method.Build;
import org.mien.api.method.Method;
import org.mien.api.method.Model;
import org.mien.api.method.Plan;
import org.mien.api.net.Trunk;
import org.mien.core.Evaluations;
import org.mien.core.Predictions;
import org.mien.core.Runs;
import org.mien.core.internal.plugin.Kind;
import org.mien.core.internal.run.RunFolders;
import org.mien.core.internal.service.Fakes;
import org.mien.core.internal.service.OnPlatform;
import org.mien.nn.Linear;
import org.mien.weights.Npy;
import org.mien.weights.Npz;
import org.mien.weights.WeightsFile;

/** Classes cross from one run, file or dataset to another by their names. */
class ClassNamesTest extends OnPlatform {
    /** Numbers stay as they start, but for running statistics. */
    private static final String[] STILL = {"train.lr=1e-30", "train.epochs=1"};

    /** The pictures of {@link Fakes.Colours}, their classes in another order or by other names. */
    private static final class Turned implements Dataset<Fakes.Colours.Settings> {
        private final Fakes.Colours colours = new Fakes.Colours();
        private final List<String> names;
        private final List<String> order;

        /**
         * Classes.
         *
         * @param names of red, green and blue
         * @param order in which they are told
         */
        Turned(List<String> names, List<String> order) {
            this.names = names;
            this.order = order;
        }

        @Override
        public Class<Fakes.Colours.Settings> settings() {
            return colours.settings();
        }

        @Override
        public Open open(Fakes.Colours.Settings settings) {
            Open open = colours.open(settings);
            return new Open() {
                @Override
                public Targets targets() {
                    return Targets.classes(order);
                }

                @Override
                public Stream<Sample> samples() throws IOException {
                    return open.samples()
                            .filter(s -> order.contains(names.get(s.label())))
                            .map(
                                    s ->
                                            Sample.of(s.id(), s.where())
                                                    .split(s.split())
                                                    .label(order.indexOf(names.get(s.label())))
                                                    .subject(s.subject())
                                                    .build());
                }

                @Override
                public Picture read(Sample sample) throws IOException {
                    return open.read(sample);
                }

                @Override
                public void close() throws IOException {
                    open.close();
                }
            };
        }
    }

    private static final List<String> COLOURS = List.of("red", "green", "blue");

    private void turned(String id, String... order) {
        bind(Kind.DATASET, id, new Turned(COLOURS, List.of(order)));
    }

    /** A head whose rows come in pairs: nobody can tell which is whose. */
    private static final class Pairs implements Method<Fakes.None> {
        @Override
        public Class<Fakes.None> settings() {
            return Fakes.None.class;
        }

        @Override
        public Plan plan(Fakes.None settings) {
            return Plan.on(Feature.Kind.VECTOR);
        }

        @Override
        public Model build(Build build, Fakes.None settings) {
            Trunk trunk = build.trunk();
            int width = trunk.feature(Feature.Kind.VECTOR).channels();
            Linear head = build.part("pairs", new Linear(width, 2 * build.classes()));
            return (batch, pass) -> {
                NDArray x = trunk.run(pass, batch.face(), Feature.Kind.VECTOR);
                return Output.logits(head.run(pass, x).split(2, 1).get(0));
            };
        }
    }

    private static float[][] rows(Path run, String name) throws IOException {
        try (WeightsFile file = WeightsFile.open(run.resolve(RunFolders.BEST))) {
            long[] shape = file.tensors().get(name).shape();
            float[] all = file.tensors().get(name).floats();
            int width = all.length / (int) shape[0];
            float[][] rows = new float[(int) shape[0]][width];
            for (int i = 0; i < all.length; i++) {
                rows[i / width][i % width] = all[i];
            }
            return rows;
        }
    }

    private static String[] with(String... more) {
        List<String> all = new ArrayList<>(List.of(STILL));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    @Test
    void aHeadIsGatheredByTheNamesOfItsRows() throws IOException {
        turned("turned", "white", "blue", "red");
        Path first = train("demo").folder();
        Runs.Run run = train("demo", with("dataset=turned", "method.init=demo-1", "seed=9"));
        float[][] before = rows(first, "head.weight");
        float[][] after = rows(run.folder(), "head.weight");
        assertArrayEquals(before[2], after[1], "blue");
        assertArrayEquals(before[0], after[2], "red");
        for (float[] row : before) {
            assertFalse(Arrays.equals(row, after[0]), "white is nobody's");
        }
        assertArrayEquals(rows(first, "head.bias")[2], rows(run.folder(), "head.bias")[1]);
        String said = mien.runs().details(run.id()).starts().get(0);
        assertTrue(
                said.contains(
                        "; 2 of 3 classes by their names in 2 arrays, new and fresh: white, left"
                                + " out: green"),
                said);
    }

    @Test
    void anotherOrderGivesTheSameFigures() throws IOException {
        turned("turned", "blue", "red", "green");
        Runs.Run run = train("demo");
        Evaluations.Evaluation own = mien.evaluations().evaluate(run.id(), "test", Map.of());
        Evaluations.Evaluation other =
                mien.evaluations().evaluate(run.id(), "test", Map.of("dataset", "turned"));
        assertEquals(own.metrics(), other.metrics());
        // A run that starts from it, in that order, answers as it does.
        Runs.Run again = train("demo", with("dataset=turned", "method.init=" + run.id()));
        assertEquals(
                own.metrics(), mien.evaluations().evaluate(again.id(), "test", Map.of()).metrics());
        List<Predictions.Prediction> said = new ArrayList<>();
        mien.predictions()
                .predict(
                        run.id(),
                        Map.of("dataset", "turned"),
                        List.of(),
                        List.of("colour-61"),
                        said::add,
                        () -> false);
        assertEquals("green", said.get(0).truth());
    }

    @Test
    void whatIsNotLearntIsRefusedAndWhatIsNotThereIsSaid() {
        turned("more", "blue", "red", "green", "white");
        turned("fewer", "blue", "red");
        Runs.Run run = train("demo");
        String text =
                refused(
                        () ->
                                mien.evaluations()
                                        .evaluate(run.id(), "test", Map.of("dataset", "more")));
        assertTrue(text.contains("it has not learnt white"), text);
        Evaluations.Evaluation found =
                mien.evaluations().evaluate(run.id(), "test", Map.of("dataset", "fewer"));
        assertEquals(20, found.samples());
        assertTrue(
                found.notes().get(0).contains("no samples of 1 of the 3 classes")
                        && found.notes().get(0).endsWith("green."),
                found.notes().toString());
    }

    @Test
    void aRunDoesNotGoOnWithAnotherOrder() {
        List<String> order = new ArrayList<>(COLOURS);
        bind(Kind.DATASET, "moved", new Turned(COLOURS, order));
        Map<String, String> keys = map("train.epochs=2", "dataset=moved");
        Runs.Run run = mien.jobs().train("demo", keys, event -> {}, stopAfter(5));
        Collections.rotate(order, 1);
        String text = refused(() -> mien.jobs().resume(run.id(), event -> {}, () -> false));
        assertTrue(
                text.contains("the order is another, red, green, blue and blue, red, green"), text);
    }

    @Test
    void aFileThatDoesNotNameItsClassesGivesNoRows() throws IOException {
        turned("turned", "blue", "red", "green");
        Path first = train("demo").folder();
        float[][] weight = rows(first, "head.weight");
        Path file = work.resolve("head.npz");
        try (OutputStream out = Files.newOutputStream(file)) {
            float[] all = new float[18];
            for (int i = 0; i < all.length; i++) {
                all[i] = weight[i / 6][i % 6];
            }
            Map<String, Npy> arrays =
                    Map.of(
                            "head.weight",
                            Npy.floats(all, 3, 6),
                            "backbone.conv.1.bias",
                            Npy.floats(new float[6], 6));
            Npz.write(out, arrays);
        }
        Runs.Run run = train("demo", with("dataset=turned", "method.init=" + file));
        String said = mien.runs().details(run.id()).starts().get(0);
        assertTrue(said.contains("method.init: 1 of 2 tensors"), said);
        assertTrue(
                said.contains("head.weight skipped, start by their rule: nothing says which"),
                said);
        run =
                train(
                        "demo",
                        with(
                                "dataset=turned",
                                "method.init=" + file,
                                "method.init-classes=[\"red\", \"green\",\"blue\"]"));
        assertArrayEquals(weight[2], rows(run.folder(), "head.weight")[0]);
        String text =
                refused(
                        () ->
                                train(
                                        "demo",
                                        "method.init=demo-1",
                                        "method.init-classes=green,red,blue"));
        assertTrue(text.contains("has them itself: red, green, blue"), text);
    }

    @Test
    void rowsThatCannotBeToldAreRefused() {
        bind(Kind.METHOD, "pairs", new Pairs());
        turned("turned", "blue", "red", "green");
        Runs.Run run = train("demo", "method=pairs", "train.epochs=1");
        train("demo", with("method=pairs", "method.init=" + run.id())); // the same order
        String text =
                refused(
                        () ->
                                train(
                                        "demo",
                                        "method=pairs",
                                        "dataset=turned",
                                        "method.init=" + run.id()));
        assertTrue(text.contains("pairs.bias is 6 long with 3 of them and 8 with one"), text);
    }

    @Test
    void namesAreComparedAsTheyLook() {
        String composed = "col\u00e8re";
        String decomposed = "cole\u0300re";
        assertEquals(
                List.of(composed, "joie"), Targets.classes(List.of(decomposed, "joie")).classes());
        ClassNames names = ClassNames.of(List.of("joie", composed), List.of(decomposed, "joie"));
        assertEquals(List.of(), names.added());
        assertEquals(1, names.from(0));
        assertFalse(names.areSame());
        assertEquals("a, \"happy, laughing\"", ClassNames.list(List.of("a", "happy, laughing")));
        List<String> french = List.of(decomposed, "vert", "bleu");
        bind(Kind.DATASET, "french", new Turned(french, french));
        List<String> other = List.of("bleu", composed, "vert");
        bind(Kind.DATASET, "composed", new Turned(List.of(composed, "vert", "bleu"), other));
        Runs.Run run = train("demo", "dataset=french");
        Evaluations.Evaluation own = mien.evaluations().evaluate(run.id(), "test", Map.of());
        assertEquals(
                own.metrics(),
                mien.evaluations()
                        .evaluate(run.id(), "test", Map.of("dataset", "composed"))
                        .metrics());
    }

    @Test
    void anEvaluationUnderOtherKeysIsAThingOfItsOwn() throws IOException {
        turned("turned", "blue", "red", "green");
        Runs.Run run = train("demo");
        Evaluations.Evaluation own = mien.evaluations().evaluate(run.id(), "test", Map.of());
        assertEquals("", own.name());
        Path file = RunFolders.evaluation(run.folder(), "test");
        byte[] before = Files.readAllBytes(file);
        byte[] answers = Files.readAllBytes(run.folder().resolve("predictions-test.csv"));
        Map<String, String> keys = Map.of("dataset", "turned", "dataset.samples", "90");
        Evaluations.Evaluation other = mien.evaluations().evaluate(run.id(), "test", keys);
        assertFalse(other.name().isEmpty());
        assertEquals(keys, other.keys());
        mien.evaluations().evaluate(run.id(), "mine", "test", Map.of("preprocess", ""));
        assertArrayEquals(before, Files.readAllBytes(file));
        assertArrayEquals(
                answers, Files.readAllBytes(run.folder().resolve("predictions-test.csv")));
        Path folder = run.folder().resolve("evaluations").resolve(other.name());
        assertTrue(Files.isRegularFile(folder.resolve("predictions-test.csv")));
        assertEquals(
                List.of("", "mine", other.name()),
                mien.evaluations().all(run.id()).stream()
                        .map(Evaluations.Evaluation::name)
                        .toList());
        // What changes no number is the run's own; the same keys are the same evaluation.
        assertEquals(
                "",
                mien.evaluations()
                        .evaluate(run.id(), "test", Map.of("report.images", "none"))
                        .name());
        assertEquals(other.name(), mien.evaluations().evaluate(run.id(), "test", keys).name());
        String text =
                refused(
                        () ->
                                mien.evaluations()
                                        .evaluate(run.id(), "mine", "test", Map.of("seed", "7")));
        assertTrue(text.contains("was made with other keys: {preprocess=}"), text);
        assertEquals(
                own.metrics(), mien.runs().all().get(0).evaluations().get("test"), "its own alone");
        Evaluations.Comparison found =
                mien.evaluations().compare(List.of(run.id(), run.id() + ":mine"), "");
        assertEquals(2, found.groups().size());
        assertTrue(found.keys().contains("evaluated with preprocess"), found.keys().toString());
        text =
                refused(
                        () ->
                                mien.evaluations()
                                        .compare(List.of(run.id(), run.id() + ":min"), "test"));
        assertTrue(text.contains("has no evaluation 'min'") && text.contains("mine"), text);
        String report = Files.readString(mien.runs().report(run.id()));
        assertTrue(report.contains("Results on the split test, evaluation mine"), "in the report");
        assertTrue(report.contains("--as mine preprocess="), "and how to do it again");
        assertTrue(mien.runs().details(run.id()).epoch().contains(" steps ("));
        Path zip = work.resolve("run.zip");
        mien.runs().export(run.id(), Runs.Format.ZIP, zip);
        try (ZipFile packed = new ZipFile(zip.toFile())) {
            String at = run.id() + "/evaluations/mine/evaluation-test.json";
            assertTrue(packed.getEntry(at) != null, at);
        }
    }
}
