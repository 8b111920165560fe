// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.api.net.Var;

/**
 * What is added to tokens for their places, (N, T, D) to (N, T, D): one var {@code positions}, (1,
 * T, D), learned or fixed.
 */
public final class Positions extends Net {
    private final Var positions;

    private Positions(int tokens, int width, Var.Init start, float[] values) {
        positions =
                values == null
                        ? weight("positions", start, 1, tokens, width)
                        : fixed("positions", values, 1, tokens, width);
    }

    /**
     * Learned ones, from a truncated normal of 0.02.
     *
     * @param tokens T, with those before the grid
     * @param width D
     * @return the layer
     */
    public static Positions learned(int tokens, int width) {
        return learned(tokens, width, Var.Init.TRUNCATED_NORMAL);
    }

    /**
     * Learned ones.
     *
     * @param tokens T, with those before the grid
     * @param width D
     * @param start how they start; where a token says little by itself, as a channel of a small map
     *     does, only {@link Var.Init#NORMAL} lets the layers tell them apart from the first step on
     * @return the layer
     */
    public static Positions learned(int tokens, int width, Var.Init start) {
        return new Positions(tokens, width, start, null);
    }

    /**
     * Fixed sines and cosines of row and column, see {@link #sinCos}.
     *
     * @param prefix tokens before the grid, at zero
     * @param rows rows of the grid
     * @param columns columns of the grid
     * @param width D, a multiple of 4
     * @return the layer
     */
    public static Positions fixed(int prefix, int rows, int columns, int width) {
        return new Positions(
                prefix + rows * columns, width, null, sinCos(prefix, rows, columns, width));
    }

    @Override
    public NDArray run(Pass pass, NDArray x) {
        return x.add(pass.read(positions));
    }

    /**
     * Sines and cosines of a grid as in masked autoencoders (He et al. 2022, their published code):
     * of a place at (row, column), sines and cosines of the column at D / 4 frequencies, then those
     * of the row, the k-th frequency being 10000^(-4 k / D).
     *
     * @param prefix tokens before the grid, at zero
     * @param rows rows of the grid
     * @param columns columns of the grid
     * @param width D, a multiple of 4
     * @return (prefix + rows columns) D values, token by token
     */
    public static float[] sinCos(int prefix, int rows, int columns, int width) {
        if (width % 4 != 0) {
            throw new IllegalArgumentException(
                    "sin-cos positions of width " + width + "; expected a multiple of 4");
        }
        int quarter = width / 4;
        float[] values = new float[Math.multiplyExact(prefix + rows * columns, width)];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                int at = (prefix + row * columns + column) * width;
                for (int k = 0; k < quarter; k++) {
                    double frequency = Math.pow(10000, -(double) k / quarter);
                    values[at + k] = (float) Math.sin(column * frequency);
                    values[at + quarter + k] = (float) Math.cos(column * frequency);
                    values[at + 2 * quarter + k] = (float) Math.sin(row * frequency);
                    values[at + 3 * quarter + k] = (float) Math.cos(row * frequency);
                }
            }
        }
        return values;
    }

    /**
     * Positions of another grid: the tokens before the grid stay, the grid is resized by bicubic
     * interpolation with a = -0.75 between the centres of its places and without antialiasing, as
     * masked autoencoders are fine-tuned at other sizes.
     *
     * @param values token by token
     * @param prefix tokens before the grid
     * @param rows rows of the grid
     * @param columns columns of the grid
     * @param toRows rows wanted
     * @param toColumns columns wanted
     * @return token by token
     */
    public static float[] resize(
            float[] values, int prefix, int rows, int columns, int toRows, int toColumns) {
        int width = values.length / (prefix + rows * columns);
        float[] resized = new float[Math.multiplyExact(prefix + toRows * toColumns, width)];
        System.arraycopy(values, 0, resized, 0, prefix * width);
        double[] sum = new double[width];
        for (int row = 0; row < toRows; row++) {
            double y = (row + 0.5) * rows / toRows - 0.5;
            for (int column = 0; column < toColumns; column++) {
                double x = (column + 0.5) * columns / toColumns - 0.5;
                Arrays.fill(sum, 0);
                for (int i = -1; i <= 2; i++) {
                    int fromRow = (int) Math.floor(y) + i;
                    double ofRow = cubic(y - fromRow);
                    for (int j = -1; j <= 2; j++) {
                        int fromColumn = (int) Math.floor(x) + j;
                        double share = ofRow * cubic(x - fromColumn);
                        int from =
                                prefix
                                        + inside(fromRow, rows) * columns
                                        + inside(fromColumn, columns);
                        for (int k = 0; k < width; k++) {
                            sum[k] += share * values[from * width + k];
                        }
                    }
                }
                int to = (prefix + row * toColumns + column) * width;
                for (int k = 0; k < width; k++) {
                    resized[to + k] = (float) sum[k];
                }
            }
        }
        return resized;
    }

    private static int inside(int place, int side) {
        return Math.max(0, Math.min(side - 1, place));
    }

    /** Keys' kernel (1981) with a = -0.75. */
    private static double cubic(double distance) {
        double d = Math.abs(distance);
        double a = -0.75;
        if (d <= 1) {
            return ((a + 2) * d - (a + 3)) * d * d + 1;
        }
        return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
    }
}
