// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.inception;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mien.api.InputSpec;
import org.mien.api.net.Net;
import org.mien.api.net.Trunk;
import org.mien.engine.Scope;
import org.mien.engine.Torch;
import org.mien.nn.Linear;
import org.mien.nn.spi.TorchPass;
import org.mien.nn.spi.Weights;
import org.mien.testkit.Formula;
import org.mien.testkit.Reference;

class InceptionResnetV1Test {
    private final InceptionResnetV1 backbone = new InceptionResnetV1();

    private Trunk trunk(int size) {
        InceptionResnetV1.Settings settings = new InceptionResnetV1.Settings(size, 0.6, true);
        return backbone.trunk(settings, backbone.input(settings));
    }

    @Test
    void hasThePublishedNumberOfParameters() {
        assertEquals(23_482_624, trunk(160).parameters());
        assertEquals(27_910_327, trunk(160).parameters() + new Linear(512, 8631).parameters());
    }

    /** The state dict as facenet-pytorch's classes define it, without counters and logits. */
    @Test
    void namesAreThoseOfFacenetPytorchInItsOrder() {
        List<String> expected = new ArrayList<>();
        for (String stem : List.of("1a", "2a", "2b", "3b", "4a", "4b")) {
            convolution(expected, "conv2d_" + stem);
        }
        for (int i = 0; i < 5; i++) {
            block(expected, "repeat_1." + i, 3);
        }
        convolution(expected, "mixed_6a.branch0");
        branch(expected, "mixed_6a.branch1", 3);
        for (int i = 0; i < 10; i++) {
            residual(expected, "repeat_2." + i);
        }
        branch(expected, "mixed_7a.branch0", 2);
        branch(expected, "mixed_7a.branch1", 2);
        branch(expected, "mixed_7a.branch2", 3);
        for (int i = 0; i < 5; i++) {
            residual(expected, "repeat_3." + i);
        }
        residual(expected, "block8");
        expected.add("last_linear.weight");
        norm(expected, "last_bn");
        List<String> names = new ArrayList<>();
        trunk(160).each("", (path, var) -> names.add(backbone.published(path)));
        assertEquals(expected, names);
    }

    /** Block35: one, two and three convolutions side by side. */
    private static void block(List<String> names, String prefix, int last) {
        convolution(names, prefix + ".branch0");
        branch(names, prefix + ".branch1", 2);
        branch(names, prefix + ".branch2", last);
        names.add(prefix + ".conv2d.weight");
        names.add(prefix + ".conv2d.bias");
    }

    /** Block17 and Block8: one and three convolutions side by side. */
    private static void residual(List<String> names, String prefix) {
        convolution(names, prefix + ".branch0");
        branch(names, prefix + ".branch1", 3);
        names.add(prefix + ".conv2d.weight");
        names.add(prefix + ".conv2d.bias");
    }

    private static void branch(List<String> names, String prefix, int count) {
        for (int i = 0; i < count; i++) {
            convolution(names, prefix + "." + i);
        }
    }

    private static void convolution(List<String> names, String prefix) {
        names.add(prefix + ".conv.weight");
        norm(names, prefix + ".bn");
    }

    private static void norm(List<String> names, String prefix) {
        for (String name : List.of("weight", "bias", "running_mean", "running_var")) {
            names.add(prefix + "." + name);
        }
    }

    /**
     * Weights and pixels by the formula; in Python
     *
     * <pre>{@code
     * net = formula(InceptionResnetV1(classify=False))
     * net.avgpool_1a.register_forward_hook(lambda m, x, y: print(x[0]))  # of block8
     * embedding = net(images(160))
     * }</pre>
     */
    @Test
    void givesWhatFacenetPytorchGives() {
        Torch.start(Path.of(System.getProperty("mien.torch")));
        try (Reference reference =
                new Reference(backbone, new InceptionResnetV1.Settings(160, 0.6, true))) {
            reference.gives(
                    "block8",
                    new long[] {2, 1792, 3, 3},
                    22694.539428,
                    40266.543639,
                    57.363851,
                    1.8835135,
                    2.4189742,
                    0.30720231,
                    -0.079160668,
                    1.7574636,
                    2.4579566,
                    0.2141296,
                    0.39850301);
            reference.gives(
                    "embedding",
                    new long[] {2, 512},
                    -1.028823,
                    35.632248,
                    -0.110148,
                    0.052275993,
                    0.067493781,
                    -0.01014622,
                    0.0086413613,
                    0.051932439,
                    0.067043945,
                    -0.01001266,
                    0.0075938976);
        }
    }

    @Test
    void stagesHaveTheSizesOfTheNetwork() {
        Trunk trunk = trunk(160);
        assertEquals("map (64, 77, 77)", trunk.feature("conv2d_2b").words());
        assertEquals("map (80, 38, 38)", trunk.feature("conv2d_3b").words());
        assertEquals("map (256, 17, 17)", trunk.feature("repeat_1").words());
        assertEquals("map (896, 8, 8)", trunk.feature("repeat_2").words());
        assertEquals("map (1792, 3, 3)", trunk.feature("block8").words());
        assertEquals("vector (1792)", trunk.feature("avgpool_1a").words());
        assertEquals("vector (512)", trunk.feature("embedding").words());
    }

    /** Branches of zeros leave the bias of the last convolution, scaled, on top of the shortcut. */
    @Test
    void residualsAreScaledAndEndInAReluButForTheLast() {
        Torch.start(Path.of(System.getProperty("mien.torch")));
        Object[][] blocks = {
            {Residual.block35(), 256, 0.17f, true},
            {Residual.block17(), 896, 0.10f, true},
            {Residual.block8(0.20, true), 1792, 0.20f, true},
            {Residual.block8(1, false), 1792, 1f, false}
        };
        for (Object[] block : blocks) {
            Net net = (Net) block[0];
            int channels = (int) block[1];
            try (Weights weights = new Weights(Device.cpu());
                    Scope scope = Torch.get().inference(Device.cpu())) {
                weights.add("", net);
                weights.fill(1);
                weights.entries()
                        .values()
                        .forEach(
                                entry -> {
                                    if (entry.path().endsWith("conv.weight")) {
                                        long[] shape = entry.var().shape();
                                        int size = (int) entry.var().size();
                                        weights.set(entry.path(), new float[size], shape);
                                    }
                                });
                weights.set("conv2d.bias", Formula.values("conv2d.bias", 0, channels), channels);
                NDArray bias = weights.array("conv2d.bias").reshape(1, channels, 1, 1);
                NDArray x =
                        scope.manager()
                                .arange(channels)
                                .toType(bias.getDataType(), false)
                                .sin()
                                .reshape(1, channels, 1, 1);
                NDArray expected = x.add(bias.mul((float) block[2]));
                expected = (boolean) block[3] ? expected.maximum(0f) : expected;
                NDArray found = net.run(TorchPass.inference(weights, scope), x);
                assertEquals(expected.getShape(), found.getShape());
                assertTrue(found.sub(expected).abs().max().getFloat() < 1e-6f, net + "");
            }
        }
    }

    @Test
    void embeddingsHaveLengthOneWhereWanted() {
        Torch.start(Path.of(System.getProperty("mien.torch")));
        Embedding unit = new Embedding(0, true);
        Embedding plain = new Embedding(0, false);
        try (Weights weights = new Weights(Device.cpu());
                Scope scope = Torch.get().inference(Device.cpu())) {
            weights.add("unit", unit);
            weights.add("plain", plain);
            weights.fill(1);
            TorchPass pass = TorchPass.inference(weights, scope);
            float[] means = new float[2 * 1792];
            System.arraycopy(Formula.images(1, 1, 1792), 0, means, 0, 1792);
            NDArray y = unit.run(pass, scope.manager().create(means, new Shape(2, 1792)));
            assertEquals(1, pass.norm(y).getFloat(0), 1e-5f);
            assertEquals(0, pass.norm(y).getFloat(1), 0);
            NDArray z = plain.run(pass, scope.manager().create(means, new Shape(2, 1792)));
            assertTrue(Math.abs(pass.norm(z).getFloat(0) - 1) > 1e-2f);
        }
    }

    @Test
    void pixelsAreScaledAsThere() {
        InputSpec input = trunk(160).input();
        assertEquals(
                (255 - 127.5) / 128, (1 - input.mean().get(0)) / input.deviation().get(0), 1e-7);
        assertEquals((0 - 127.5) / 128, (0 - input.mean().get(2)) / input.deviation().get(2), 1e-7);
    }

    @Test
    void aSmallInputIsRefused() {
        InceptionResnetV1.Settings settings = new InceptionResnetV1.Settings(160, 0.6, true);
        InputSpec small = new InputSpec(74, 160, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f));
        assertTrue(
                assertThrows(IllegalArgumentException.class, () -> backbone.trunk(settings, small))
                        .getMessage()
                        .contains("74 x 160"));
        assertEquals("map (1792, 1, 1)", trunk(75).feature("block8").words());
    }
}
