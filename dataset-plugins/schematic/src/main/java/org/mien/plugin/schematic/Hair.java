// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.schematic;

import java.util.ArrayList;
import java.util.List;
import org.mien.plugin.schematic.Canvas.Mask;

/** Hair, or a cloth over it: one layer behind the head and one over the forehead. */
final class Hair extends Sketch {
    Hair(Scene scene, Canvas canvas) {
        super(scene, canvas);
    }

    void behind() {
        double w = p.width();
        switch (p.style()) {
            case LONG ->
                    canvas.paint(
                            canvas.inside(
                                    Curve.smooth(
                                            points(
                                                    at(0, -1.12, -0.1),
                                                    at(1.0 * w, -0.8, -0.1),
                                                    at(1.24 * w, -0.1, -0.1),
                                                    at(1.28 * w, 0.7, -0.1),
                                                    at(1.1 * w, 1.35, -0.1),
                                                    at(0, 1.2, -0.3),
                                                    at(-1.1 * w, 1.35, -0.1),
                                                    at(-1.28 * w, 0.7, -0.1),
                                                    at(-1.24 * w, -0.1, -0.1),
                                                    at(-1.0 * w, -0.8, -0.1)),
                                            true)),
                            Canvas.scale(p.hair(), 0.8),
                            1);
            case FRINGE ->
                    canvas.paint(
                            canvas.inside(
                                    Curve.smooth(
                                            points(
                                                    at(0, -1.12, -0.1),
                                                    at(0.98 * w, -0.82, -0.1),
                                                    at(1.2 * w, -0.1, -0.1),
                                                    at(1.18 * w, 0.55, -0.1),
                                                    at(0.8 * w, 0.75, -0.1),
                                                    at(-0.8 * w, 0.75, -0.1),
                                                    at(-1.18 * w, 0.55, -0.1),
                                                    at(-1.2 * w, -0.1, -0.1),
                                                    at(-0.98 * w, -0.82, -0.1)),
                                            true)),
                            Canvas.scale(p.hair(), 0.8),
                            1);
            case SCARF ->
                    canvas.paint(
                            canvas.inside(
                                    Curve.smooth(
                                            points(
                                                    at(0, -1.17, 0),
                                                    at(0.85 * w, -0.98, 0),
                                                    at(1.2 * w, -0.35, 0),
                                                    at(1.17 * w, 0.4, 0),
                                                    at(0.95 * w, 1.05, 0),
                                                    at(1.15 * w, 1.8, 0),
                                                    at(-1.15 * w, 1.8, 0),
                                                    at(-0.95 * w, 1.05, 0),
                                                    at(-1.17 * w, 0.4, 0),
                                                    at(-1.2 * w, -0.35, 0),
                                                    at(-0.85 * w, -0.98, 0)),
                                            true)),
                            p.clothes(),
                            1);
            case CURLY -> {
                Draws curls = new Draws(p.grain());
                for (int i = 0; i < 26; i++) {
                    double angle = StrictMath.toRadians(i * 10 - 215);
                    double r = curls.between(0.92, 1.12);
                    double[] c =
                            at(
                                    1.12 * w * r * StrictMath.cos(angle),
                                    -0.2 + 0.86 * r * StrictMath.sin(angle),
                                    -0.1);
                    double radius = px(curls.between(0.2, 0.27));
                    canvas.paint(
                            disc(c, radius, radius),
                            Canvas.scale(p.hair(), curls.between(0.75, 1.1)),
                            1);
                }
            }
            default -> {}
        }
    }

    void inFront() {
        double w = p.width();
        // A parting lies on the same side for the whole of a person's life.
        int part = (p.grain() & 1) == 0 ? 1 : -1;
        switch (p.style()) {
            case BALD -> {}
            case SHORT ->
                    cap(
                            1.06,
                            p.hair(),
                            at(0.99 * w, -0.10, 0.05),
                            at(0.86 * w, -0.42),
                            at(0.62 * w, -0.62),
                            at(0, -0.68),
                            at(-0.62 * w, -0.62),
                            at(-0.86 * w, -0.42),
                            at(-0.99 * w, -0.10, 0.05));
            case SWEPT ->
                    cap(
                            1.10,
                            p.hair(),
                            at(0.99 * w, -0.05, 0.05),
                            at(0.84 * w, part > 0 ? -0.62 : -0.40),
                            at(0.5 * w, part > 0 ? -0.72 : -0.44),
                            at(0, -0.56),
                            at(-0.5 * w, part < 0 ? -0.72 : -0.44),
                            at(-0.84 * w, part < 0 ? -0.62 : -0.40),
                            at(-0.99 * w, -0.05, 0.05));
            case FRINGE ->
                    cap(
                            1.10,
                            p.hair(),
                            at(1.02 * w, 0.30, 0.1),
                            at(0.90 * w, 0.0, 0.2),
                            at(0.80 * w, -0.42),
                            at(0.3 * w, -0.50),
                            at(0, -0.48),
                            at(-0.3 * w, -0.50),
                            at(-0.80 * w, -0.42),
                            at(-0.90 * w, 0.0, 0.2),
                            at(-1.02 * w, 0.30, 0.1));
            case LONG ->
                    cap(
                            1.09,
                            p.hair(),
                            at(1.06 * w, 0.75, 0.1),
                            at(0.93 * w, 0.10, 0.2),
                            at(0.72 * w, -0.48),
                            at(part * 0.06, -0.76),
                            at(-0.72 * w, -0.48),
                            at(-0.93 * w, 0.10, 0.2),
                            at(-1.06 * w, 0.75, 0.1));
            case CURLY ->
                    cap(
                            1.10,
                            p.hair(),
                            at(1.0 * w, -0.18, 0.05),
                            at(0.80 * w, -0.50),
                            at(0.4 * w, -0.60),
                            at(0, -0.57),
                            at(-0.4 * w, -0.60),
                            at(-0.80 * w, -0.50),
                            at(-1.0 * w, -0.18, 0.05));
            case SCARF ->
                    cap(
                            1.12,
                            p.clothes(),
                            at(1.04 * w, 0.6, 0.05),
                            at(0.94 * w, 0.0, 0.15),
                            at(0.72 * w, -0.48),
                            at(0, -0.66),
                            at(-0.72 * w, -0.48),
                            at(-0.94 * w, 0.0, 0.15),
                            at(-1.04 * w, 0.6, 0.05));
        }
    }

    /** Hair from the right temple over the crown, closed by a hairline from right to left. */
    private void cap(double grow, float[] colour, double[]... hairline) {
        double w = p.width();
        List<double[]> outer = new ArrayList<>();
        outer.add(hairline[hairline.length - 1]);
        outer.add(at(-w * grow, -0.25, 0));
        outer.add(at(-0.92 * w * grow, -0.66 * grow, 0));
        outer.add(at(-0.52 * w * grow, -0.96 * grow, 0));
        outer.add(at(0, -1.06 * grow, 0));
        outer.add(at(0.52 * w * grow, -0.96 * grow, 0));
        outer.add(at(0.92 * w * grow, -0.66 * grow, 0));
        outer.add(at(w * grow, -0.25, 0));
        outer.add(hairline[0]);
        Mask hair = between(outer, reversed(hairline));
        canvas.paint(hair, colour, 1);
        double[] shine = at(0.2 * scene.lightX(), -0.85, 0.3);
        canvas.tint(
                hair.and(canvas.glow(shine[0], shine[1], px(0.6), px(0.28), cosRoll, sinRoll)),
                1.15f,
                1.15f,
                1.15f);
        texture(hair, p.grain() + 2, p.style() == Person.Style.SCARF ? 3 : 14, 2, 0.22);
    }

    /** The other way round. */
    private static List<double[]> reversed(double[]... points) {
        List<double[]> back = new ArrayList<>();
        for (int i = points.length - 1; i >= 0; i--) {
            back.add(points[i]);
        }
        return back;
    }
}
