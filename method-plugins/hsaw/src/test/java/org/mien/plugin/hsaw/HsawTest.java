// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.hsaw;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.mien.api.Feature;
import org.mien.api.InputSpec;
import org.mien.api.method.Plan;
import org.mien.api.net.Trunk;
import org.mien.nn.Fn;
import org.mien.plugin.hsaw.Settings.Against;
import org.mien.plugin.hsaw.Settings.Mode;
import org.mien.plugin.hsaw.Settings.Sharing;
import org.mien.plugin.resnet18.ResNet18;
import org.mien.testkit.Faces;
import org.mien.testkit.MethodBench;

class HsawTest {
    private static final int N = Pixels.N;
    private static final int[] LABELS = {2, 0, 2};
    private static final Map<String, double[][]> IMAGE = Pixels.draw(5);

    private static MethodBench bench(Settings settings) {
        return bench(settings, false);
    }

    /** 3 classes; weights so large that every term counts and halves disagree at times. */
    private static MethodBench bench(Settings settings, boolean normalised) {
        Trunk trunk = Pixels.trunk(normalised);
        MethodBench bench = MethodBench.of(new HsawMethod(), settings, 3, trunk);
        draw(bench, 5);
        return bench;
    }

    private static void draw(MethodBench bench, long seed) {
        bench.draw(seed, -0.09, 0.11);
        bench.values().keySet().stream()
                .filter(path -> path.endsWith(".running_var") || path.endsWith("2.weight"))
                .forEach(path -> bench.set(path, 1));
        Map.of("attention.weight", 60, "classifier.weight", 10)
                .forEach(
                        (path, factor) -> {
                            double[] drawn = bench.values().get(path);
                            if (drawn != null) {
                                double[] large =
                                        Arrays.stream(drawn).map(x -> factor * x).toArray();
                                bench.set(path, large);
                            }
                        });
    }

    private static Faces faces() {
        return Pixels.faces(IMAGE).labels(LABELS);
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
                MethodBench.Step step = bench.step(faces());
                Map<String, Double> terms = step.terms();
                String what = settings + ": " + terms;
                near(paper.crossEntropy(), terms.get("cross-entropy"), what);
                if (settings.attention()) {
                    near(paper.halfWeights(), terms.get("half-weights"), what);
                    near(paper.featureBalance(), terms.get("feature-balance"), what);
                    assertTrue(paper.halfWeights() > 1e-3 && paper.featureBalance() > 1e-3, what);
                }
                assertEquals(settings.attention() ? 3 : 1, terms.size(), what);
                near(paper.loss(), step.total(), what);
            }
        }
    }

    /** Against central differences of the plain loops, in doubles. */
    @Test
    void gradientsReachEveryWeightAndAreRight() {
        for (Settings settings : all()) {
            try (MethodBench bench = bench(settings)) {
                bench.compareGradients(faces(), at -> reference(settings, at).loss(), 2e-5);
                bench.compareGradients(faces());
            }
        }
    }

    /**
     * Halves that are equal. Their weights are 0, 1/2 or 1 in float: their sum is 0, 2, or exactly
     * 1, where eq. 3 and its argument vanish.
     */
    @Test
    void gradientsAreFiniteAtTheEnds() {
        Map<String, double[][]> equal = new LinkedHashMap<>(IMAGE);
        equal.put("right", equal.get("left"));
        for (double w : new double[] {-1e4, 0, 1e4}) {
            try (MethodBench bench = bench(of(Sharing.SHARED, true, false))) {
                bench.set("attention.weight", w);
                bench.set("all-vector.convolution.bias", 5);
                ends(bench, equal, w == 0 ? 0.5 : w < 0 ? 0 : 1, w == 0 ? 0.5 : w < 0 ? 0 : 1);
            }
        }
    }

    /** The weight of one half is exactly 0, that of the other exactly 1. */
    @Test
    void gradientsAreFiniteWhereOneHalfHasAllTheWeight() {
        try (MethodBench bench = bench(of(Sharing.TAIL, true, false))) {
            bench.set("attention.weight", 1e4);
            bench.set("left-vector.convolution.bias", -5);
            bench.set("right-vector.convolution.bias", 5);
            MethodBench.Step step = ends(bench, IMAGE, 0, 1);
            assertEquals(0, step.terms().get("half-weights"));
        }
    }

    /** V is 0 for face and halves: all scores are 0, so eq. 7 and its argument vanish. */
    @Test
    void gradientsAreFiniteWhereFaceAndHalvesAgree() {
        try (MethodBench bench = bench(of(Sharing.SHARED, true, false))) {
            bench.set("all-vector.convolution.weight", 0);
            bench.set("all-vector.convolution.bias", 0);
            MethodBench.Step step = ends(bench, IMAGE, 0.5, 0.5);
            assertEquals(0, step.terms().get("half-weights"));
            assertEquals(0, step.terms().get("feature-balance"));
        }
    }

    private static MethodBench.Step ends(
            MethodBench bench, Map<String, double[][]> image, double left, double right) {
        Faces faces = Pixels.faces(image).labels(LABELS);
        for (double[] row : bench.predict(faces).extras().get("half-weights").rows()) {
            assertArrayEquals(new double[] {left, right}, row);
        }
        MethodBench.Step step = bench.step(faces);
        step.gradients()
                .forEach(
                        (path, gradient) -> {
                            for (double value : gradient) {
                                assertTrue(Double.isFinite(value), path + " at " + left);
                            }
                        });
        return step;
    }

    @Test
    void predictionsAndExtrasAreThoseOfThePaper() {
        for (Settings settings : all()) {
            try (MethodBench bench = bench(settings)) {
                Reference paper = reference(settings, bench.values());
                MethodBench.Answer answer = bench.predict(faces());
                near(paper.p, answer.logits(), settings);
                near(paper.v, answer.extras().get("embedding").rows(), settings);
                MethodBench.Extra weights = answer.extras().get("half-weights");
                assertEquals(settings.attention(), weights != null);
                if (weights != null) {
                    near(paper.w, weights.rows(), settings);
                    assertEquals(List.of("w_left", "w_right"), weights.columns());
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

    private static Trunk resnet18(int size) {
        ResNet18 resnet = new ResNet18();
        ResNet18.Settings keys = new ResNet18.Settings(size);
        Trunk whole = resnet.trunk(keys, resnet.input(keys));
        return whole.upTo(whole.feature(Feature.Kind.MAP));
    }

    private static long parameters(Trunk trunk, Settings settings) {
        return MethodBench.parameters(new HsawMethod(), settings, 7, trunk);
    }

    /** 28.1 million are printed. */
    @Test
    void hasThePublishedNumberOfParameters() {
        Map<Sharing, Long> counts = new TreeMap<>();
        for (Sharing sharing : Sharing.values()) {
            counts.put(sharing, parameters(resnet18(224), of(sharing, true, true)));
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
                parameters(resnet18(224), of(Sharing.TAIL, false, true)));
    }

    /** As it starts, on features of the size that a network gives, a half has a say. */
    @Test
    void weightsOfTheHalvesDoNotStartSaturated() {
        int pixels = 3 * 112 * 112;
        int features = 512 * 7 * 7;
        Trunk trunk =
                new Trunk(
                        Pixels.trunk(false).input(),
                        List.of(
                                new Trunk.Stage(
                                        Feature.map("map", 512, 7, 7),
                                        () ->
                                                new Fn(
                                                        (ops, x) ->
                                                                x.reshape(-1, pixels)
                                                                        .get(":, :" + features)
                                                                        .reshape(-1, 512, 7, 7)))));
        try (MethodBench bench =
                MethodBench.of(new HsawMethod(), of(Sharing.SHARED, true, false), 7, trunk)) {
            SplittableRandom random = new SplittableRandom(3);
            double[][] half = new double[8][pixels];
            for (double[] row : half) {
                Arrays.setAll(row, i -> 2 * random.nextDouble());
            }
            Faces faces = Faces.of(half).view("left", half).view("right", half);
            for (double[] row : bench.predict(faces).extras().get("half-weights").rows()) {
                assertTrue(row[0] > 0.2 && row[0] < 0.8, "a weight starts at " + row[0]);
            }
        }
    }

    @Test
    void extractorsPartBeforeTheLastHalving() {
        assertEquals("layer3", Extractors.stem(resnet18(224)).name());
        assertEquals("stem", Extractors.stem(Pixels.trunk(false)).name());
        Trunk flat =
                new Trunk(
                        Pixels.trunk(false).input(),
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
                        Sharing.SHARED, Set.of(),
                        Sharing.HALVES, Set.of("half-extractor"),
                        Sharing.SEPARATE, Set.of("left-extractor", "right-extractor"));
        own.forEach(
                (sharing, names) -> {
                    try (MethodBench bench = bench(of(sharing, true, true), true)) {
                        Set<String> paths = bench.values().keySet();
                        for (String path : paths) {
                            String part = path.substring(0, path.indexOf('.'));
                            String start = bench.start(path);
                            assertEquals(
                                    names.contains(part) ? path.replace(part, "backbone") : path,
                                    start);
                            assertArrayEquals(bench.shape(start), bench.shape(path), path);
                        }
                        for (String name : names) {
                            assertEquals(
                                    paths.stream()
                                            .filter(path -> path.startsWith("backbone."))
                                            .filter(
                                                    path ->
                                                            sharing != Sharing.TAIL
                                                                    || path.contains(".body."))
                                            .toList(),
                                    paths.stream()
                                            .filter(path -> path.startsWith(name + "."))
                                            .map(bench::start)
                                            .toList());
                        }
                    }
                });
    }

    /** Section 4.5: labels after a step. */
    private static int[] expected(
            double[][] p, double[][] one, double[][] other, int[] labels, int[] against) {
        int[] after = labels.clone();
        for (int i = 0; i < N; i++) {
            int best = Reference.best(p[i]);
            if (best != against[i] && Reference.best(one[i]) == Reference.best(other[i])) {
                after[i] = best;
            }
        }
        return after;
    }

    private static int[] labels(MethodBench bench, Faces faces, int epoch) {
        bench.epoch(epoch);
        return bench.step(faces).labels();
    }

    /** Over many draws all four cases of the two questions come up. */
    @Test
    void labelsChangeWhereThePredictionDiffersAndBothAgree() {
        Settings settings = relabelling(true, Against.CURRENT, Mode.TRAINING);
        int changed = 0;
        int disagreed = 0;
        int right = 0;
        try (MethodBench bench = bench(settings)) {
            for (long seed = 0; seed < 40; seed++) {
                draw(bench, seed);
                Map<String, double[][]> image = Pixels.draw(seed);
                Reference paper = new Reference(settings, bench.values(), image, LABELS);
                int[] after = labels(bench, Pixels.faces(image).labels(LABELS), 4);
                assertArrayEquals(
                        expected(paper.p, paper.all, paper.aux, LABELS, LABELS),
                        after,
                        "draw " + seed);
                for (int i = 0; i < N; i++) {
                    int best = Reference.best(paper.p[i]);
                    changed += after[i] != LABELS[i] ? 1 : 0;
                    right += best == LABELS[i] ? 1 : 0;
                    disagreed += after[i] == LABELS[i] && best != LABELS[i] ? 1 : 0;
                }
            }
        }
        assertTrue(
                changed > 3 && disagreed > 3 && right > 3, changed + " " + disagreed + " " + right);
    }

    @Test
    void labelsNeverChangeBeforeTheirEpoch() {
        Settings on = relabelling(true, Against.CURRENT, Mode.TRAINING);
        try (MethodBench bench = bench(on);
                MethodBench off = bench(of(Sharing.TAIL, true, false))) {
            int changed = 0;
            for (long seed = 0; seed < 10; seed++) {
                draw(bench, seed);
                draw(off, seed);
                Faces faces = Pixels.faces(Pixels.draw(seed)).labels(LABELS);
                for (int epoch = 0; epoch < 4; epoch++) {
                    assertArrayEquals(LABELS, labels(bench, faces, epoch), "epoch " + epoch);
                }
                int[] after = labels(bench, faces, 4);
                assertArrayEquals(after, labels(bench, faces, 5));
                changed += Arrays.equals(LABELS, after) ? 0 : 1;
                assertArrayEquals(LABELS, labels(off, faces, 100), "re-labelling is off");
            }
            assertTrue(changed > 0);
        }
    }

    @Test
    void labelsAreComparedWithTheCurrentOrTheOriginal() {
        int[] originals = {1, 1, 1};
        int differ = 0;
        for (long seed = 0; seed < 10; seed++) {
            Map<String, double[][]> image = Pixels.draw(seed);
            Faces faces = Pixels.faces(image).labels(LABELS).originals(originals);
            Map<Against, int[]> after = new TreeMap<>();
            for (Against against : Against.values()) {
                Settings settings = relabelling(true, against, Mode.TRAINING);
                try (MethodBench bench = bench(settings)) {
                    draw(bench, seed);
                    Reference paper = new Reference(settings, bench.values(), image, LABELS);
                    after.put(against, labels(bench, faces, 4));
                    assertArrayEquals(
                            expected(
                                    paper.p,
                                    paper.all,
                                    paper.aux,
                                    LABELS,
                                    against == Against.CURRENT ? LABELS : originals),
                            after.get(against));
                }
            }
            boolean same = Arrays.equals(after.get(Against.CURRENT), after.get(Against.ORIGINAL));
            differ += same ? 0 : 1;
        }
        assertTrue(differ > 0);
    }

    /** Without halves a face is compared with its mirror image. */
    @Test
    void withoutHalvesTheMirrorImageMustAgree() {
        Settings settings = relabelling(false, Against.CURRENT, Mode.TRAINING);
        int changed = 0;
        try (MethodBench bench = bench(settings)) {
            for (long seed = 0; seed < 20; seed++) {
                draw(bench, seed);
                Map<String, double[]> at = bench.values();
                Map<String, double[][]> image = Pixels.draw(seed);
                Reference paper = new Reference(settings, at, image, LABELS);
                Map<String, double[][]> flipped = new LinkedHashMap<>(image);
                flipped.put(
                        "face",
                        Arrays.stream(image.get("face"))
                                .map(Pixels::mirror)
                                .toArray(double[][]::new));
                Reference mirror = new Reference(settings, at, flipped, LABELS);
                int[] after = labels(bench, Pixels.faces(image).labels(LABELS), 4);
                assertArrayEquals(
                        expected(paper.p, paper.p, mirror.p, LABELS, LABELS),
                        after,
                        "draw " + seed);
                changed += Arrays.equals(LABELS, after) ? 0 : 1;
            }
        }
        assertTrue(changed > 0);
    }

    /** With running statistics that change nothing, inference is the network without them. */
    @Test
    void theForwardOfTheReLabellingIsAKey() {
        Settings still = relabelling(true, Against.CURRENT, Mode.INFERENCE);
        int differ = 0;
        try (MethodBench training = bench(relabelling(true, Against.CURRENT, Mode.TRAINING), true);
                MethodBench inference = bench(still, true)) {
            for (long seed = 0; seed < 20; seed++) {
                for (MethodBench bench : List.of(training, inference)) {
                    draw(bench, seed);
                    for (String path : bench.values().keySet()) {
                        if (path.contains(".body.2.")) {
                            boolean one = path.endsWith("weight") || path.endsWith("var");
                            bench.set(path, one ? 1 : 0);
                        }
                    }
                }
                Map<String, double[][]> image = Pixels.draw(seed);
                Faces faces = Pixels.faces(image).labels(LABELS);
                Reference paper = new Reference(still, inference.values(), image, LABELS);
                int[] after = labels(inference, faces, 4);
                assertArrayEquals(
                        expected(paper.p, paper.all, paper.aux, LABELS, LABELS),
                        after,
                        "draw " + seed);
                differ += Arrays.equals(after, labels(training, faces, 4)) ? 0 : 1;
            }
        }
        assertTrue(differ > 0);
    }

    /** Each way to share is another network. */
    @Test
    void everySharingIsAnother() {
        Set<List<String>> told = new HashSet<>();
        for (Sharing sharing : Sharing.values()) {
            told.add(told(of(sharing, true, true)));
        }
        assertEquals(Sharing.values().length, told.size());
    }

    /** In epoch 4, over draws enough for labels to change. */
    private static List<String> told(Settings settings) {
        List<String> told = new ArrayList<>();
        try (MethodBench bench = bench(settings, true)) {
            bench.epoch(4);
            for (long seed = 0; seed < 30; seed++) {
                draw(bench, seed);
                told.add(
                        bench.told(
                                Pixels.faces(Pixels.draw(seed)).labels(LABELS).originals(1, 1, 1)));
            }
        }
        return told;
    }

    @Test
    void aWeightOfZeroLeavesALossOut() {
        Settings none =
                new Settings(Sharing.TAIL, true, false, 4, Against.CURRENT, Mode.TRAINING, 0, 0, 1);
        try (MethodBench bench = bench(none)) {
            assertEquals(Set.of("cross-entropy"), bench.step(faces()).terms().keySet());
        }
    }

    @Test
    void theDefaultsAreThePapers() {
        assertEquals(
                new Settings(Sharing.TAIL, true, true, 20, Against.CURRENT, Mode.TRAINING, 3, 1, 2),
                org.mien.api.spi.Settings.bind("hsaw", "", Settings.class, Map.of()));
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
        parameters(resnet18(112), settings);
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
                assertThrows(IllegalArgumentException.class, () -> parameters(trunk, settings))
                        .getMessage();
        assertTrue(message.contains(words), message);
    }
}
