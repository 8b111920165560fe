// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.hsaw;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
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
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.mien.api.Feature;
import org.mien.api.InputSpec;
import org.mien.api.method.Plan;
import org.mien.api.net.Trunk;
import org.mien.engine.Scope;
import org.mien.engine.Torch;
import org.mien.nn.Fn;
import org.mien.nn.Linear;
import org.mien.nn.spi.Counter;
import org.mien.nn.spi.TorchPass;
import org.mien.nn.spi.Weights;
import org.mien.plugin.hsaw.HsawMethod.Against;
import org.mien.plugin.hsaw.HsawMethod.Mode;
import org.mien.plugin.hsaw.HsawMethod.Settings;
import org.mien.plugin.hsaw.HsawMethod.Sharing;
import org.mien.plugin.resnet18.ResNet18;

class HsawTest {
    @BeforeAll
    static void start() {
        Torch.start(Path.of(System.getProperty("mien.torch")));
    }

    private static Settings of(Sharing sharing, boolean attention, boolean relabelling) {
        return new Settings(
                sharing, attention, relabelling, 4, Against.CURRENT, Mode.TRAINING, 0.9, 0.7, 1.3);
    }

    private static Settings relabelling(boolean attention, Against against, Mode mode) {
        return new Settings(Sharing.TAIL, attention, true, 4, against, mode, 0.9, 0.7, 1.3);
    }

    private static List<Settings> all() {
        List<Settings> all = new ArrayList<>();
        for (Sharing sharing : Sharing.values()) {
            all.add(of(sharing, true, false));
        }
        all.add(of(Sharing.TAIL, false, false));
        return all;
    }

    private static Reference reference(Rig rig, Settings settings, Map<String, double[]> at) {
        return new Reference(settings, at, rig.image, rig.labels);
    }

    private static void near(double expected, double actual, String what) {
        assertEquals(expected, actual, 5e-6 * Math.max(1, Math.abs(expected)), what);
    }

    @Test
    void lossesAreThoseOfThePaper() {
        for (Settings settings : all()) {
            try (Rig rig = new Rig(settings)) {
                Reference paper = reference(rig, settings, rig.values());
                Rig.Step step = rig.step();
                Map<String, Double> terms = step.terms();
                String what = settings + ": " + terms;
                near(paper.crossEntropy(), terms.get("cross-entropy"), what);
                if (settings.attention()) {
                    near(paper.halfWeights(), terms.get("half-weights"), what);
                    near(paper.featureBalance(), terms.get("feature-balance"), what);
                    assertTrue(paper.halfWeights() > 1e-3 && paper.featureBalance() > 1e-3, what);
                }
                assertEquals(settings.attention() ? 3 : 1, terms.size(), what);
                near(paper.loss(), step.loss(), what);
            }
        }
    }

    /** Against central differences of the plain loops, in doubles; a dozen of each var. */
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
                            for (int i = 0; i < gradient.length; i += 1 + gradient.length / 12) {
                                double slope = slope(rig, settings, at, path, i);
                                assertEquals(
                                        slope,
                                        gradient[i],
                                        2e-5 * Math.max(1, Math.abs(slope)),
                                        settings + " " + path + " " + i);
                                all += Math.abs(slope);
                            }
                            assertTrue(all > 1e-4, settings + " " + path);
                        });
            }
        }
    }

    private static double slope(
            Rig rig, Settings settings, Map<String, double[]> at, String path, int i) {
        double[] values = at.get(path);
        double here = values[i];
        values[i] = here + 1e-5;
        double above = reference(rig, settings, at).loss();
        values[i] = here - 1e-5;
        double below = reference(rig, settings, at).loss();
        values[i] = here;
        return (above - below) / 2e-5;
    }

    /** Halves that are equal, and weights of the halves at 0 and at 1 in float. */
    @Test
    void gradientsAreFiniteAtTheEnds() {
        for (float w : new float[] {-1e4f, 0, 1e4f}) {
            try (Rig rig = new Rig(of(Sharing.SHARED, true, false))) {
                float[] attention = new float[25];
                Arrays.fill(attention, w);
                rig.weights.set("attention.weight", attention, 1, 25);
                rig.weights.set("all-vector.convolution.bias", new float[] {5}, 1);
                rig.image.put("right", rig.image.get("left"));
                float expected = w == 0 ? 0.5f : w < 0 ? 0 : 1;
                float[] halves = new float[2 * Rig.N];
                Arrays.fill(halves, expected);
                assertArrayEquals(halves, rig.predict().get("half-weights"));
                rig.step()
                        .gradients()
                        .forEach(
                                (path, gradient) -> {
                                    for (float value : gradient) {
                                        assertTrue(Float.isFinite(value), path + " at " + expected);
                                    }
                                });
            }
        }
    }

    @Test
    void predictionsAndExtrasAreThoseOfThePaper() {
        for (Settings settings : all()) {
            try (Rig rig = new Rig(settings)) {
                Reference paper = reference(rig, settings, rig.values());
                Map<String, float[]> answers = rig.predict();
                double[][] probabilities = new double[Rig.N][3];
                for (int i = 0; i < Rig.N; i++) {
                    double sum = Arrays.stream(paper.p[i]).map(Math::exp).sum();
                    for (int k = 0; k < 3; k++) {
                        probabilities[i][k] = Math.exp(paper.p[i][k]) / sum;
                    }
                }
                near(probabilities, answers.get("probabilities"), settings);
                near(paper.v, answers.get("embedding"), settings);
                assertEquals(settings.attention(), answers.containsKey("half-weights"));
                if (settings.attention()) {
                    near(paper.w, answers.get("half-weights"), settings);
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

    private static Trunk resnet18(int size) {
        ResNet18 resnet = new ResNet18();
        ResNet18.Settings keys = new ResNet18.Settings(size);
        Trunk whole = resnet.trunk(keys, resnet.input(keys));
        return whole.upTo(whole.feature(Feature.Kind.MAP));
    }

    private static Rig.Parts parts(Trunk trunk, Settings settings) {
        Rig.Parts parts = Rig.Parts.on(trunk, 7);
        new HsawMethod().build(parts, settings);
        return parts;
    }

    /** 28.1 million are printed. */
    @Test
    void hasThePublishedNumberOfParameters() {
        Map<Sharing, Long> counts = new TreeMap<>();
        for (Sharing sharing : Sharing.values()) {
            counts.put(sharing, parts(resnet18(224), of(sharing, true, true)).parameters());
        }
        assertEquals(
                Map.of(
                        Sharing.TAIL, 27_971_083L,
                        Sharing.SHARED, 11_179_529L,
                        Sharing.HALVES, 22_358_090L,
                        Sharing.SEPARATE, 33_536_651L),
                counts);
        assertEquals(
                11_176_512 + 8 * 256 + 1 + 121 * 7,
                parts(resnet18(224), of(Sharing.TAIL, false, true)).parameters());
    }

    /** As it starts, on features of the size that a network gives, a half has a say. */
    @Test
    void weightsOfTheHalvesDoNotStartSaturated() {
        try (Weights weights = new Weights(Device.cpu());
                Scope scope = Torch.get().inference(Device.cpu())) {
            Vector vector = new Vector(Feature.map("map", 512, 7, 7));
            Linear attention = new Linear(121, 1, false);
            weights.add("vector", vector);
            weights.add("attention", attention);
            weights.fill(1);
            float[] values = new float[16 * 512 * 49];
            Counter random = Counter.of(3L, "features");
            for (int i = 0; i < values.length; i++) {
                values[i] = 2 * random.nextFloat();
            }
            TorchPass pass = TorchPass.inference(weights, scope);
            NDArray map = scope.manager().create(values, new Shape(16, 512, 7, 7));
            for (float w :
                    pass.sigmoid(attention.run(pass, vector.run(pass, map))).toFloatArray()) {
                assertTrue(w > 0.2 && w < 0.8, "a weight starts at " + w);
            }
        }
    }

    @Test
    void extractorsPartBeforeTheLastHalving() {
        assertEquals("layer3", Extractors.stem(resnet18(224)).name());
        assertEquals("stem", Extractors.stem(Rig.trunk(false)).name());
        Trunk flat =
                new Trunk(
                        Rig.trunk(false).input(),
                        List.of(
                                stage(Feature.map("a", 64, 8, 8)),
                                stage(Feature.map("b", 64, 4, 4)),
                                stage(Feature.map("c", 64, 4, 4)),
                                stage(Feature.map("d", 64, 4, 4)),
                                stage(Feature.vector("e", 64))));
        assertEquals("a", Extractors.stem(flat).name());
        assertNull(Extractors.stem(flat.tail(flat.feature("a"))), "nothing is halved");
    }

    private static Trunk.Stage stage(Feature feature) {
        return new Trunk.Stage(feature, () -> new Fn((ops, x) -> x));
    }

    /** What is not shared starts from the backbone's weights, var by var. */
    @Test
    void extractorsOfTheirOwnStartFromTheBackbone() {
        Map<Sharing, Set<String>> own =
                Map.of(
                        Sharing.TAIL, Set.of("left-extractor", "right-extractor"),
                        Sharing.HALVES, Set.of("half-extractor"),
                        Sharing.SEPARATE, Set.of("left-extractor", "right-extractor"));
        own.forEach(
                (sharing, names) -> {
                    Rig.Parts parts = parts(resnet18(112), of(sharing, true, true));
                    Map<String, List<Long>> backbone = new LinkedHashMap<>();
                    parts.trunk()
                            .each("backbone", (path, v) -> backbone.put(path, shape(v.shape())));
                    for (String name : names) {
                        Set<String> starts = new java.util.LinkedHashSet<>();
                        parts.parts()
                                .get(name)
                                .eachStart(
                                        name,
                                        (path, v) -> {
                                            starts.add(path);
                                            assertEquals(
                                                    backbone.get(path), shape(v.shape()), path);
                                        });
                        assertEquals(
                                backbone.keySet().stream()
                                        .filter(
                                                path ->
                                                        sharing != Sharing.TAIL
                                                                || path.startsWith(
                                                                        "backbone.layer4."))
                                        .toList(),
                                List.copyOf(starts));
                    }
                });
    }

    private static List<Long> shape(long[] axes) {
        return Arrays.stream(axes).boxed().toList();
    }

    /**
     * Labels so that the paper's rule has something to say about each sample, whatever is drawn.
     */
    private static boolean[] expected(
            double[][] p, double[][] one, double[][] other, long[] labels) {
        boolean[] where = new boolean[labels.length];
        for (int i = 0; i < where.length; i++) {
            where[i] =
                    Reference.best(p[i]) != labels[i]
                            && Reference.best(one[i]) == Reference.best(other[i]);
        }
        return where;
    }

    /** Section 4.5, over many draws: all four cases of the two questions come up. */
    @Test
    void labelsChangeWhereThePredictionDiffersAndBothAgree() {
        Settings settings = relabelling(true, Against.CURRENT, Mode.TRAINING);
        int changed = 0;
        int disagreed = 0;
        int right = 0;
        try (Rig rig = new Rig(settings)) {
            for (long seed = 0; seed < 40; seed++) {
                rig.draw(seed);
                Reference paper = reference(rig, settings, rig.values());
                boolean[] where = expected(paper.p, paper.all, paper.aux, rig.labels);
                rig.step(4);
                assertArrayEquals(where, rig.last.where, "draw " + seed);
                for (int i = 0; i < Rig.N; i++) {
                    int best = Reference.best(paper.p[i]);
                    assertEquals(best, rig.last.changed[i]);
                    changed += where[i] ? 1 : 0;
                    right += best == rig.labels[i] ? 1 : 0;
                    disagreed += !where[i] && best != rig.labels[i] ? 1 : 0;
                }
            }
        }
        assertTrue(changed > 3 && disagreed > 3 && right > 3, changed + " " + disagreed);
    }

    @Test
    void labelsNeverChangeBeforeTheirEpoch() {
        try (Rig rig = new Rig(relabelling(true, Against.CURRENT, Mode.TRAINING))) {
            for (int epoch = 0; epoch < 4; epoch++) {
                rig.step(epoch);
                assertNull(rig.last.where, "epoch " + epoch);
            }
            rig.step(4);
            assertTrue(rig.last.where != null);
            rig.step(5);
            assertTrue(rig.last.where != null);
        }
        try (Rig rig = new Rig(of(Sharing.TAIL, true, false))) {
            rig.step(100);
            assertNull(rig.last.where, "re-labelling is off");
        }
    }

    /** The dataset's labels are 1 here, whatever they have become. */
    @Test
    void labelsAreComparedWithTheCurrentOrTheOriginal() {
        for (Against against : Against.values()) {
            Settings settings = relabelling(true, against, Mode.TRAINING);
            try (Rig rig = new Rig(settings)) {
                for (long seed = 0; seed < 10; seed++) {
                    rig.draw(seed);
                    Reference paper = reference(rig, settings, rig.values());
                    long[] labels = against == Against.CURRENT ? rig.labels : new long[] {1, 1, 1};
                    rig.step(4);
                    assertArrayEquals(
                            expected(paper.p, paper.all, paper.aux, labels), rig.last.where);
                }
            }
        }
    }

    /** Without halves a face is compared with its mirror image. */
    @Test
    void withoutHalvesTheMirrorImageMustAgree() {
        Settings settings = relabelling(false, Against.CURRENT, Mode.TRAINING);
        int changed = 0;
        try (Rig rig = new Rig(settings)) {
            for (long seed = 0; seed < 20; seed++) {
                rig.draw(seed);
                Map<String, double[]> at = rig.values();
                Reference paper = reference(rig, settings, at);
                Map<String, double[][]> flipped = new LinkedHashMap<>(rig.image);
                flipped.put(
                        "face",
                        Arrays.stream(rig.image.get("face"))
                                .map(Rig::mirror)
                                .toArray(double[][]::new));
                Reference mirror = new Reference(settings, at, flipped, rig.labels);
                boolean[] where = expected(paper.p, paper.p, mirror.p, rig.labels);
                rig.step(4);
                assertArrayEquals(where, rig.last.where, "draw " + seed);
                for (boolean one : where) {
                    changed += one ? 1 : 0;
                }
            }
        }
        assertTrue(changed > 0);
    }

    /** Statistics of the batch or running ones: labels differ for some draw. */
    @Test
    void theForwardOfTheReLabellingIsAKey() {
        int differ = 0;
        try (Rig training =
                        new Rig(
                                relabelling(true, Against.CURRENT, Mode.TRAINING),
                                Rig.trunk(true));
                Rig inference =
                        new Rig(
                                relabelling(true, Against.CURRENT, Mode.INFERENCE),
                                Rig.trunk(true))) {
            for (long seed = 0; seed < 20; seed++) {
                training.draw(seed);
                inference.draw(seed);
                float[] said = inference.predict().get("probabilities");
                training.step(4);
                inference.step(4);
                for (int i = 0; i < Rig.N; i++) {
                    double[] row = {said[3 * i], said[3 * i + 1], said[3 * i + 2]};
                    assertEquals(Reference.best(row), inference.last.changed[i], "draw " + seed);
                }
                differ += Arrays.equals(training.last.changed, inference.last.changed) ? 0 : 1;
            }
        }
        assertTrue(differ > 0);
    }

    @Test
    void everyKeyChangesGraphLossOrLabels() {
        Settings base = of(Sharing.TAIL, true, true);
        try (Rig rig = new Rig(base)) {
            double loss = rig.step().loss();
            for (int key = 0; key < 3; key++) {
                Settings changed =
                        new Settings(
                                base.extractors(),
                                true,
                                true,
                                4,
                                base.relabelAgainst(),
                                base.relabelMode(),
                                key == 0 ? 2 : base.alpha(),
                                key == 1 ? 2 : base.beta(),
                                key == 2 ? 2 : base.gamma());
                try (Rig second = new Rig(changed)) {
                    assertTrue(Math.abs(second.step().loss() - loss) > 1e-3, "key " + key);
                }
            }
            for (Sharing sharing : Sharing.values()) {
                try (Rig second = new Rig(of(sharing, true, true))) {
                    assertEquals(
                            sharing == Sharing.TAIL,
                            rig.weights
                                    .entries()
                                    .keySet()
                                    .equals(second.weights.entries().keySet()),
                            sharing + "");
                }
            }
        }
        // The others: plans below, and the tests of re-labelling above.
    }

    @Test
    void aWeightOfZeroLeavesALossOut() {
        Settings none =
                new Settings(Sharing.TAIL, true, false, 4, Against.CURRENT, Mode.TRAINING, 0, 0, 1);
        try (Rig rig = new Rig(none)) {
            assertEquals(Set.of("cross-entropy"), rig.step().terms().keySet());
        }
    }

    @Test
    void thePlanIsThePapers() {
        Plan plan = new HsawMethod().plan(of(Sharing.TAIL, true, true));
        assertEquals(List.of("face", "left", "right"), plan.views());
        assertTrue(plan.isOriented() && plan.mayRelabel());
        assertEquals(
                Map.of(
                        "train",
                        List.of(
                                "optimizer=sgd",
                                "momentum=0.9",
                                "weight-decay=5e-4",
                                "lr=1e-3",
                                "epochs=50",
                                "batch=128")),
                plan.phases());
        plan = new HsawMethod().plan(of(Sharing.TAIL, true, false));
        assertEquals(List.of("face", "left", "right"), plan.views());
        assertFalse(plan.mayRelabel());
        plan = new HsawMethod().plan(of(Sharing.TAIL, false, true));
        assertEquals(List.of("face", "mirror"), plan.views());
        assertTrue(plan.mayRelabel() && !plan.isOriented());
        plan = new HsawMethod().plan(of(Sharing.TAIL, false, false));
        assertEquals(List.of("face"), plan.views());
        assertFalse(plan.mayRelabel());
    }

    @Test
    void smallInputsAreRefusedInWords() {
        Settings settings = of(Sharing.TAIL, true, true);
        refused(
                resnet18(64),
                settings,
                "an input of 64 x 64 gives a map (512, 2, 2) and a feature vector of 1 value;"
                        + " expected an input of at least 112 x 112");
        refused(resnet18(111), settings, "an input of 111 x 111 gives");
        assertEquals(25, Vector.size(resnet18(112).feature(Feature.Kind.MAP)));
        parts(resnet18(112), settings);
        InputSpec large = new InputSpec(224, 224, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f));
        refused(
                new Trunk(large, List.of(stage(Feature.map("a", 64, 7, 3)))),
                settings,
                "a map of at least 4 x 4");
        refused(
                new Trunk(large, List.of(stage(Feature.map("a", 96, 7, 7)))),
                settings,
                "map (96, 7, 7) cannot be made 8 times as large");
    }

    private static void refused(Trunk trunk, Settings settings, String words) {
        String message =
                assertThrows(IllegalArgumentException.class, () -> parts(trunk, settings))
                        .getMessage();
        assertTrue(message.contains(words), message);
    }
}
