// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.schematic;

import java.util.ArrayList;
import java.util.List;
import org.mien.plugin.schematic.Canvas.Mask;

/**
 * What all parts of a drawing share: the scene, the canvas, the pose, and ways to draw on the head.
 *
 * <p>A face is a set of curves on the front of an egg (2.5D). Points are in head units (half the
 * height of the head; x right, y down, z towards the viewer) with the middle of the head as origin;
 * they are turned and projected with a weak perspective.
 */
abstract class Sketch {
    /** Height of the eyes. */
    static final double EYES = -0.06;

    static final float[] WHITE = {0.96f, 0.95f, 0.93f};
    static final float[] DARK = {0.07f, 0.05f, 0.06f};
    static final float[] CREASE = {0.58f, 0.46f, 0.44f};

    final Scene scene;
    final Person p;
    final Canvas canvas;
    final int size;

    /** Pixels in a head unit. */
    final double unit;

    final double cosYaw;
    final double cosRoll;
    final double sinRoll;
    private final double sinYaw;
    private final double cosPitch;
    private final double sinPitch;

    Sketch(Scene scene, Canvas canvas) {
        this.scene = scene;
        this.canvas = canvas;
        p = scene.person();
        size = canvas.size;
        unit = scene.scale() * size;
        cosYaw = StrictMath.cos(StrictMath.toRadians(scene.yaw()));
        sinYaw = StrictMath.sin(StrictMath.toRadians(scene.yaw()));
        cosPitch = StrictMath.cos(StrictMath.toRadians(scene.pitch()));
        sinPitch = StrictMath.sin(StrictMath.toRadians(scene.pitch()));
        cosRoll = StrictMath.cos(StrictMath.toRadians(scene.roll()));
        sinRoll = StrictMath.sin(StrictMath.toRadians(scene.roll()));
    }

    /** Strength of a unit on a half: -1 left, 1 right. */
    double au(ActionUnit unit, int side) {
        return (side < 0 ? scene.left() : scene.right())[unit.ordinal()];
    }

    /** Strength of a unit in the middle of the face. */
    double au(ActionUnit unit) {
        return (au(unit, -1) + au(unit, 1)) / 2;
    }

    /** A point of the head, turned and projected to pixels. */
    double[] at(double x, double y, double z) {
        double x1 = x * cosYaw + z * sinYaw;
        double z1 = z * cosYaw - x * sinYaw;
        double y2 = y * cosPitch + z1 * sinPitch;
        double z2 = z1 * cosPitch - y * sinPitch;
        double near = 1 + 0.10 * z2;
        double px = x1 * near;
        double py = y2 * near;
        return new double[] {
            size * (0.5 + scene.shiftX()) + unit * (px * cosRoll - py * sinRoll),
            size * (0.5 + scene.shiftY()) + unit * (px * sinRoll + py * cosRoll)
        };
    }

    /** A point on the front of the face. */
    double[] at(double x, double y) {
        return at(x, y, depth(x, y));
    }

    double depth(double x, double y) {
        double u = x / (p.width() * 1.08);
        double v = y / 1.15;
        return 0.72 * Math.sqrt(Math.max(0, 1 - u * u - v * v));
    }

    double px(double headUnits) {
        return headUnits * unit;
    }

    static List<double[]> points(double[]... points) {
        return new ArrayList<>(List.of(points));
    }

    double jawDrop() {
        return 0.15 * au(ActionUnit.AU26) + 0.02 * au(ActionUnit.AU25);
    }

    Mask disc(double[] centre, double rx, double ry) {
        List<double[]> ring = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            double angle = i * Math.PI / 4;
            double x = rx * StrictMath.cos(angle);
            double y = ry * StrictMath.sin(angle);
            ring.add(
                    new double[] {
                        centre[0] + x * cosRoll - y * sinRoll, centre[1] + x * sinRoll + y * cosRoll
                    });
        }
        return canvas.inside(Curve.smooth(ring, true));
    }

    /** The area between two lines from the left to the right corner. */
    Mask between(List<double[]> above, List<double[]> below) {
        Curve a = Curve.smooth(above, false);
        Curve b = Curve.smooth(below, false);
        int n = a.length();
        int m = b.length();
        double[] xs = new double[n + m];
        double[] ys = new double[n + m];
        for (int i = 0; i < n; i++) {
            xs[i] = a.xs()[i];
            ys[i] = a.ys()[i];
        }
        for (int i = 0; i < m; i++) {
            xs[n + i] = b.xs()[m - 1 - i];
            ys[n + i] = b.ys()[m - 1 - i];
        }
        return canvas.inside(new Curve(xs, ys));
    }

    /** A crease of the skin: a dark line as deep as {@code strength}, 0 to 1. */
    void crease(double strength, double width, double[]... through) {
        if (strength < 0.02) {
            return;
        }
        double s = Math.min(1, strength);
        Mask mask =
                canvas.line(
                        Curve.smooth(List.of(through), false),
                        px(width) * 0.5,
                        px(width),
                        px(width) * 0.3,
                        Math.max(1, px(width)));
        float[] f = {
            (float) (1 - s * (1 - CREASE[0])),
            (float) (1 - s * (1 - CREASE[1])),
            (float) (1 - s * (1 - CREASE[2]))
        };
        canvas.tint(mask, f);
    }

    /**
     * Texture that lies on the head and moves with it.
     *
     * @param mask where
     * @param key which texture
     * @param across cells in a head unit across the head
     * @param along cells in a head unit along it
     * @param depth largest change of brightness
     */
    void texture(Mask mask, long key, double across, double along, double depth) {
        double[] centre = at(0, 0, 0);
        int k = 0;
        for (int y = mask.top(); y < mask.bottom(); y++) {
            for (int x = mask.left(); x < mask.right(); x++, k++) {
                if (mask.cover()[k] > 0) {
                    double dx = (x + 0.5 - centre[0]) / unit;
                    double dy = (y + 0.5 - centre[1]) / unit;
                    double u = (dx * cosRoll + dy * sinRoll) * across;
                    double v = (dy * cosRoll - dx * sinRoll) * along;
                    float f = (float) (1 + mask.cover()[k] * depth * Canvas.noise(key, u, v));
                    for (int c = 0; c < 3; c++) {
                        canvas.planes[c][y * size + x] *= f;
                    }
                }
            }
        }
    }
}
