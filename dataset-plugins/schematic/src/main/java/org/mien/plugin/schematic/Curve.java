// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.schematic;

import java.util.List;

/**
 * A polygon or a chain of line segments in the picture.
 *
 * @param xs columns in pixels
 * @param ys rows in pixels
 */
record Curve(double[] xs, double[] ys) {
    private static final int STEPS = 5;

    int length() {
        return xs.length;
    }

    /**
     * Straight from point to point.
     *
     * @param points (x, y) in pixels
     * @return the curve
     */
    static Curve straight(List<double[]> points) {
        double[] xs = new double[points.size()];
        double[] ys = new double[points.size()];
        for (int i = 0; i < xs.length; i++) {
            xs[i] = points.get(i)[0];
            ys[i] = points.get(i)[1];
        }
        return new Curve(xs, ys);
    }

    /**
     * Smoothly through all points (Catmull-Rom spline).
     *
     * @param points (x, y) in pixels
     * @param closed whether the last point leads to the first
     * @return the curve
     */
    static Curve smooth(List<double[]> points, boolean closed) {
        int n = points.size();
        int spans = closed ? n : n - 1;
        double[] xs = new double[spans * STEPS + (closed ? 0 : 1)];
        double[] ys = new double[xs.length];
        int k = 0;
        for (int i = 0; i < spans; i++) {
            double[] a = points.get(closed ? (i + n - 1) % n : Math.max(0, i - 1));
            double[] b = points.get(i);
            double[] c = points.get((i + 1) % n);
            double[] d = points.get(closed ? (i + 2) % n : Math.min(n - 1, i + 2));
            for (int s = 0; s < STEPS; s++, k++) {
                double t = (double) s / STEPS;
                xs[k] = spline(a[0], b[0], c[0], d[0], t);
                ys[k] = spline(a[1], b[1], c[1], d[1], t);
            }
        }
        if (!closed) {
            xs[k] = points.get(n - 1)[0];
            ys[k] = points.get(n - 1)[1];
        }
        return new Curve(xs, ys);
    }

    private static double spline(double a, double b, double c, double d, double t) {
        return b + 0.5 * t * (c - a + t * (2 * a - 5 * b + 4 * c - d + t * (3 * (b - c) + d - a)));
    }
}
