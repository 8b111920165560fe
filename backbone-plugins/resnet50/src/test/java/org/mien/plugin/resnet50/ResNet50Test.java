// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.resnet50;

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
import org.mien.api.net.Trunk;
import org.mien.engine.Scope;
import org.mien.engine.Torch;
import org.mien.nn.Linear;
import org.mien.nn.spi.TorchPass;
import org.mien.nn.spi.Weights;
import org.mien.testkit.Formula;
import org.mien.testkit.Reference;

class ResNet50Test {
    private final ResNet50 backbone = new ResNet50();

    private Trunk trunk(int size) {
        ResNet50.Settings settings = new ResNet50.Settings(size);
        return backbone.trunk(settings, backbone.input(settings));
    }

    @Test
    void hasThePublishedNumberOfParameters() {
        assertEquals(23_508_032, trunk(224).parameters());
        assertEquals(25_557_032, trunk(224).parameters() + new Linear(2048, 1000).parameters());
    }

    /** The state dict as torchvision's classes define it, without counters of batches and fc. */
    @Test
    void namesAreThoseOfTorchvisionInItsOrder() {
        List<String> expected = new ArrayList<>();
        expected.add("conv1.weight");
        norm(expected, "bn1");
        int[] blocks = {3, 4, 6, 3};
        for (int layer = 1; layer <= 4; layer++) {
            for (int block = 0; block < blocks[layer - 1]; block++) {
                String prefix = "layer" + layer + "." + block + ".";
                for (int i = 1; i <= 3; i++) {
                    expected.add(prefix + "conv" + i + ".weight");
                    norm(expected, prefix + "bn" + i);
                }
                if (block == 0) {
                    expected.add(prefix + "downsample.0.weight");
                    norm(expected, prefix + "downsample.1");
                }
            }
        }
        List<String> names = new ArrayList<>();
        trunk(64).each("", (path, var) -> names.add(backbone.published(path)));
        assertEquals(expected, names);
        assertEquals(265, names.size());
    }

    private static void norm(List<String> names, String prefix) {
        for (String name : List.of("weight", "bias", "running_mean", "running_var")) {
            names.add(prefix + "." + name);
        }
    }

    /** Else a block would not see three of four pixels. */
    @Test
    void theThreeByThreeConvolutionHasTheStride() {
        Torch.start(Path.of(System.getProperty("mien.torch")));
        Bottleneck block = new Bottleneck(3, 4, 2);
        try (Weights weights = new Weights(Device.cpu());
                Scope scope = Torch.get().inference(Device.cpu())) {
            weights.add("", block);
            weights.fill(1);
            TorchPass pass = TorchPass.inference(weights, scope);
            float[] pixels = Formula.images(1, 4, 4);
            NDArray before = block.run(pass, scope.manager().create(pixels, new Shape(1, 3, 4, 4)));
            assertEquals(new Shape(1, 16, 2, 2), before.getShape());
            pixels[5] += 1; // row 1, column 1: the shortcut, 1 x 1 with stride 2, does not read it
            NDArray after = block.run(pass, scope.manager().create(pixels, new Shape(1, 3, 4, 4)));
            assertTrue(after.sub(before).abs().max().getFloat() > 1e-3f);
        }
    }

    @Test
    void stagesShrinkFiveTimes() {
        assertEquals("map (64, 16, 16)", trunk(64).feature("stem").words());
        assertEquals("map (256, 16, 16)", trunk(64).feature("layer1").words());
        assertEquals("map (1024, 4, 4)", trunk(64).feature("layer3").words());
        assertEquals("map (2048, 2, 2)", trunk(64).feature("layer4").words());
        assertEquals("vector (2048)", trunk(64).feature("pool").words());
    }

    /**
     * Weights and pixels by the formula; in Python
     *
     * <pre>{@code
     * net = formula(torchvision.models.resnet50())
     * x = net.maxpool(net.relu(net.bn1(net.conv1(images(224)))))
     * x = net.layer4(net.layer3(net.layer2(net.layer1(x))))
     * pool = net.avgpool(x)
     * }</pre>
     */
    @Test
    void givesWhatTorchvisionGives() {
        Torch.start(Path.of(System.getProperty("mien.torch")));
        try (Reference reference = new Reference(backbone, new ResNet50.Settings(224))) {
            reference.gives(
                    "layer4",
                    new long[] {2, 2048, 7, 7},
                    20870968.498422,
                    20870968.498422,
                    189.081587,
                    99.069038,
                    6.9967308,
                    93.316475,
                    112.8362,
                    118.63418,
                    10.42012,
                    110.08289,
                    125.71151);
            reference.gives(
                    "pool",
                    new long[] {2, 2048},
                    425938.131788,
                    425938.131788,
                    24227.325736,
                    197.10683,
                    54.95475,
                    140.2119,
                    147.32051,
                    196.21971,
                    54.83559,
                    138.80397,
                    146.42393);
        }
    }

    @Test
    void aSmallInputIsRefused() {
        ResNet50.Settings settings = new ResNet50.Settings(32);
        InputSpec small = new InputSpec(16, 32, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f));
        assertTrue(
                assertThrows(IllegalArgumentException.class, () -> backbone.trunk(settings, small))
                        .getMessage()
                        .contains("16 x 32 is below 32 x 32"));
    }
}
