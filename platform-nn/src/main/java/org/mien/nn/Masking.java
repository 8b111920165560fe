// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import org.mien.api.Batch;
import org.mien.api.net.Pass;

/**
 * Which of L patches of each sample an encoder does not see. Those with the least noise are seen,
 * in the order of their noise, as in the published code of masked autoencoders (He et al. 2022).
 *
 * @param seen places of the V patches that are seen (N, V) int64
 * @param unseen places of the others, in the order of their noise (N, L - V) int64
 * @param restore for each patch its place among those seen, then those hidden (N, L) int64
 * @param hidden 1 for a hidden patch, 0 for one that is seen (N, L)
 */
public record Masking(NDArray seen, NDArray unseen, NDArray restore, NDArray hidden) {
    /** Draws what the patches are ordered by. */
    @FunctionalInterface
    public interface Noise {
        /**
         * Draws.
         *
         * @param batch the batch
         * @param pass where it computes
         * @param patches L
         * @return (N, L)
         */
        NDArray draw(Batch batch, Pass pass, int patches);

        /**
         * Uniform in [0, 1), a function of (run seed, epoch, sample).
         *
         * @param batch the batch
         * @param pass where it computes
         * @param patches L
         * @return (N, L)
         */
        static NDArray uniform(Batch batch, Pass pass, int patches) {
            return pass.uniform("mask", batch, patches);
        }
    }

    /**
     * Hides the patches with the most noise.
     *
     * @param pass where it computes
     * @param noise (N, L)
     * @param ratio share of the patches that is hidden, 0 to 1; one patch at least is seen
     * @return the masking
     */
    public static Masking of(Pass pass, NDArray noise, double ratio) {
        long patches = noise.getShape().get(1);
        long visible = Math.max(1, (long) (patches * (1 - ratio)));
        NDArray order = noise.argSort(1);
        NDArray restore = order.argSort(1);
        return new Masking(
                order.get(new NDIndex(":, :{}", visible)),
                order.get(new NDIndex(":, {}:", visible)),
                restore,
                pass.cast(restore.gte(visible), DataType.FLOAT32));
    }

    /**
     * Tokens without those of the hidden patches.
     *
     * @param pass where it computes
     * @param tokens (N, p + L, D)
     * @param prefix p, tokens before the patches, which are kept
     * @return (N, p + V, D)
     */
    public NDArray visible(Pass pass, NDArray tokens, int prefix) {
        NDArray kept = pass.pick(tokens.get(new NDIndex(":, {}:", prefix)), seen);
        return prefix == 0 ? kept : tokens.get(new NDIndex(":, :{}", prefix)).concat(kept, 1);
    }
}
