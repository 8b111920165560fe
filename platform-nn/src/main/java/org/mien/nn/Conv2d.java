// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn;

import ai.djl.ndarray.NDArray;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.api.net.Var;

/** A square convolution, (N, C, H, W) to (N, O, H', W'), Kaiming start (fan out, for ReLU). */
public final class Conv2d extends Net {
    private final Var weight;
    private final Var bias;
    private final int stride;
    private final int padding;

    /**
     * A convolution without a bias, as before a batch normalisation.
     *
     * @param in C
     * @param out O
     * @param kernel side in pixels
     * @param stride pixels
     * @param padding pixels of zeros on each side
     */
    public Conv2d(int in, int out, int kernel, int stride, int padding) {
        this(in, out, kernel, stride, padding, false);
    }

    /**
     * A convolution.
     *
     * @param in C
     * @param out O
     * @param kernel side in pixels
     * @param stride pixels
     * @param padding pixels of zeros on each side
     * @param bias whether it has a bias
     */
    public Conv2d(int in, int out, int kernel, int stride, int padding, boolean bias) {
        weight = weight("weight", Var.Init.KAIMING, out, in, kernel, kernel);
        this.bias = bias ? weight("bias", Var.Init.ZEROS, out) : null;
        this.stride = stride;
        this.padding = padding;
    }

    @Override
    public NDArray run(Pass pass, NDArray x) {
        NDArray b = bias == null ? null : pass.read(bias);
        return pass.conv2d(x, pass.read(weight), b, stride, padding);
    }
}
