// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.List;
import org.mien.api.Feature;
import org.mien.api.InputSpec;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.api.net.Trunk;
import org.mien.api.net.Var;
import org.mien.nn.LayerNorm;
import org.mien.nn.Patches;
import org.mien.nn.Positions;
import org.mien.nn.TransformerBlock;

/** A vision transformer with fixed positions. */
final class TinyVit {
    private TinyVit() {}

    static Trunk make(int size, int patch, int width, int depth, int heads) {
        int grid = size / patch;
        InputSpec input =
                new InputSpec(size, size, List.of(0.5f, 0.5f, 0.5f), List.of(0.25f, 0.25f, 0.25f));
        List<Trunk.Stage> stages = new ArrayList<>();
        stages.add(
                new Trunk.Stage(
                        Feature.tokens("embed", width, grid, grid, 1),
                        () -> new Embed(patch, grid, width)));
        for (int i = 0; i < depth; i++) {
            stages.add(
                    new Trunk.Stage(
                            Feature.tokens("block" + i, width, grid, grid, 1),
                            () -> new TransformerBlock(width, heads, 4 * width)));
        }
        stages.add(
                new Trunk.Stage(
                        Feature.tokens("norm", width, grid, grid, 1),
                        () -> new LayerNorm(width, 1e-6)));
        return new Trunk(input, stages);
    }

    private static final class Embed extends Net {
        private final Var first;
        private final Positions positions;
        private final Patches patches;

        Embed(int patch, int grid, int width) {
            first = weight("cls_token", Var.Init.TRUNCATED_NORMAL, 1, 1, width);
            positions = part("positions", Positions.fixed(1, grid, grid, width));
            patches = part("patches", new Patches(3, width, patch));
        }

        @Override
        public NDArray run(Pass pass, NDArray image) {
            NDArray tokens = patches.run(pass, image);
            NDArray one = pass.read(first).repeat(0, tokens.getShape().get(0));
            return positions.run(pass, one.concat(tokens, 1));
        }
    }
}
