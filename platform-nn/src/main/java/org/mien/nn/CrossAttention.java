// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn;

import ai.djl.ndarray.NDArray;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.api.net.Var;

/**
 * Multi-head attention of one set of tokens to another (Vaswani et al. 2017), (N, T, D) and (N, S,
 * D) to (N, T, D).
 */
public final class CrossAttention extends Net {
    private final Linear q;
    private final Linear kv;
    private final Linear proj;
    private final int width;
    private final int heads;

    /**
     * A layer; its weights start from Glorot's uniform.
     *
     * @param width D
     * @param heads number of heads, a divisor of D
     */
    public CrossAttention(int width, int heads) {
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
        q = part("q", new Linear(width, width, true, Var.Init.XAVIER));
        kv = part("kv", new Linear(width, 2 * width, true, Var.Init.XAVIER));
        proj = part("proj", new Linear(width, width, true, Var.Init.XAVIER));
    }

    /** Tokens that attend to themselves. */
    @Override
    public NDArray run(Pass pass, NDArray x) {
        return run(pass, x, x);
    }

    /**
     * Tokens that attend to others.
     *
     * @param pass where it computes
     * @param x those that look (N, T, D)
     * @param memory those that are looked at (N, S, D)
     * @return (N, T, D)
     */
    public NDArray run(Pass pass, NDArray x, NDArray memory) {
        NDArray both = split(kv.run(pass, memory), 2);
        NDArray mixed = pass.attention(split(q.run(pass, x), 1).get(0), both.get(0), both.get(1));
        return proj.run(
                pass,
                mixed.transpose(0, 2, 1, 3)
                        .reshape(x.getShape().get(0), x.getShape().get(1), width));
    }

    /** (N, T, k D) to (k, N, heads, T, d). */
    private NDArray split(NDArray all, int parts) {
        return all.reshape(
                        all.getShape().get(0), all.getShape().get(1), parts, heads, width / heads)
                .transpose(2, 0, 3, 1, 4);
    }
}
