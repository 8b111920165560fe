// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.vit;

import ai.djl.ndarray.NDArray;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.api.net.Var;
import org.mien.nn.Patches;
import org.mien.nn.Positions;

/**
 * A token of [CLS] and one for each patch, with their positions, (N, 3, H, W) to (N, 1 + T, D)
 * (Dosovitskiy et al. 2021, eq. 1).
 */
final class Embedding extends Net {
    private final Var cls;
    private final Positions positions;
    private final Patches patches;

    Embedding(int width, int patch, Positions positions) {
        cls = weight("cls_token", Var.Init.TRUNCATED_NORMAL, 1, 1, width);
        this.positions = part("pos", positions);
        patches = part("patch_embed", new Patches(3, width, patch));
    }

    @Override
    public NDArray run(Pass pass, NDArray x) {
        NDArray first = pass.read(cls).repeat(0, x.getShape().get(0));
        return positions.run(pass, first.concat(patches.run(pass, x), 1));
    }
}
