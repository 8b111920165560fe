// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.chirality;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.mien.api.Feature;
import org.mien.api.InputSpec;
import org.mien.api.net.Trunk;
import org.mien.engine.Scope;
import org.mien.engine.Torch;
import org.mien.nn.Fn;
import org.mien.nn.spi.TorchPass;
import org.mien.nn.spi.Weights;
import org.mien.plugin.chirality.ChiralityMethod.Combine;
import org.mien.plugin.chirality.ChiralityMethod.Norm;
import org.mien.plugin.chirality.ChiralityMethod.Settings;
import org.mien.plugin.chirality.ChiralityMethod.Tokens;
import org.mien.plugin.chirality.ChiralityMethod.Variant;
import org.mien.plugin.ir50.Ir50;
import org.mien.plugin.resnet18.ResNet18;

class ChiralityTest {
    @BeforeAll
    static void start() {
        Torch.start(Path.of(System.getProperty("mien.torch")));
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

    private static Reference reference(Rig rig, Settings settings, Map<String, double[]> at) {
        return new Reference(settings, at, rig.image, Rig.LABELS);
    }

    private static void near(double expected, double actual, String what) {
        assertEquals(expected, actual, 5e-6 * Math.max(1, Math.abs(expected)), what);
    }

    @Test
    void lossesAreThoseOfThePaper() {
        for (Settings settings : all()) {
            try (Rig rig = new Rig(settings)) {
                Reference paper = reference(rig, settings, rig.values());
                Map<String, Double> terms = rig.step().terms();
                String what = settings + ": " + terms;
                near(paper.crossEntropy(), terms.get("cross-entropy"), what);
                assertEquals(settings.variant().separates ? 5 : 1, terms.size(), what);
                if (settings.variant().separates) {
                    near(paper.alike(), terms.get("alike"), what);
                    near(paper.apart(), terms.get("apart"), what);
                    near(paper.chirality(), terms.get("chirality"), what);
                    assertTrue(paper.alike() > 0 && paper.apart() > 0, what);
                }
                near(paper.loss(), rig.step().loss(), what);
            }
        }
    }

    /** Against central differences of the plain loops, in doubles. */
    @Test
    void gradientsReachEveryWeightAndAreRight() {
        for (Settings settings : all()) {
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
                                        5e-5 * Math.max(1, Math.abs(slope)),
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
        values[i] = here + 1e-6;
        double above = reference(rig, settings, at).loss();
        values[i] = here - 1e-6;
        double below = reference(rig, settings, at).loss();
        values[i] = here;
        return (above - below) / 2e-6;
    }

    /** A symmetric face is its own mirror image, so all distances are 0. */
    @Test
    void gradientsAreFiniteWhereTokensAreEqual() {
        for (Settings settings : all()) {
            for (double weight : new double[] {0, 1}) {
                Settings at = with(settings, "lambda1", weight);
                try (Rig rig = new Rig(at)) {
                    for (double[] row : rig.image) {
                        row[1] = row[0];
                        row[3] = row[2];
                        row[5] = row[4];
                    }
                    Rig.Step step = rig.step();
                    if (at.variant().separates && weight == 1) {
                        boolean icme = at.variant() == Variant.ICME;
                        assertEquals(0, step.terms().get("alike"), 1e-6, at.toString());
                        assertEquals(icme ? 81 : 9, step.terms().get("apart"), 1e-4, at.toString());
                    }
                    step.gradients()
                            .forEach(
                                    (path, gradient) -> {
                                        for (float value : gradient) {
                                            assertTrue(Float.isFinite(value), at + ", " + path);
                                        }
                                    });
                }
            }
        }
    }

    @Test
    void predictionsAndExtrasAreThoseOfThePaper() {
        for (Settings settings : all()) {
            try (Rig rig = new Rig(settings)) {
                Reference paper = reference(rig, settings, rig.values());
                Map<String, float[]> answers = rig.predict();
                near(paper.probabilities(), answers.get("probabilities"), settings);
                double[][] embedding = new double[Rig.N][];
                double[][] distances = new double[Rig.N][];
                for (int i = 0; i < Rig.N; i++) {
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
                near(embedding, answers.get("embedding"), settings);
                assertEquals(settings.variant().separates, answers.containsKey("distances"));
                if (settings.variant().separates) {
                    near(distances, answers.get("distances"), settings);
                }
            }
        }
    }

    private static void near(double[][] expected, float[] actual, Settings settings) {
        int width = expected[0].length;
        assertEquals(expected.length * width, actual.length);
        for (int i = 0; i < actual.length; i++) {
            near(expected[i / width][i % width], actual[i], settings.toString());
        }
    }

    /** Table III: whichever of a face and its mirror image is asked about. */
    @Test
    void aFaceAndItsMirrorImageHaveOneAnswer() {
        for (Variant variant : Variant.values()) {
            for (Combine combine : Combine.values()) {
                Settings settings = small(variant, Tokens.CHANNEL, Norm.PRE, combine);
                try (Rig rig = new Rig(settings)) {
                    for (long seed = 0; seed < 8; seed++) {
                        rig.draw(seed);
                        Map<String, float[]> face = rig.predict();
                        for (int i = 0; i < Rig.N; i++) {
                            rig.image[i] = Rig.mirror(rig.image[i]);
                        }
                        Map<String, float[]> mirror = rig.predict();
                        face.forEach(
                                (name, values) ->
                                        assertArrayEquals(
                                                values,
                                                mirror.get(name),
                                                1e-5f,
                                                settings + ", " + name));
                    }
                }
            }
        }
    }

    /**
     * Layers of T_E, then those of T_C: two layers of two heads over the token and two channels.
     */
    @Test
    void attentionWeightsOfBothTokensAreOffered() {
        Settings settings = small(Variant.CNN_FS_TRANS);
        try (Rig rig = new Rig(settings);
                Scope scope = Torch.get().inference(Device.cpu())) {
            TorchPass pass = TorchPass.inference(rig.weights, scope);
            pass.ask("attention");
            float[] asked =
                    rig.model.predict(rig.batch(scope), pass).probabilities().toFloatArray();
            assertArrayEquals(rig.predict().get("probabilities"), asked, 1e-6f);
            List<NDArray> layers = pass.tapped("attention");
            assertEquals(4, layers.size());
            for (NDArray weights : layers) {
                assertEquals(new Shape(2 * Rig.N, 2, 3, 3), weights.getShape());
                for (float sum : weights.sum(new int[] {3}).toFloatArray()) {
                    assertEquals(1, sum, 1e-5);
                }
            }
            Reference paper = reference(rig, settings, rig.values());
            near(paper.attention.get("tokens.emotion.layers.0.attn"), layers.get(0));
            near(paper.attention.get("tokens.chirality.layers.1.attn"), layers.get(3));
        }
    }

    /** The token's row of the first head, of the first face. */
    private static void near(double[] expected, NDArray weights) {
        float[] row = weights.get("0, 0, 0").toFloatArray();
        for (int i = 0; i < row.length; i++) {
            near(expected[i], row[i], Arrays.toString(row));
        }
    }

    /** Running statistics move once, by the mean over faces and mirror images. */
    @Test
    void batchNormalisationSeesBothInOneForward() {
        try (Rig rig = new Rig(small(Variant.CNN_FS_TRANS), true)) {
            Map<String, double[]> at = rig.values();
            double[] weight = at.get("backbone.map.1.weight");
            double[] bias = at.get("backbone.map.1.bias");
            double[] mean = new double[Rig.C];
            for (double[] image : rig.image) {
                for (double[] pixels : List.of(image, Rig.mirror(image))) {
                    for (int o = 0; o < Rig.C * Rig.PLACES; o++) {
                        double y = bias[o];
                        for (int c = 0; c < 6; c++) {
                            y += weight[o * 6 + c] * pixels[c];
                        }
                        mean[o / Rig.PLACES] += y / (2 * Rig.N * Rig.PLACES);
                    }
                }
            }
            rig.step();
            double[] moved = rig.values().get("backbone.map.3.running_mean");
            for (int c = 0; c < Rig.C; c++) {
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
        Rig.Parts parts = Rig.Parts.on(trunk, 7);
        new ChiralityMethod().build(parts, settings);
        return parts.parameters();
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
        try (Rig channel = new Rig(small(Variant.CNN_TRANS));
                Rig place =
                        new Rig(
                                small(
                                        Variant.CNN_TRANS,
                                        Tokens.POSITION,
                                        Norm.PRE,
                                        Combine.LOGITS))) {
            assertArrayEquals(
                    new long[] {1, 5, 4},
                    shape(channel, "tokens.positions.positions"),
                    "4 channels");
            assertArrayEquals(
                    new long[] {1, 7, 4}, shape(place, "tokens.positions.positions"), "6 places");
        }
    }

    private static long[] shape(Rig rig, String path) {
        return rig.weights.entries().get(path).var().shape();
    }

    /** What a key changes of the graph, or of a training step. */
    @Test
    void everyKeyChangesGraphOrLoss() {
        Settings base = small(Variant.CNN_FS_TRANS);
        Map<String, Object> other = new LinkedHashMap<>();
        other.put("width", 8);
        other.put("layers", 1);
        other.put("heads", 4);
        other.put("feedForward", 7);
        other.put("norm", Norm.POST);
        other.put("dropout", 0.5);
        other.put("margin", 8.0);
        other.put("lambda1", 0.2);
        other.put("lambda2", 0.2);
        other.put("tokens", Tokens.POSITION);
        for (Variant variant : Variant.values()) {
            if (variant != base.variant()) {
                other.put("variant " + variant, variant);
            }
        }
        try (Rig rig = new Rig(base)) {
            double loss = rig.step().loss();
            other.forEach(
                    (key, value) -> {
                        Settings changed = with(base, key.split(" ")[0], value);
                        try (Rig second = new Rig(changed)) {
                            boolean graph = !shapes(rig).equals(shapes(second));
                            boolean learns = Math.abs(second.step().loss() - loss) > 1e-3;
                            boolean says = !graph && apart(rig, second) > 1e-4;
                            assertTrue(graph || learns || says, key);
                        }
                    });
            Settings mean = with(base, "combine", Combine.PROBABILITIES);
            try (Rig second = new Rig(mean)) {
                assertFalse(
                        Arrays.equals(
                                rig.predict().get("probabilities"),
                                second.predict().get("probabilities")));
            }
        }
    }

    /** Largest difference of the embeddings of two models. */
    private static double apart(Rig one, Rig two) {
        float[] a = one.predict().get("embedding");
        float[] b = two.predict().get("embedding");
        double most = 0;
        for (int i = 0; i < a.length; i++) {
            most = Math.max(most, Math.abs(a[i] - b[i]));
        }
        return most;
    }

    private static Map<String, List<Long>> shapes(Rig rig) {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        rig.weights
                .entries()
                .forEach(
                        (path, entry) ->
                                shapes.put(
                                        path, Arrays.stream(entry.var().shape()).boxed().toList()));
        return shapes;
    }

    /** The same settings with one component changed. */
    private static Settings with(Settings s, String key, Object value) {
        UnaryOperator<Object[]> change =
                all -> {
                    var components = Settings.class.getRecordComponents();
                    for (int i = 0; i < all.length; i++) {
                        if (components[i].getName().equals(key)) {
                            all[i] = value;
                            return all;
                        }
                    }
                    throw new IllegalArgumentException(key);
                };
        Object[] a =
                change.apply(
                        new Object[] {
                            s.variant(),
                            s.tokens(),
                            s.width(),
                            s.layers(),
                            s.heads(),
                            s.feedForward(),
                            s.norm(),
                            s.dropout(),
                            s.margin(),
                            s.lambda1(),
                            s.lambda2(),
                            s.combine()
                        });
        return new Settings(
                (Variant) a[0],
                (Tokens) a[1],
                (int) a[2],
                (int) a[3],
                (int) a[4],
                (int) a[5],
                (Norm) a[6],
                (double) a[7],
                (double) a[8],
                (double) a[9],
                (double) a[10],
                (Combine) a[11]);
    }

    /** Table II: what a weight of 0 leaves out is not computed. */
    @Test
    void aWeightOfZeroLeavesALossOut() {
        Settings base = small(Variant.CNN_FS_TRANS);
        Set<String> rest = Set.of("cross-entropy", "chirality", "chirality-accuracy");
        try (Rig rig = new Rig(with(base, "lambda1", 0.0))) {
            assertEquals(rest, rig.step().terms().keySet());
        }
        rest = Set.of("cross-entropy", "alike", "apart", "chirality-accuracy");
        try (Rig rig = new Rig(with(base, "lambda2", 0.0))) {
            assertEquals(rest, rig.step().terms().keySet());
        }
    }

    /** Scores that tell nothing are right for one half: the first of equals is "original". */
    @Test
    void theShareOfImagesToldRightIsMeasured() {
        try (Rig rig = new Rig(small(Variant.CNN_FS))) {
            rig.weights.set("chirality.2.weight", new float[4], 2, 2);
            for (float[] bias : new float[][] {{1, 0}, {0, 1}}) {
                rig.weights.set("chirality.2.bias", bias, 2);
                assertEquals(0.5, rig.step().terms().get("chirality-accuracy"));
            }
            rig.draw(3);
            Reference paper = reference(rig, small(Variant.CNN_FS), rig.values());
            double right = 0;
            for (int v = 0; v < 2; v++) {
                for (double[] scores : paper.sides[v]) {
                    right += (scores[1] > scores[0]) == (v == 1) ? 1 : 0;
                }
            }
            near(right / (2 * Rig.N), rig.step().terms().get("chirality-accuracy"), "drawn");
        }
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
        refused(() -> with(small(Variant.CNN_FS_TRANS), "heads", 3), "cannot be shared out");
        Settings odd = with(with(with(small(Variant.CNN), "heads", 1), "width", 5), "layers", 1);
        refused(() -> with(odd, "variant", Variant.CNN_TRANS_FS), "even width");
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
