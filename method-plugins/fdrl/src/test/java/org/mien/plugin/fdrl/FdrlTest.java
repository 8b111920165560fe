// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.fdrl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.mien.api.Output;
import org.mien.api.net.Trunk;
import org.mien.plugin.fdrl.Settings.IntraWeight;
import org.mien.plugin.resnet18.ResNet18;
import org.mien.testkit.Faces;
import org.mien.testkit.MethodBench;

class FdrlTest {
    private static final String LATENT = "latent-centres.centres";
    private static final String CLASS = "class-centres.centres";

    private static final int N = 3;
    private static final int[] LABELS = {2, 0, 2};
    private static final double[][] IMAGE = image(1);

    private static double[][] image(int scale) {
        SplittableRandom random = new SplittableRandom(5);
        double[][] image = new double[N][6];
        for (double[] row : image) {
            Arrays.setAll(row, c -> scale * (float) random.nextDouble());
        }
        return image;
    }

    /** 3 classes, 6 pixels to a vector of 5; weights so large that no ReLU is always off. */
    private static MethodBench bench(Settings settings) {
        MethodBench bench =
                MethodBench.of(new FdrlMethod(), settings, 3, MethodBench.linear(1, 2, 5));
        bench.draw(5, -0.5, 0.9);
        return bench;
    }

    private static MethodBench.Step step(MethodBench bench) {
        return bench.step(Faces.of(IMAGE).labels(LABELS));
    }

    private static MethodBench.Answer predict(MethodBench bench) {
        return bench.predict(Faces.of(IMAGE));
    }

    /** M 2, D 4, and lambdas that let every term count. */
    private static Settings small(boolean fdn, boolean intra, boolean inter, IntraWeight weight) {
        return new Settings(2, 4, 0.3, 0.1, 0.5, 0.2, 0.4, fdn, intra, inter, weight);
    }

    /** The rows of Table 2, the last with both kinds of Intra-W. */
    private static List<Settings> table2() {
        return List.of(
                small(false, false, false, IntraWeight.SUM),
                small(true, false, false, IntraWeight.SUM),
                small(true, false, true, IntraWeight.SUM),
                small(true, true, false, IntraWeight.SUM),
                small(true, true, true, IntraWeight.SUM),
                small(true, true, true, IntraWeight.MEAN));
    }

    private static Settings paper(boolean fdn, boolean intra, boolean inter, IntraWeight weight) {
        return new Settings(9, 128, 0.5, 1e-4, 1, 1e-4, 0.5, fdn, intra, inter, weight);
    }

    private static Reference reference(Settings settings, Map<String, double[]> at) {
        return new Reference(settings, at, IMAGE, LABELS);
    }

    @Test
    void lossesAreThoseOfThePaper() {
        for (Settings settings : table2()) {
            try (MethodBench bench = bench(settings)) {
                Map<String, double[]> at = bench.values();
                Reference paper = reference(settings, at);
                Map<String, Double> terms = step(bench).terms();
                near(paper.crossEntropy(), terms.get("cross-entropy"));
                if (settings.fdn()) {
                    near(paper.compactness(at.get(LATENT)), terms.get("compactness"));
                }
                if (settings.intra()) {
                    near(paper.balance(), terms.get("balance"));
                    near(paper.distribution(at.get(CLASS)), terms.get("distribution"));
                }
                int expected = 1 + (settings.fdn() ? 1 : 0) + (settings.intra() ? 2 : 0);
                assertEquals(expected, terms.size(), settings + ": " + terms);
            }
        }
    }

    private static void near(double expected, double actual) {
        assertEquals(expected, actual, 2e-6 * Math.max(1, Math.abs(expected)));
    }

    /** Against central differences of the plain loops, in doubles. */
    @Test
    void gradientsReachEveryWeightAndAreRight() {
        for (Settings settings : table2()) {
            try (MethodBench bench = bench(settings)) {
                Faces faces = Faces.of(IMAGE).labels(LABELS);
                bench.compareGradients(faces, at -> loss(settings, at), 2e-5);
                bench.compareGradients(faces);
            }
        }
    }

    private static double loss(Settings settings, Map<String, double[]> at) {
        Reference paper = reference(settings, at);
        double loss = paper.crossEntropy();
        if (settings.fdn()) {
            loss += settings.lambda1() * paper.compactness(at.get(LATENT));
        }
        if (settings.intra()) {
            loss += settings.lambda2() * paper.balance();
            loss += settings.lambda3() * paper.distribution(at.get(CLASS));
        }
        return loss;
    }

    @Test
    void gradientsAreFiniteWhereTwoMessagesAreEqual() {
        for (double bias : new double[] {0, 1.5}) {
            try (MethodBench bench = bench(small(true, true, true, IntraWeight.SUM))) {
                bench.set("inter.weight", 0);
                bench.set("inter.bias", bias);
                for (double[] row : predict(bench).extras().get("inter-w").rows()) {
                    assertArrayEquals(new double[1], row);
                }
                Map<String, double[]> gradients = step(bench).gradients();
                assertEquals(10, gradients.size());
                gradients.forEach(
                        (path, gradient) -> {
                            for (double value : gradient) {
                                assertTrue(Double.isFinite(value), path + ": " + value);
                            }
                        });
            }
        }
    }

    /** Eqs. 2 and 5: c - rate * sum (c - x) / (1 + n), n the rows of the centre in the batch. */
    @Test
    void centresFollowTheirRule() {
        Settings settings = small(true, true, true, IntraWeight.SUM);
        try (MethodBench bench = bench(settings)) {
            Map<String, double[]> before = bench.values();
            Reference paper = reference(settings, before);
            step(bench);
            Map<String, double[]> after = bench.values();
            for (int j = 0; j < 2; j++) {
                for (int c = 0; c < 4; c++) {
                    double old = before.get(LATENT)[j * 4 + c];
                    double sum = 0;
                    for (int i = 0; i < N; i++) {
                        sum += old - paper.l[i][j][c];
                    }
                    near(old - 0.4 * sum / (1 + N), after.get(LATENT)[j * 4 + c]);
                }
            }
            for (int j = 0; j < 2; j++) {
                double[] old = before.get(CLASS);
                double one = old[j] - paper.w[1][j];
                double two = 2 * old[4 + j] - paper.w[0][j] - paper.w[2][j];
                near(old[j] - 0.4 * one / 2, after.get(CLASS)[j]);
                near(old[2 + j], after.get(CLASS)[2 + j]);
                near(old[4 + j] - 0.4 * two / 3, after.get(CLASS)[4 + j]);
            }
            before.keySet().removeAll(Set.of(LATENT, CLASS));
            before.forEach((path, old) -> assertArrayEquals(old, after.get(path), path));
        }
    }

    @Test
    void predictionsAndExtrasAreThoseOfThePaper() {
        for (Settings settings : table2()) {
            try (MethodBench bench = bench(settings)) {
                Reference paper = reference(settings, bench.values());
                MethodBench.Answer answer = predict(bench);
                near(paper.logits, answer.logits());
                MethodBench.Extra embedding = answer.extras().get("embedding");
                assertEquals(Output.Role.EMBEDDING, embedding.role());
                near(paper.y, embedding.rows());
                MethodBench.Extra intra = answer.extras().get("intra-w");
                MethodBench.Extra inter = answer.extras().get("inter-w");
                assertEquals(settings.intra(), intra != null);
                assertEquals(settings.inter(), inter != null);
                if (intra != null) {
                    near(paper.w, intra.rows());
                    assertEquals(List.of("latent 1", "latent 2"), intra.columns());
                }
                if (inter != null) {
                    double[][] above = new double[N][];
                    for (int i = 0; i < N; i++) {
                        above[i] = new double[] {paper.omega[i][0][1]};
                    }
                    near(above, inter.rows());
                    assertEquals(List.of("latents 1 and 2"), inter.columns());
                    assertEquals(Output.Role.WEIGHTS, inter.role());
                }
            }
        }
    }

    private static void near(double[][] expected, double[][] actual) {
        assertEquals(expected.length, actual.length);
        for (int i = 0; i < actual.length; i++) {
            assertEquals(expected[i].length, actual[i].length);
            for (int c = 0; c < actual[i].length; c++) {
                near(expected[i][c], actual[i][c]);
            }
        }
    }

    @Test
    void pairsOfManyLatentsAreInOrder() {
        Settings settings =
                new Settings(4, 3, 0.5, 0, 0, 0, 0.5, true, false, true, IntraWeight.MEAN);
        try (MethodBench bench = bench(settings)) {
            Reference paper = reference(settings, bench.values());
            MethodBench.Extra inter = predict(bench).extras().get("inter-w");
            double[][] above = new double[N][];
            for (int i = 0; i < N; i++) {
                double[][] o = paper.omega[i];
                above[i] = new double[] {o[0][1], o[0][2], o[0][3], o[1][2], o[1][3], o[2][3]};
            }
            near(above, inter.rows());
            assertEquals("latents 2 and 4", inter.columns().get(4));
        }
        Settings one = new Settings(1, 3, 0.5, 0, 1, 0, 0.5, true, true, true, IntraWeight.MEAN);
        try (MethodBench bench = bench(one)) {
            MethodBench.Answer answer = predict(bench);
            near(reference(one, bench.values()).logits, answer.logits());
            assertEquals(Set.of("embedding", "intra-w"), answer.extras().keySet());
        }
    }

    /** The larger the faces, the more of omega is 1 in float. */
    @Test
    void theShareOfSaturatedOmegaIsMeasured() {
        Settings settings =
                new Settings(4, 3, 0.5, 0, 0, 0, 0.5, true, true, true, IntraWeight.SUM);
        List<Double> shares = new ArrayList<>();
        for (int scale : new int[] {4, 16, 64, 4096}) {
            try (MethodBench bench = bench(settings)) {
                double[][] image = image(scale);
                double ones = 0;
                for (double[][] omega :
                        new Reference(settings, bench.values(), image, LABELS).omega) {
                    for (double[] row : omega) {
                        ones += Arrays.stream(row).filter(o -> (float) o == 1f).count();
                    }
                }
                MethodBench.Step step = bench.step(Faces.of(image).labels(LABELS));
                double share = step.measures().get("saturated-omega");
                assertEquals(ones / (N * 4 * 3), share, 1e-6);
                shares.add(share);
            }
        }
        assertTrue(shares.get(0) > 0 && shares.get(0) < 1, "" + shares);
        assertTrue(shares.get(3) > shares.get(0), "" + shares);
    }

    @Test
    void hasThePublishedNumberOfParameters() {
        long backbone = 11_176_512;
        long fdn = 512 * 9 * 128 + 9 * 128;
        long module = 9 * (128 * 128 + 128);
        long classifier = 128 * 7 + 7;
        assertEquals(12_065_607, parameters(paper(true, true, true, IntraWeight.MEAN)));
        assertEquals(
                backbone + fdn + module + classifier,
                parameters(paper(true, true, false, IntraWeight.MEAN)));
        assertEquals(
                backbone + fdn + module + classifier,
                parameters(paper(true, false, true, IntraWeight.MEAN)));
        assertEquals(
                backbone + fdn + classifier,
                parameters(paper(true, false, false, IntraWeight.MEAN)));
        assertEquals(
                backbone + 512 * 7 + 7, parameters(paper(false, false, false, IntraWeight.MEAN)));
    }

    private static long parameters(Settings settings) {
        ResNet18 resnet = new ResNet18();
        ResNet18.Settings size = new ResNet18.Settings(224);
        Trunk trunk = resnet.trunk(size, resnet.input(size));
        return MethodBench.parameters(new FdrlMethod(), settings, 7, trunk);
    }

    @Test
    void aLambdaOfZeroLeavesItsLossAndItsCentresOut() {
        Settings none = new Settings(2, 4, 0.3, 0, 0, 0, 0.4, true, true, true, IntraWeight.SUM);
        try (MethodBench bench = bench(none)) {
            assertEquals(Set.of("cross-entropy"), step(bench).terms().keySet());
            assertEquals(List.of("backbone", "fdn", "intra", "inter", "classifier"), bench.parts());
        }
        try (MethodBench bench = bench(small(true, false, true, IntraWeight.SUM))) {
            assertEquals(
                    List.of("backbone", "fdn", "inter", "classifier", "latent-centres"),
                    bench.parts());
        }
    }

    /** With sigmoids of 0 every alpha is D / 2 as printed and 1 / 2 as a mean. */
    @Test
    void sumAndMeanOfIntraWeightsDifferByTheWidth() {
        double[] balances = new double[2];
        for (IntraWeight weight : IntraWeight.values()) {
            Settings settings = paper(true, true, true, weight);
            try (MethodBench bench = bench(settings)) {
                bench.set("intra.weight", 0);
                bench.set("intra.bias", 0);
                balances[weight.ordinal()] = step(bench).terms().get("balance");
            }
        }
        assertEquals(9 * 64 - 1, balances[IntraWeight.SUM.ordinal()], 1e-3);
        assertEquals(9 * 0.5 - 1, balances[IntraWeight.MEAN.ordinal()], 1e-5);
    }

    @Test
    void modulesWithoutLatentsAreRefused() {
        refused(true, true, "which intra and inter need");
        refused(true, false, "which intra needs");
        refused(false, true, "which inter needs");
    }

    private static void refused(boolean intra, boolean inter, String words) {
        String message =
                assertThrows(
                                IllegalArgumentException.class,
                                () -> paper(false, intra, inter, IntraWeight.MEAN))
                        .getMessage();
        assertTrue(message.contains("fdn = false") && message.contains(words), message);
    }

    @Test
    void thePlanIsThePapers() {
        assertEquals(
                Map.of(
                        "train",
                        List.of(
                                "optimizer=adam",
                                "beta1=0.5",
                                "beta2=0.999",
                                "lr=1e-4",
                                "schedule=multi-step",
                                "milestones=10,18,25,32",
                                "epochs=40",
                                "batch=64")),
                new FdrlMethod().plan(paper(true, true, true, IntraWeight.MEAN)).phases());
    }
}
