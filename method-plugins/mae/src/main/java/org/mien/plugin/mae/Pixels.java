// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.mae;

import ai.djl.ndarray.NDArray;

/**
 * The pixels of an image's patches as a decoder has to predict them.
 *
 * @param patches as they are (N, L, P P 3)
 * @param mean of a patch, to be put back (N, L, 1); null when patches are not normalised
 * @param deviation of a patch, to be put back (N, L, 1); null when patches are not normalised
 */
record Pixels(NDArray patches, NDArray mean, NDArray deviation) {
    /** Pixels as they are. */
    static Pixels plain(NDArray patches) {
        return new Pixels(patches, null, null);
    }

    /** Each patch by its own mean and deviation (of a sample, as in the published code). */
    static Pixels normalised(NDArray patches) {
        int[] last = {2};
        NDArray mean = patches.mean(last, true);
        long count = patches.getShape().get(2);
        NDArray variance = patches.sub(mean).square().sum(last, true).div(count - 1f);
        return new Pixels(patches, mean, variance.add(1e-6f).sqrt());
    }

    /** In units of the target. */
    NDArray target(NDArray pixels) {
        return mean == null ? pixels : pixels.sub(mean).div(deviation);
    }

    /** The target itself (N, L, P P 3). */
    NDArray target() {
        return target(patches);
    }

    /** From units of the target back to those of the image. */
    NDArray image(NDArray predicted) {
        return mean == null ? predicted : predicted.mul(deviation).add(mean);
    }
}
