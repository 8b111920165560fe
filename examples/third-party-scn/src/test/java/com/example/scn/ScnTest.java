// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package com.example.scn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.mien.api.Output;
import org.mien.engine.Torch;

class ScnTest {
    private static final int[] LABELS = {2, 0, 1, 1, 0, 2, 2, 1, 0, 1};

    @BeforeAll
    static void start() {
        Torch.start(Path.of(System.getProperty("mien.torch")));
    }

    private static ScnMethod.Settings paper() {
        return new ScnMethod.Settings(0.7, 0.15, 0.2, 0.5, true, 10);
    }

    /** The paper in plain loops and doubles. */
    private static final class Paper {
        final double[] alpha;
        final double[][] p;
        final int[] label;
        final Integer[] order;

        Paper(Map<String, double[]> at, double[][] image, int[] label) {
            this.label = label;
            alpha = new double[label.length];
            p = new double[label.length][];
            for (int i = 0; i < label.length; i++) {
                double[] x = linear(at, "backbone.vector.1", image[i]);
                alpha[i] = 1 / (1 + Math.exp(-linear(at, "importance", x)[0]));
                double weight = alpha[i];
                double[] e =
                        Arrays.stream(linear(at, "classifier", x))
                                .map(logit -> Math.exp(weight * logit))
                                .toArray();
                double sum = Arrays.stream(e).sum();
                p[i] = Arrays.stream(e).map(one -> one / sum).toArray();
            }
            order =
                    IntStream.range(0, label.length)
                            .boxed()
                            .sorted(Comparator.comparingDouble(i -> alpha[i]))
                            .toArray(Integer[]::new);
        }

        private static double[] linear(Map<String, double[]> at, String path, double[] x) {
            double[] weight = at.get(path + ".weight");
            double[] y = at.get(path + ".bias").clone();
            for (int k = 0; k < y.length; k++) {
                for (int c = 0; c < x.length; c++) {
                    y[k] += weight[k * x.length + c] * x[c];
                }
            }
            return y;
        }

        double crossEntropy() {
            return IntStream.range(0, p.length).mapToDouble(i -> -Math.log(p[i][label[i]])).sum()
                    / p.length;
        }

        private double mean(int from, int to) {
            return IntStream.range(from, to).mapToDouble(i -> alpha[order[i]]).sum() / (to - from);
        }

        double rank(int lows, double delta1) {
            return Math.max(0, delta1 - (mean(lows, order.length) - mean(0, lows)));
        }

        long[] relabelled(int lows, double delta2) {
            long[] now = Arrays.stream(label).asLongStream().toArray();
            for (int i : Arrays.asList(order).subList(0, lows)) {
                for (int k = 0; k < 3; k++) {
                    if (Arrays.stream(p[i]).max().getAsDouble() == p[i][k]
                            && p[i][k] - p[i][label[i]] > delta2) {
                        now[i] = k;
                    }
                }
            }
            return now;
        }
    }

    private static void near(double expected, double actual) {
        assertEquals(expected, actual, 2e-6 * Math.max(1, Math.abs(expected)));
    }

    @Test
    void lossesAreThoseOfThePaper() {
        for (double beta : new double[] {0, 0.25, 0.7, 1}) {
            for (double delta1 : new double[] {0, 0.15, 0.9}) {
                try (Rig rig =
                        new Rig(new ScnMethod.Settings(beta, delta1, 0.2, 0.5, true, 10), LABELS)) {
                    Paper paper = new Paper(rig.values(), rig.image, LABELS);
                    Rig.Step step = rig.step(0);
                    near(paper.crossEntropy(), step.terms().get("cross-entropy"));
                    // Both groups have a member, whatever beta.
                    int lows = Math.max(1, Math.min(9, 10 - (int) Math.round(10 * beta)));
                    near(paper.rank(lows, delta1), step.terms().get("rank"));
                    assertTrue(delta1 != 0 || step.terms().get("rank") == 0, "beta " + beta);
                    assertTrue(delta1 != 0.9 || step.terms().get("rank") > 0, "beta " + beta);
                }
            }
        }
    }

    /** Against central differences of the plain loops. */
    @Test
    void gradientsReachEveryPartAndAreRight() {
        for (double delta1 : new double[] {0, 0.9}) {
            try (Rig rig =
                    new Rig(new ScnMethod.Settings(0.7, delta1, 0.2, 0.4, true, 10), LABELS)) {
                Map<String, double[]> at = rig.values();
                Map<String, float[]> found = rig.step(0).gradients();
                assertEquals(
                        Set.of(
                                "backbone.vector.1.weight",
                                "backbone.vector.1.bias",
                                "importance.weight",
                                "importance.bias",
                                "classifier.weight",
                                "classifier.bias"),
                        found.keySet());
                found.forEach(
                        (path, gradient) -> {
                            for (int i = 0; i < gradient.length; i++) {
                                double[] values = at.get(path);
                                double here = values[i];
                                values[i] = here + 1e-6;
                                double above = total(at, rig.image, delta1);
                                values[i] = here - 1e-6;
                                double below = total(at, rig.image, delta1);
                                values[i] = here;
                                double slope = (above - below) / 2e-6;
                                assertEquals(slope, gradient[i], 1e-5, path + " " + i);
                                assertTrue(slope != 0, path + " " + i);
                            }
                        });
            }
        }
    }

    private static double total(Map<String, double[]> at, double[][] image, double delta1) {
        Paper paper = new Paper(at, image, LABELS);
        return 0.6 * paper.crossEntropy() + 0.4 * paper.rank(3, delta1);
    }

    @Test
    void labelsOfTheLowGroupChangeFromTheirEpochOn() {
        int[] wrong = leastProbable();
        try (Rig rig = new Rig(paper(), wrong)) {
            Paper paper = new Paper(rig.values(), rig.image, wrong);
            long[] before = paper.relabelled(0, 0.2);
            long[] expected = paper.relabelled(3, 0.2);
            assertFalse(Arrays.equals(before, expected), "the rig has a label to change");
            assertFalse(
                    Arrays.equals(expected, paper.relabelled(10, 0.2)),
                    "and one that its importance protects");
            assertArrayEquals(before, rig.step(9).labels());
            assertEquals(Map.of(), rig.step(9).measures());
            Rig.Step step = rig.step(10);
            assertArrayEquals(expected, step.labels());
            long changed = IntStream.range(0, 10).filter(i -> before[i] != expected[i]).count();
            near(changed / 10.0, step.measures().get("relabelled"));
        }
        try (Rig rig = new Rig(new ScnMethod.Settings(0.7, 0.15, 1, 0.5, true, 0), wrong)) {
            assertEquals(0, rig.step(0).measures().get("relabelled"), "delta2 is a margin");
        }
    }

    /** Labels that every sample would like to lose. */
    private static int[] leastProbable() {
        try (Rig rig = new Rig(paper(), LABELS)) {
            return Arrays.stream(new Paper(rig.values(), rig.image, LABELS).p)
                    .mapToInt(
                            p ->
                                    IntStream.range(0, p.length)
                                            .boxed()
                                            .min(Comparator.comparingDouble(k -> p[k]))
                                            .orElseThrow())
                    .toArray();
        }
    }

    @Test
    void withoutRelabellingThePlanDoesNotAskForIt() {
        ScnMethod.Settings without = new ScnMethod.Settings(0.7, 0.15, 0.2, 0.5, false, 0);
        assertFalse(new ScnMethod().plan(without).mayRelabel());
        assertTrue(new ScnMethod().plan(paper()).mayRelabel());
        try (Rig rig = new Rig(without, LABELS)) {
            assertArrayEquals(Arrays.stream(LABELS).asLongStream().toArray(), rig.step(0).labels());
        }
    }

    @Test
    void aShareOfZeroLeavesTheRankOut() {
        try (Rig rig = new Rig(new ScnMethod.Settings(0.7, 0.15, 0.2, 0, true, 10), LABELS)) {
            assertEquals(Set.of("cross-entropy"), rig.step(0).terms().keySet());
        }
    }

    @Test
    void aBatchOfOneHasNoRank() {
        try (Rig rig = new Rig(paper(), 1)) {
            Rig.Step step = rig.step(10);
            assertEquals(Set.of("cross-entropy"), step.terms().keySet());
            assertTrue(Double.isFinite(step.terms().get("cross-entropy")));
        }
    }

    @Test
    void predictsClassesAndImportance() {
        try (Rig rig = new Rig(paper(), LABELS)) {
            Paper paper = new Paper(rig.values(), rig.image, LABELS);
            float[] p =
                    rig.predict(
                            (batch, pass) ->
                                    rig.model.predict(batch, pass).probabilities().toFloatArray());
            float[] alpha =
                    rig.predict(
                            (batch, pass) -> {
                                Output output = rig.model.predict(batch, pass);
                                Output.Extra extra = output.extras().get("importance");
                                assertEquals(Output.Role.WEIGHTS, extra.role());
                                assertEquals(List.of("importance"), extra.columns());
                                NDArray value = extra.value();
                                assertEquals(2, value.getShape().dimension());
                                return value.toFloatArray();
                            });
            for (int i = 0; i < 10; i++) {
                near(paper.alpha[i], alpha[i]);
                for (int k = 0; k < 3; k++) {
                    near(paper.p[i][k], p[3 * i + k]);
                }
            }
        }
    }
}
