// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.ir50;

import ai.djl.ndarray.NDArray;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.api.net.Var;
import org.mien.nn.BatchNorm;
import org.mien.nn.Conv2d;
import org.mien.nn.Prelu;

/** The branch of a block that computes; its parts have the numbers of face.evoLVe's sequence. */
final class Residual extends Net {
    private final BatchNorm before;
    private final Conv2d first;
    private final Prelu prelu;
    private final Conv2d second;
    private final BatchNorm after;

    Residual(int in, int out, int stride) {
        before = part("0", new BatchNorm(in));
        first = part("1", convolution(in, out, 3, 1, 1));
        prelu = part("2", new Prelu(out));
        second = part("3", convolution(out, out, 3, stride, 1));
        after = part("4", new BatchNorm(out));
    }

    @Override
    public NDArray run(Pass pass, NDArray x) {
        return second.run(pass, inner(pass, x), after);
    }

    NDArray plus(Pass pass, NDArray x, NDArray shortcut) {
        return second.plus(pass, inner(pass, x), after, shortcut);
    }

    private NDArray inner(Pass pass, NDArray x) {
        return prelu.run(pass, first.run(pass, before.run(pass, x)));
    }

    /** A convolution with the start of a fresh network. */
    static Conv2d convolution(int in, int out, int kernel, int stride, int padding) {
        return new Conv2d(
                in,
                out,
                new int[] {kernel, kernel},
                stride,
                new int[] {padding, padding},
                false,
                Var.Init.XAVIER);
    }
}
