// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.inception;

import ai.djl.ndarray.NDArray;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.nn.BatchNorm;
import org.mien.nn.Linear;

/** From the mean over the map to the embedding, (N, 1792) to (N, 512). */
final class Embedding extends Net {
    private final Linear linear = part("last_linear", new Linear(1792, 512, false));
    private final BatchNorm norm = part("last_bn", new BatchNorm(512, 1e-3));
    private final double dropout;
    private final boolean normalise;

    Embedding(double dropout, boolean normalise) {
        this.dropout = dropout;
        this.normalise = normalise;
    }

    @Override
    public NDArray run(Pass pass, NDArray x) {
        NDArray y = norm.run(pass, linear.run(pass, pass.dropout(x, dropout)));
        // An embedding of zeros stays one.
        return normalise ? y.div(pass.norm(y).add(1e-12f).expandDims(1)) : y;
    }
}
