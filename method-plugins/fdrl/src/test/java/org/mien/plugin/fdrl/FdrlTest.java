// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.fdrl;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.mien.api.Output;
import org.mien.api.method.Loss;
import org.mien.api.net.Trunk;
import org.mien.engine.Scope;
import org.mien.engine.Torch;
import org.mien.nn.spi.TorchPass;
import org.mien.nn.spi.Weights;
import org.mien.plugin.fdrl.FdrlMethod.IntraWeight;
import org.mien.plugin.fdrl.FdrlMethod.Settings;
import org.mien.plugin.resnet18.ResNet18;

class FdrlTest {
    private static final String LATENT = "latent-centres.centres";
    private static final String CLASS = "class-centres.centres";

    @BeforeAll
    static void start() {
        Torch.start(Path.of(System.getProperty("mien.torch")));
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

    private static Reference reference(Rig rig, Settings settings, Map<String, double[]> at) {
        return new Reference(settings, at, rig.image, Rig.LABELS);
    }

    @Test
    void lossesAreThoseOfThePaper() {
        for (Settings settings : table2()) {
            try (Rig rig = new Rig(settings)) {
                Map<String, double[]> at = rig.values();
                Reference paper = reference(rig, settings, at);
                Map<String, Double> terms = rig.step().terms();
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
            try (Rig rig = new Rig(settings)) {
                Map<String, double[]> at = rig.values();
                Map<String, float[]> found = rig.step().gradients();
                assertEquals(
                        rig.weights.entries().values().stream()
                                .filter(entry -> entry.var().trained())
                                .map(Weights.Entry::path)
                                .toList(),
                        List.copyOf(found.keySet()));
                found.forEach(
                        (path, gradient) -> {
                            double all = 0;
                            for (int i = 0; i < gradient.length; i++) {
                                double slope = slope(rig, settings, at, path, i);
                                assertEquals(
                                        slope,
                                        gradient[i],
                                        2e-5 * Math.max(1, Math.abs(slope)),
                                        settings + " " + path + " " + i);
                                all += Math.abs(slope);
                            }
                            assertTrue(all > 0, settings + " " + path);
                        });
            }
        }
    }

    private static double slope(
            Rig rig, Settings settings, Map<String, double[]> at, String path, int i) {
        double[] values = at.get(path);
        double here = values[i];
        double[] sides = new double[2];
        for (int side = 0; side < 2; side++) {
            values[i] = here + (side == 0 ? 1e-6 : -1e-6);
            Reference paper = reference(rig, settings, at);
            sides[side] =
                    paper.crossEntropy()
                            + (settings.fdn()
                                    ? settings.lambda1() * paper.compactness(at.get(LATENT))
                                    : 0)
                            + (settings.intra()
                                    ? settings.lambda2() * paper.balance()
                                            + settings.lambda3() * paper.distribution(at.get(CLASS))
                                    : 0);
        }
        values[i] = here;
        return (sides[0] - sides[1]) / 2e-6;
    }

    @Test
    void gradientsAreFiniteWhereTwoMessagesAreEqual() {
        for (float bias : new float[] {0, 1.5f}) {
            try (Rig rig = new Rig(small(true, true, true, IntraWeight.SUM))) {
                float[] biases = new float[8];
                Arrays.fill(biases, bias);
                rig.weights.set("inter.weight", new float[32], 8, 4);
                rig.weights.set("inter.bias", biases, 8);
                try (Scope scope = Torch.get().inference(Device.cpu())) {
                    TorchPass pass = TorchPass.inference(rig.weights, scope);
                    Output output = rig.model.predict(rig.batch(scope), pass);
                    assertArrayEquals(
                            new float[Rig.N],
                            output.extras().get("inter-w").value().toFloatArray());
                }
                Map<String, float[]> gradients = rig.step().gradients();
                assertEquals(10, gradients.size());
                gradients.forEach(
                        (path, gradient) -> {
                            for (float value : gradient) {
                                assertTrue(Float.isFinite(value), path + ": " + value);
                            }
                        });
            }
        }
    }

    /** Eqs. 2 and 5: c - rate * sum (c - x) / (1 + n), n the rows of the centre in the batch. */
    @Test
    void centresFollowTheirRule() {
        Settings settings = small(true, true, true, IntraWeight.SUM);
        try (Rig rig = new Rig(settings)) {
            Map<String, double[]> before = rig.values();
            Reference paper = reference(rig, settings, before);
            rig.step();
            Map<String, double[]> after = rig.values();
            for (int j = 0; j < 2; j++) {
                for (int c = 0; c < 4; c++) {
                    double old = before.get(LATENT)[j * 4 + c];
                    double sum = 0;
                    for (int i = 0; i < Rig.N; i++) {
                        sum += old - paper.l[i][j][c];
                    }
                    near(old - 0.4 * sum / (1 + Rig.N), after.get(LATENT)[j * 4 + c]);
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
            try (Rig rig = new Rig(settings);
                    Scope scope = Torch.get().inference(Device.cpu())) {
                Reference paper = reference(rig, settings, rig.values());
                TorchPass pass = TorchPass.inference(rig.weights, scope);
                Output output = rig.model.predict(rig.batch(scope), pass);
                near(paper.logits, output.logits().toFloatArray());
                Output.Extra embedding = output.extras().get("embedding");
                assertEquals(Output.Role.EMBEDDING, embedding.role());
                near(paper.y, embedding.value().toFloatArray());
                Output.Extra intra = output.extras().get("intra-w");
                Output.Extra inter = output.extras().get("inter-w");
                assertEquals(settings.intra(), intra != null);
                assertEquals(settings.inter(), inter != null);
                if (intra != null) {
                    near(paper.w, intra.value().toFloatArray());
                    assertEquals(List.of("latent 1", "latent 2"), intra.columns());
                }
                if (inter != null) {
                    double[][] above = new double[Rig.N][];
                    for (int i = 0; i < Rig.N; i++) {
                        above[i] = new double[] {paper.omega[i][0][1]};
                    }
                    near(above, inter.value().toFloatArray());
                    assertEquals(List.of("latents 1 and 2"), inter.columns());
                    assertEquals(Output.Role.WEIGHTS, inter.role());
                }
            }
        }
    }

    private static void near(double[][] expected, float[] actual) {
        int width = expected[0].length;
        assertEquals(expected.length * width, actual.length);
        for (int i = 0; i < actual.length; i++) {
            near(expected[i / width][i % width], actual[i]);
        }
    }

    @Test
    void pairsOfManyLatentsAreInOrder() {
        Settings settings =
                new Settings(4, 3, 0.5, 0, 0, 0, 0.5, true, false, true, IntraWeight.MEAN);
        try (Rig rig = new Rig(settings);
                Scope scope = Torch.get().inference(Device.cpu())) {
            Reference paper = reference(rig, settings, rig.values());
            TorchPass pass = TorchPass.inference(rig.weights, scope);
            Output.Extra inter = rig.model.predict(rig.batch(scope), pass).extras().get("inter-w");
            double[][] above = new double[Rig.N][];
            for (int i = 0; i < Rig.N; i++) {
                double[][] o = paper.omega[i];
                above[i] = new double[] {o[0][1], o[0][2], o[0][3], o[1][2], o[1][3], o[2][3]};
            }
            near(above, inter.value().toFloatArray());
            assertEquals("latents 2 and 4", inter.columns().get(4));
        }
        Settings one = new Settings(1, 3, 0.5, 0, 1, 0, 0.5, true, true, true, IntraWeight.MEAN);
        try (Rig rig = new Rig(one);
                Scope scope = Torch.get().inference(Device.cpu())) {
            TorchPass pass = TorchPass.inference(rig.weights, scope);
            Output output = rig.model.predict(rig.batch(scope), pass);
            near(reference(rig, one, rig.values()).logits, output.logits().toFloatArray());
            assertEquals(Set.of("embedding", "intra-w"), output.extras().keySet());
        }
    }

    /** The larger the faces, the more of omega is 1 in float. */
    @Test
    void theShareOfSaturatedOmegaIsMeasured() {
        Settings settings =
                new Settings(4, 3, 0.5, 0, 0, 0, 0.5, true, true, true, IntraWeight.SUM);
        List<Double> shares = new ArrayList<>();
        for (int scale : new int[] {1, 4, 16, 4096}) {
            try (Rig rig = new Rig(settings);
                    Scope scope = Torch.get().training(Device.cpu())) {
                for (double[] row : rig.image) {
                    Arrays.setAll(row, c -> row[c] * scale);
                }
                double ones = 0;
                for (double[][] omega : reference(rig, settings, rig.values()).omega) {
                    for (double[] row : omega) {
                        ones += Arrays.stream(row).filter(o -> (float) o == 1f).count();
                    }
                }
                TorchPass pass =
                        TorchPass.training(rig.weights, scope, new TorchPass.Clock(1, 0, 0));
                pass.begin("train", rig.weights.entries().keySet());
                Loss loss = rig.phase.objective().loss(rig.batch(scope), pass);
                float share = loss.measures().get("saturated-omega").getFloat();
                assertEquals(ones / (Rig.N * 4 * 3), share, 1e-6);
                shares.add((double) share);
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
        Rig.Parts parts = Rig.Parts.on(trunk, 7);
        new FdrlMethod().build(parts, settings).phases(Rig.Parts.on(trunk, 7));
        return parts.parameters();
    }

    @Test
    void aLambdaOfZeroLeavesItsLossAndItsCentresOut() {
        Settings none = new Settings(2, 4, 0.3, 0, 0, 0, 0.4, true, true, true, IntraWeight.SUM);
        try (Rig rig = new Rig(none)) {
            assertEquals(Set.of("cross-entropy"), rig.step().terms().keySet());
            assertEquals(
                    Set.of("backbone", "fdn", "intra", "inter", "classifier"),
                    rig.parts.parts().keySet());
        }
        try (Rig rig = new Rig(small(true, false, true, IntraWeight.SUM))) {
            assertEquals(
                    Set.of("backbone", "fdn", "inter", "classifier", "latent-centres"),
                    rig.parts.parts().keySet());
        }
    }

    /** With sigmoids of 0 every alpha is D / 2 as printed and 1 / 2 as a mean. */
    @Test
    void sumAndMeanOfIntraWeightsDifferByTheWidth() {
        double[] balances = new double[2];
        for (IntraWeight weight : IntraWeight.values()) {
            Settings settings = paper(true, true, true, weight);
            try (Rig rig = new Rig(settings)) {
                rig.weights.set("intra.weight", new float[9 * 128 * 128], 9 * 128, 128);
                rig.weights.set("intra.bias", new float[9 * 128], 9 * 128);
                balances[weight.ordinal()] = rig.step().terms().get("balance");
            }
        }
        assertEquals(9 * 64 - 1, balances[IntraWeight.SUM.ordinal()], 1e-3);
        assertEquals(9 * 0.5 - 1, balances[IntraWeight.MEAN.ordinal()], 1e-5);
    }

    @Test
    void aStepLeavesNoNativeArrayBehind() {
        try (Rig rig = new Rig(small(true, true, true, IntraWeight.MEAN))) {
            rig.step();
            long before = Torch.get().arrays();
            for (int i = 0; i < 3; i++) {
                rig.step();
                try (Scope scope = Torch.get().inference(Device.cpu())) {
                    rig.model.predict(rig.batch(scope), TorchPass.inference(rig.weights, scope));
                    assertNotEquals(before, Torch.get().arrays());
                }
            }
            assertEquals(before, Torch.get().arrays());
        }
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
