// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.report;

import java.util.Arrays;

/** A curve of points, each the mean of neighbours, with the least and the most of them. */
final class Curve {
    private final double[] sumX;
    private final double[] sumY;
    private final double[] least;
    private final double[] most;
    private final int[] n;

    /**
     * An empty curve.
     *
     * @param points the most it can have
     */
    Curve(int points) {
        sumX = new double[points];
        sumY = new double[points];
        least = new double[points];
        most = new double[points];
        n = new int[points];
        Arrays.fill(least, Double.POSITIVE_INFINITY);
        Arrays.fill(most, Double.NEGATIVE_INFINITY);
    }

    /** Adds a value to a point. */
    void add(int point, double x, double y) {
        sumX[point] += x;
        sumY[point] += y;
        least[point] = Math.min(least[point], y);
        most[point] = Math.max(most[point], y);
        n[point]++;
    }

    /** Points that have a value. */
    int[] points() {
        int[] points = new int[n.length];
        int count = 0;
        for (int i = 0; i < n.length; i++) {
            if (n[i] > 0) {
                points[count++] = i;
            }
        }
        return Arrays.copyOf(points, count);
    }

    double x(int point) {
        return sumX[point] / n[point];
    }

    double y(int point) {
        return sumY[point] / n[point];
    }

    double least(int point) {
        return least[point];
    }

    double most(int point) {
        return most[point];
    }

    /** Whether some point stands for more than one value. */
    boolean thinned() {
        return Arrays.stream(n).anyMatch(count -> count > 1);
    }
}
