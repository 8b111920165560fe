// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.schematic;

/**
 * A square picture in floating point and the few ways to paint on it. Written out rather than taken
 * from java.awt so that the same numbers give the same bytes on every machine and release.
 *
 * <p>Coordinates are in pixels, the first pixel covers 0 to 1; colours are RGB from 0 to 1.
 */
final class Canvas {
    /** Sub-rows of a pixel; within a sub-row coverage is exact. */
    private static final int ROWS = 4;

    final int size;
    final float[][] planes;

    /** How far each pixel has been painted over: 0 is background. */
    final float[] figure;

    Canvas(int size) {
        this.size = size;
        planes = new float[3][size * size];
        figure = new float[size * size];
    }

    /**
     * How much of each pixel a shape covers, inside a box.
     *
     * @param left first column
     * @param top first row
     * @param right column after the last
     * @param bottom row after the last
     * @param cover shares, row by row
     */
    record Mask(int left, int top, int right, int bottom, float[] cover) {
        float at(int x, int y) {
            return x < left || x >= right || y < top || y >= bottom
                    ? 0
                    : cover[(y - top) * (right - left) + x - left];
        }

        /**
         * What both cover.
         *
         * @param other the other
         * @return the product
         */
        Mask and(Mask other) {
            float[] both = cover.clone();
            int i = 0;
            for (int y = top; y < bottom; y++) {
                for (int x = left; x < right; x++) {
                    both[i++] *= other.at(x, y);
                }
            }
            return new Mask(left, top, right, bottom, both);
        }
    }

    private Mask empty(double left, double top, double right, double bottom) {
        int x0 = clamp((int) StrictMath.floor(left));
        int y0 = clamp((int) StrictMath.floor(top));
        int x1 = Math.max(x0, clamp((int) StrictMath.ceil(right)));
        int y1 = Math.max(y0, clamp((int) StrictMath.ceil(bottom)));
        return new Mask(x0, y0, x1, y1, new float[(x1 - x0) * (y1 - y0)]);
    }

    private int clamp(int v) {
        return Math.min(size, Math.max(0, v));
    }

    /**
     * The inside of a closed curve (non-zero winding).
     *
     * @param curve its outline
     * @return coverage
     */
    Mask inside(Curve curve) {
        int n = curve.length();
        double[] xs = curve.xs();
        double[] ys = curve.ys();
        double left = Double.MAX_VALUE;
        double top = Double.MAX_VALUE;
        double right = -Double.MAX_VALUE;
        double bottom = -Double.MAX_VALUE;
        for (int i = 0; i < n; i++) {
            left = Math.min(left, xs[i]);
            right = Math.max(right, xs[i]);
            top = Math.min(top, ys[i]);
            bottom = Math.max(bottom, ys[i]);
        }
        Mask mask = empty(left, top, right, bottom);
        int width = mask.right - mask.left;
        double[] at = new double[n];
        int[] winding = new int[n];
        for (int row = mask.top * ROWS; row < mask.bottom * ROWS; row++) {
            double y = (row + 0.5) / ROWS;
            int hits = 0;
            for (int i = 0, j = n - 1; i < n; j = i++) {
                if (ys[j] <= y == ys[i] <= y) {
                    continue;
                }
                double x = xs[j] + (y - ys[j]) / (ys[i] - ys[j]) * (xs[i] - xs[j]);
                int turn = ys[i] > ys[j] ? 1 : -1;
                int k = hits++;
                for (; k > 0 && at[k - 1] > x; k--) {
                    at[k] = at[k - 1];
                    winding[k] = winding[k - 1];
                }
                at[k] = x;
                winding[k] = turn;
            }
            int turns = 0;
            int line = (row / ROWS - mask.top) * width;
            for (int k = 0; k + 1 < hits; k++) {
                turns += winding[k];
                if (turns != 0) {
                    span(mask.cover, line, width, at[k] - mask.left, at[k + 1] - mask.left);
                }
            }
        }
        return mask;
    }

    private static void span(float[] cover, int line, int width, double from, double to) {
        double a = Math.max(0, from);
        double b = Math.min(width, to);
        if (b <= a) {
            return;
        }
        int first = (int) a;
        int last = Math.min(width - 1, (int) b);
        if (first == last) {
            cover[line + first] += (float) ((b - a) / ROWS);
            return;
        }
        cover[line + first] += (float) ((first + 1 - a) / ROWS);
        for (int x = first + 1; x < last; x++) {
            cover[line + x] += 1f / ROWS;
        }
        cover[line + last] += (float) ((b - last) / ROWS);
    }

    /**
     * A line of changing width with an edge as soft as wanted.
     *
     * @param curve its middle
     * @param start width at the first point
     * @param middle width half way
     * @param end width at the last point
     * @param soft extent of the edge, at least a pixel to look smooth
     * @return coverage
     */
    Mask line(Curve curve, double start, double middle, double end, double soft) {
        int n = curve.length();
        double[] xs = curve.xs();
        double[] ys = curve.ys();
        double reach = (Math.max(middle, Math.max(start, end)) + soft) / 2;
        double left = Double.MAX_VALUE;
        double top = Double.MAX_VALUE;
        double right = -Double.MAX_VALUE;
        double bottom = -Double.MAX_VALUE;
        for (int i = 0; i < n; i++) {
            left = Math.min(left, xs[i] - reach);
            right = Math.max(right, xs[i] + reach);
            top = Math.min(top, ys[i] - reach);
            bottom = Math.max(bottom, ys[i] + reach);
        }
        Mask mask = empty(left, top, right, bottom);
        int k = 0;
        for (int row = mask.top; row < mask.bottom; row++) {
            for (int column = mask.left; column < mask.right; column++, k++) {
                double x = column + 0.5;
                double y = row + 0.5;
                double nearest = Double.MAX_VALUE;
                double where = 0;
                for (int i = 0; i + 1 < n; i++) {
                    double dx = xs[i + 1] - xs[i];
                    double dy = ys[i + 1] - ys[i];
                    double squared = dx * dx + dy * dy;
                    double t = squared == 0 ? 0 : ((x - xs[i]) * dx + (y - ys[i]) * dy) / squared;
                    t = Math.min(1, Math.max(0, t));
                    double ex = xs[i] + t * dx - x;
                    double ey = ys[i] + t * dy - y;
                    double distance = ex * ex + ey * ey;
                    if (distance < nearest) {
                        nearest = distance;
                        where = (i + t) / (n - 1);
                    }
                }
                double width =
                        where < 0.5
                                ? start + (middle - start) * 2 * where
                                : middle + (end - middle) * (2 * where - 1);
                double d = Math.sqrt(nearest);
                double share =
                        (Math.min(d + soft / 2, width / 2) - Math.max(d - soft / 2, -width / 2))
                                / soft;
                mask.cover[k] = (float) Math.min(1, Math.max(0, share));
            }
        }
        return mask;
    }

    /**
     * A soft ellipse: full in the middle, nothing at the rim.
     *
     * @param x centre
     * @param y centre
     * @param radiusX half its extent along its first axis
     * @param radiusY half its extent along its second axis
     * @param cos cosine of its turn
     * @param sin sine of its turn
     * @return coverage
     */
    Mask glow(double x, double y, double radiusX, double radiusY, double cos, double sin) {
        double reach = Math.max(radiusX, radiusY);
        Mask mask = empty(x - reach, y - reach, x + reach, y + reach);
        int k = 0;
        for (int row = mask.top; row < mask.bottom; row++) {
            for (int column = mask.left; column < mask.right; column++, k++) {
                double dx = column + 0.5 - x;
                double dy = row + 0.5 - y;
                double u = (dx * cos + dy * sin) / radiusX;
                double v = (dy * cos - dx * sin) / radiusY;
                double rest = 1 - u * u - v * v;
                mask.cover[k] = rest <= 0 ? 0 : (float) (rest * rest);
            }
        }
        return mask;
    }

    /**
     * Paints a colour.
     *
     * @param mask where
     * @param colour which
     * @param opacity how much of it, 0 to 1
     */
    void paint(Mask mask, float[] colour, double opacity) {
        int k = 0;
        for (int y = mask.top; y < mask.bottom; y++) {
            int i = y * size + mask.left;
            for (int x = mask.left; x < mask.right; x++, i++, k++) {
                float share = (float) opacity * mask.cover[k];
                if (share > 0) {
                    figure[i] += (1 - figure[i]) * share;
                    for (int c = 0; c < 3; c++) {
                        planes[c][i] += (colour[c] - planes[c][i]) * share;
                    }
                }
            }
        }
    }

    /**
     * Darkens or lightens what is there.
     *
     * @param mask where
     * @param factors of red, green and blue where the mask is full
     */
    void tint(Mask mask, float... factors) {
        int k = 0;
        for (int y = mask.top; y < mask.bottom; y++) {
            int i = y * size + mask.left;
            for (int x = mask.left; x < mask.right; x++, i++, k++) {
                for (int c = 0; c < 3; c++) {
                    planes[c][i] *= 1 + (factors[c] - 1) * mask.cover[k];
                }
            }
        }
    }

    /**
     * Smooth noise: random values on a grid, cubic between them.
     *
     * @param key which noise
     * @param x place, in cells of the grid
     * @param y place, in cells of the grid
     * @return -1 to 1
     */
    static double noise(long key, double x, double y) {
        double fx = StrictMath.floor(x);
        double fy = StrictMath.floor(y);
        double u = x - fx;
        double v = y - fy;
        u = u * u * (3 - 2 * u);
        v = v * v * (3 - 2 * v);
        long i = (long) fx;
        long j = (long) fy;
        double above = corner(key, i, j) * (1 - u) + corner(key, i + 1, j) * u;
        double below = corner(key, i, j + 1) * (1 - u) + corner(key, i + 1, j + 1) * u;
        return above * (1 - v) + below * v;
    }

    private static double corner(long key, long i, long j) {
        return (Draws.mix(key ^ (i * 0x9E3779B97F4A7C15L + j * 0xC2B2AE3D27D4EB4FL)) >> 11)
                * 0x1p-52;
    }

    /**
     * A colour between two.
     *
     * @param a the one for share 0
     * @param b the one for share 1
     * @param share of {@code b}
     * @return a new colour
     */
    static float[] mix(float[] a, float[] b, double share) {
        float s = (float) share;
        return new float[] {
            a[0] + (b[0] - a[0]) * s, a[1] + (b[1] - a[1]) * s, a[2] + (b[2] - a[2]) * s
        };
    }

    /**
     * A darker or lighter colour.
     *
     * @param a the colour
     * @param factor of its brightness
     * @return a new colour
     */
    static float[] scale(float[] a, double factor) {
        float f = (float) factor;
        return new float[] {a[0] * f, a[1] * f, a[2] * f};
    }
}
