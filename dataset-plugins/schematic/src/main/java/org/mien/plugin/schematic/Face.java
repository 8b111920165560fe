// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.schematic;

import java.util.ArrayList;
import java.util.List;
import org.mien.plugin.schematic.Canvas.Mask;

/**
 * What moves in a head: creases, eyes, nose, mouth, brows. Everything an action unit does is here,
 * as a shift of points or the depth of a crease, for each half apart.
 */
final class Face extends Sketch {
    private static final float[] MOUTH = {0.25f, 0.06f, 0.07f};
    private static final float[] TONGUE = {0.72f, 0.32f, 0.32f};

    Face(Scene scene, Canvas canvas) {
        super(scene, canvas);
    }

    void draw() {
        folds();
        eye(-1);
        eye(1);
        nose();
        mouth();
        brow(-1);
        brow(1);
    }

    /** Eyes, nose tip and corners of the mouth, left of the picture first, in pixels. */
    List<float[]> points() {
        return List.of(
                point(at(-p.eyeApart(), EYES)),
                point(at(p.eyeApart(), EYES)),
                point(noseTip()),
                point(corner(-1)),
                point(corner(1)));
    }

    private void folds() {
        double lined = 0.25 * p.age();
        for (int s = -1; s <= 1; s += 2) {
            double inner = au(ActionUnit.AU1, s);
            double outer = au(ActionUnit.AU2, s);
            for (int i = 0; i < 3; i++) {
                double y = EYES - p.browHeight() - 0.20 - 0.09 * i;
                double up = 0.03 * inner;
                crease(
                        0.5 * lined + 0.6 * Math.max(inner, 0.5 * (inner + outer)),
                        0.03,
                        at(0, y + 0.01 - up),
                        at(s * 0.14, y - up),
                        at(s * (0.18 + 0.2 * outer), y + 0.03 - 0.03 * outer));
            }
            double frown = au(ActionUnit.AU4, s);
            double wrinkle = au(ActionUnit.AU9, s);
            crease(
                    0.4 * lined + 0.9 * Math.max(frown, 0.7 * wrinkle),
                    0.035,
                    at(s * 0.045, EYES - p.browHeight() - 0.06),
                    at(s * 0.038, EYES - p.browHeight() + 0.04),
                    at(s * 0.06, EYES - p.browHeight() + 0.14));
            for (int i = 0; i < 3; i++) {
                double y = EYES + 0.02 + 0.065 * i;
                crease(
                        0.7 * wrinkle,
                        0.025,
                        at(0, y, depth(0, y) + 0.06),
                        at(s * 0.05, y + 0.005, depth(0, y) + 0.04),
                        at(s * (0.10 + 0.015 * i), y + 0.035));
            }
            double cheek = au(ActionUnit.AU6, s);
            double ex = p.eyeApart() + p.eyeWidth();
            for (int i = -1; i <= 1; i++) {
                crease(
                        0.5 * lined + 0.7 * cheek,
                        0.025,
                        at(s * (ex + 0.03), EYES + 0.03 * i),
                        at(s * (ex + 0.09), EYES + 0.055 * i),
                        at(s * (ex + 0.14), EYES + 0.10 * i));
            }
            crease(
                    0.3 * lined + 0.55 * Math.max(cheek, 0.6 * au(ActionUnit.AU7, s)),
                    0.03,
                    at(s * (p.eyeApart() - 0.14), EYES + 0.11),
                    at(s * p.eyeApart(), EYES + 0.155 - 0.02 * cheek),
                    at(s * (p.eyeApart() + 0.16), EYES + 0.09));

            double smile = au(ActionUnit.AU12, s);
            double raise = au(ActionUnit.AU10, s);
            double deep = Math.max(0.85 * smile, Math.max(0.9 * raise, 0.75 * wrinkle));
            double nose = EYES + p.noseLength() - 0.05 * wrinkle;
            crease(
                    lined + 0.7 * deep,
                    0.04,
                    at(s * (p.noseWidth() + 0.03), nose - 0.03),
                    at(
                            s * (p.noseWidth() + 0.13 + 0.06 * smile),
                            nose + 0.08 - 0.02 * (smile + raise)),
                    at(s * (cornerX(s) + 0.07), cornerY(s) - 0.03));
            if (Math.max(cheek, smile) > 0.05) {
                double[] c = at(s * 0.42, 0.24 - 0.05 * cheek);
                float lift = (float) (1 + 0.16 * Math.max(cheek, smile));
                canvas.tint(
                        canvas.glow(c[0], c[1], px(0.18), px(0.13), cosRoll, sinRoll),
                        lift,
                        lift,
                        lift);
            }
            double down = au(ActionUnit.AU15, s);
            crease(
                    0.5 * lined + 0.75 * down,
                    0.035,
                    at(s * (cornerX(s) + 0.01), cornerY(s) + 0.01),
                    at(s * (cornerX(s) + 0.05), cornerY(s) + 0.08),
                    at(s * (cornerX(s) + 0.04), cornerY(s) + 0.16));
            double stretch = au(ActionUnit.AU20, s);
            crease(
                    0.7 * stretch,
                    0.035,
                    at(s * (cornerX(s) + 0.05), cornerY(s) - 0.07),
                    at(s * (cornerX(s) + 0.08), cornerY(s)),
                    at(s * (cornerX(s) + 0.05), cornerY(s) + 0.09));
            double boss = au(ActionUnit.AU17, s);
            double chin = 0.84 + 0.7 * jawDrop();
            crease(
                    0.7 * boss,
                    0.04,
                    at(0, chin - 0.05),
                    at(s * 0.08, chin - 0.03),
                    at(s * 0.13, chin + 0.03));
        }
    }

    private void eye(int s) {
        double ex = s * p.eyeApart();
        double w = p.eyeWidth();
        double wide = au(ActionUnit.AU5, s);
        double tight = au(ActionUnit.AU7, s);
        double cheek = au(ActionUnit.AU6, s);
        double sad = Math.max(0, au(ActionUnit.AU1, s) - au(ActionUnit.AU2, s));
        // A brow drawn down lies on the lid; one drawn down and up does not.
        double frown = au(ActionUnit.AU4, s) * (1 - au(ActionUnit.AU1, s));
        double open = 1 - 0.85 * au(ActionUnit.AU43, s);
        double up =
                p.eyeHeight()
                        * 0.56
                        * open
                        * Math.max(
                                0.15,
                                1
                                        + 0.95 * wide
                                        - 0.35 * tight
                                        - 0.15 * cheek
                                        - 0.15 * sad
                                        - 0.3 * frown);
        double low =
                p.eyeHeight()
                        * 0.44
                        * open
                        * Math.max(0.1, 1 + 0.35 * wide - 0.55 * tight - 0.7 * cheek);
        double tilt = p.eyeTilt() - 0.03 * sad;
        double[] socket = at(ex, EYES - 0.02);
        canvas.tint(
                canvas.glow(socket[0], socket[1], px(w * 1.6), px(0.2), cosRoll, sinRoll),
                0.86f,
                0.80f,
                0.80f);
        double[] in = at(ex - s * w, EYES + 0.015);
        double[] out = at(ex + s * w, EYES - tilt);
        List<double[]> upper =
                points(
                        in,
                        at(ex - s * w * 0.5, EYES - up * 0.82),
                        at(ex, EYES - up),
                        at(ex + s * w * 0.55, EYES - up * 0.78 - tilt * 0.6 + 0.02 * sad),
                        out);
        List<double[]> outline = new ArrayList<>(upper);
        outline.add(at(ex + s * w * 0.5, EYES + low * 0.85 - tilt * 0.5));
        outline.add(at(ex, EYES + low));
        outline.add(at(ex - s * w * 0.5, EYES + low * 0.8));
        Mask opening = canvas.inside(Curve.smooth(outline, true));
        canvas.paint(opening, WHITE, 0.95);
        double[] iris = at(ex + 0.05 * scene.gazeX(), EYES - 0.008 + 0.025 * scene.gazeY());
        double narrow = Math.max(0.5, cosYaw);
        double r = px(0.088);
        canvas.paint(opening.and(disc(iris, r * narrow, r)), Canvas.scale(p.iris(), 0.45), 1);
        canvas.paint(opening.and(disc(iris, r * 0.78 * narrow, r * 0.78)), p.iris(), 1);
        canvas.paint(opening.and(disc(iris, r * 0.45 * narrow, r * 0.45)), DARK, 1);
        double[] glint = {iris[0] + r * 0.35 * scene.lightX() - 0.1 * r, iris[1] - r * 0.4};
        canvas.paint(opening.and(disc(glint, r * 0.25, r * 0.25)), WHITE, 0.9);
        // The upper lid throws a shadow on the ball, and its edge is the darkest line of an eye.
        Curve lid = Curve.smooth(upper, false);
        canvas.tint(canvas.line(lid, px(0.02), px(0.07), px(0.03), px(0.06)), 0.7f, 0.68f, 0.7f);
        canvas.paint(
                canvas.line(lid, px(0.02), px(0.04), px(0.035), Math.max(1, px(0.02))),
                Canvas.scale(p.skin(), 0.16),
                1);
        crease(
                0.45,
                0.022,
                in,
                at(ex - s * w * 0.3, EYES + low * 0.98),
                at(ex + s * w * 0.4, EYES + low * 0.98),
                out);
        double fold = EYES - up - 0.045 - 0.02 * (1 - wide);
        crease(
                0.5 * (1 - 0.7 * wide),
                0.025,
                at(ex - s * w * 0.75, fold + 0.05),
                at(ex, fold),
                at(ex + s * w * 0.95, fold + 0.06 - tilt));
    }

    private void brow(int s) {
        double inner = au(ActionUnit.AU1, s);
        double outer = au(ActionUnit.AU2, s);
        double lower = au(ActionUnit.AU4, s);
        double wrinkle = au(ActionUnit.AU9, s);
        double y = EYES - p.browHeight();
        double in = 0.15 * inner - 0.14 * lower * (1 - 0.75 * inner) - 0.05 * wrinkle;
        double mid = 0.07 * inner + 0.09 * outer - 0.08 * lower - 0.02 * wrinkle;
        double out = 0.14 * outer - 0.01 * lower - 0.02 * inner * (1 - outer);
        double x = p.eyeApart() - 0.17 - 0.055 * lower;
        Curve middle =
                Curve.smooth(
                        List.of(
                                at(s * x, y - in + 0.01),
                                at(s * (x + 0.12), y - 0.5 * (in + mid) - 0.6 * p.browArch()),
                                at(s * (p.eyeApart() + 0.09), y - mid - p.browArch()),
                                at(s * (p.eyeApart() + 0.23), y - out + 0.03 - p.browTilt())),
                        false);
        double thick = px(p.browThick());
        canvas.paint(
                canvas.line(middle, thick, thick * 1.1, thick * 0.35, Math.max(1, thick * 0.5)),
                Canvas.scale(p.hair(), 0.62),
                0.92);
    }

    private void nose() {
        double y = EYES + p.noseLength();
        double n = p.noseWidth();
        double[] tip = noseTip();
        // The side away from the light is the darker one.
        int shade = scene.lightX() > 0 ? -1 : 1;
        crease(
                0.45,
                0.05,
                at(shade * 0.055, EYES - 0.02, depth(0, EYES) + 0.06),
                at(shade * 0.065, EYES + 0.5 * p.noseLength(), depth(0, y) + 0.12),
                at(shade * (n * 0.7), y - 0.08, depth(0, y) + 0.15));
        canvas.tint(
                canvas.glow(tip[0], tip[1], px(0.08), px(0.10), cosRoll, sinRoll),
                1.16f,
                1.16f,
                1.16f);
        for (int s = -1; s <= 1; s += 2) {
            double up = 0.05 * au(ActionUnit.AU9, s) + 0.02 * au(ActionUnit.AU10, s);
            double flare = 1 + 0.12 * au(ActionUnit.AU9, s) + 0.08 * au(ActionUnit.AU10, s);
            double z = depth(0, y) + 0.06;
            crease(
                    0.75,
                    0.035,
                    at(s * n * flare * 0.95, y - 0.11 - up, z),
                    at(s * n * flare * 1.08, y - 0.04 - up, z),
                    at(s * n * flare * 0.75, y + 0.015 - up, z));
            double[] hole = at(s * n * 0.45, y + 0.005 - up * 0.6, depth(0, y) + 0.13);
            canvas.paint(disc(hole, px(0.038), px(0.02)), Canvas.scale(p.skin(), 0.3), 0.9);
        }
        crease(
                0.5,
                0.03,
                at(-n * 0.5, y + 0.03, depth(0, y) + 0.1),
                at(0, y + 0.045, depth(0, y) + 0.14),
                at(n * 0.5, y + 0.03, depth(0, y) + 0.1));
    }

    private double[] noseTip() {
        double y = EYES + p.noseLength();
        return at(0, y - 0.06, depth(0, y) + 0.22);
    }

    private void mouth() {
        double press = 0.6 * au(ActionUnit.AU23) + 0.5 * au(ActionUnit.AU24);
        double stretch = 0.25 * au(ActionUnit.AU20) + 0.25 * au(ActionUnit.AU12);
        double top = p.upperLip() * Math.max(0.2, 1 - press - stretch);
        double bottom =
                p.lowerLip() * Math.max(0.25, 1 - press - stretch + 0.3 * au(ActionUnit.AU17));
        double half = 0.58;
        double[] left = corner(-1);
        double[] right = corner(1);
        double xl = -half * cornerX(-1);
        double xr = half * cornerX(1);
        List<double[]> upperInner =
                points(
                        left,
                        at(xl, upperEdge(-1)),
                        at(0, upperEdge(0)),
                        at(xr, upperEdge(1)),
                        right);
        List<double[]> lowerInner =
                points(
                        left,
                        at(xl, lowerEdge(-1)),
                        at(0, lowerEdge(0)),
                        at(xr, lowerEdge(1)),
                        right);
        List<double[]> upperOuter =
                points(
                        left,
                        at(xl, upperEdge(-1) - top * 0.9),
                        at(xl * 0.28, upperEdge(0) - top * 1.12),
                        at(0, upperEdge(0) - top * 0.92),
                        at(xr * 0.28, upperEdge(0) - top * 1.12),
                        at(xr, upperEdge(1) - top * 0.9),
                        right);
        List<double[]> lowerOuter =
                points(
                        left,
                        at(xl, lowerEdge(-1) + bottom * 0.85),
                        at(0, lowerEdge(0) + bottom * 1.1),
                        at(xr, lowerEdge(1) + bottom * 0.85),
                        right);

        double[] under = at(0, lowerEdge(0) + bottom + 0.05);
        canvas.tint(
                canvas.glow(under[0], under[1], px(0.2), px(0.06), cosRoll, sinRoll),
                0.82f,
                0.76f,
                0.76f);
        canvas.paint(between(upperOuter, upperInner), Canvas.scale(p.lips(), 0.9), 0.95);
        canvas.paint(between(lowerInner, lowerOuter), p.lips(), 0.95);
        Mask inside = between(upperInner, lowerInner);
        double gap = lowerEdge(0) - upperEdge(0);
        if (gap > 0.015) {
            canvas.paint(inside, MOUTH, 1);
            double[] tongue = at(0, lowerEdge(0));
            canvas.paint(
                    inside.and(
                            canvas.glow(
                                    tongue[0],
                                    tongue[1],
                                    px(0.22),
                                    px(Math.max(0.02, gap * 0.6)),
                                    cosRoll,
                                    sinRoll)),
                    TONGUE,
                    0.9);
            double teeth = 0.035 + 0.02 * au(ActionUnit.AU12) + 0.02 * au(ActionUnit.AU10);
            List<double[]> edge =
                    points(
                            left,
                            at(xl, upperEdge(-1) + teeth),
                            at(0, upperEdge(0) + teeth),
                            at(xr, upperEdge(1) + teeth),
                            right);
            canvas.paint(inside.and(between(upperInner, edge)), WHITE, 0.92);
            double lowTeeth = 0.035 * (au(ActionUnit.AU16) + au(ActionUnit.AU20));
            if (lowTeeth > 0.005) {
                List<double[]> rise =
                        points(
                                left,
                                at(xl, lowerEdge(-1) - lowTeeth),
                                at(0, lowerEdge(0) - lowTeeth),
                                at(xr, lowerEdge(1) - lowTeeth),
                                right);
                canvas.paint(inside.and(between(rise, lowerInner)), WHITE, 0.8);
            }
        }
        canvas.paint(
                canvas.line(
                        Curve.smooth(upperInner, false),
                        px(0.022),
                        px(0.026),
                        px(0.022),
                        Math.max(1, px(0.015))),
                Canvas.scale(p.lips(), 0.35),
                0.9);
        for (int s = -1; s <= 1; s += 2) {
            double[] c = corner(s);
            canvas.tint(canvas.glow(c[0], c[1], px(0.045), px(0.045), 1, 0), 0.62f, 0.5f, 0.5f);
        }
    }

    private double cornerX(int s) {
        return p.mouthWidth()
                + 0.11 * au(ActionUnit.AU12, s)
                + 0.13 * au(ActionUnit.AU20, s)
                + 0.02 * au(ActionUnit.AU15, s)
                - 0.08 * au(ActionUnit.AU23, s)
                - 0.03 * au(ActionUnit.AU24, s)
                - 0.09 * au(ActionUnit.AU26, s) * (1 - au(ActionUnit.AU12, s));
    }

    private double cornerY(int s) {
        return p.mouthHeight()
                - p.mouthCurve()
                - 0.14 * au(ActionUnit.AU12, s)
                + 0.12 * au(ActionUnit.AU15, s)
                + 0.02 * au(ActionUnit.AU20, s)
                + 0.10 * au(ActionUnit.AU26, s)
                - 0.02 * au(ActionUnit.AU10, s);
    }

    private double[] corner(int s) {
        return at(s * cornerX(s), cornerY(s));
    }

    /** Height of the upper lip's lower edge at a quarter or the middle: side -1, 0, 1. */
    private double upperEdge(int s) {
        double middle =
                p.mouthHeight()
                        - 0.075 * mean(ActionUnit.AU10, s)
                        - 0.025 * mean(ActionUnit.AU9, s)
                        - 0.02 * mean(ActionUnit.AU25, s)
                        - 0.03 * mean(ActionUnit.AU17, s)
                        + 0.02 * mean(ActionUnit.AU12, s)
                        - 0.03 * mean(ActionUnit.AU15, s);
        // Towards the corner, less where the lip is lifted as a whole.
        return s == 0 ? middle : middle + 0.28 * (cornerY(s) - middle);
    }

    private double lowerEdge(int s) {
        double gap =
                0.095 * mean(ActionUnit.AU25, s)
                        + 0.23 * mean(ActionUnit.AU26, s)
                        + 0.045 * mean(ActionUnit.AU16, s)
                        + 0.02 * mean(ActionUnit.AU25, s) * mean(ActionUnit.AU12, s);
        double drop = mean(ActionUnit.AU17, s) * 0.01;
        double upper = upperEdge(s);
        return upper + Math.max(0, gap - drop) * (s == 0 ? 1 : 0.88);
    }

    private double mean(ActionUnit unit, int s) {
        return s == 0 ? au(unit) : au(unit, s);
    }

    private static float[] point(double[] xy) {
        return new float[] {(float) xy[0], (float) xy[1]};
    }
}
