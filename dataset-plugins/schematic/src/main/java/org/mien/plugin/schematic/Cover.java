// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.schematic;

import java.util.ArrayList;
import java.util.List;
import org.mien.plugin.schematic.Canvas.Mask;

/** What lies over a face: glasses, and what hides a part of it. */
final class Cover extends Sketch {
    Cover(Scene scene, Canvas canvas) {
        super(scene, canvas);
    }

    void glasses() {
        float[] rim = Canvas.scale(p.clothes(), 0.35);
        for (int s = -1; s <= 1; s += 2) {
            List<double[]> ring = new ArrayList<>();
            for (int i = 0; i <= 12; i++) {
                double angle = i * Math.PI / 6;
                ring.add(
                        at(
                                s * p.eyeApart() + 0.22 * StrictMath.cos(angle),
                                EYES + 0.02 + 0.17 * StrictMath.sin(angle),
                                depth(s * p.eyeApart(), EYES) + 0.08));
            }
            canvas.paint(
                    canvas.line(
                            Curve.straight(ring),
                            px(0.03),
                            px(0.03),
                            px(0.03),
                            Math.max(1, px(0.015))),
                    rim,
                    0.9);
            canvas.paint(
                    canvas.line(
                            Curve.straight(
                                    List.of(
                                            at(
                                                    s * (p.eyeApart() + 0.22),
                                                    EYES,
                                                    depth(s * p.eyeApart(), EYES) + 0.08),
                                            at(s * p.width(), EYES, -0.05))),
                            px(0.03),
                            px(0.03),
                            px(0.03),
                            Math.max(1, px(0.015))),
                    rim,
                    0.9);
        }
        double z = depth(0, EYES) + 0.1;
        canvas.paint(
                canvas.line(
                        Curve.straight(
                                List.of(
                                        at(-p.eyeApart() + 0.21, EYES, z),
                                        at(0, EYES - 0.03, z),
                                        at(p.eyeApart() - 0.21, EYES, z))),
                        px(0.03),
                        px(0.03),
                        px(0.03),
                        Math.max(1, px(0.015))),
                rim,
                0.9);
    }

    void occlude() {
        double turn = StrictMath.toRadians(scene.hideTurn());
        double cos = StrictMath.cos(turn);
        double sin = StrictMath.sin(turn);
        double x = scene.hideX();
        double y = scene.hideY();
        Draws chance = new Draws(scene.key(), 2);
        float[] cloth = {
            (float) chance.between(0.05, 0.9),
            (float) chance.between(0.05, 0.9),
            (float) chance.between(0.05, 0.9)
        };
        switch (scene.occluder()) {
            case NONE -> {}
            case BAR -> {
                double thick = 0.10;
                canvas.paint(
                        canvas.inside(
                                Curve.straight(
                                        points(
                                                flat(x, y, cos, sin, -3, -thick),
                                                flat(x, y, cos, sin, 3, -thick),
                                                flat(x, y, cos, sin, 3, thick),
                                                flat(x, y, cos, sin, -3, thick)))),
                        cloth,
                        1);
            }
            case PATCH -> {
                Mask patch =
                        canvas.inside(
                                Curve.straight(
                                        points(
                                                flat(x, y, cos, sin, -0.24, -0.2),
                                                flat(x, y, cos, sin, 0.24, -0.2),
                                                flat(x, y, cos, sin, 0.24, 0.2),
                                                flat(x, y, cos, sin, -0.24, 0.2))));
                canvas.paint(patch, cloth, 1);
            }
            case HAND -> hand(x < 0 ? -1 : 1, y, chance.between(0.8, 1.02));
            case SCARF -> {
                double top = 0.66 + 0.12 * y;
                Mask wrap =
                        canvas.inside(
                                Curve.smooth(
                                        points(
                                                at(-1.15 * p.width(), top - 0.12, 0),
                                                at(-0.5, top),
                                                at(0, top + 0.06),
                                                at(0.5, top),
                                                at(1.15 * p.width(), top - 0.12, 0),
                                                at(1.2, 1.5, 0),
                                                at(-1.2, 1.5, 0)),
                                        true));
                canvas.paint(wrap, cloth, 1);
                for (int i = 1; i <= 3; i++) {
                    double fold = top + 0.16 * i;
                    crease(
                            0.5,
                            0.05,
                            at(-0.9 * p.width(), fold - 0.14, 0.2),
                            at(0, fold + 0.03),
                            at(0.9 * p.width(), fold - 0.10, 0.2));
                }
            }
            case SUNGLASSES -> {
                glasses();
                for (int s = -1; s <= 1; s += 2) {
                    double[] c =
                            at(s * p.eyeApart(), EYES + 0.02, depth(s * p.eyeApart(), EYES) + 0.08);
                    canvas.paint(disc(c, px(0.215), px(0.17)), DARK, 0.93);
                }
            }
        }
    }

    /** A point of something flat in front of the face. */
    private double[] flat(double x, double y, double cos, double sin, double u, double v) {
        double[] centre = at(x, y, 0.7);
        return new double[] {centre[0] + px(u * cos - v * sin), centre[1] + px(u * sin + v * cos)};
    }

    private void hand(int s, double y, double brightness) {
        float[] skin = Canvas.scale(p.skin(), brightness);
        double height = 0.25 + 0.7 * y;
        for (int finger = 3; finger >= 0; finger--) {
            double at = height + 0.16 * finger;
            double reach = 0.36 + 0.05 * Math.abs(finger - 1.5);
            Curve middle =
                    Curve.smooth(
                            List.of(
                                    at(s * reach, at, 0.75),
                                    at(s * 0.75, at + 0.05, 0.7),
                                    at(s * 1.3, 0.75 + 0.5 * at, 0.4)),
                            false);
            double thick = px(0.17);
            canvas.paint(
                    canvas.line(middle, thick * 1.15, thick * 1.25, thick * 1.5, 1),
                    Canvas.scale(skin, 0.6),
                    1);
            canvas.paint(
                    canvas.line(middle, thick * 0.85, thick, thick * 1.2, Math.max(1, px(0.04))),
                    skin,
                    1);
        }
    }
}
