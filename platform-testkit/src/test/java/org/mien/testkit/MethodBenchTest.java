// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.mien.api.Batch;
import org.mien.api.Feature;
import org.mien.api.Output;
import org.mien.api.method.Build;
import org.mien.api.method.Loss;
import org.mien.api.method.Method;
import org.mien.api.method.Model;
import org.mien.api.method.Phase;
import org.mien.api.method.Plan;
import org.mien.api.net.Pass;
import org.mien.api.net.Trunk;
import org.mien.nn.Centres;
import org.mien.nn.Linear;

class MethodBenchTest {
    /** No keys. */
    public record None() {}

    /** A linear layer that learns by cross-entropy, by the default of a model. */
    private static class Plain implements Method<None> {
        @Override
        public Class<None> settings() {
            return None.class;
        }

        @Override
        public Plan plan(None s) {
            return Plan.on(Feature.Kind.VECTOR);
        }

        @Override
        public Model build(Build build, None s) {
            Linear head = build.part("head", new Linear(2, build.classes()));
            return (batch, pass) ->
                    Output.logits(
                            head.run(
                                    pass,
                                    build.trunk().run(pass, batch.face(), Feature.Kind.VECTOR)));
        }
    }

    /** Centres of the pixels' mean and a change of the first label, in two phases. */
    private static final class Two extends Plain {
        @Override
        public Plan plan(None s) {
            return Plan.on(Feature.Kind.VECTOR).relabels().phase("one").phase("two");
        }

        @Override
        public Model build(Build build, None s) {
            Model plain = super.build(build, s);
            return new Model() {
                @Override
                public Output predict(Batch batch, Pass pass) {
                    return plain.predict(batch, pass)
                            .also("twice", Output.Role.WEIGHTS, batch.index().mul(2), "it")
                            .also("sides", Output.Role.IMAGE, batch.view("face"));
                }

                @Override
                public List<Phase> phases(Build training) {
                    Centres centres = training.part("centres", new Centres(3, 2, 1));
                    return List.of(
                            Phase.of("one", (batch, pass) -> one(batch, pass, centres)),
                            Phase.of("two", (batch, pass) -> two(batch, pass)).every(2).from(1));
                }

                private Loss one(Batch batch, Pass pass, Centres centres) {
                    NDArray x = build.trunk().run(pass, batch.face(), Feature.Kind.VECTOR);
                    NDArray k = batch.labels();
                    return Loss.crossEntropy(pass, plain.predict(batch, pass).logits(), batch)
                            .plus(
                                    "centre",
                                    0.5,
                                    () -> centres.spread(pass, x, k),
                                    () -> centres.follow(pass, x, k));
                }

                private Loss two(Batch batch, Pass pass) {
                    return Loss.crossEntropy(pass, plain.predict(batch, pass).logits(), batch)
                            .rule(
                                    () ->
                                            batch.relabel(
                                                    batch.index().eq(0),
                                                    batch.labels().zerosLike().add(2)))
                            .measure("first", pass.scope().create(7f));
                }
            };
        }
    }

    private static final double[][] PIXELS = {{1, 0, 0}, {0, 1, 0}};

    private static MethodBench bench(Method<None> method) {
        MethodBench bench = MethodBench.of(method, new None(), 3, MethodBench.linear(1, 1, 2));
        // The vector is the first two pixels, the logits are it and 0.
        bench.set("backbone.vector.1.weight", 1, 0, 0, 0, 1, 0);
        bench.set("backbone.vector.1.bias", 0);
        bench.set("head.weight", 1, 0, 0, 1, 0, 0);
        bench.set("head.bias", 0);
        return bench;
    }

    /** softmax of (1, 0, 0) */
    private static final double MOST = Math.E / (Math.E + 2);

    private static final double LEAST = 1 / (Math.E + 2);

    @Test
    void aModelThatOnlyPredictsLearnsByCrossEntropy() {
        try (MethodBench bench = bench(new Plain())) {
            MethodBench.Step step = bench.step(Faces.of(PIXELS).labels(0, 2));
            double loss = -(Math.log(MOST) + Math.log(LEAST)) / 2;
            assertEquals(loss, step.terms().get("cross-entropy"), 1e-6);
            assertEquals(loss, step.total(), 1e-6);
            assertEquals(
                    List.of(
                            "backbone.vector.1.weight",
                            "backbone.vector.1.bias",
                            "head.weight",
                            "head.bias"),
                    List.copyOf(step.gradients().keySet()));
            double[] bias = {(MOST - 1 + LEAST) / 2, (LEAST + MOST) / 2, (LEAST + LEAST - 1) / 2};
            assertArrayEquals(bias, step.gradients().get("head.bias"), 1e-6);
            assertArrayEquals(new int[] {0, 2}, step.labels());
            // At first the weights stand.
            assertArrayEquals(new double[3], bench.values().get("head.bias"));
            bench.rate(0.1);
            bench.step(Faces.of(PIXELS).labels(0, 2));
            for (int k = 0; k < 3; k++) {
                assertEquals(-0.1 * bias[k], bench.values().get("head.bias")[k], 1e-6);
            }
        }
    }

    @Test
    void targetsAndWeightsOfTheSamplesCount() {
        try (MethodBench bench = bench(new Plain())) {
            Faces soft =
                    Faces.of(PIXELS)
                            .labels(0, 2)
                            .targets(new double[] {0.5, 0.5, 0}, new double[] {0, 0, 1});
            double one = -0.5 * (Math.log(MOST) + Math.log(LEAST));
            double two = -Math.log(LEAST);
            assertEquals((one + two) / 2, bench.step(soft).total(), 1e-6);
            assertEquals((3 * one + two) / 4, bench.step(soft.weights(3, 1)).total(), 1e-6);
        }
    }

    @Test
    void phasesRunWhenTheyAreDueAndStateMoves() {
        try (MethodBench bench = bench(new Two())) {
            assertEquals(List.of("backbone", "head", "centres"), bench.parts());
            assertEquals(8 + 9, bench.parameters());
            assertEquals(4, bench.trained().size());
            Faces faces = Faces.of(PIXELS).labels(1, 1);
            Map<String, MethodBench.Step> steps = bench.steps(faces);
            assertEquals(Set.of("one"), steps.keySet());
            MethodBench.Step one = steps.get("one");
            assertEquals(1, one.terms().get("centre"), 1e-6);
            assertEquals(one.terms().get("cross-entropy") + 0.5, one.total(), 1e-6);
            // c - (2 c - x1 - x2) / (1 + 2)
            double[] centres = {0, 0, 1 / 3.0, 1 / 3.0, 0, 0};
            assertArrayEquals(centres, bench.values().get("centres.centres"), 1e-6);
            bench.epoch(1);
            assertEquals(Set.of("one"), bench.steps(faces).keySet(), "step 1");
            MethodBench.Step two = bench.steps(faces).get("two");
            assertArrayEquals(new int[] {2, 1}, two.labels());
            assertEquals(Map.of("first", 7.0), two.measures());
            assertThrows(IllegalStateException.class, () -> bench.step(faces));
        }
    }

    @Test
    void anAnswerIsPlain() {
        try (MethodBench bench = bench(new Two())) {
            MethodBench.Answer answer = bench.predict(Faces.of(PIXELS));
            assertArrayEquals(new double[] {1, 0, 0}, answer.logits()[0]);
            assertEquals(MOST, answer.probabilities()[1][1], 1e-6);
            MethodBench.Extra twice = answer.extras().get("twice");
            assertEquals(Output.Role.WEIGHTS, twice.role());
            assertEquals(List.of("it"), twice.columns());
            assertArrayEquals(new double[] {2}, twice.rows()[1]);
            assertArrayEquals(PIXELS, answer.extras().get("sides").rows());
        }
    }

    /** A second term whose gradient stops where it should not. */
    private static final class Stopped extends Plain {
        private final boolean stops;

        Stopped(boolean stops) {
            this.stops = stops;
        }

        @Override
        public Model build(Build build, None s) {
            Model plain = super.build(build, s);
            return new Model() {
                @Override
                public Output predict(Batch batch, Pass pass) {
                    Output output = plain.predict(batch, pass);
                    pass.tap("logits", output::logits);
                    return output;
                }

                @Override
                public List<Phase> phases(Build training) {
                    return List.of(Phase.of("train", this::loss));
                }

                private Loss loss(Batch batch, Pass pass) {
                    NDArray y = plain.predict(batch, pass).logits();
                    return Loss.crossEntropy(pass, y, batch)
                            .plus("size", 1e-3, () -> (stops ? y.stopGradient() : y).mul(y).mean());
                }
            };
        }
    }

    @Test
    void gradientsAreComparedTermByTerm() {
        Faces faces = Faces.of(PIXELS).labels(0, 2).weights(3, 1);
        try (MethodBench bench = bench(new Stopped(false))) {
            Map<String, double[]> before = bench.values();
            bench.compareGradients(faces);
            bench.values().forEach((path, v) -> assertArrayEquals(before.get(path), v));
            long arrays = bench.arrays();
            bench.compareGradients(faces);
            assertEquals(arrays, bench.arrays());
        }
        try (MethodBench bench = bench(new Two())) {
            bench.compareGradients(faces);
        }
        try (MethodBench bench = bench(new Stopped(true))) {
            String message =
                    assertThrows(AssertionError.class, () -> bench.compareGradients(faces))
                            .getMessage();
            assertTrue(message.contains("phase 'train', along 'backbone."), message);
            assertTrue(message.contains("term 'size'"), message);
        }
    }

    @Test
    void gradientsAreComparedWithALossInPlainJava() {
        Faces faces = Faces.of(PIXELS).labels(0, 2);
        try (MethodBench bench = bench(new Plain())) {
            bench.compareGradients(faces, at -> crossEntropy(at, 1), 1e-6);
            // 0.1 % beside what it should be.
            String message =
                    assertThrows(
                                    AssertionError.class,
                                    () ->
                                            bench.compareGradients(
                                                    faces, at -> crossEntropy(at, 1.001), 1e-6))
                            .getMessage();
            assertTrue(message.contains("of number 0 of 'backbone.vector.1.weight'"), message);
        }
        try (MethodBench bench = bench(new Plain())) {
            bench.set("head.weight", 0);
            // As it is, since of a head of zeros nothing reaches the backbone.
            String message =
                    assertThrows(
                                    AssertionError.class,
                                    () ->
                                            bench.compareGradients(
                                                    faces, at -> crossEntropy(at, 1), 1e-6))
                            .getMessage();
            assertTrue(message.contains("does not change with 'backbone."), message);
        }
    }

    /** Of the plain method on the two faces. */
    private static double crossEntropy(Map<String, double[]> at, double times) {
        int[] labels = {0, 2};
        double sum = 0;
        for (int n = 0; n < 2; n++) {
            double[] x = affine(at, "backbone.vector.1", PIXELS[n]);
            double[] y = affine(at, "head", x);
            double all = 0;
            for (double logit : y) {
                all += Math.exp(logit);
            }
            sum += Math.log(all) - y[labels[n]];
        }
        return times * sum / 2;
    }

    private static double[] affine(Map<String, double[]> at, String layer, double[] x) {
        double[] w = at.get(layer + ".weight");
        double[] y = at.get(layer + ".bias").clone();
        for (int i = 0; i < y.length; i++) {
            for (int j = 0; j < x.length; j++) {
                y[i] += w[i * x.length + j] * x[j];
            }
        }
        return y;
    }

    @Test
    void whatNetsOfferIsGiven() {
        try (MethodBench bench = bench(new Stopped(false))) {
            List<MethodBench.Offered> offered = bench.offered(Faces.of(PIXELS), "logits");
            assertEquals(1, offered.size());
            assertArrayEquals(new long[] {2, 3}, offered.get(0).shape());
            assertArrayEquals(new double[] {1, 0, 0, 0, 1, 0}, offered.get(0).elements());
            assertEquals(List.of(), bench.offered(Faces.of(PIXELS), "attention"));
        }
    }

    @Test
    void weightsAreCountedWithoutMakingThem() {
        Trunk trunk = MethodBench.linear(1, 1, 2);
        assertEquals(8 + 9, MethodBench.parameters(new Two(), new None(), 3, trunk));
        try (MethodBench bench = MethodBench.of(new Own(), new None(), 3, trunk)) {
            assertEquals(2 * 8 + 9, bench.parameters());
            assertEquals("backbone.vector.1.bias", bench.start("own.vector.1.bias"));
            assertEquals("head.bias", bench.start("head.bias"));
        }
    }

    /** A second backbone that starts as the first. */
    private static final class Own extends Plain {
        @Override
        public Model build(Build build, None s) {
            Trunk own = build.trunk().upTo(build.trunk().feature(Feature.Kind.VECTOR));
            own.startsFrom("backbone");
            build.part("own", own);
            return super.build(build, s);
        }
    }

    @Test
    void whatIsToldIsAllThatMakesAMethod() {
        Faces faces = Faces.of(PIXELS).labels(0, 2);
        try (MethodBench one = bench(new Stopped(false));
                MethodBench two = bench(new Stopped(true));
                MethodBench plain = bench(new Plain())) {
            String told = one.told(faces);
            assertEquals(told, one.told(faces));
            assertEquals(told, two.told(faces), "only gradients differ");
            assertNotEquals(told, plain.told(faces), "a term less");
            two.set("head.bias", 1, 0, 0);
            assertNotEquals(told, two.told(faces));
        }
        try (MethodBench slow = bench(new Two())) {
            assertTrue(
                    slow.told(faces).contains("centres.centres [0.5, 0.0, 0.0"),
                    "state after the step");
        }
    }

    @Test
    void labelsOfTheDatasetCanBeOthers() {
        Faces faces = Faces.of(PIXELS).labels(0, 2).originals(1, 1);
        try (MethodBench bench = bench(new Plain())) {
            assertArrayEquals(new int[] {0, 2}, bench.step(faces).labels());
            assertArrayEquals(new int[] {1, 1}, faces.originals);
        }
    }

    @Test
    void whatIsMissingIsSaid() {
        try (MethodBench bench = bench(new Plain())) {
            assertTrue(
                    assertThrows(IllegalStateException.class, () -> bench.step(Faces.of(PIXELS)))
                            .getMessage()
                            .contains("give them with labels(..)"));
            assertTrue(
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> bench.predict(Faces.of(new double[] {1, 2})))
                            .getMessage()
                            .contains("expected 3 x 1 x 1"));
            assertTrue(
                    assertThrows(IllegalArgumentException.class, () -> bench.set("head.bis", 0))
                            .getMessage()
                            .contains("head.bias"));
        }
    }

    @Test
    void stepsAndAnswersLeaveNoArrayAndDrawsAreTheSame() {
        try (MethodBench one = bench(new Two());
                MethodBench two = bench(new Two())) {
            one.draw(3, -1, 1);
            two.draw(3, -1, 1);
            two.values().forEach((path, all) -> assertArrayEquals(all, one.values().get(path)));
            Faces faces = Faces.noise(MethodBench.linear(1, 1, 2).input(), 2).labels(0, 1);
            one.steps(faces);
            one.predict(faces);
            long before = one.arrays();
            one.steps(faces);
            one.predict(faces);
            assertEquals(before, one.arrays());
        }
    }
}
