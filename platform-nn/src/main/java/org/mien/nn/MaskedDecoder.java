// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import org.mien.api.Feature;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.api.net.Var;

/**
 * The decoder of a masked autoencoder (He et al. 2022) without its last layer: an encoder's tokens,
 * mask tokens where a patch was hidden, fixed sin-cos positions, transformer blocks, a
 * normalisation. Its parts are {@code embed, mask_token, positions, blocks, norm}. N samples of L
 * patches, V of them seen, p tokens before them; D wide in the encoder, d here.
 */
public final class MaskedDecoder extends Net {
    private final Linear embed;
    private final Var maskToken;
    private final Positions positions;
    private final TransformerBlock[] row;
    private final Sequence blocks;
    private final LayerNorm norm;
    private final int prefix;

    /**
     * A decoder.
     *
     * @param encoded the encoder's tokens
     * @param width d, a multiple of 4
     * @param depth number of blocks
     * @param heads heads of a block, a divisor of d
     */
    public MaskedDecoder(Feature encoded, int width, int depth, int heads) {
        prefix = encoded.prefix();
        embed = part("embed", new Linear(encoded.channels(), width, true, Var.Init.XAVIER));
        maskToken = weight("mask_token", Var.Init.TRUNCATED_NORMAL, 1, 1, width);
        positions =
                part(
                        "positions",
                        Positions.fixed(prefix, encoded.rows(), encoded.columns(), width));
        row = row(width, depth, heads);
        blocks = part("blocks", new Sequence(row));
        norm = part("norm", new LayerNorm(width, 1e-6));
    }

    /**
     * Transformer blocks as a decoder has them: norm first, four times as wide inside, eps 1e-6,
     * weights from Glorot's uniform.
     *
     * @param width d
     * @param depth number of blocks
     * @param heads heads of a block
     * @return (N, T, d) to (N, T, d)
     */
    public static Sequence blocks(int width, int depth, int heads) {
        return new Sequence(row(width, depth, heads));
    }

    private static TransformerBlock[] row(int width, int depth, int heads) {
        TransformerBlock[] all = new TransformerBlock[depth];
        for (int i = 0; i < depth; i++) {
            all[i] =
                    new TransformerBlock(
                            width,
                            heads,
                            4 * width,
                            TransformerBlock.Order.NORM_FIRST,
                            1e-6,
                            0,
                            Var.Init.XAVIER);
        }
        return all;
    }

    /**
     * The tokens of an encoder in the decoder's width, without positions.
     *
     * @param pass where it computes
     * @param latent (N, T, D)
     * @return (N, T, d)
     */
    public NDArray embed(Pass pass, NDArray latent) {
        return embed.run(pass, latent);
    }

    /**
     * A mask token for each token of a whole image, without positions.
     *
     * @param pass where it computes
     * @param samples N
     * @param tokens T
     * @return (N, T, d)
     */
    public NDArray masks(Pass pass, long samples, long tokens) {
        NDArray token = pass.read(maskToken);
        return token.broadcast(new Shape(samples, tokens, token.getShape().get(2)));
    }

    /**
     * Adds the positions.
     *
     * @param pass where it computes
     * @param tokens of a whole image (N, p + L, d)
     * @return (N, p + L, d)
     */
    public NDArray positioned(Pass pass, NDArray tokens) {
        return positions.run(pass, tokens);
    }

    /**
     * Tokens of the seen patches as tokens of all patches, mask tokens for the others, with
     * positions.
     *
     * @param pass where it computes
     * @param latent (N, p + V, D)
     * @param masking which V were seen
     * @return (N, p + L, d)
     */
    public NDArray place(Pass pass, NDArray latent, Masking masking) {
        NDArray x = embed.run(pass, latent);
        NDArray patches = x.get(new NDIndex(":, {}:", prefix));
        long hidden = masking.restore().getShape().get(1) - patches.getShape().get(1);
        if (hidden > 0) {
            patches = patches.concat(masks(pass, x.getShape().get(0), hidden), 1);
        }
        NDArray all = pass.pick(patches, masking.restore());
        return positioned(
                pass, prefix == 0 ? all : x.get(new NDIndex(":, :{}", prefix)).concat(all, 1));
    }

    /**
     * What {@link #run} gives for some patches alone. The last block is computed for them only.
     *
     * @param pass where it computes
     * @param tokens with positions (N, p + L, d)
     * @param places of the hidden patches (N, H) int64, see {@link Masking#unseen}
     * @return (N, H, d), in the order of the places
     */
    public NDArray at(Pass pass, NDArray tokens, NDArray places) {
        int last = row.length - 1;
        NDArray x = tokens;
        for (int i = 0; i < last; i++) {
            x = row[i].run(pass, x);
        }
        return norm.run(pass, row[last].at(pass, x, places.add(prefix)));
    }

    /** Tokens with positions through blocks and normalisation, (N, p + L, d) to the same shape. */
    @Override
    public NDArray run(Pass pass, NDArray tokens) {
        return norm.run(pass, blocks.run(pass, tokens));
    }
}
