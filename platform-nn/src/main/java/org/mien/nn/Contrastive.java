// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn;

import ai.djl.ndarray.NDArray;
import org.mien.api.net.Ops;

/**
 * The two terms of a contrastive loss on Euclidean distances: what belongs together is drawn
 * together, what does not is kept a margin apart. Gradients are 0, and finite, where two rows are
 * equal.
 */
public final class Contrastive {
    private Contrastive() {}

    /**
     * Mean over the rows of the Euclidean distance of a row of one array to that of the other.
     *
     * @param ops operations
     * @param a rows (N, D)
     * @param b rows (N, D)
     * @return a scalar
     */
    public static NDArray alike(Ops ops, NDArray a, NDArray b) {
        return ops.norm(a.sub(b)).mean();
    }

    /**
     * Mean over the rows of max(0, margin - the Euclidean distance of a row of one array to that of
     * the other).
     *
     * @param ops operations
     * @param a rows (N, D)
     * @param b rows (N, D)
     * @param margin distance from which on nothing is lost
     * @return a scalar
     */
    public static NDArray apart(Ops ops, NDArray a, NDArray b, double margin) {
        return ops.relu(ops.norm(a.sub(b)).neg().add((float) margin)).mean();
    }
}
