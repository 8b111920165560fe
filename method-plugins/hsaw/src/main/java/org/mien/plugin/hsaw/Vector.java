// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.hsaw;

import ai.djl.ndarray.NDArray;
import org.mien.api.Feature;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.api.net.Var;
import org.mien.nn.Conv2d;

/**
 * A map (N, C, h, w) to the feature vector V (N, (2 h - 3)(2 w - 3)): sub-pixel convolution (Shi et
 * al. 2016) makes it eight times as large, a convolution with a kernel of 16 and stride 4 reads it
 * once more. (512, 7, 7) becomes (8, 56, 56), then (1, 11, 11), then 121 values.
 */
final class Vector extends Net {
    private static final int FACTOR = 8;
    private static final int KERNEL = 16;
    private static final int STRIDE = 4;

    private final Conv2d convolution;

    Vector(Feature map) {
        int channels = map.channels() / (FACTOR * FACTOR);
        // By what it reads: a start for its one output would saturate the halves' weights.
        int[] kernel = {KERNEL, KERNEL};
        int[] padding = {0, 0};
        convolution =
                part(
                        "convolution",
                        new Conv2d(channels, 1, kernel, STRIDE, padding, true, Var.Init.FAN_IN));
    }

    /** Whether the channels of a map can be shared out to a larger one. */
    static boolean fits(Feature map) {
        return map.channels() % (FACTOR * FACTOR) == 0;
    }

    /** Elements of V. */
    static int size(Feature map) {
        return side(map.rows()) * side(map.columns());
    }

    private static int side(int of) {
        return Math.max(0, (FACTOR * of - KERNEL) / STRIDE + 1);
    }

    @Override
    public NDArray run(Pass pass, NDArray map) {
        NDArray v = convolution.run(pass, pass.pixelShuffle(map, FACTOR));
        return v.reshape(v.getShape().get(0), -1);
    }
}
