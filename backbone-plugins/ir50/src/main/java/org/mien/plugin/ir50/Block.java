// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.ir50;

import ai.djl.ndarray.NDArray;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.nn.BatchNorm;
import org.mien.nn.Sequence;

/**
 * A normalisation, two 3 x 3 convolutions with a PReLU between them, and a shortcut, (N, C, H, W)
 * to (N, O, H / stride, W / stride). Where only the size changes the shortcut takes every second
 * pixel.
 */
final class Block extends Net {
    private final Sequence shortcut;
    private final Residual residual;
    private final int stride;

    Block(int in, int out, int stride) {
        this.stride = stride;
        shortcut =
                in == out
                        ? null
                        : part(
                                "shortcut_layer",
                                new Sequence(
                                        Residual.convolution(in, out, 1, stride, 0),
                                        new BatchNorm(out)));
        residual = part("res_layer", new Residual(in, out, stride));
    }

    @Override
    public NDArray run(Pass pass, NDArray x) {
        NDArray plus = x;
        if (shortcut != null) {
            plus = shortcut.run(pass, x);
        } else if (stride > 1) {
            plus = pass.maxPool(x, 1, stride, 0);
        }
        return residual.plus(pass, x, plus);
    }
}
