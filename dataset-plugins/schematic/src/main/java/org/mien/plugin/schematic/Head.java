// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.schematic;

import java.util.ArrayList;
import java.util.List;
import org.mien.plugin.schematic.Canvas.Mask;

/** The head without what moves in it: neck and shoulders, ears, skin, beard. */
final class Head extends Sketch {
    Head(Scene scene, Canvas canvas) {
        super(scene, canvas);
    }

    void skin() {
        Mask face = canvas.inside(Curve.smooth(outline(), true));
        canvas.paint(face, p.skin(), 1);
        texture(face, p.grain(), 4, 4, 0.05);
        texture(face, p.grain() + 1, 13, 13, 0.05);
        if (p.beard() > 0) {
            beard(face);
        }
        for (int side = -1; side <= 1; side += 2) {
            double lift = 0.05 * au(ActionUnit.AU6, side) + 0.03 * au(ActionUnit.AU12, side);
            double[] c = at(side * 0.42, 0.30 - lift);
            float red = (float) (1 - 0.25 * p.blush());
            canvas.tint(canvas.glow(c[0], c[1], px(0.26), px(0.2), cosRoll, sinRoll), 1, red, red);
        }
        if (p.freckles() > 0) {
            Draws spots = new Draws(p.grain(), 1);
            for (int i = 0; i < 40 * p.freckles(); i++) {
                double x = spots.around(0, 0.6);
                double y = spots.around(0.18, 0.25);
                double[] c = at(x, y);
                double r = px(spots.between(0.015, 0.035));
                canvas.tint(canvas.glow(c[0], c[1], r, r, 1, 0), 0.8f, 0.66f, 0.6f);
            }
        }
    }

    /** Outline of the head, clockwise from the crown. */
    private List<double[]> outline() {
        double w = p.width();
        double j = w * p.jaw();
        double chin = 1.0 + jawDrop() - 0.02 * au(ActionUnit.AU17);
        double tip = 0.27 - 0.12 * p.chin();
        double[][] half = {
            {0.42 * w / 0.76, -0.93, 0},
            {0.90 * w, -0.62, 0},
            {w, -0.22, 0},
            {0.97 * w, 0.12, 0},
            {0.5 * (0.97 * w + j) * 0.96, 0.40, 0.05},
            {0.76 * j, 0.70 + 0.4 * jawDrop(), 0.15},
            {tip + 0.12, 0.93 * chin, 0.28}
        };
        List<double[]> all = new ArrayList<>();
        all.add(at(0, -1.02, 0));
        for (double[] q : half) {
            all.add(at(q[0], q[1], q[2]));
        }
        all.add(at(0, chin, 0.32));
        for (int i = half.length - 1; i >= 0; i--) {
            all.add(at(-half[i][0], half[i][1], half[i][2]));
        }
        return all;
    }

    private void beard(Mask face) {
        double w = p.width();
        double j = jawDrop();
        double lip = p.mouthHeight() + 0.02;
        Mask area =
                canvas.inside(
                        Curve.smooth(
                                points(
                                        at(-1.02 * w, 0.1, 0.1),
                                        at(-0.78 * w, 0.32),
                                        at(-0.46, lip - 0.14),
                                        at(-0.2, lip - 0.20),
                                        at(0, lip - 0.16),
                                        at(0.2, lip - 0.20),
                                        at(0.46, lip - 0.14),
                                        at(0.78 * w, 0.32),
                                        at(1.02 * w, 0.1, 0.1),
                                        at(1.0 * w, 0.7, 0.1),
                                        at(0.5, 1.12 + j, 0.3),
                                        at(-0.5, 1.12 + j, 0.3),
                                        at(-1.0 * w, 0.7, 0.1)),
                                true));
        canvas.paint(area.and(face), p.hair(), 0.12 + 0.55 * p.beard() * p.beard());
    }

    void body() {
        double w = p.width();
        float[] neck = Canvas.scale(p.skin(), 0.78);
        if (p.style() != Person.Style.SCARF) {
            double n = 0.62 * w;
            canvas.paint(
                    canvas.inside(
                            Curve.straight(
                                    points(
                                            at(-n, 0.5, -0.2),
                                            at(n, 0.5, -0.2),
                                            at(n * 1.1, 1.6, -0.2),
                                            at(-n * 1.1, 1.6, -0.2)))),
                    neck,
                    1);
        }
        canvas.paint(
                canvas.inside(
                        Curve.smooth(
                                points(
                                        at(-0.5, 1.26, -0.1),
                                        at(0, 1.42, 0.1),
                                        at(0.5, 1.26, -0.1),
                                        at(1.5, 1.55, -0.2),
                                        at(1.9, 2.4, -0.2),
                                        at(-1.9, 2.4, -0.2),
                                        at(-1.5, 1.55, -0.2)),
                                true)),
                p.clothes(),
                1);
    }

    void ears() {
        if (p.style() == Person.Style.SCARF || p.style() == Person.Style.LONG) {
            return;
        }
        for (int side = -1; side <= 1; side += 2) {
            double[] c = at(side * p.width() * 1.02, 0.06, -0.1);
            canvas.paint(disc(c, px(0.10), px(0.17)), Canvas.scale(p.skin(), 0.88), 1);
            canvas.tint(canvas.glow(c[0], c[1], px(0.07), px(0.13), cosRoll, sinRoll), CREASE);
        }
    }
}
