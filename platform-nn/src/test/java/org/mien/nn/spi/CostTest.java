// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.mien.api.Feature;
import org.mien.api.InputSpec;
import org.mien.api.net.Ops;
import org.mien.api.net.Trunk;
import org.mien.engine.Torch;
import org.mien.nn.BatchNorm;
import org.mien.nn.Conv2d;
import org.mien.nn.Fn;
import org.mien.nn.Linear;
import org.mien.nn.Patches;
import org.mien.nn.Relu;
import org.mien.nn.Sequence;
import org.mien.nn.TransformerBlock;

class CostTest {
    private static final InputSpec INPUT =
            new InputSpec(8, 8, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f));

    @BeforeAll
    static void start() {
        Torch.start(Path.of(System.getProperty("mien.torch")));
    }

    @Test
    void convolutionsPoolsAndLinearLayers() {
        long before = Torch.get().arrays();
        List<Cost> costs =
                Cost.of(
                        new Trunk(
                                INPUT,
                                List.of(
                                        new Trunk.Stage(
                                                Feature.map("stem", 5, 8, 8),
                                                () ->
                                                        new Sequence(
                                                                new Conv2d(3, 5, 3, 1, 1),
                                                                new BatchNorm(5),
                                                                new Relu())),
                                        new Trunk.Stage(
                                                Feature.map("down", 5, 4, 4),
                                                () -> new Fn((ops, x) -> ops.maxPool(x, 2, 2, 0))),
                                        new Trunk.Stage(
                                                Feature.vector("pool", 5),
                                                () -> new Fn(Ops::globalAveragePool)),
                                        new Trunk.Stage(
                                                Feature.vector("head", 7),
                                                () -> new Linear(5, 7)))));
        assertEquals(
                List.of(5L * 64 * 27, 0L, 0L, 35L),
                costs.stream().map(Cost::multiplyAdds).toList());
        // Input and map in one call, in three without oneDNN; a training step keeps what is
        // normalised, too.
        int maps = Torch.get().oneDnn().trusted() ? 1 : 3;
        assertEquals(4L * (3 * 64 + maps * 5 * 64), costs.get(0).forward());
        long map = 4L * 5 * 64;
        long statistics = 4L * 2 * 5 / 2;
        assertEquals(4L * 3 * 64 + 2 * map + statistics, costs.get(0).training());
        assertEquals(4L * 80, costs.get(1).forward());
        assertEquals(4L * 80 + 8L * 80, costs.get(1).training());
        assertEquals(4L * 7, costs.get(3).forward());
        assertEquals(before, Torch.get().arrays());
    }

    @Test
    void tokensAndAttention() {
        int tokens = 16;
        int width = 12;
        List<Cost> costs =
                Cost.of(
                        new Trunk(
                                INPUT,
                                List.of(
                                        new Trunk.Stage(
                                                Feature.tokens("embed", width, 4, 4, 0),
                                                () -> new Patches(3, width, 2)),
                                        new Trunk.Stage(
                                                Feature.tokens("block", width, 4, 4, 0),
                                                () -> new TransformerBlock(width, 3, 48)))));
        assertEquals(tokens * width * 12L, costs.get(0).multiplyAdds());
        long layers = 12L * tokens * width * width;
        long products = 2L * tokens * tokens * width;
        assertEquals(layers + products, costs.get(1).multiplyAdds());
        // norm1, qkv, mixed, sum, norm2, 4 D twice, sum: views share what they look at.
        assertTrue(costs.get(1).training() >= 4L * tokens * width * 16, costs::toString);
        assertTrue(costs.get(1).training() <= 4L * tokens * width * 18, costs::toString);
        // Without oneDNN a prediction keeps what a training step keeps.
        long most = costs.get(1).training() - (Torch.get().oneDnn().trusted() ? 1 : 0);
        assertTrue(costs.get(1).forward() <= most, costs::toString);
    }

    @Test
    void aStageThatGivesSomethingElseIsNamed() {
        Trunk wrong =
                new Trunk(
                        INPUT,
                        List.of(
                                new Trunk.Stage(
                                        Feature.map("stem", 5, 4, 4),
                                        () -> new Conv2d(3, 5, 3, 1, 1))));
        String message =
                assertThrows(IllegalStateException.class, () -> Cost.of(wrong)).getMessage();
        assertTrue(message.contains("stage 'stem'"), message);
    }
}
