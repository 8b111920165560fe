// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.inception;

import ai.djl.ndarray.NDArray;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.api.net.Var;
import org.mien.nn.BatchNorm;
import org.mien.nn.Conv2d;

/** A convolution, a normalisation with eps 1e-3 and a ReLU. */
final class Convolution extends Net {
    private final Conv2d conv;
    private final BatchNorm bn;

    Convolution(int in, int out, int kernel, int stride, int padding) {
        this(in, out, new int[] {kernel, kernel}, stride, new int[] {padding, padding});
    }

    Convolution(int in, int out, int[] kernel, int stride, int[] padding) {
        conv = part("conv", new Conv2d(in, out, kernel, stride, padding, false, Var.Init.FAN_IN));
        bn = part("bn", new BatchNorm(out, 1e-3));
    }

    /** A row or a column of {@code kernel} pixels that keeps the size. */
    static Convolution line(int channels, int rows, int columns) {
        return new Convolution(
                channels,
                channels,
                new int[] {rows, columns},
                1,
                new int[] {rows / 2, columns / 2});
    }

    @Override
    public NDArray run(Pass pass, NDArray x) {
        return conv.relu(pass, x, bn);
    }
}
