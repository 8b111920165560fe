// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.resnet50;

import ai.djl.ndarray.NDArray;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.nn.BatchNorm;
import org.mien.nn.Conv2d;
import org.mien.nn.Sequence;

/**
 * Convolutions of 1 x 1, 3 x 3 and 1 x 1 and a shortcut, (N, C, H, W) to (N, 4 width, H / stride, W
 * / stride). The 3 x 3 one has the stride, as in torchvision.
 */
final class Bottleneck extends Net {
    private final Conv2d conv1;
    private final BatchNorm bn1;
    private final Conv2d conv2;
    private final BatchNorm bn2;
    private final Conv2d conv3;
    private final BatchNorm bn3;
    private final Sequence downsample;

    Bottleneck(int in, int width, int stride) {
        int out = 4 * width;
        conv1 = part("conv1", new Conv2d(in, width, 1, 1, 0));
        bn1 = part("bn1", new BatchNorm(width));
        conv2 = part("conv2", new Conv2d(width, width, 3, stride, 1));
        bn2 = part("bn2", new BatchNorm(width));
        conv3 = part("conv3", new Conv2d(width, out, 1, 1, 0));
        bn3 = part("bn3", new BatchNorm(out));
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
        y = conv2.relu(pass, y, bn2);
        return conv3.relu(pass, y, bn3, downsample == null ? x : downsample.run(pass, x));
    }
}
