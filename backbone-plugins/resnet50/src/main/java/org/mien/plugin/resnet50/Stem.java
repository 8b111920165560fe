// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.resnet50;

import ai.djl.ndarray.NDArray;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.nn.BatchNorm;
import org.mien.nn.Conv2d;

/** The 7 x 7 convolution and the pooling, (N, 3, H, W) to (N, 64, H / 4, W / 4). */
final class Stem extends Net {
    private final Conv2d conv1 = part("conv1", new Conv2d(3, 64, 7, 2, 3));
    private final BatchNorm bn1 = part("bn1", new BatchNorm(64));

    @Override
    public NDArray run(Pass pass, NDArray x) {
        return pass.maxPool(conv1.relu(pass, x, bn1), 3, 2, 1);
    }
}
