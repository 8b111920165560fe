// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn.spi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mien.api.Feature;
import org.mien.api.InputSpec;
import org.mien.api.data.Targets;
import org.mien.api.method.Phase;
import org.mien.api.method.Plan;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.api.net.Tap;
import org.mien.api.net.Trunk;
import org.mien.engine.Scope;
import org.mien.engine.Torch;
import org.mien.nn.BatchNorm;
import org.mien.nn.Conv2d;
import org.mien.nn.Fn;
import org.mien.nn.LayerNorm;
import org.mien.nn.Linear;
import org.mien.nn.Patches;
import org.mien.nn.Relu;
import org.mien.nn.SelfAttention;
import org.mien.nn.Sequence;
import org.mien.nn.TransformerBlock;

/** Looking into a network that knows nothing of it, and holding parts of one still. */
class TapsTest {
    private final Trunk trunk =
            new Trunk(
                    new InputSpec(8, 8, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f)),
                    List.of(
                            new Trunk.Stage(
                                    Feature.map("stem", 6, 8, 8),
                                    () ->
                                            new Sequence(
                                                    new Conv2d(3, 6, 3, 1, 1),
                                                    new BatchNorm(6),
                                                    new Relu())),
                            new Trunk.Stage(
                                    Feature.tokens("embed", 8, 4, 4, 0),
                                    () -> new Patches(6, 8, 2)),
                            new Trunk.Stage(
                                    Feature.tokens("block0", 8, 4, 4, 0),
                                    () -> new TransformerBlock(8, 2, 16)),
                            new Trunk.Stage(
                                    Feature.tokens("block1", 8, 4, 4, 0),
                                    () -> new TransformerBlock(8, 2, 16)),
                            new Trunk.Stage(
                                    Feature.tokens("norm", 8, 4, 4, 0),
                                    () -> new LayerNorm(8, 1e-6)),
                            new Trunk.Stage(
                                    Feature.vector("first", 8),
                                    () -> new Fn((ops, x) -> x.get(":, 0")),
                                    new Trunk.Shortcut(
                                            "block0",
                                            (pass, stages, x) ->
                                                    ((TransformerBlock) stages.get(0))
                                                            .first(pass, x)
                                                            .map(y -> last(pass, stages, y))))));
    private final Linear head = new Linear(8, 3);
    private Weights weights;

    private static NDArray last(Pass pass, List<Net> stages, NDArray token) {
        return stages.get(2).run(pass, stages.get(1).run(pass, token));
    }

    @BeforeAll
    static void start() {
        Torch.start(Path.of(System.getProperty("mien.torch")));
    }

    @BeforeEach
    void open() {
        weights = new Weights(Device.cpu(), DataType.FLOAT64);
        weights.add("backbone", trunk);
        weights.add("head", head);
        weights.fill(5);
    }

    @AfterEach
    void close() {
        weights.close();
    }

    private static NDArray image(Scope scope) {
        return scope.manager()
                .arange(2 * 3 * 8 * 8)
                .toType(DataType.FLOAT64, false)
                .mul(0.37)
                .sin()
                .reshape(2, 3, 8, 8);
    }

    private static double[] numbers(NDArray array) {
        return array.toType(DataType.FLOAT64, true).toDoubleArray();
    }

    /** What knows nothing of taps. */
    private NDArray logits(TorchPass pass, NDArray image) {
        return head.run(pass, trunk.run(pass, image, Feature.Kind.VECTOR));
    }

    @Test
    void stagesAndAttentionSayWhereTheyLie() {
        try (Scope scope = Torch.get().inference(Device.cpu())) {
            double[] plain = numbers(logits(TorchPass.inference(weights, scope), image(scope)));
            TorchPass pass = TorchPass.inference(weights, scope);
            pass.ask(Trunk.OUTPUT);
            pass.ask(SelfAttention.TAP, "backbone.block1.attn");
            assertArrayEquals(plain, numbers(logits(pass, image(scope))), 1e-12);
            List<Tap> stages = pass.tapped(Trunk.OUTPUT);
            assertEquals(
                    List.of(
                            "backbone.stem",
                            "backbone.embed",
                            "backbone.block0",
                            "backbone.block1",
                            "backbone.norm",
                            "backbone.first"),
                    stages.stream().map(Tap::layer).toList(),
                    "with a stage on it asked for, the shortcut is not taken");
            assertEquals(trunk.features(), stages.stream().map(Tap::grid).toList());
            assertEquals(new Shape(2, 6, 8, 8), stages.get(0).value().getShape());
            List<Tap> attention = pass.tapped(SelfAttention.TAP);
            assertEquals(1, attention.size(), "block0 was not asked");
            assertEquals("backbone.block1.attn", attention.get(0).layer());
            assertEquals(trunk.feature("block1"), attention.get(0).grid());
            assertEquals(new Shape(2, 2, 16, 16), attention.get(0).value().getShape());
        }
    }

    @Test
    void whoAsksForWhatIsNotThereIsTold() {
        try (Scope scope = Torch.get().inference(Device.cpu())) {
            TorchPass pass = TorchPass.inference(weights, scope);
            String words =
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> pass.ask(Trunk.OUTPUT, "backbone.layer4"))
                            .getMessage();
            assertTrue(words.contains("'backbone.layer4'"), words);
            assertTrue(words.contains("backbone.block0"), words);
            assertFalse(words.contains("backbone.block0.attn"), words);
            pass.ask(Trunk.OUTPUT, "backbone.stem");
            assertFalse(pass.asks(trunk.parts().get("norm"), Trunk.OUTPUT));
            assertTrue(pass.asks(trunk.parts().get("stem"), Trunk.OUTPUT));
            assertEquals(
                    Optional.empty(), pass.tap(new Relu(), "other", () -> image(scope)), "unasked");
            pass.tap("output", () -> image(scope)); // of no layer: not the stem
            assertEquals(List.of(), pass.tapped(Trunk.OUTPUT));
        }
    }

    /** The gradient of a score with respect to a stage is what the rest of the network does. */
    @Test
    void gradientsLeadToWhatWasTapped() {
        try (Scope scope = Torch.get().training(Device.cpu())) {
            TorchPass pass = TorchPass.looking(weights, scope);
            pass.ask(Trunk.OUTPUT, "backbone.stem", "backbone.block0");
            pass.ask(SelfAttention.TAP);
            NDArray score = logits(pass, image(scope)).get(":, 1").sum();
            List<Tap> stages = pass.tapped(Trunk.OUTPUT);
            List<Tap> attention = pass.tapped(SelfAttention.TAP);
            assertEquals(2, attention.size());
            for (Tap tap : stages) {
                NDArray gradient = pass.gradients(score, List.of(tap)).get(0);
                assertEquals(tap.value().getShape(), gradient.getShape());
                double[] at = numbers(tap.value());
                double[] slopes = numbers(gradient);
                Feature from = tap.grid();
                for (int i = 3; i < at.length; i += at.length / 5) {
                    double expected = 0;
                    for (int sign : new int[] {1, -1}) {
                        double[] moved = at.clone();
                        moved[i] += sign * 1e-5;
                        NDArray x = scope.manager().create(moved, tap.value().getShape());
                        TorchPass other = TorchPass.looking(weights, scope);
                        NDArray y = trunk.run(other, x, from, trunk.feature(Feature.Kind.VECTOR));
                        expected += sign * numbers(head.run(other, y).get(":, 1").sum())[0] / 2e-5;
                    }
                    assertEquals(expected, slopes[i], 1e-7, tap.layer() + " " + i);
                }
            }
            double most = 0;
            for (NDArray gradient : pass.gradients(score, attention)) {
                most =
                        Math.max(
                                most,
                                Arrays.stream(numbers(gradient)).map(Math::abs).max().orElse(0));
            }
            assertTrue(most > 0, "no gradient reaches attention");
            assertEquals(
                    Map.of(), pass.gradients(score), "of weights there is none in such a pass");
        }
    }

    @Test
    void aScoreThatDependsOnNothingTappedIsRefused() {
        try (Scope scope = Torch.get().training(Device.cpu())) {
            TorchPass pass = TorchPass.looking(weights, scope);
            pass.ask(Trunk.OUTPUT, "backbone.stem");
            logits(pass, image(scope));
            List<Tap> taps = pass.tapped(Trunk.OUTPUT);
            NDArray other = scope.manager().ones(new Shape(1));
            String words =
                    assertThrows(IllegalArgumentException.class, () -> pass.gradients(other, taps))
                            .getMessage();
            assertTrue(words.contains("backbone.stem output"), words);
            assertThrows(
                    IllegalArgumentException.class,
                    () -> pass.gradients(taps.get(0).value(), taps));
        }
    }

    @Test
    void severalStagesInOneRun() {
        try (Scope scope = Torch.get().inference(Device.cpu())) {
            TorchPass pass = TorchPass.inference(weights, scope);
            List<NDArray> found = trunk.run(pass, image(scope), "first", "stem", "block0", "stem");
            assertEquals(4, found.size());
            List<String> names = List.of("first", "stem", "block0", "stem");
            for (int i = 0; i < names.size(); i++) {
                NDArray one =
                        trunk.run(
                                TorchPass.inference(weights, scope),
                                image(scope),
                                null,
                                trunk.feature(names.get(i)));
                assertArrayEquals(numbers(one), numbers(found.get(i)), 1e-12, names.get(i));
            }
            assertThrows(
                    IllegalArgumentException.class, () -> trunk.run(pass, image(scope), "none"));
        }
        assertEquals(
                List.of("stem"), trunk.scales().stream().map(Feature::name).toList(), "maps only");
        Trunk cut = trunk.upTo("block0");
        assertEquals("block0", cut.features().get(cut.features().size() - 1).name());
    }

    private Map<String, float[]> step(Set<String> moved) {
        try (Scope scope = Torch.get().training(Device.cpu())) {
            TorchPass pass = TorchPass.training(weights, scope, new TorchPass.Clock(0, 0, 0));
            pass.begin("train", moved);
            Map<String, NDArray> found = pass.gradients(logits(pass, image(scope)).square().sum());
            scope.quiet(
                    () ->
                            found.forEach(
                                    (path, gradient) ->
                                            weights.array(path).subi(gradient.mul(0.01))));
            pass.commit();
            assertEquals(
                    new TreeSet<>(
                            moved.stream()
                                    .filter(path -> weights.entries().get(path).var().trained())
                                    .toList()),
                    new TreeSet<>(found.keySet()),
                    "gradients");
        }
        return weights.copy();
    }

    /** No gradient, no statistics of the batch, neither used nor kept. */
    @Test
    void whatIsHeldStands() {
        Map<String, float[]> before = weights.copy();
        weights.hold(trunk.parts().get("stem"));
        weights.hold(trunk.parts().get("embed"));
        Set<String> moved = TrainingStep.moved(Phase.of("train", (batch, pass) -> null), weights);
        assertTrue(moved.stream().noneMatch(path -> path.startsWith("backbone.stem")));
        double[] expected;
        try (Scope scope = Torch.get().inference(Device.cpu())) {
            expected = numbers(logits(TorchPass.inference(weights, scope), image(scope)));
        }
        try (Scope scope = Torch.get().training(Device.cpu())) {
            TorchPass pass = TorchPass.training(weights, scope, new TorchPass.Clock(0, 0, 0));
            pass.begin("train", moved);
            assertArrayEquals(
                    expected,
                    numbers(logits(pass, image(scope))),
                    1e-12,
                    "in training the stem runs as in inference");
            // However it is run.
            Net stem = trunk.parts().get("stem");
            assertArrayEquals(
                    numbers(stem.run(pass.still(), image(scope))),
                    numbers(stem.run(pass, image(scope))),
                    1e-12);
        }
        step(moved)
                .forEach(
                        (path, values) -> {
                            boolean stands =
                                    path.startsWith("backbone.stem")
                                            || path.startsWith("backbone.embed");
                            assertEquals(stands, Arrays.equals(before.get(path), values), path);
                        });
        assertNotEquals(0, moved.size());
        assertNull(weights.place(new Relu()).grid());
    }

    @Test
    void aPlanCutsTheBackboneAtAStage() {
        Trunk cut = Parts.cut(trunk, Plan.on(Feature.Kind.TOKENS).upTo("block0"));
        assertEquals("block0", cut.feature(Feature.Kind.TOKENS).name());
        assertEquals(3, cut.features().size());
        assertEquals(
                trunk.features().size() - 1,
                Parts.cut(trunk, Plan.on(Feature.Kind.TOKENS)).features().size());
        String kind =
                assertThrows(
                                IllegalArgumentException.class,
                                () -> Parts.cut(trunk, Plan.on(Feature.Kind.VECTOR).upTo("block0")))
                        .getMessage();
        assertTrue(kind.contains("no stage gives a VECTOR"), kind);
        assertThrows(
                IllegalArgumentException.class,
                () -> Parts.cut(trunk, Plan.on(Feature.Kind.TOKENS).upTo("layer4")));
    }

    @Test
    void heldPartsAreCountedOnceAndAPhaseOfThemStandsStill() {
        Parts parts = new Parts(trunk, trunk.input(), Targets.classes(List.of("a", "b")));
        parts.part("head", head);
        long stem = trunk.parts().get("stem").parameters();
        assertEquals(0, parts.hold(List.of()));
        assertEquals(stem, parts.hold(List.of("stem")));
        Phase all = Phase.of("train", (batch, pass) -> null);
        assertFalse(parts.standsStill(all));
        assertFalse(parts.standsStill(Phase.of("body", all.objective()).moves(trunk)));
        assertEquals(trunk.parameters(), parts.hold(List.of("stem", "backbone")));
        assertTrue(parts.standsStill(Phase.of("body", all.objective()).moves(trunk)));
        assertFalse(parts.standsStill(all), "the head moves");
        String words =
                assertThrows(
                                IllegalArgumentException.class,
                                () -> parts.hold(List.of("stem", "layer9")))
                        .getMessage();
        assertTrue(words.contains("there is no stage 'layer9'"), words);
        assertTrue(words.contains("stem, embed, block0"), words);
        Parts none = new Parts(null, trunk.input(), Targets.classes(List.of("a", "b")));
        assertThrows(IllegalArgumentException.class, () -> none.hold(List.of("backbone")));
    }
}
