// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn;

import ai.djl.ndarray.NDArray;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;

/** Multi-head self-attention (Vaswani et al. 2017), (N, T, D) to (N, T, D). */
public final class SelfAttention extends Net {
    private final Linear qkv;
    private final Linear proj;
    private final int width;
    private final int heads;

    /**
     * A layer.
     *
     * @param width D
     * @param heads number of heads, a divisor of D
     */
    public SelfAttention(int width, int heads) {
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
        qkv = part("qkv", new Linear(width, 3 * width));
        proj = part("proj", new Linear(width, width));
    }

    @Override
    public NDArray run(Pass pass, NDArray x) {
        long n = x.getShape().get(0);
        long t = x.getShape().get(1);
        NDArray all =
                qkv.run(pass, x)
                        .reshape(n, t, 3, heads, width / heads)
                        .transpose(2, 0, 3, 1, 4); // (3, N, heads, T, d)
        NDArray y = pass.attention(all.get(0), all.get(1), all.get(2));
        return proj.run(pass, y.transpose(0, 2, 1, 3).reshape(n, t, width));
    }
}
