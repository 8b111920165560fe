// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.api.net.Var;
import org.mien.api.net.Window;
import org.mien.nn.spi.Prepared;

/**
 * A convolution, (N, C, H, W) to (N, O, H', W'), Kaiming start (fan out, for ReLU), in groups of
 * channels where it says so. With the batch normalisation that follows it, a shortcut and a ReLU it
 * is computed as one in inference on a CPU; a {@link Sequence} sees to that itself, other nets call
 * the methods here that name them all.
 */
public final class Conv2d extends Net {
    private final Var weight;
    private final Var bias;
    private final Window window;
    private final int groups;

    /**
     * A convolution without a bias, as before a batch normalisation.
     *
     * @param in C
     * @param out O
     * @param kernel side in pixels
     * @param stride pixels
     * @param padding pixels of zeros on each side
     */
    public Conv2d(int in, int out, int kernel, int stride, int padding) {
        this(in, out, kernel, stride, padding, false);
    }

    /**
     * A convolution.
     *
     * @param in C
     * @param out O
     * @param kernel side in pixels
     * @param stride pixels
     * @param padding pixels of zeros on each side
     * @param bias whether it has a bias
     */
    public Conv2d(int in, int out, int kernel, int stride, int padding, boolean bias) {
        this(
                in,
                out,
                new int[] {kernel, kernel},
                stride,
                new int[] {padding, padding},
                bias,
                Var.Init.KAIMING);
    }

    /**
     * A convolution that need not be square, and its start.
     *
     * @param in C
     * @param out O
     * @param kernel rows and columns
     * @param stride pixels
     * @param padding rows of zeros above and below, columns of zeros left and right
     * @param bias whether it has a bias, which starts at zero
     * @param start how its weight starts
     */
    public Conv2d(
            int in,
            int out,
            int[] kernel,
            int stride,
            int[] padding,
            boolean bias,
            Var.Init start) {
        this(in, out, kernel, Window.by(stride).pad(padding[0], padding[1]), 1, bias, start);
    }

    /**
     * A convolution in groups of channels, its window, and its start.
     *
     * @param in C
     * @param out O
     * @param kernel rows and columns
     * @param window stride, and zeros around the map
     * @param groups how many blocks of channels are read apart, a divisor of C and O; 1 for all at
     *     once
     * @param bias whether it has a bias, which starts at zero
     * @param start how its weight starts; its fan out is O rows columns and its fan in C / groups
     *     rows columns, as in PyTorch
     * @throws IllegalArgumentException when the groups do not fit
     */
    public Conv2d(
            int in,
            int out,
            int[] kernel,
            Window window,
            int groups,
            boolean bias,
            Var.Init start) {
        if (groups < 1 || in % groups != 0 || out % groups != 0) {
            throw new IllegalArgumentException(
                    "a convolution of "
                            + in
                            + " to "
                            + out
                            + " channels in "
                            + groups
                            + " groups; expected a divisor of both");
        }
        if (window.isCeil()) {
            throw new IllegalArgumentException(
                    "a convolution by " + window + ": ceil is for pooling alone");
        }
        weight = weight("weight", start, out, in / groups, kernel[0], kernel[1]);
        this.bias = bias ? weight("bias", Var.Init.ZEROS, out) : null;
        this.window = window;
        this.groups = groups;
    }

    /**
     * A convolution of each channel by itself, without a bias and with Kaiming start.
     *
     * @param channels C and O
     * @param kernel side in pixels
     * @param window stride, and zeros around the map
     * @return a convolution in as many groups as channels
     */
    public static Conv2d depthwise(int channels, int kernel, Window window) {
        return new Conv2d(
                channels,
                channels,
                new int[] {kernel, kernel},
                window,
                channels,
                false,
                Var.Init.KAIMING);
    }

    @Override
    public NDArray run(Pass pass, NDArray x) {
        return run(pass, x, null, null, false);
    }

    /**
     * norm(conv(x)).
     *
     * @param pass where it computes
     * @param x (N, C, H, W)
     * @param norm of O channels
     * @return (N, O, H', W')
     */
    public NDArray run(Pass pass, NDArray x, BatchNorm norm) {
        return run(pass, x, norm, null, false);
    }

    /**
     * relu(norm(conv(x))).
     *
     * @param pass where it computes
     * @param x (N, C, H, W)
     * @param norm of O channels, or null for none
     * @return (N, O, H', W')
     */
    public NDArray relu(Pass pass, NDArray x, BatchNorm norm) {
        return run(pass, x, norm, null, true);
    }

    /**
     * relu(norm(conv(x)) + plus), the end of a residual block.
     *
     * @param pass where it computes
     * @param x (N, C, H, W)
     * @param norm of O channels, or null for none
     * @param plus (N, O, H', W')
     * @return (N, O, H', W')
     * @throws IllegalArgumentException when {@code plus} has another shape
     */
    public NDArray relu(Pass pass, NDArray x, BatchNorm norm, NDArray plus) {
        return run(pass, x, norm, plus, true);
    }

    /**
     * norm(conv(x)) + plus, the end of a residual block without a ReLU.
     *
     * @param pass where it computes
     * @param x (N, C, H, W)
     * @param norm of O channels, or null for none
     * @param plus (N, O, H', W')
     * @return (N, O, H', W')
     * @throws IllegalArgumentException when {@code plus} has another shape
     */
    public NDArray plus(Pass pass, NDArray x, BatchNorm norm, NDArray plus) {
        return run(pass, x, norm, plus, false);
    }

    NDArray run(Pass pass, NDArray x, BatchNorm norm, NDArray plus, boolean relu) {
        if (plus != null) {
            check(x.getShape(), plus.getShape());
        }
        Prepared.Norm vars = norm == null ? null : norm.vars();
        return Prepared.convolution(
                        pass,
                        x,
                        new Prepared.Convolution(weight, bias, window, groups, vars),
                        plus,
                        relu)
                .orElseGet(
                        () -> {
                            NDArray b = bias == null ? null : pass.read(bias);
                            NDArray y = pass.conv2d(x, pass.read(weight), b, window, groups);
                            y = norm == null ? y : norm.run(pass, y);
                            y = plus == null ? y : y.add(plus);
                            return relu ? pass.relu(y) : y;
                        });
    }

    /** What is added may not be stretched: that would be an accident. */
    private void check(Shape x, Shape plus) {
        long[] w = weight.shape();
        Shape expected =
                new Shape(
                        x.get(0),
                        w[0],
                        window.rows(x.get(2), w[2]),
                        window.columns(x.get(3), w[3]));
        if (!plus.equals(expected)) {
            throw new IllegalArgumentException(
                    "a convolution gives " + expected + " here; what is added has " + plus);
        }
    }
}
