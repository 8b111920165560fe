// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import java.util.Arrays;

/**
 * Weights and pixels by a formula without random numbers, so that a network can be compared with an
 * implementation elsewhere: fill both alike and compare what they give. All is computed in 64 bits
 * and rounded to 32; i counts the elements of a tensor, row by row, from 1.
 */
public final class Formula {
    private Formula() {}

    /**
     * Values of a tensor: {@code running_mean} 0.05 sin i; {@code running_var} 1 + 0.25 cos^2 i;
     * with two axes or more, sqrt(6 / fan_in) (2 frac(43758.5453 sin(12.9898 i + 78.233 (j + 1))) -
     * 1), where fan_in is the number of elements by the first axis and frac(a) = a - floor(a);
     * other {@code weight}s 1 + 0.1 sin i; all others 0.02 cos i.
     *
     * @param name its name; what follows the last dot counts
     * @param j its place among the floating tensors of the state, from 0
     * @param shape its axes
     * @return its elements, row by row
     */
    public static float[] values(String name, int j, long... shape) {
        int size = (int) Arrays.stream(shape).reduce(1, Math::multiplyExact);
        float[] values = new float[size];
        double bound = Math.sqrt(6 / (size / (double) shape[0]));
        for (int n = 0; n < size; n++) {
            double i = n + 1;
            double value;
            if (name.endsWith("running_mean")) {
                value = 0.05 * Math.sin(i);
            } else if (name.endsWith("running_var")) {
                value = 1 + 0.25 * Math.cos(i) * Math.cos(i);
            } else if (shape.length > 1) {
                double wave = 43758.5453 * Math.sin(12.9898 * i + 78.233 * (j + 1));
                value = bound * (2 * (wave - Math.floor(wave)) - 1);
            } else if (name.endsWith("weight")) {
                value = 1 + 0.1 * Math.sin(i);
            } else {
                value = 0.02 * Math.cos(i);
            }
            values[n] = (float) value;
        }
        return values;
    }

    /**
     * Slopes of a PReLU: 0.25 + 0.01 sin i.
     *
     * @param channels C
     * @return its elements
     */
    public static float[] slopes(int channels) {
        float[] values = new float[channels];
        for (int n = 0; n < channels; n++) {
            values[n] = (float) (0.25 + 0.01 * Math.sin(n + 1));
        }
        return values;
    }

    /**
     * A batch of images, sin(0.05 h + 0.11 w + 0.7 c + 1.3 n).
     *
     * @param count N
     * @param height H
     * @param width W
     * @return the elements of (N, 3, H, W), row by row
     */
    public static float[] images(int count, int height, int width) {
        float[] values = new float[Math.multiplyExact(count * 3, height * width)];
        int at = 0;
        for (int n = 0; n < count; n++) {
            for (int c = 0; c < 3; c++) {
                for (int h = 0; h < height; h++) {
                    for (int w = 0; w < width; w++) {
                        values[at++] = (float) Math.sin(0.05 * h + 0.11 * w + 0.7 * c + 1.3 * n);
                    }
                }
            }
        }
        return values;
    }
}
