// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn;

import ai.djl.ndarray.NDArray;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.api.net.Var;
import org.mien.nn.spi.Prepared;

/**
 * A fully-connected layer, (.., in) to (.., out); starts as PyTorch's does, with a bias of zeros.
 */
public final class Linear extends Net {
    private final Var weight;
    private final Var bias;

    /**
     * A layer with a bias.
     *
     * @param in width of the input
     * @param out width of the output
     */
    public Linear(int in, int out) {
        this(in, out, true);
    }

    /**
     * A layer.
     *
     * @param in width of the input
     * @param out width of the output
     * @param bias whether it has a bias
     */
    public Linear(int in, int out, boolean bias) {
        weight = weight("weight", Var.Init.FAN_IN, out, in);
        this.bias = bias ? weight("bias", Var.Init.ZEROS, out) : null;
    }

    @Override
    public NDArray run(Pass pass, NDArray x) {
        return Prepared.linear(pass, x, weight, bias)
                .orElseGet(
                        () ->
                                pass.linear(
                                        x,
                                        pass.read(weight),
                                        bias == null ? null : pass.read(bias)));
    }
}
