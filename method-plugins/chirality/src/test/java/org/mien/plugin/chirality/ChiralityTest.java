// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.chirality;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.mien.api.Feature;
import org.mien.api.InputSpec;
import org.mien.api.net.Net;
import org.mien.api.net.Trunk;
import org.mien.nn.BatchNorm;
import org.mien.nn.Fn;
import org.mien.nn.Linear;
import org.mien.nn.Sequence;
import org.mien.plugin.chirality.Settings.Combine;
import org.mien.plugin.chirality.Settings.Norm;
import org.mien.plugin.chirality.Settings.Tokens;
import org.mien.plugin.chirality.Settings.Variant;
import org.mien.plugin.ir50.Ir50;
import org.mien.plugin.resnet18.ResNet18;
import org.mien.testkit.Faces;
import org.mien.testkit.MethodBench;

class ChiralityTest {
    private static final int N = 3;
    private static final int[] LABELS = {2, 0, 2};
    private static final double[][] IMAGE = image(5);

    private static double[][] image(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        double[][] image = new double[N][6];
        for (double[] row : image) {
            Arrays.setAll(row, c -> (float) random.nextDouble());
        }
        return image;
    }

    /** One linear layer, 6 pixels to a map (4, 2, 3). */
    private static Trunk trunk(boolean normalised) {
        Net pixels = new Fn((ops, x) -> x.reshape(-1, 6));
        Net map = new Fn((ops, x) -> x.reshape(-1, Reference.C, 2, 3));
        return new Trunk(
                new InputSpec(1, 2, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f)),
                List.of(
                        new Trunk.Stage(
                                Feature.map("map", Reference.C, 2, 3),
                                () ->
                                        new Sequence(
                                                pixels,
                                                new Linear(6, Reference.C * Reference.PLACES),
                                                map,
                                                normalised
                                                        ? new BatchNorm(Reference.C)
                                                        : new Fn((ops, x) -> x)))));
    }

    private static MethodBench bench(Settings settings) {
        return bench(settings, false);
    }

    /** 3 classes; weights so large, before ReLUs too, that no ReLU is always off. */
    private static MethodBench bench(Settings settings, boolean normalised) {
        MethodBench bench = MethodBench.of(new ChiralityMethod(), settings, 3, trunk(normalised));
        draw(bench, 5);
        return bench;
    }

    private static void draw(MethodBench bench, long seed) {
        bench.draw(seed, -0.5, 0.9);
        bench.values()
                .forEach(
                        (path, drawn) -> {
                            if (path.endsWith(".0.bias")) {
                                bench.set(path, Arrays.stream(drawn).map(b -> b + 1.1).toArray());
                            }
                        });
    }

    private static MethodBench.Step step(MethodBench bench) {
        return bench.step(Faces.of(IMAGE).labels(LABELS));
    }

    /** d 4, 2 layers of 2 heads, and weights that let every term count. */
    private static Settings small(Variant variant, Tokens tokens, Norm norm, Combine combine) {
        return new Settings(variant, tokens, 4, 2, 2, 5, norm, 0, 9, 0.7, 0.4, combine);
    }

    private static Settings small(Variant variant) {
        return small(variant, Tokens.CHANNEL, Norm.PRE, Combine.LOGITS);
    }

    /** Every variant, and every way to encode. */
    private static List<Settings> all() {
        List<Settings> all = new ArrayList<>();
        for (Variant variant : Variant.values()) {
            all.add(small(variant));
        }
        all.add(small(Variant.CNN_FS_TRANS, Tokens.POSITION, Norm.POST, Combine.PROBABILITIES));
        all.add(small(Variant.CNN_TRANS, Tokens.POSITION, Norm.PRE, Combine.LOGITS));
        return all;
    }

    private static Settings paper(Variant variant, Tokens tokens) {
        return new Settings(
                variant, tokens, 64, 4, 8, 2048, Norm.PRE, 0.1, 2, 1, 1, Combine.LOGITS);
    }

    private static Reference reference(Settings settings, Map<String, double[]> at) {
        return new Reference(settings, at, IMAGE, LABELS);
    }

    private static void near(double expected, double actual, String what) {
        assertEquals(expected, actual, 5e-6 * Math.max(1, Math.abs(expected)), what);
    }

    @Test
    void lossesAreThoseOfThePaper() {
        for (Settings settings : all()) {
            try (MethodBench bench = bench(settings)) {
                Reference paper = reference(settings, bench.values());
                MethodBench.Step step = step(bench);
                Map<String, Double> terms = step.terms();
                String what = settings + ": " + terms;
                near(paper.crossEntropy(), terms.get("cross-entropy"), what);
                assertEquals(settings.variant().separates ? 4 : 1, terms.size(), what);
                if (settings.variant().separates) {
                    near(paper.alike(), terms.get("alike"), what);
                    near(paper.apart(), terms.get("apart"), what);
                    near(paper.chirality(), terms.get("chirality"), what);
                    assertTrue(paper.alike() > 0 && paper.apart() > 0, what);
                }
                near(paper.loss(), step.total(), what);
            }
        }
    }

    /** Against central differences of the plain loops, in doubles. */
    @Test
    void gradientsReachEveryWeightAndAreRight() {
        for (Settings settings : all()) {
            try (MethodBench bench = bench(settings)) {
                Faces faces = Faces.of(IMAGE).labels(LABELS);
                bench.compareGradients(faces, at -> reference(settings, at).loss(), 5e-5);
                bench.compareGradients(faces);
            }
        }
    }

    /** A symmetric face is its own mirror image, so all distances are 0. */
    @Test
    void gradientsAreFiniteWhereTokensAreEqual() {
        double[][] symmetric =
                Arrays.stream(IMAGE)
                        .map(row -> new double[] {row[0], row[0], row[2], row[2], row[4], row[4]})
                        .toArray(double[][]::new);
        for (Settings settings : all()) {
            for (double margin : new double[] {0, 9}) { // 0: the hinge is at its corner too
                Settings at = with(settings, "margin", Double.toString(margin));
                try (MethodBench bench = bench(at)) {
                    MethodBench.Step step = bench.step(Faces.of(symmetric).labels(LABELS));
                    if (at.variant().separates) {
                        double apart = at.variant() == Variant.ICME ? margin * margin : margin;
                        assertEquals(0, step.terms().get("alike"), 1e-6, at.toString());
                        assertEquals(apart, step.terms().get("apart"), 1e-4, at.toString());
                    }
                    step.gradients()
                            .forEach(
                                    (path, gradient) -> {
                                        for (double value : gradient) {
                                            assertTrue(Double.isFinite(value), at + ", " + path);
                                        }
                                    });
                }
            }
        }
    }

    @Test
    void predictionsAndExtrasAreThoseOfThePaper() {
        for (Settings settings : all()) {
            try (MethodBench bench = bench(settings)) {
                Reference paper = reference(settings, bench.values());
                MethodBench.Answer answer = bench.predict(Faces.of(IMAGE));
                near(paper.probabilities(), answer.probabilities(), settings);
                double[][] embedding = new double[N][];
                double[][] distances = new double[N][];
                for (int i = 0; i < N; i++) {
                    embedding[i] = paper.cls[0][i].clone();
                    for (int c = 0; c < embedding[i].length; c++) {
                        embedding[i][c] = (embedding[i][c] + paper.cls[1][i][c]) / 2;
                    }
                    if (settings.variant().separates) {
                        distances[i] =
                                new double[] {
                                    Reference.distance(paper.cls[0][i], paper.cls[1][i]),
                                    Reference.distance(paper.chi[0][i], paper.chi[1][i])
                                };
                    }
                }
                near(embedding, answer.extras().get("embedding").rows(), settings);
                MethodBench.Extra found = answer.extras().get("distances");
                assertEquals(settings.variant().separates, found != null);
                if (found != null) {
                    near(distances, found.rows(), settings);
                    assertEquals(List.of("class tokens", "chirality tokens"), found.columns());
                }
            }
        }
    }

    private static void near(double[][] expected, double[][] actual, Settings settings) {
        assertEquals(expected.length, actual.length);
        for (int i = 0; i < actual.length; i++) {
            assertEquals(expected[i].length, actual[i].length);
            for (int c = 0; c < actual[i].length; c++) {
                near(expected[i][c], actual[i][c], settings.toString());
            }
        }
    }

    /** Table III: whichever of a face and its mirror image is asked about. */
    @Test
    void aFaceAndItsMirrorImageHaveOneAnswer() {
        for (Variant variant : Variant.values()) {
            for (Combine combine : Combine.values()) {
                Settings settings = small(variant, Tokens.CHANNEL, Norm.PRE, combine);
                try (MethodBench bench = bench(settings)) {
                    for (long seed = 0; seed < 8; seed++) {
                        draw(bench, seed);
                        double[][] image = image(seed);
                        double[][] mirrored =
                                Arrays.stream(image)
                                        .map(Reference::mirror)
                                        .toArray(double[][]::new);
                        MethodBench.Answer face = bench.predict(Faces.of(image));
                        MethodBench.Answer mirror = bench.predict(Faces.of(mirrored));
                        alike(face.probabilities(), mirror.probabilities(), settings.toString());
                        face.extras()
                                .forEach(
                                        (name, extra) ->
                                                alike(
                                                        extra.rows(),
                                                        mirror.extras().get(name).rows(),
                                                        settings + ", " + name));
                    }
                }
            }
        }
    }

    private static void alike(double[][] face, double[][] mirror, String what) {
        for (int i = 0; i < N; i++) {
            assertArrayEquals(face[i], mirror[i], 1e-5, what);
        }
    }

    /**
     * Layers of T_E, then those of T_C: two layers of two heads over the token and two channels.
     */
    @Test
    void attentionWeightsOfBothTokensAreOffered() {
        Settings settings = small(Variant.CNN_FS_TRANS);
        try (MethodBench bench = bench(settings)) {
            List<MethodBench.Offered> layers = bench.offered(Faces.of(IMAGE), "attention");
            assertEquals(4, layers.size());
            for (MethodBench.Offered weights : layers) {
                assertArrayEquals(new long[] {2 * N, 2, 3, 3}, weights.shape());
                for (int i = 0; i < weights.elements().length; i += 3) {
                    double[] row = Arrays.copyOfRange(weights.elements(), i, i + 3);
                    assertEquals(1, Arrays.stream(row).sum(), 1e-5);
                }
            }
            Reference paper = reference(settings, bench.values());
            near(paper.attention.get("tokens.emotion.layers.0.attn"), layers.get(0));
            near(paper.attention.get("tokens.chirality.last.attn"), layers.get(3));
        }
    }

    /** The token's row of the first head, of the first face. */
    private static void near(double[] expected, MethodBench.Offered weights) {
        for (int i = 0; i < expected.length; i++) {
            near(expected[i], weights.elements()[i], "token " + i);
        }
    }

    /** Running statistics move once, by the mean over faces and mirror images. */
    @Test
    void batchNormalisationSeesBothInOneForward() {
        try (MethodBench bench = bench(small(Variant.CNN_FS_TRANS), true)) {
            bench.set("backbone.map.3.running_mean", 0);
            Map<String, double[]> at = bench.values();
            double[] weight = at.get("backbone.map.1.weight");
            double[] bias = at.get("backbone.map.1.bias");
            double[] mean = new double[Reference.C];
            for (double[] image : IMAGE) {
                for (double[] pixels : List.of(image, Reference.mirror(image))) {
                    for (int o = 0; o < Reference.C * Reference.PLACES; o++) {
                        double y = bias[o];
                        for (int c = 0; c < 6; c++) {
                            y += weight[o * 6 + c] * pixels[c];
                        }
                        mean[o / Reference.PLACES] += y / (2 * N * Reference.PLACES);
                    }
                }
            }
            step(bench);
            double[] moved = bench.values().get("backbone.map.3.running_mean");
            for (int c = 0; c < Reference.C; c++) {
                near(0.1 * mean[c], moved[c], "channel " + c);
            }
        }
    }

    private static Trunk map(int channels, int rows, int columns) {
        InputSpec input = new InputSpec(112, 112, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f));
        return new Trunk(
                input,
                List.of(
                        new Trunk.Stage(
                                Feature.map("map", channels, rows, columns),
                                () -> new Fn((ops, x) -> x))));
    }

    private static long parameters(Trunk trunk, Settings settings) {
        return MethodBench.parameters(new ChiralityMethod(), settings, 7, trunk);
    }

    /** Table VII counts IR-50 with its output layer, which no variant reads. */
    @Test
    void hasThePublishedNumberOfParameters() {
        Ir50 ir50 = new Ir50();
        Ir50.Settings keys = new Ir50.Settings(112, true, 0.5);
        Trunk whole = ir50.trunk(keys, ir50.input(keys));
        Feature map = whole.feature(Feature.Kind.MAP);
        assertEquals("map (512, 7, 7)", map.words());
        long unread = whole.parameters() - whole.upTo(map).parameters();
        assertEquals(12_847_616, unread);
        Tokens channel = Tokens.CHANNEL;
        assertEquals(
                46_135_433,
                unread + parameters(whole.upTo(map), paper(Variant.CNN_FS_TRANS, channel)));
        assertEquals(
                44_740_423,
                unread + parameters(whole.upTo(map), paper(Variant.CNN_TRANS, channel)));
        ResNet18 resnet = new ResNet18();
        ResNet18.Settings size = new ResNet18.Settings(224);
        Trunk small = resnet.trunk(size, resnet.input(size));
        Trunk trunk = small.upTo(small.feature(Feature.Kind.MAP));
        assertEquals(11_309_001, parameters(trunk, paper(Variant.ICME, channel)));
    }

    /** 49 places of 256 channels instead of 256 channels of 49 places. */
    @Test
    void placesAreTokensToo() {
        long channels = parameters(map(512, 7, 7), paper(Variant.CNN_FS_TRANS, Tokens.CHANNEL));
        long places = parameters(map(512, 7, 7), paper(Variant.CNN_FS_TRANS, Tokens.POSITION));
        assertEquals(2 * 64 * ((256 - 49) + (49 - 256)), places - channels);
        assertEquals(
                44_740_423 - 43_574_976 + 64 * ((512 - 49) + (49 - 512)),
                parameters(map(512, 7, 7), paper(Variant.CNN_TRANS, Tokens.POSITION)));
        try (MethodBench channel = bench(small(Variant.CNN_TRANS));
                MethodBench place =
                        bench(
                                small(
                                        Variant.CNN_TRANS,
                                        Tokens.POSITION,
                                        Norm.PRE,
                                        Combine.LOGITS))) {
            assertArrayEquals(
                    new long[] {1, 5, 4},
                    channel.shape("tokens.positions.positions"),
                    "4 channels");
            assertArrayEquals(
                    new long[] {1, 7, 4}, place.shape("tokens.positions.positions"), "6 places");
        }
    }

    /** The rows of Table I and the conference version are six methods. */
    @Test
    void everyVariantIsAnother() {
        Set<String> told = new HashSet<>();
        for (Variant variant : Variant.values()) {
            told.add(told(small(variant)));
        }
        assertEquals(Variant.values().length, told.size());
    }

    private static String told(Settings settings) {
        try (MethodBench bench = bench(settings)) {
            return bench.told(Faces.of(IMAGE).labels(LABELS));
        }
    }

    /** The same settings with one key changed. */
    private static Settings with(Settings s, String key, String value) {
        return org.mien.api.spi.Settings.with("chirality", s, key, value);
    }

    /** Table II: what a weight of 0 leaves out is not computed. */
    @Test
    void aWeightOfZeroLeavesALossOut() {
        Settings base = small(Variant.CNN_FS_TRANS);
        try (MethodBench bench = bench(with(base, "lambda1", "0"))) {
            assertEquals(Set.of("cross-entropy", "chirality"), step(bench).terms().keySet());
        }
        try (MethodBench bench = bench(with(base, "lambda2", "0"))) {
            MethodBench.Step step = step(bench);
            assertEquals(Set.of("cross-entropy", "alike", "apart"), step.terms().keySet());
            assertEquals(Set.of("chirality-accuracy"), step.measures().keySet());
        }
    }

    /** Scores that tell nothing are right for one half: the first of equals is "original". */
    @Test
    void theShareOfImagesToldRightIsMeasured() {
        try (MethodBench bench = bench(small(Variant.CNN_FS))) {
            bench.set("chirality.2.weight", 0);
            for (double[] bias : new double[][] {{1, 0}, {0, 1}}) {
                bench.set("chirality.2.bias", bias);
                assertEquals(0.5, step(bench).measures().get("chirality-accuracy"));
            }
            draw(bench, 3);
            Reference paper = reference(small(Variant.CNN_FS), bench.values());
            double right = 0;
            for (int v = 0; v < 2; v++) {
                for (double[] scores : paper.sides[v]) {
                    right += (scores[1] > scores[0]) == (v == 1) ? 1 : 0;
                }
            }
            near(right / (2 * N), step(bench).measures().get("chirality-accuracy"), "drawn");
        }
    }

    @Test
    void theDefaultsAreThePapers() {
        assertEquals(
                paper(Variant.CNN_FS_TRANS, Tokens.CHANNEL),
                org.mien.api.spi.Settings.bind("chirality", "", Settings.class, Map.of()));
    }

    @Test
    void thePlanIsThePapers() {
        var plan = new ChiralityMethod().plan(paper(Variant.CNN_FS_TRANS, Tokens.CHANNEL));
        assertEquals(List.of("face", "mirror"), plan.views());
        assertEquals(Set.of(Feature.Kind.MAP), plan.kinds());
        assertTrue(plan.isOriented(), "a random flip before pairing is refused");
        assertEquals(
                Map.of(
                        "train",
                        List.of(
                                "optimizer=sgd",
                                "lr=1e-3",
                                "schedule=multi-step",
                                "milestones=15",
                                "epochs=30",
                                "batch=32")),
                plan.phases());
        assertNotEquals(
                plan.phases(),
                new ChiralityMethod().plan(paper(Variant.ICME, Tokens.CHANNEL)).phases());
    }

    @Test
    void whatCannotBeSharedOutIsRefused() {
        refused(() -> with(small(Variant.CNN_FS_TRANS), "heads", "3"), "cannot be shared out");
        Settings odd =
                with(with(with(small(Variant.CNN), "heads", "1"), "width", "5"), "layers", "1");
        refused(() -> with(odd, "variant", "cnn-trans-fs"), "even width");
        for (Variant variant : List.of(Variant.CNN_FS, Variant.CNN_FS_TRANS)) {
            refused(
                    () -> parameters(map(5, 2, 2), small(variant)),
                    "map (5, 2, 2) has no two halves");
        }
    }

    private static void refused(Runnable make, String words) {
        String message = assertThrows(IllegalArgumentException.class, make::run).getMessage();
        assertTrue(message.contains(words), message);
    }
}
