// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package com.example.scn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.mien.api.Output;
import org.mien.api.net.Trunk;
import org.mien.testkit.Faces;
import org.mien.testkit.MethodBench;

class ScnTest {
    private static final int[] LABELS = {2, 0, 1, 1, 0, 2, 2, 1, 0, 1};

    private static final Trunk TRUNK = MethodBench.linear(1, 2, 5);
    private static final double[][] IMAGE = pixels(10);

    private static double[][] pixels(int count) {
        Random random = new Random(3);
        double[][] pixels = new double[count][6];
        for (double[] row : pixels) {
            Arrays.setAll(row, c -> 2 * random.nextFloat() - 1);
        }
        return pixels;
    }

    /** 3 classes on a backbone of one linear layer, 6 pixels to a vector of 5. */
    private static MethodBench bench(ScnMethod.Settings settings) {
        MethodBench bench = MethodBench.of(new ScnMethod(), settings, 3, TRUNK);
        bench.draw(3, -1.5, 1.5);
        return bench;
    }

    private static MethodBench.Step step(MethodBench bench, int epoch, int... labels) {
        bench.epoch(epoch);
        return bench.step(Faces.of(pixels(labels.length)).labels(labels));
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

        int[] relabelled(int lows, double delta2) {
            int[] now = label.clone();
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
                try (MethodBench bench = bench(new ScnMethod.Settings(beta, delta1, 0.2, 0.5, true, 10))) {
                    Paper paper = new Paper(bench.values(), IMAGE, LABELS);
                    MethodBench.Step step = step(bench, 0, LABELS);
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
            try (MethodBench bench = bench(new ScnMethod.Settings(0.7, delta1, 0.2, 0.4, true, 10))) {
                bench.compareGradients(
                        Faces.of(IMAGE).labels(LABELS), at -> total(at, delta1), 1e-5);
            }
        }
    }

    private static double total(Map<String, double[]> at, double delta1) {
        Paper paper = new Paper(at, IMAGE, LABELS);
        return 0.6 * paper.crossEntropy() + 0.4 * paper.rank(3, delta1);
    }

    @Test
    void labelsOfTheLowGroupChangeFromTheirEpochOn() {
        int[] wrong = leastProbable();
        try (MethodBench bench = bench(paper())) {
            Paper paper = new Paper(bench.values(), IMAGE, wrong);
            int[] before = paper.relabelled(0, 0.2);
            int[] expected = paper.relabelled(3, 0.2);
            assertFalse(Arrays.equals(before, expected), "there is a label to change");
            assertFalse(
                    Arrays.equals(expected, paper.relabelled(10, 0.2)),
                    "and one that its importance protects");
            assertArrayEquals(before, step(bench, 9, wrong).labels());
            assertEquals(Map.of(), step(bench, 9, wrong).measures());
            MethodBench.Step step = step(bench, 10, wrong);
            assertArrayEquals(expected, step.labels());
            long changed = IntStream.range(0, 10).filter(i -> before[i] != expected[i]).count();
            near(changed / 10.0, step.measures().get("relabelled"));
        }
        try (MethodBench bench = bench(new ScnMethod.Settings(0.7, 0.15, 1, 0.5, true, 0))) {
            assertEquals(0, step(bench, 0, wrong).measures().get("relabelled"), "delta2 is a margin");
        }
    }

    /** Labels that every sample would like to lose. */
    private static int[] leastProbable() {
        try (MethodBench bench = bench(paper())) {
            return Arrays.stream(new Paper(bench.values(), IMAGE, LABELS).p)
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
        try (MethodBench bench = bench(without)) {
            assertArrayEquals(LABELS, step(bench, 0, LABELS).labels());
        }
    }

    @Test
    void aShareOfZeroLeavesTheRankOut() {
        try (MethodBench bench = bench(new ScnMethod.Settings(0.7, 0.15, 0.2, 0, true, 10))) {
            assertEquals(Set.of("cross-entropy"), step(bench, 0, LABELS).terms().keySet());
        }
    }

    @Test
    void aBatchOfOneHasNoRank() {
        try (MethodBench bench = bench(paper())) {
            MethodBench.Step step = step(bench, 10, 1);
            assertEquals(Set.of("cross-entropy"), step.terms().keySet());
            assertTrue(Double.isFinite(step.terms().get("cross-entropy")));
        }
    }

    @Test
    void predictsClassesAndImportance() {
        try (MethodBench bench = bench(paper())) {
            Paper paper = new Paper(bench.values(), IMAGE, LABELS);
            MethodBench.Answer answer = bench.predict(Faces.of(IMAGE));
            MethodBench.Extra importance = answer.extras().get("importance");
            assertEquals(Output.Role.WEIGHTS, importance.role());
            assertEquals(List.of("importance"), importance.columns());
            for (int i = 0; i < 10; i++) {
                near(paper.alpha[i], importance.rows()[i][0]);
                for (int k = 0; k < 3; k++) {
                    near(paper.p[i][k], answer.probabilities()[i][k]);
                }
            }
        }
    }
}
