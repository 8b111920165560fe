// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.resnet18;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.mien.api.Feature;
import org.mien.api.InputSpec;
import org.mien.api.net.Pass;
import org.mien.api.net.Trunk;
import org.mien.engine.Scope;
import org.mien.engine.Torch;
import org.mien.nn.Linear;
import org.mien.nn.spi.Cost;
import org.mien.nn.spi.TorchPass;
import org.mien.nn.spi.Weights;
import org.mien.testkit.Formula;
import org.mien.testkit.Reference;

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
    void itsMultiplyAddsAreThoseOfTheLiterature() {
        List<Cost> costs = Cost.of(trunk(224));
        assertEquals(1_813_561_344, costs.stream().mapToLong(Cost::multiplyAdds).sum());
        assertEquals(64L * 3 * 49 * 112 * 112, costs.get(0).multiplyAdds());
    }

    @Test
    void namesAreThoseOfTorchvisionBehindTheStages() {
        List<String> paths = new ArrayList<>();
        trunk(64).each("", (path, var) -> paths.add(path));
        assertEquals("stem.conv1.weight", paths.get(0));
        assertTrue(paths.contains("layer2.0.downsample.1.running_var"));
        assertTrue(paths.contains("layer4.1.bn2.bias"));
        assertEquals(20 * 5, paths.size());
        assertEquals("conv1.weight", backbone.published(paths.get(0)));
        assertEquals("layer4.1.bn2.bias", backbone.published("layer4.1.bn2.bias"));
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

    /** Inference folds and packs the layers; the pass of a training step does not. */
    @Test
    void preparedForInferenceItGivesTheSame() {
        Trunk trunk = trunk(64);
        try (Weights weights = new Weights(Device.cpu())) {
            weights.add("", trunk);
            int j = 0;
            for (Weights.Entry entry : weights.entries().values()) {
                long[] shape = entry.var().shape();
                weights.set(entry.path(), Formula.values(entry.path(), j++, shape), shape);
            }
            for (int[] s : new int[][] {{1, 64, 64}, {3, 64, 64}, {16, 32, 32}, {1, 71, 50}}) {
                float[] plain;
                try (Scope scope = Torch.get().training(Device.cpu())) {
                    TorchPass.Clock clock = new TorchPass.Clock(1, 0, 0);
                    Pass pass = TorchPass.training(weights, scope, clock).still();
                    plain = pass.quiet(() -> trunk.run(pass, waves(scope, s)).toFloatArray());
                }
                try (Scope scope = Torch.get().inference(Device.cpu())) {
                    TorchPass pass = TorchPass.inference(weights, scope);
                    float[] prepared = trunk.run(pass, waves(scope, s)).toFloatArray();
                    float largest = 0;
                    for (float value : plain) {
                        largest = Math.max(largest, Math.abs(value));
                    }
                    assertArrayEquals(plain, prepared, 1e-4f * largest, Arrays.toString(s));
                }
            }
        }
    }

    private static NDArray waves(Scope scope, int... size) {
        Shape shape = new Shape(size[0], 3, size[1], size[2]);
        return scope.manager()
                .arange((int) shape.size())
                .toType(DataType.FLOAT32, false)
                .mul(0.3f)
                .sin()
                .reshape(shape);
    }

    /**
     * Weights and pixels by the formula; in Python
     *
     * <pre>{@code
     * net = formula(torchvision.models.resnet18())
     * x = net.maxpool(net.relu(net.bn1(net.conv1(images(224)))))
     * x = net.layer4(net.layer3(net.layer2(net.layer1(x))))
     * pool, logits = net.avgpool(x), net(images(224))
     * }</pre>
     */
    @Test
    void givesWhatTorchvisionGives() {
        ResNet18.Settings settings = new ResNet18.Settings(224);
        try (Reference reference = new Reference(backbone, settings)) {
            reference.gives(
                    "layer4",
                    new long[] {2, 512, 7, 7},
                    179970.494815,
                    179970.494815,
                    85.557480,
                    0,
                    0.27261388,
                    4.2513018,
                    4.7180738,
                    0,
                    0,
                    3.2508373,
                    4.6802406);
            reference.gives(
                    "pool",
                    new long[] {2, 512},
                    3672.867229,
                    3672.867229,
                    2.417341,
                    5.4247231,
                    1.0026151,
                    6.0212288,
                    5.0300841,
                    5.2573318,
                    1.0298618,
                    6.2129178,
                    4.6430922);
        }
        Trunk trunk = trunk(224);
        Linear head = new Linear(512, 1000);
        try (Weights weights = new Weights(Device.cpu());
                Scope scope = Torch.get().inference(Device.cpu())) {
            weights.add("", trunk);
            weights.add("fc", head);
            int j = 0;
            for (Weights.Entry entry : weights.entries().values()) {
                long[] shape = entry.var().shape();
                weights.set(entry.path(), Formula.values(entry.path(), j++, shape), shape);
            }
            TorchPass pass = TorchPass.inference(weights, scope);
            NDArray x =
                    scope.manager().create(Formula.images(2, 224, 224), new Shape(2, 3, 224, 224));
            float[] logits = head.run(pass, trunk.run(pass, x)).toFloatArray();
            Reference.compare(
                    "logits",
                    logits,
                    1007.311573,
                    10973.778644,
                    -17.410565,
                    -12.461902,
                    -4.2049394,
                    -2.5045755,
                    -11.421949,
                    -12.264594,
                    -4.5134006,
                    -2.5411808,
                    -11.238338);
        }
    }

    /** Torchvision's logits for weights and pixels made by a formula, where they are at hand. */
    @Test
    void givesTheLogitsOfTorchvision() throws IOException {
        Path file = Path.of(System.getProperty("mien.shared"), "oracles", "outputs.json");
        assumeTrue(Files.exists(file));
        String json = Files.readString(file);
        json = json.substring(json.indexOf("\"resnet18_224\""));
        String[] first =
                json.substring(
                                json.indexOf("first5") + 8,
                                json.indexOf("}", json.indexOf("first5")))
                        .replaceAll("[\\[\\]\\s]", "")
                        .split(",");
        Trunk trunk = trunk(224);
        Linear head = new Linear(512, 1000);
        try (Weights weights = new Weights(Device.cpu());
                Scope scope = Torch.get().inference(Device.cpu())) {
            weights.add("", trunk);
            weights.add("fc", head);
            int j = 0;
            for (Weights.Entry entry : weights.entries().values()) {
                long[] shape = entry.var().shape();
                weights.set(entry.path(), Formula.values(entry.path(), j++, shape), shape);
            }
            TorchPass pass = TorchPass.inference(weights, scope);
            NDArray x =
                    scope.manager().create(Formula.images(1, 224, 224), new Shape(1, 3, 224, 224));
            float[] logits = head.run(pass, trunk.run(pass, x)).toFloatArray();
            for (int k = 0; k < first.length; k++) {
                double expected = Double.parseDouble(first[k]);
                assertEquals(expected, logits[k], 1e-4 * Math.abs(expected), "logit " + k);
            }
        }
    }
}
