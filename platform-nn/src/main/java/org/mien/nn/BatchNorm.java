// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn;

import ai.djl.ndarray.NDArray;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.api.net.Var;
import org.mien.nn.spi.Prepared;

/**
 * Batch normalisation (Ioffe and Szegedy 2015) over (N, C, ..).
 *
 * <p>In training each pass through the layer has statistics of its own, and moves the running ones:
 * a method that sends a face and its mirror through a network one after the other moves them twice
 * a step, as PyTorch does. Sent together, as one batch of 2 N, they have their statistics in common
 * and move them once.
 */
public final class BatchNorm extends Net {
    private final Var weight;
    private final Var bias;
    private final Var mean;
    private final Var variance;
    private final double eps;
    private final double momentum;

    /**
     * With eps 1e-5 and momentum 0.1.
     *
     * @param channels C
     */
    public BatchNorm(int channels) {
        this(channels, 1e-5);
    }

    /**
     * With a given eps, and momentum 0.1.
     *
     * @param channels C
     * @param eps added to the variance
     */
    public BatchNorm(int channels, double eps) {
        this(channels, eps, 0.1);
    }

    /**
     * With a given eps and momentum.
     *
     * @param channels C
     * @param eps added to the variance
     * @param momentum share of a batch in the running statistics, 0 to 1; what TensorFlow calls
     *     momentum 0.99 is 0.01
     */
    public BatchNorm(int channels, double eps, double momentum) {
        if (!(momentum >= 0 && momentum <= 1)) {
            throw new IllegalArgumentException(
                    "batch normalisation with momentum " + momentum + "; expected 0 to 1");
        }
        this.momentum = momentum;
        weight = weight("weight", Var.Init.ONES, channels);
        bias = weight("bias", Var.Init.ZEROS, channels);
        mean = state("running_mean", 0, channels);
        variance = state("running_var", 1, channels);
        this.eps = eps;
    }

    /** Its vars, for who computes it together with the convolution before it. */
    Prepared.Norm vars() {
        return new Prepared.Norm(weight, bias, mean, variance, eps, momentum);
    }

    @Override
    public NDArray run(Pass pass, NDArray x) {
        return pass.batchNorm(x, weight, bias, mean, variance, eps, momentum);
    }
}
