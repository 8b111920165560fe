// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.resnet18;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.mien.api.Feature;
import org.mien.api.InputSpec;
import org.mien.api.net.Trunk;
import org.mien.engine.Scope;
import org.mien.engine.Torch;
import org.mien.nn.Linear;
import org.mien.nn.spi.TorchPass;
import org.mien.nn.spi.Weights;

class ResNet18Test {
    private final ResNet18 backbone = new ResNet18();

    @BeforeAll
    static void start() {
        Torch.start(Path.of(System.getProperty("mien.torch")));
    }

    private Trunk trunk(int size) {
        ResNet18.Settings settings = new ResNet18.Settings(size);
        return backbone.trunk(settings, backbone.input(settings));
    }

    @Test
    void hasThePublishedNumberOfParameters() {
        assertEquals(11_176_512, trunk(224).parameters());
        assertEquals(11_689_512, trunk(224).parameters() + new Linear(512, 1000).parameters());
    }

    @Test
    void namesAreThoseOfTorchvisionBehindTheStages() {
        List<String> paths = new ArrayList<>();
        trunk(64).each("", (path, var) -> paths.add(path));
        assertEquals("stem.conv1.weight", paths.get(0));
        assertTrue(paths.contains("layer2.0.downsample.1.running_var"));
        assertTrue(paths.contains("layer4.1.bn2.bias"));
        assertEquals(20 * 5, paths.size());
    }

    @Test
    void stagesGiveWhatTheyDeclare() {
        for (int size : new int[] {32, 50, 64}) {
            Trunk trunk = trunk(size);
            try (Weights weights = new Weights(Device.cpu());
                    Scope scope = Torch.get().inference(Device.cpu())) {
                weights.add("backbone", trunk);
                weights.fill(1);
                TorchPass pass = TorchPass.inference(weights, scope);
                NDArray x = scope.manager().ones(new Shape(2, 3, size, size));
                Feature from = null;
                for (Feature feature : trunk.features()) {
                    x = trunk.run(pass, x, from, feature);
                    from = feature;
                    long[] expected =
                            feature.kind() == Feature.Kind.VECTOR
                                    ? new long[] {2, feature.channels()}
                                    : new long[] {
                                        2, feature.channels(), feature.rows(), feature.columns()
                                    };
                    assertArrayEquals(expected, x.getShape().getShape(), feature.name());
                }
            }
        }
    }

    @Test
    void aSmallInputIsRefused() {
        ResNet18.Settings settings = new ResNet18.Settings(32);
        InputSpec small = new InputSpec(16, 16, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f));
        assertTrue(
                assertThrows(IllegalArgumentException.class, () -> backbone.trunk(settings, small))
                        .getMessage()
                        .contains("16 x 16 is below 32 x 32"));
    }
}
