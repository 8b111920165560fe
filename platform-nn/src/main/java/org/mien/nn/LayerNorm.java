// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn;

import ai.djl.ndarray.NDArray;
import java.util.List;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.api.net.Var;

/** Layer normalisation (Ba et al. 2016) over the last axis, (.., D) to (.., D). */
public final class LayerNorm extends Net {
    private final Var weight;
    private final Var bias;
    private final double eps;

    /**
     * A layer.
     *
     * @param width D
     * @param eps added to the variance
     */
    public LayerNorm(int width, double eps) {
        weight = weight("weight", Var.Init.ONES, width);
        bias = weight("bias", Var.Init.ZEROS, width);
        this.eps = eps;
    }

    @Override
    public NDArray run(Pass pass, NDArray x) {
        return pass.layerNorm(x, pass.read(weight), pass.read(bias), eps);
    }

    /** Weight and bias. */
    List<Var> vars() {
        return List.of(weight, bias);
    }
}
