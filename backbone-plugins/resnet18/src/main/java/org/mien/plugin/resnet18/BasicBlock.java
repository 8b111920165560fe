// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.resnet18;

import ai.djl.ndarray.NDArray;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.nn.BatchNorm;
import org.mien.nn.Conv2d;
import org.mien.nn.Sequence;

/** Two 3 x 3 convolutions and a shortcut, (N, C, H, W) to (N, O, H / stride, W / stride). */
final class BasicBlock extends Net {
    private final Conv2d conv1;
    private final BatchNorm bn1;
    private final Conv2d conv2;
    private final BatchNorm bn2;
    private final Sequence downsample;

    BasicBlock(int in, int out, int stride) {
        conv1 = part("conv1", new Conv2d(in, out, 3, stride, 1));
        bn1 = part("bn1", new BatchNorm(out));
        conv2 = part("conv2", new Conv2d(out, out, 3, 1, 1));
        bn2 = part("bn2", new BatchNorm(out));
        downsample =
                stride == 1 && in == out
                        ? null
                        : part(
                                "downsample",
                                new Sequence(
                                        new Conv2d(in, out, 1, stride, 0), new BatchNorm(out)));
    }

    @Override
    public NDArray run(Pass pass, NDArray x) {
        NDArray y = conv1.relu(pass, x, bn1);
        return conv2.relu(pass, y, bn2, downsample == null ? x : downsample.run(pass, x));
    }
}
