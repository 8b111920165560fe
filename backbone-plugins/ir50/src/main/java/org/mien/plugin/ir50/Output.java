// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.ir50;

import ai.djl.ndarray.NDArray;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.api.net.Var;
import org.mien.nn.BatchNorm;
import org.mien.nn.Linear;

/**
 * From the map to the embedding, (N, 512, H, W) to (N, 512); its parts have the numbers of
 * face.evoLVe's sequence.
 */
final class Output extends Net {
    /** Channels of the last map, and elements of the embedding. */
    static final int WIDTH = 512;

    private final BatchNorm before;
    private final Linear linear;
    private final BatchNorm after;
    private final double dropout;

    Output(int rows, int columns, double dropout) {
        before = part("0", new BatchNorm(WIDTH));
        linear = part("3", new Linear(WIDTH * rows * columns, WIDTH, true, Var.Init.XAVIER));
        after = part("4", new BatchNorm(WIDTH));
        this.dropout = dropout;
    }

    @Override
    public NDArray run(Pass pass, NDArray x) {
        NDArray y = pass.dropout(before.run(pass, x), dropout);
        return after.run(pass, linear.run(pass, y.reshape(y.getShape().get(0), -1)));
    }
}
