// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.inception;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import java.util.ArrayList;
import java.util.List;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.api.net.Var;
import org.mien.nn.Conv2d;
import org.mien.nn.Sequence;

/**
 * Branches side by side, a 1 x 1 convolution back to the channels that came in, and a shortcut: x +
 * scale conv(branches(x)), shape kept (Szegedy et al. 2017, figs. 10, 11 and 13).
 */
final class Residual extends Net {
    private final List<Net> branches = new ArrayList<>();
    private final Conv2d conv2d;
    private final float scale;
    private final boolean relu;

    private Residual(int channels, int joined, double scale, boolean relu, Net... nets) {
        for (Net net : nets) {
            branches.add(part("branch" + branches.size(), net));
        }
        conv2d =
                part(
                        "conv2d",
                        new Conv2d(
                                joined,
                                channels,
                                new int[] {1, 1},
                                1,
                                new int[] {0, 0},
                                true,
                                Var.Init.FAN_IN));
        this.scale = (float) scale;
        this.relu = relu;
    }

    /** Inception-resnet-A, on 256 channels. */
    static Residual block35() {
        return new Residual(
                256,
                96,
                0.17,
                true,
                new Convolution(256, 32, 1, 1, 0),
                new Sequence(new Convolution(256, 32, 1, 1, 0), new Convolution(32, 32, 3, 1, 1)),
                new Sequence(
                        new Convolution(256, 32, 1, 1, 0),
                        new Convolution(32, 32, 3, 1, 1),
                        new Convolution(32, 32, 3, 1, 1)));
    }

    /** Inception-resnet-B, on 896 channels. */
    static Residual block17() {
        return new Residual(
                896,
                256,
                0.10,
                true,
                new Convolution(896, 128, 1, 1, 0),
                new Sequence(
                        new Convolution(896, 128, 1, 1, 0),
                        Convolution.line(128, 1, 7),
                        Convolution.line(128, 7, 1)));
    }

    /** Inception-resnet-C, on 1792 channels. */
    static Residual block8(double scale, boolean relu) {
        return new Residual(
                1792,
                384,
                scale,
                relu,
                new Convolution(1792, 192, 1, 1, 0),
                new Sequence(
                        new Convolution(1792, 192, 1, 1, 0),
                        Convolution.line(192, 1, 3),
                        Convolution.line(192, 3, 1)));
    }

    @Override
    public NDArray run(Pass pass, NDArray x) {
        NDList found = new NDList();
        branches.forEach(branch -> found.add(branch.run(pass, x)));
        NDArray y = conv2d.run(pass, NDArrays.concat(found, 1));
        y = (scale == 1 ? y : y.mul(scale)).add(x);
        return relu ? pass.relu(y) : y;
    }
}
