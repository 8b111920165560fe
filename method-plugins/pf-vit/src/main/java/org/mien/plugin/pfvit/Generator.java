// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.pfvit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import org.mien.api.Feature;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.api.net.Var;
import org.mien.nn.CrossAttention;
import org.mien.nn.LayerNorm;
import org.mien.nn.Linear;
import org.mien.nn.MaskedDecoder;
import org.mien.nn.Masking;
import org.mien.nn.Patches;
import org.mien.nn.Sequence;

/**
 * G: separated tokens to an image in the input's units, (N, T, D) to (N, 3, H, W). The decoder of a
 * masked autoencoder, behind a block that fuses the tokens with mask tokens: by cross-attention
 * when every patch was seen (PF-ViT), by self-attention when some were hidden (Multi-Task MAE).
 */
final class Generator extends Net {
    private final Feature encoded;
    private final int patch;
    private final MaskedDecoder decoder;
    private final LayerNorm queries;
    private final LayerNorm memory;
    private final CrossAttention cross;
    private final Sequence self;
    private final Linear paint;

    /**
     * A generator whose decoder starts from that of a masked autoencoder.
     *
     * @param encoded tokens of the encoder
     * @param patch pixels
     * @param sizes of the decoder
     * @param masked whether some patches are hidden
     */
    Generator(Feature encoded, int patch, Sizes sizes, boolean masked) {
        this.encoded = encoded;
        this.patch = patch;
        int width = sizes.width();
        decoder = part("decoder", new MaskedDecoder(encoded, width, sizes.depth(), sizes.heads()));
        decoder.startsFrom("decoder");
        queries = masked ? null : part("queries", new LayerNorm(width, 1e-6));
        memory = masked ? null : part("memory", new LayerNorm(width, 1e-6));
        cross = masked ? null : part("cross", new CrossAttention(width, sizes.heads()));
        self = masked ? part("fusion", MaskedDecoder.blocks(width, 1, sizes.heads())) : null;
        paint = part("paint", new Linear(width, 3 * patch * patch, true, Var.Init.XAVIER));
    }

    /**
     * Draws an image from the tokens of a whole image. (eq. 3)
     *
     * @param pass where it computes
     * @param tokens separated or whole (N, T, D)
     * @return (N, 3, H, W)
     */
    @Override
    public NDArray run(Pass pass, NDArray tokens) {
        NDArray seen = decoder.positioned(pass, decoder.embed(pass, tokens));
        NDArray asked =
                decoder.positioned(
                        pass, decoder.masks(pass, tokens.getShape().get(0), encoded.tokens()));
        NDArray fused =
                asked.add(cross.run(pass, queries.run(pass, asked), memory.run(pass, seen)));
        return picture(pass, fused);
    }

    /**
     * Draws an image from the tokens of the patches that were seen.
     *
     * @param pass where it computes
     * @param tokens (N, p + V, D)
     * @param masking which were seen
     * @return (N, 3, H, W)
     */
    NDArray run(Pass pass, NDArray tokens, Masking masking) {
        return picture(pass, self.run(pass, decoder.place(pass, tokens, masking)));
    }

    private NDArray picture(Pass pass, NDArray fused) {
        NDArray decoded = decoder.run(pass, fused);
        NDArray pixels = paint.run(pass, decoded.get(new NDIndex(":, {}:", encoded.prefix())));
        return Patches.join(pixels, patch, encoded.rows(), encoded.columns());
    }
}
