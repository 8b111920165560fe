// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn;

import ai.djl.ndarray.NDArray;
import java.util.Optional;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.api.net.Var;

/**
 * Multi-head self-attention (Vaswani et al. 2017), (N, T, D) to (N, T, D). It offers its weights,
 * the softmax of queries against keys, (N, heads, T, T), under the name {@value #TAP}; a row is a
 * token that looks, a column one that is looked at.
 */
public final class SelfAttention extends Net {
    /** The name under which attention weights are asked for. */
    public static final String TAP = "attention";

    final Linear qkv;
    final Linear proj;
    private final int width;
    private final int heads;

    /**
     * A layer.
     *
     * @param width D
     * @param heads number of heads, a divisor of D
     */
    public SelfAttention(int width, int heads) {
        this(width, heads, Var.Init.FAN_IN);
    }

    /**
     * A layer and its start.
     *
     * @param width D
     * @param heads number of heads, a divisor of D
     * @param start how its weights start; its biases start at zero
     */
    public SelfAttention(int width, int heads, Var.Init start) {
        if (heads < 1 || width % heads != 0) {
            throw new IllegalArgumentException(
                    "attention of width "
                            + width
                            + " cannot have "
                            + heads
                            + " heads; expected a divisor of the width");
        }
        this.width = width;
        this.heads = heads;
        qkv = part("qkv", new Linear(width, 3 * width, true, start));
        proj = part("proj", new Linear(width, width, true, start));
    }

    @Override
    public NDArray run(Pass pass, NDArray x) {
        return proj.run(pass, mixed(pass, x));
    }

    /**
     * attention(x) + plus, the end of a residual branch.
     *
     * @param pass where it computes
     * @param x (N, T, D)
     * @param plus (N, T, D)
     * @return (N, T, D)
     */
    public NDArray plus(Pass pass, NDArray x, NDArray plus) {
        return proj.plus(pass, mixed(pass, x), plus);
    }

    /** What the heads give, side by side. */
    private NDArray mixed(Pass pass, NDArray x) {
        NDArray all = qkv.run(pass, x);
        Optional<NDArray> weights = pass.tap(this, TAP, () -> weights(all));
        return weights.isPresent()
                ? weights.get()
                        .matMul(heads(all).get(2))
                        .transpose(0, 2, 1, 3)
                        .reshape(all.getShape().get(0), all.getShape().get(1), width)
                : pass.selfAttention(all, heads);
    }

    private NDArray weights(NDArray all) {
        NDArray split = heads(all);
        double scale = Math.sqrt(width / heads);
        return split.get(0)
                .matMul(split.get(1).transpose(0, 1, 3, 2))
                .div((float) scale)
                .softmax(-1);
    }

    /** (N, T, 3 D) to (3, N, heads, T, d). */
    private NDArray heads(NDArray all) {
        long n = all.getShape().get(0);
        long t = all.getShape().get(1);
        return all.reshape(n, t, 3, heads, width / heads).transpose(2, 0, 3, 1, 4);
    }
}
