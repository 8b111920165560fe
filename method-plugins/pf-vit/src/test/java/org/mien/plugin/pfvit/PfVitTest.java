// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.pfvit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.mien.api.Feature;
import org.mien.api.InputSpec;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.api.net.Trunk;
import org.mien.nn.BatchNorm;
import org.mien.nn.Conv2d;
import org.mien.nn.Fn;
import org.mien.nn.Sequence;
import org.mien.testkit.Faces;
import org.mien.testkit.MethodBench;
import org.mien.testkit.MethodBench.Step;

class PfVitTest {
    private static final int CLASSES = 3;

    /** One of each kind of key, by name; what is not named is the paper's or small. */
    private static Choices settings(String... keys) {
        Map<String, String> given = new LinkedHashMap<>();
        for (String key : keys) {
            String[] pair = key.split("=", 2);
            given.put(pair[0], pair[1]);
        }
        return new Choices(
                given.getOrDefault("neutral", "class 0"),
                4,
                number(given, "emotion"),
                number(given, "reconstruction"),
                number(given, "discrimination"),
                Boolean.parseBoolean(given.getOrDefault("constraint-direct", "true")),
                number(given, "direct"),
                given.getOrDefault("constraint-network", "none"),
                number(given, "of-network"),
                Adversarial.valueOf(given.getOrDefault("adversarial", "NON_SATURATING")),
                8,
                2,
                2);
    }

    private static double number(Map<String, String> given, String key) {
        return Double.parseDouble(given.getOrDefault(key, "1"));
    }

    private static Trunk encoder() {
        return MethodBench.transformer(8, 4, 12, 2, 3);
    }

    /** A network with statistics of its own, at a size of its own. */
    private static Trunk network() {
        return new Trunk(
                new InputSpec(6, 6, List.of(0.4f, 0.5f, 0.6f), List.of(0.2f, 0.3f, 0.4f)),
                List.of(
                        new Trunk.Stage(
                                Feature.vector("vector", 5),
                                () ->
                                        new Sequence(
                                                new Conv2d(3, 5, 3, 1, 1),
                                                new BatchNorm(5),
                                                new Fn((ops, x) -> ops.gelu(x)),
                                                new Fn((ops, x) -> ops.globalAveragePool(x))))));
    }

    private static MethodBench bench(Choices settings) {
        Map<String, Trunk> frozen =
                settings.hasNetwork() ? Map.of(Choices.ROLE, network()) : Map.of();
        MethodBench bench = MethodBench.of(new PfVitMethod(), settings, CLASSES, encoder(), frozen);
        bench.draw(7, -0.3, 0.3);
        return bench;
    }

    private static Faces faces(int... labels) {
        return Faces.noise(encoder().input(), labels.length).labels(labels);
    }

    private static Set<String> changed(Map<String, double[]> before, Map<String, double[]> after) {
        Set<String> parts = new TreeSet<>();
        before.forEach(
                (path, values) -> {
                    if (!Arrays.equals(values, after.get(path))) {
                        parts.add(path.substring(0, path.indexOf('.')));
                    }
                });
        return parts;
    }

    // ------------------------------------------------------------ who moves

    /** Parameter by parameter: each phase moves what is its own, and the network stands. */
    @Test
    void eachPhaseMovesItsOwn() {
        try (MethodBench bench = bench(settings("constraint-network=resnet18"))) {
            bench.rate(0.1);
            Map<String, double[]> before = bench.values();
            Map<String, Step> steps = bench.steps(faces(0, 1, 2, 0));
            assertEquals(List.of("generate", "discriminate"), List.copyOf(steps.keySet()));
            Set<String> ofG = steps.get("generate").gradients().keySet();
            Set<String> ofD = steps.get("discriminate").gradients().keySet();
            Set<String> all = new LinkedHashSet<>(ofG);
            all.addAll(ofD);
            assertTrue(ofD.stream().allMatch(path -> path.startsWith("discriminator.")), "" + ofD);
            assertFalse(ofG.stream().anyMatch(path -> path.startsWith("discriminator.")), "" + ofG);
            Set<String> trained = new LinkedHashSet<>(bench.trained());
            trained.removeIf(path -> path.startsWith(Choices.ROLE + "."));
            assertEquals(trained, all, "a gradient reaches every weight that moves");
            Map<String, double[]> after = bench.values();
            for (String path : trained) {
                assertFalse(Arrays.equals(before.get(path), after.get(path)), path + " stands");
            }
            assertEquals(
                    Set.of("backbone", "classifier", "discriminator", "generator", "separator"),
                    changed(before, after),
                    "the frozen network stands, its statistics too");
        }
    }

    /** Without any other term a gradient reaches the generator through the frozen network. */
    @Test
    void gradientGoesThroughTheFrozenNetwork() {
        Choices only =
                settings(
                        "constraint-network=resnet18",
                        "emotion=0",
                        "reconstruction=0",
                        "discrimination=0",
                        "constraint-direct=false");
        try (MethodBench bench = bench(only)) {
            Step step = bench.steps(faces(0, 1)).get("generate");
            assertEquals(Set.of("network-orthogonality"), step.terms().keySet());
            double[] gradient = step.gradients().get("generator.paint.weight");
            assertTrue(Arrays.stream(gradient).anyMatch(g -> g != 0));
            assertTrue(
                    Arrays.stream(step.gradients().get("separator.excite.weight"))
                            .anyMatch(g -> g != 0));
        }
    }

    /** The frozen network judges as it predicts: its answer to a face is not the batch's. */
    @Test
    void theFrozenNetworkStaysInInference() {
        try (MethodBench bench = bench(settings("constraint-network=resnet18"))) {
            double alone =
                    bench.steps(faces(0)).get("generate").terms().get("network-orthogonality");
            double again =
                    bench.steps(faces(0)).get("generate").terms().get("network-orthogonality");
            assertEquals(alone, again, 0);
            double both =
                    bench.steps(faces(0, 0)).get("generate").terms().get("network-orthogonality");
            Faces second = Faces.of(row(1)).labels(0);
            double other = bench.steps(second).get("generate").terms().get("network-orthogonality");
            assertEquals((alone + other) / 2, both, 1e-5);
        }
    }

    private static double[] row(int i) {
        return values(Faces.noise(encoder().input(), i + 1), i);
    }

    /** What a sample of a batch is, as a gallery hands it back. */
    private static double[] values(Faces faces, int i) {
        try (MethodBench bench = bench(settings())) {
            int count = i + 1;
            return bench.gallery(faces.labels(new int[count])).get("original").rows()[i];
        }
    }

    // ------------------------------------------------------------ what is computed

    /** Eq. 8 for the three kinds of picture. */
    @Test
    void targetsAreThoseOfEquation8() {
        try (MethodBench bench = bench(settings("neutral=class 2"))) {
            // Scores of zero: each of K + 1 outputs costs log 2, whatever is asked of it.
            bench.set("discriminator.head.weight", 0);
            bench.set("discriminator.head.bias", 0);
            Step flat = bench.steps(faces(1)).get("discriminate");
            assertEquals(4 * Math.log(2), flat.total(), 1e-5);
            // Scores by class 5, 3, 1 and "real" 2; y = 1, c = 2.
            bench.set("discriminator.head.bias", 5, 3, 1, 2);
            Step step = bench.steps(faces(1)).get("discriminate");
            assertEquals(bce(0, 1, 0, 1), step.measures().get("real"), 1e-5);
            assertEquals(bce(0, 1, 0, 0), step.measures().get("reconstruction"), 1e-5);
            assertEquals(bce(0, 0, 1, 0), step.measures().get("poker-face"), 1e-5);
            assertEquals(
                    (bce(0, 1, 0, 1) + bce(0, 1, 0, 0) + bce(0, 0, 1, 0)) / 3, step.total(), 1e-5);
            Step generate = bench.steps(faces(1)).get("generate");
            assertEquals(
                    (bce(0, 1, 0, 1) + bce(0, 0, 1, 1)) / 2,
                    generate.terms().get("adversarial"),
                    1e-5,
                    "G wants its pictures called real, of their class and neutral");
        }
        try (MethodBench bench = bench(settings("neutral=class 2", "adversarial=MINIMAX"))) {
            bench.set("discriminator.head.weight", 0);
            bench.set("discriminator.head.bias", 5, 3, 1, 2);
            assertEquals(
                    -(bce(0, 1, 0, 0) + bce(0, 0, 1, 0)) / 2,
                    bench.steps(faces(1)).get("generate").terms().get("adversarial"),
                    1e-5,
                    "as printed: the discriminator's loss on fakes, the other way round");
        }
    }

    private static double bce(double... targets) {
        double[] scores = {5, 3, 1, 2};
        double sum = 0;
        for (int k = 0; k < scores.length; k++) {
            double p = 1 / (1 + Math.exp(-scores[k]));
            sum -= targets[k] * Math.log(p) + (1 - targets[k]) * Math.log(1 - p);
        }
        return sum;
    }

    /** Eq. 6: a generator that paints one grey is as far from a face as that grey is. */
    @Test
    void reconstructionIsTheDistanceOfPicturesAndOfNeutralPokerFaces() {
        try (MethodBench bench = bench(settings())) {
            bench.set("generator.paint.weight", 0);
            bench.set("generator.paint.bias", 0.25);
            Step step = bench.steps(faces(0, 1)).get("generate");
            double[] distance = new double[2];
            for (int i = 0; i < 2; i++) {
                double[] x = row(i);
                double squares = Arrays.stream(x).map(v -> (v - 0.25) * (v - 0.25)).sum();
                distance[i] = Math.sqrt(squares / x.length);
            }
            assertEquals((distance[0] + distance[1]) / 2, step.terms().get("reconstruction"), 1e-5);
            assertEquals(
                    distance[0] / 2,
                    step.terms().get("neutral-reconstruction"),
                    1e-5,
                    "of the neutral face alone, in a mean over both");
        }
    }

    /** Eq. 2: what the separator takes for emotion and the rest add up, and C reads emotion. */
    @Test
    void theSeparatorSplitsTokens() {
        try (MethodBench bench = bench(settings())) {
            bench.set("separator.excite.weight", 0);
            bench.set("separator.excite.bias", 40); // all is emotion
            double[] all = bench.predict(faces(0)).extras().get("embedding").rows()[0];
            bench.set("separator.excite.bias", 0); // half of it
            double[] half = bench.predict(faces(0)).extras().get("embedding").rows()[0];
            for (int i = 0; i < all.length; i++) {
                assertEquals(all[i] / 2, half[i], 1e-6);
            }
            Step step = bench.steps(faces(0)).get("generate");
            assertEquals(1, step.terms().get("orthogonality"), 1e-5, "two halves of one");
        }
    }

    /** The encoder runs once a step: D's phase takes the pictures of G's. */
    @Test
    void fakesAreMadeOnceAStep() {
        AtomicInteger runs = new AtomicInteger();
        Trunk plain = encoder();
        List<Trunk.Stage> stages = new ArrayList<>();
        stages.add(new Trunk.Stage(plain.features().get(0), () -> new Counted(encoder(), runs)));
        Feature last = plain.feature(Feature.Kind.TOKENS);
        stages.add(new Trunk.Stage(last, () -> new Fn((ops, x) -> x)));
        try (MethodBench bench =
                MethodBench.of(
                        new PfVitMethod(),
                        settings(),
                        CLASSES,
                        new Trunk(plain.input(), stages),
                        Map.of())) {
            bench.steps(faces(0, 1));
            assertEquals(1, runs.get());
        }
    }

    private static final class Counted extends Net {
        private final Trunk trunk;
        private final AtomicInteger runs;

        Counted(Trunk trunk, AtomicInteger runs) {
            this.trunk = part("trunk", trunk);
            this.runs = runs;
        }

        @Override
        public NDArray run(Pass pass, NDArray x) {
            runs.incrementAndGet();
            return trunk.run(pass, x);
        }
    }

    // ------------------------------------------------------------ what it shows and refuses

    @Test
    void theGalleryShowsWhatIsTakenApart() {
        try (MethodBench bench = bench(settings())) {
            Map<String, MethodBench.Extra> pictures = bench.gallery(faces(0, 1));
            assertEquals(
                    List.of("original", "emotion", "poker face", "reconstruction"),
                    List.copyOf(pictures.keySet()));
            pictures.values().forEach(extra -> assertEquals(3 * 8 * 8, extra.rows()[1].length));
            assertNotEquals(
                    pictures.get("poker face").rows()[0][0], pictures.get("emotion").rows()[0][0]);
        }
    }

    @Test
    void predictsWithoutGeneratorAndDiscriminator() {
        try (MethodBench bench = bench(settings())) {
            double[][] before = bench.predict(faces(0, 1)).logits();
            bench.trained().stream()
                    .filter(path -> path.startsWith("generator.") || path.startsWith("discrim"))
                    .forEach(path -> bench.set(path, 9));
            double[][] after = bench.predict(faces(0, 1)).logits();
            assertArrayEquals(before[0], after[0]);
        }
    }

    @Test
    void withoutANeutralClassThereIsNoPokerFace() {
        try (MethodBench bench = bench(settings("neutral=calm"))) {
            String words =
                    assertThrows(IllegalArgumentException.class, () -> bench.steps(faces(0, 1)))
                            .getMessage();
            assertTrue(words.contains("'calm'") && words.contains("class 0, class 1"), words);
        }
    }

    /** Multi-Task MAE hides patches from its encoder, in training and in testing apart. */
    @Test
    void multiTaskMaeHidesPatches() {
        for (double[] ratios : new double[][] {{0.75, 0}, {0, 0.75}, {0.5, 0.5}}) {
            MultiTaskMaeMethod.Settings settings =
                    new MultiTaskMaeMethod.Settings(ratios[0], ratios[1], settings());
            try (MethodBench bench =
                    MethodBench.of(new MultiTaskMaeMethod(), settings, CLASSES, encoder())) {
                bench.draw(7, -0.3, 0.3);
                Faces faces = faces(0, 1);
                // [CLS] attends to what is seen: one pixel of each patch in turn.
                int seen = 0;
                double[] plain = bench.predict(faces).logits()[0];
                for (int patch = 0; patch < 4; patch++) {
                    double[] other = row(0);
                    other[8 * 4 * (patch / 2) + 4 * (patch % 2)] += 2;
                    double[] changed = bench.predict(Faces.of(other).labels(0)).logits()[0];
                    seen += Math.abs(changed[0] - plain[0]) > 1e-7 ? 1 : 0;
                }
                assertEquals(4 - (int) (4 * ratios[1]), seen, "patches seen in testing");
                Map<String, Step> steps = bench.steps(faces);
                assertTrue(Double.isFinite(steps.get("generate").total()));
                double[] masks =
                        steps.get("generate").gradients().get("generator.decoder.mask_token");
                boolean hides = ratios[0] > 0;
                assertEquals(
                        hides,
                        masks != null && Arrays.stream(masks).anyMatch(g -> g != 0),
                        "mask tokens in training");
            }
        }
    }
}
