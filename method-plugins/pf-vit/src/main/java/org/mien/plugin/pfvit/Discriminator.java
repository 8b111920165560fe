// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.pfvit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import org.mien.api.Feature;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.api.net.Var;
import org.mien.nn.LayerNorm;
import org.mien.nn.Linear;
import org.mien.nn.MaskedDecoder;
import org.mien.nn.Patches;
import org.mien.nn.Positions;
import org.mien.nn.Sequence;

/**
 * D: an image (N, 3, H, W) to K + 1 scores (N, K + 1): a class each, and whether the image is real.
 * Patches, a class token, the blocks of a masked autoencoder's decoder, and a linear layer.
 */
final class Discriminator extends Net {
    private final Patches patches;
    private final Var first;
    private final Positions positions;
    private final Sequence blocks;
    private final LayerNorm norm;
    private final Linear head;

    Discriminator(Feature encoded, int patch, Sizes sizes, int classes) {
        int width = sizes.width();
        patches = part("patches", new Patches(3, width, patch));
        first = weight("cls_token", Var.Init.TRUNCATED_NORMAL, 1, 1, width);
        positions = part("positions", Positions.fixed(1, encoded.rows(), encoded.columns(), width));
        blocks = part("blocks", MaskedDecoder.blocks(width, sizes.depth(), sizes.heads()));
        norm = part("norm", new LayerNorm(width, 1e-6));
        head = part("head", new Linear(width, classes + 1));
        startsFrom("decoder");
    }

    @Override
    public NDArray run(Pass pass, NDArray image) {
        NDArray tokens = patches.run(pass, image);
        NDArray one = pass.read(first).repeat(0, tokens.getShape().get(0));
        NDArray x = positions.run(pass, one.concat(tokens, 1));
        return head.run(pass, norm.run(pass, blocks.run(pass, x)).get(new NDIndex(":, 0")));
    }
}
