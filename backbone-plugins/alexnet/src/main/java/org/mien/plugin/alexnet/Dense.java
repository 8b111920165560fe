// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.alexnet;

import ai.djl.ndarray.NDArray;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.nn.Linear;

/** Dropout, a linear layer and a ReLU, (N, ..) to (N, out); a map is divided into 6 x 6 first. */
final class Dense extends Net {
    /** Rows and columns of means that the first linear layer reads. */
    static final int PARTS = 6;

    private final Linear linear;
    private final double dropout;

    Dense(int in, int out, double dropout) {
        linear = part("linear", new Linear(in, out));
        this.dropout = dropout;
    }

    @Override
    public NDArray run(Pass pass, NDArray x) {
        NDArray y = x;
        if (x.getShape().dimension() == 4) {
            NDArray parts = pass.averagePool(x, PARTS, PARTS);
            y = parts.reshape(x.getShape().get(0), -1);
        }
        return pass.relu(linear.run(pass, pass.dropout(y, dropout)));
    }
}
