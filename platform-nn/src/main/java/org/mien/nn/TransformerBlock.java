// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn;

import ai.djl.ndarray.NDArray;
import java.util.Optional;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.api.net.Var;
import org.mien.nn.spi.Prepared;

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
    private final Prepared.Block whole;

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
        whole =
                new Prepared.Block(
                        norm1.vars(),
                        attn.qkv.vars(),
                        attn.proj.vars(),
                        norm2.vars(),
                        mlp.fc1.vars(),
                        mlp.fc2.vars(),
                        heads,
                        eps,
                        order == Order.NORM_FIRST);
    }

    @Override
    public NDArray run(Pass pass, NDArray x) {
        return inParts(pass)
                ? parts(pass, x)
                : Prepared.block(pass, x, whole).orElseGet(() -> parts(pass, x));
    }

    /**
     * The first token alone of what {@link #run} gives, at a third of its cost.
     *
     * @param pass where it computes
     * @param x (N, T, D)
     * @return (N, 1, D); or nothing, where all tokens must be computed: in training with dropout,
     *     when attention weights were asked for
     */
    public Optional<NDArray> first(Pass pass, NDArray x) {
        return inParts(pass) ? Optional.empty() : Prepared.firstToken(pass, x, whole);
    }

    /**
     * Some tokens of what {@link #run} gives. Keys and values are computed of all tokens, the rest
     * of those alone.
     *
     * @param pass where it computes
     * @param x (N, T, D)
     * @param places which tokens (N, S) int64
     * @return (N, S, D), in the order of the places
     */
    public NDArray at(Pass pass, NDArray x, NDArray places) {
        return (inParts(pass)
                        ? Optional.<NDArray>empty()
                        : Prepared.someTokens(pass, x, whole, places))
                .orElseGet(() -> pass.pick(run(pass, x), places));
    }

    /** Dropout stands between the parts, and who asked for attention weights wants all of them. */
    private boolean inParts(Pass pass) {
        return dropout > 0 && pass.training() || pass.asks(attn, SelfAttention.TAP);
    }

    private NDArray parts(Pass pass, NDArray x) {
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
