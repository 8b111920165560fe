// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.service;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mien.api.Batch;
import org.mien.api.Feature;
import org.mien.api.Output;
import org.mien.api.data.Dataset;
import org.mien.api.data.Picture;
import org.mien.api.data.Sample;
import org.mien.api.data.Target;
import org.mien.api.data.Targets;
import org.mien.api.evaluate.Answer;
import org.mien.api.evaluate.Evaluator;
import org.mien.api.evaluate.Findings;
import org.mien.api.evaluate.Results;
import org.mien.api.method.Build;
import org.mien.api.method.Loss;
import org.mien.api.method.Method;
import org.mien.api.method.Model;
import org.mien.api.method.Phase;
import org.mien.api.method.Plan;
import org.mien.api.net.Pass;
import org.mien.api.net.Trunk;
import org.mien.core.Evaluations;
import org.mien.core.Pipelines;
import org.mien.core.Predictions;
import org.mien.core.Runs;
import org.mien.core.internal.plugin.Kind;
import org.mien.nn.Linear;

/** Several labels at once and values: trained, chosen, resumed, evaluated, predicted. */
class TargetsTest extends OnPlatform {
    private static final int UNKNOWN = 4;

    /** The colours, with what can be told of a colour in other ways than by its name. */
    private static final class Told implements Dataset<Fakes.Colours.Settings> {
        private final double most;
        private final boolean classes;

        Told(double most, boolean classes) {
            this.most = most;
            this.classes = classes;
        }

        @Override
        public Class<Fakes.Colours.Settings> settings() {
            return Fakes.Colours.Settings.class;
        }

        @Override
        public Set<Target> offers(Fakes.Colours.Settings settings) {
            Set<Target> offers = EnumSet.of(Target.MULTI_LABEL, Target.VALUES);
            if (classes) {
                offers.add(Target.CLASS);
            }
            return offers;
        }

        @Override
        public Open open(Fakes.Colours.Settings settings) {
            Open colours = new Fakes.Colours().open(settings);
            return new Open() {
                @Override
                public Targets targets() {
                    Targets all = classes ? colours.targets() : Targets.none();
                    return all.withMultiLabel(List.of("warm", "cold"))
                            .withValues(new Targets.Value("redness", 0, most));
                }

                @Override
                public Stream<Sample> samples() throws IOException {
                    return colours.samples().map(this::told);
                }

                /** Every fourth sample's class, warmth and redness are not known. */
                private Sample told(Sample of) {
                    boolean known = Integer.parseInt(of.where()) % UNKNOWN != 0;
                    boolean red = of.label() == 0;
                    return Sample.of(of.id(), of.where())
                            .split(of.split())
                            .subject(of.subject())
                            .label(classes && known ? of.label() : -1)
                            .multiLabel(known ? (red ? 1 : 0) : Float.NaN, red ? 0 : 1)
                            .values(known ? (float) (red ? most : 0) : Float.NaN)
                            .build();
                }

                @Override
                public Picture read(Sample sample) throws IOException {
                    return colours.read(sample);
                }

                @Override
                public void close() {}
            };
        }
    }

    /** A linear layer for each kind that it learns. */
    private static final class Layers implements Method<Fakes.None> {
        private final Set<Target> learns;

        Layers(Target first, Target... more) {
            learns = EnumSet.of(first, more);
        }

        @Override
        public Class<Fakes.None> settings() {
            return Fakes.None.class;
        }

        @Override
        public Plan plan(Fakes.None s) {
            Target[] all = learns.toArray(Target[]::new);
            return Plan.on(Feature.Kind.VECTOR)
                    .learns(all[0], all)
                    .phase("train", "lr=0.05", "epochs=6");
        }

        @Override
        public Model build(Build build, Fakes.None s) {
            Trunk trunk = build.trunk();
            int width = trunk.feature(Feature.Kind.VECTOR).channels();
            Targets targets = build.targets();
            assertEquals(learns, targets.kinds());
            Linear classes = layer(build, "classes", width, targets.classes());
            Linear labels = layer(build, "labels", width, targets.multiLabel());
            Linear values = layer(build, "values", width, targets.values());
            return new Model() {
                @Override
                public Output predict(Batch batch, Pass pass) {
                    NDArray x = trunk.run(pass, batch.face(), Feature.Kind.VECTOR);
                    Output output =
                            classes == null ? Output.none() : Output.logits(classes.run(pass, x));
                    if (labels != null) {
                        output.withMultiLabel(labels.run(pass, x));
                    }
                    if (values != null) {
                        output.withValues(values.run(pass, x));
                    }
                    return output.also("embedding", Output.Role.EMBEDDING, x);
                }

                @Override
                public List<Phase> phases(Build training) {
                    return List.of(Phase.of("train", this::loss));
                }

                private Loss loss(Batch batch, Pass pass) {
                    Output said = predict(batch, pass);
                    Loss loss = Loss.none();
                    if (classes != null) {
                        loss.plus("ce", 1, () -> pass.crossEntropy(said.logits(), batch));
                    }
                    if (labels != null) {
                        NDArray known = batch.known(Target.MULTI_LABEL);
                        loss.plus(
                                "bce",
                                1,
                                () ->
                                        pass.binaryCrossEntropy(
                                                said.multiLabel(), batch.multiLabel(), known));
                        loss.measure("known", known.mean());
                    }
                    if (values != null) {
                        loss.plus(
                                "l1",
                                1,
                                () ->
                                        pass.smoothL1(
                                                said.values(),
                                                batch.values(),
                                                batch.known(Target.VALUES)));
                    }
                    return loss;
                }
            };
        }

        private static Linear layer(Build build, String name, int width, List<?> names) {
            return names.isEmpty() ? null : build.part(name, new Linear(width, names.size()));
        }
    }

    /** How far answers are from what is known. */
    private static final class Distance implements Evaluator<Fakes.None> {
        @Override
        public Class<Fakes.None> settings() {
            return Fakes.None.class;
        }

        @Override
        public void evaluate(Results results, Fakes.None s, Findings findings) {
            Targets.Value range = results.targets().values().get(0);
            List<Answer> visited = new ArrayList<>();
            results.visit(visited::add);
            double sum = 0;
            int known = 0;
            int right = 0;
            for (int i = 0; i < visited.size(); i++) {
                Answer answer = visited.get(i);
                assertArrayEquals(results.values()[i], answer.values());
                assertArrayEquals(results.multiLabel()[i], answer.multiLabel());
                assertTrue(answer.multiLabel()[0] >= 0 && answer.multiLabel()[0] <= 1);
                float truth = answer.sample().values()[0];
                if (!Float.isNaN(truth)) {
                    known++;
                    sum += Math.abs(truth - answer.values()[0]) / (range.most() - range.least());
                }
                right +=
                        (answer.multiLabel()[1] > 0.5) == (answer.sample().multiLabel()[1] == 1)
                                ? 1
                                : 0;
            }
            findings.number("distance", sum / known);
            findings.number("known", known);
            findings.share("cold", (double) right / visited.size());
        }
    }

    @BeforeEach
    void bindTargets() {
        bind(Kind.DATASET, "told", new Told(100, false));
        bind(Kind.DATASET, "both", new Told(100, true));
        bind(Kind.METHOD, "layers", new Layers(Target.MULTI_LABEL, Target.VALUES));
        bind(Kind.EVALUATOR, "distance", new Distance());
        configure(
                "told",
                "dataset=told",
                "backbone=small",
                "method=layers",
                "evaluators=distance",
                "data.validation=0.2");
    }

    @Test
    void labelsAtOnceAndValuesAreLearntAndAnswered() throws IOException {
        Runs.Run run = train("told", "dataset.samples=90");
        assertEquals("DONE", run.state());
        Evaluations.Evaluation found = mien.evaluations().evaluate(run.id(), "test", Map.of());
        assertTrue(found.metrics().get("distance") < 0.2, found.metrics().toString());
        assertTrue(found.metrics().get("cold") > 0.9, found.metrics().toString());
        assertEquals(23.0, found.metrics().get("known")); // 7 of the 30 are not known
        assertEquals(Set.of("cold"), found.shares());
        assertEquals(
                "2 labels at once, redness", mien.runs().details(run.id()).targets().toString());

        String csv = Files.readString(run.folder().resolve("predictions-test.csv"));
        String[] lines = csv.split("\r\n");
        assertEquals("id,truth warm,p warm,truth cold,p cold,truth redness,redness", lines[0]);
        assertEquals(31, lines.length);
        assertTrue(lines[1].matches("colour-9\\d+,[01.]*,[0-9.E-]+,[01.]+,.*"), lines[1]);

        List<Predictions.Prediction> said = new ArrayList<>();
        mien.predictions()
                .predict(run.id(), Map.of(), List.of(), List.of("first"), said::add, () -> false);
        Predictions.FaceAnswer face = said.get(0).faces().get(0);
        assertNull(face.label());
        assertEquals(Map.of(), face.probabilities());
        assertEquals(Set.of("warm", "cold"), face.multiLabel().keySet());
        assertTrue(face.values().get("redness") > -50 && face.values().get("redness") < 150);
        assertTrue(Files.readString(mien.runs().report(run.id())).contains("distance"));
    }

    /** What is not known neither counts nor breaks: two thirds of the labels of each batch do. */
    @Test
    void whatIsNotKnownDoesNotCount() throws IOException {
        Runs.Run run = train("told", "dataset.samples=96", "data.validation=0", "train.epochs=1");
        double known =
                Files.readAllLines(run.folder().resolve("metrics.jsonl")).stream()
                        .filter(line -> line.contains("\"event\":\"step\""))
                        .mapToDouble(
                                line ->
                                        Double.parseDouble(
                                                line.replaceFirst(".*\"known\":([0-9.]+).*", "$1")))
                        .average()
                        .orElseThrow();
        assertEquals((2 * 96 - 96 / UNKNOWN) / (2 * 96.0), known, 1e-6);
    }

    @Test
    void aRunThatWasStoppedGoesOnWithTheSameBytes() throws IOException {
        Runs.Run whole = train("told");
        Runs.Run cut =
                mien.jobs()
                        .train("told", Map.of(), event -> {}, stopAfter(7)); // in the second epoch
        assertFalse("DONE".equals(cut.state()), cut.state());
        mien.jobs().resume(cut.id(), event -> {}, () -> false);
        sameRun(whole.folder(), cut.folder());
    }

    /** Some samples lack a class, some the rest: a method that learns both takes all of them. */
    @Test
    void aMethodThatLearnsSeveralKindsTakesWhatIsKnown() {
        bind(Kind.METHOD, "all", new Layers(Target.CLASS, Target.MULTI_LABEL, Target.VALUES));
        Runs.Run run =
                train(
                        "told",
                        "dataset=both",
                        "method=all",
                        "dataset.samples=90",
                        "train.epochs=12",
                        "select=loss");
        assertEquals("DONE", run.state(), run.text());
        Evaluations.Evaluation found =
                mien.evaluations()
                        .evaluate(run.id(), "test", Map.of("evaluators", "distance,share"));
        // A quarter of the classes is not known, so no answer to them is right.
        assertTrue(found.metrics().get("accuracy") > 0.6, found.metrics().toString());
        assertTrue(found.metrics().get("distance") < 0.2, found.metrics().toString());
        // One that learns classes only says which sample has none.
        String text = refused(() -> train("demo", "dataset=both"));
        assertTrue(text.contains("has no label"), text);
    }

    @Test
    void whatDoesNotFitIsSaidBeforeAnythingIsRead() {
        configure("none", "dataset=colours", "backbone=small", "method=layers");
        Pipelines.Pipeline none = pipeline("none");
        assertEquals(Pipelines.State.FAILED, none.state());
        assertTrue(
                none.why()
                        .contains(
                                "method 'layers' learns several labels at once, values in a range;"
                                        + " dataset 'colours' offers a class."),
                none.why());
        Runs.Run run = train("told", "dataset.samples=30", "train.epochs=1");
        String text =
                refused(
                        () ->
                                mien.evaluations()
                                        .evaluate(run.id(), "test", Map.of("evaluators", "share")));
        assertTrue(text.contains("has learnt 2 labels at once, redness"), text);
        bind(Kind.DATASET, "other", new Told(10, false));
        text =
                refused(
                        () ->
                                mien.evaluations()
                                        .evaluate(run.id(), "test", Map.of("dataset", "other")));
        assertTrue(text.contains("the dataset has the values"), text);
    }
}
