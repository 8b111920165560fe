// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.alexnet;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mien.api.InputSpec;
import org.mien.api.net.Trunk;
import org.mien.engine.Torch;
import org.mien.nn.Linear;
import org.mien.testkit.Reference;

class AlexNetTest {
    private final AlexNet backbone = new AlexNet();

    private Trunk trunk(int size) {
        AlexNet.Settings settings = new AlexNet.Settings(size, 0.5);
        return backbone.trunk(settings, backbone.input(settings));
    }

    @Test
    void hasThePublishedNumberOfParameters() {
        assertEquals(61_100_840, trunk(224).parameters() + new Linear(4096, 1000).parameters());
        assertEquals(57_003_840, trunk(64).parameters());
    }

    @Test
    void namesAreThoseOfTorchvisionInItsOrder() {
        List<String> expected = new ArrayList<>();
        for (String layer :
                List.of(
                        "features.0",
                        "features.3",
                        "features.6",
                        "features.8",
                        "features.10",
                        "classifier.1",
                        "classifier.4")) {
            expected.add(layer + ".weight");
            expected.add(layer + ".bias");
        }
        List<String> names = new ArrayList<>();
        trunk(224).each("", (path, var) -> names.add(backbone.published(path)));
        assertEquals(expected, names);
    }

    @Test
    void stagesHaveTheSizesOfTheNetwork() {
        Trunk trunk = trunk(224);
        assertEquals("map (64, 55, 55)", trunk.feature("conv1").words());
        assertEquals("map (64, 27, 27)", trunk.feature("pool1").words());
        assertEquals("map (192, 13, 13)", trunk.feature("pool2").words());
        assertEquals("map (256, 6, 6)", trunk.feature("pool5").words());
        assertEquals("vector (4096)", trunk.feature("fc7").words());
    }

    /**
     * Weights and pixels by the formula; in Python
     *
     * <pre>{@code
     * net = formula(torchvision.models.alexnet())
     * pool5 = net.features(images(224))
     * fc7 = net.classifier[:6](net.avgpool(pool5).flatten(1))
     * }</pre>
     */
    @Test
    void givesWhatTorchvisionGives() {
        Torch.start(Path.of(System.getProperty("mien.torch")));
        try (Reference reference = new Reference(backbone, new AlexNet.Settings(224, 0.5))) {
            reference.gives(
                    "pool5",
                    new long[] {2, 256, 6, 6},
                    21041.869472,
                    21041.869472,
                    -55.726989,
                    2.8349488,
                    2.619004,
                    2.0029488,
                    2.0318604,
                    1.5082321,
                    2.0470052,
                    2.8289726,
                    1.5641989);
            reference.gives(
                    "fc7",
                    new long[] {2, 4096},
                    7628.630209,
                    7628.630209,
                    -72.018704,
                    0.85143107,
                    0.37380961,
                    2.5412917,
                    1.8958715,
                    0.75692409,
                    0.51989037,
                    2.5679266,
                    2.1837742);
        }
    }

    @Test
    void aSmallInputIsRefused() {
        AlexNet.Settings settings = new AlexNet.Settings(224, 0.5);
        InputSpec small = new InputSpec(62, 224, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f));
        assertTrue(
                assertThrows(IllegalArgumentException.class, () -> backbone.trunk(settings, small))
                        .getMessage()
                        .contains("62 x 224"));
    }
}
