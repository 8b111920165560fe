// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.api.net.Var;

/**
 * Centres of groups of rows, as in the centre loss (Wen et al. 2016). The loss is {@link #spread};
 * the centres are state, moved by {@link #follow} and by no optimiser, so call that in a {@link
 * org.mien.api.method.Loss#rule}.
 */
public final class Centres extends Net {
    private final int count;
    private final double rate;
    private final Var centres;

    /**
     * Centres that start at zero.
     *
     * @param count K, number of centres
     * @param width D, width of a row
     * @param rate share of the way to the rows that a centre goes at once, 0 to 1
     */
    public Centres(int count, int width, double rate) {
        if (!(rate >= 0 && rate <= 1)) {
            throw new IllegalArgumentException(
                    "rate of centres is " + rate + "; expected 0 (they stand) to 1");
        }
        this.count = count;
        this.rate = rate;
        centres = state("centres", 0, count, width);
    }

    /** Rows (N, D) to their Euclidean distances from every centre (N, K). */
    @Override
    public NDArray run(Pass pass, NDArray x) {
        return pass.distances(x.expandDims(0), pass.read(centres).expandDims(0)).squeeze(0);
    }

    /**
     * Mean over the rows of the squared Euclidean distance from a row to its centre. Its gradient
     * goes to the rows only.
     *
     * @param pass where it computes
     * @param x rows (N, D)
     * @param which the centre of each row, (N) int64, 0 to K - 1
     * @return a scalar
     */
    public NDArray spread(Pass pass, NDArray x, NDArray which) {
        NDArray own = pass.pick(pass.read(centres).expandDims(0), which.expandDims(0)).squeeze(0);
        return x.sub(own).square().sum(new int[] {1}).mean();
    }

    /**
     * Moves each centre c towards its n rows x: c - rate * sum (c - x) / (1 + n) (Wen et al. 2016,
     * eq. 4). A centre without a row stands.
     *
     * @param pass where it computes; the move takes effect with its update
     * @param x rows (N, D)
     * @param which the centre of each row, (N) int64, 0 to K - 1
     */
    public void follow(Pass pass, NDArray x, NDArray which) {
        NDArray now = pass.read(centres);
        NDArray member = which.oneHot(count, DataType.FLOAT32);
        NDArray rows = member.sum(new int[] {0}).expandDims(1);
        NDArray sums = member.transpose().matMul(x);
        NDArray away = now.mul(rows).sub(sums).div(rows.add(1f));
        pass.write(centres, now.sub(away.mul((float) rate)));
    }
}
