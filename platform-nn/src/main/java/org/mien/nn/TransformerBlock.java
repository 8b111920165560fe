// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn;

import ai.djl.ndarray.NDArray;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.api.net.Var;

/**
 * An encoder block, (N, T, D) to (N, T, D): self-attention and two linear layers, each added to
 * what came in. Its parts have the names of timm's vision transformers: {@code norm1, attn.qkv,
 * attn.proj, norm2, mlp.fc1, mlp.fc2}.
 */
public final class TransformerBlock extends Net {
    /** Where the layer normalisations stand. */
    public enum Order {
        /** x + f(norm(x)), of vision transformers (Dosovitskiy et al. 2021). */
        NORM_FIRST,
        /** norm(x + f(x)), as printed first (Vaswani et al. 2017). */
        NORM_LAST
    }

    private final LayerNorm norm1;
    private final SelfAttention attn;
    private final LayerNorm norm2;
    private final Mlp mlp;
    private final Order order;
    private final double dropout;

    /**
     * The block of a vision transformer: norm first, eps 1e-6, no dropout, weights from a truncated
     * normal of 0.02.
     *
     * @param width D
     * @param heads number of heads, a divisor of D
     * @param hidden width between the two linear layers, 4 D there
     */
    public TransformerBlock(int width, int heads, int hidden) {
        this(width, heads, hidden, Order.NORM_FIRST, 1e-6, 0, Var.Init.TRUNCATED_NORMAL);
    }

    /**
     * A block.
     *
     * @param width D
     * @param heads number of heads, a divisor of D
     * @param hidden width between the two linear layers
     * @param order where the normalisations stand
     * @param eps added to the variance in the normalisations
     * @param dropout probability of a zero at the end of both branches and between the two linear
     *     layers; attention weights are not dropped
     * @param start how weights start; biases start at zero
     */
    public TransformerBlock(
            int width,
            int heads,
            int hidden,
            Order order,
            double eps,
            double dropout,
            Var.Init start) {
        norm1 = part("norm1", new LayerNorm(width, eps));
        attn = part("attn", new SelfAttention(width, heads, start));
        norm2 = part("norm2", new LayerNorm(width, eps));
        mlp = part("mlp", new Mlp(width, hidden, dropout, start));
        this.order = order;
        this.dropout = dropout;
    }

    @Override
    public NDArray run(Pass pass, NDArray x) {
        if (order == Order.NORM_FIRST) {
            NDArray y = attend(pass, norm1.run(pass, x), x);
            return think(pass, norm2.run(pass, y), y);
        }
        NDArray y = norm1.run(pass, attend(pass, x, x));
        return norm2.run(pass, think(pass, y, y));
    }

    private NDArray attend(Pass pass, NDArray x, NDArray plus) {
        return dropout == 0 || !pass.training()
                ? attn.plus(pass, x, plus)
                : plus.add(pass.dropout(attn.run(pass, x), dropout));
    }

    private NDArray think(Pass pass, NDArray x, NDArray plus) {
        return dropout == 0 || !pass.training()
                ? mlp.plus(pass, x, plus)
                : plus.add(pass.dropout(mlp.run(pass, x), dropout));
    }
}
