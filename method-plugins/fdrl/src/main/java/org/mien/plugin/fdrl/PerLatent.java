// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.fdrl;

import ai.djl.ndarray.NDArray;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.api.net.Var;

/**
 * M fully-connected layers D to D, one a latent, as one batched product: (N, M, D) to (N, M, D).
 */
final class PerLatent extends Net {
    private final int latents;
    private final int width;
    private final Var weight;
    private final Var bias;

    PerLatent(int latents, int width) {
        this.latents = latents;
        this.width = width;
        // The layers stand one below the other, so that each starts as a Linear(D, D) does.
        weight = weight("weight", Var.Init.FAN_IN, (long) latents * width, width);
        bias = weight("bias", Var.Init.ZEROS, (long) latents * width);
    }

    @Override
    public NDArray run(Pass pass, NDArray x) {
        NDArray w = pass.read(weight).reshape(latents, width, width).swapAxes(1, 2);
        NDArray b = pass.read(bias).reshape(latents, 1, width);
        return x.swapAxes(0, 1).matMul(w).add(b).swapAxes(0, 1);
    }
}
