// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.List;
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
        this(in, out, bias, Var.Init.FAN_IN);
    }

    /**
     * A layer and its start.
     *
     * @param in width of the input
     * @param out width of the output
     * @param bias whether it has a bias, which starts at zero
     * @param start how its weight starts
     */
    public Linear(int in, int out, boolean bias, Var.Init start) {
        weight = weight("weight", start, out, in);
        this.bias = bias ? weight("bias", Var.Init.ZEROS, out) : null;
    }

    @Override
    public NDArray run(Pass pass, NDArray x) {
        return Prepared.linear(pass, x, weight, bias, false, null)
                .orElseGet(() -> pass.linear(x, pass.read(weight), bias(pass)));
    }

    /**
     * gelu(layer(x)).
     *
     * @param pass where it computes
     * @param x (.., in)
     * @return (.., out)
     */
    public NDArray gelu(Pass pass, NDArray x) {
        return Prepared.linear(pass, x, weight, bias, true, null)
                .orElseGet(() -> pass.gelu(pass.linear(x, pass.read(weight), bias(pass))));
    }

    /**
     * layer(x) + plus, the end of a residual branch.
     *
     * @param pass where it computes
     * @param x (.., in)
     * @param plus (.., out), of the result's shape
     * @return (.., out)
     * @throws IllegalArgumentException when {@code plus} has another shape
     */
    public NDArray plus(Pass pass, NDArray x, NDArray plus) {
        int last = x.getShape().dimension() - 1;
        Shape expected = x.getShape().slice(0, last).add(weight.shape()[0]);
        if (!plus.getShape().equals(expected)) {
            throw new IllegalArgumentException(
                    "a linear layer gives "
                            + expected
                            + " here; what is added has "
                            + plus.getShape());
        }
        return Prepared.linear(pass, x, weight, bias, false, plus)
                .orElseGet(() -> pass.linear(x, pass.read(weight), bias(pass), plus));
    }

    /**
     * The weight as it counts in this pass, for what is computed with it besides: maps of class
     * activation, cosines to the rows of a classifier. A gradient leads back to it, unless {@code
     * stopGradient()} ends it.
     *
     * @param pass where it computes
     * @return (out, in)
     */
    public NDArray weight(Pass pass) {
        return pass.read(weight);
    }

    /** Weight, and bias where there is one. */
    List<Var> vars() {
        return bias == null ? List.of(weight) : List.of(weight, bias);
    }

    private NDArray bias(Pass pass) {
        return bias == null ? null : pass.read(bias);
    }
}
