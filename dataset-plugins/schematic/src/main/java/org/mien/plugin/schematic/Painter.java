// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.schematic;

import java.nio.ByteBuffer;
import java.util.Map;
import org.mien.api.data.Picture;

/** Draws a {@link Scene}, back to front, then lets light fall on it and photographs it. */
final class Painter extends Sketch {
    Painter(Scene scene, int size) {
        super(scene, new Canvas(size));
    }

    Picture draw() {
        Head head = new Head(scene, canvas);
        Face face = new Face(scene, canvas);
        Hair hair = new Hair(scene, canvas);
        Cover cover = new Cover(scene, canvas);
        background();
        hair.behind();
        head.body();
        head.ears();
        head.skin();
        face.draw();
        hair.inFront();
        if (p.glasses() && scene.occluder() != Scene.Occluder.SUNGLASSES) {
            cover.glasses();
        }
        light();
        cover.occlude();
        return new Picture(size, size, ByteBuffer.wrap(expose()), face.points(), Map.of());
    }

    private void background() {
        // Backgrounds are seldom as bright as toys: nearly half of a colour is its grey.
        Draws chance = new Draws(scene.key());
        float[] a = faded(colour(chance), 0.45);
        float[] b = faded(colour(chance), 0.45);
        double angle = chance.between(0, 2 * Math.PI);
        double cos = StrictMath.cos(angle) / size;
        double sin = StrictMath.sin(angle) / size;
        long key = chance.next();
        double cells = chance.between(2, 9) / size;
        double rough = chance.between(0, 0.3);
        int i = 0;
        for (int y = 0; y < size; y++) {
            for (int x = 0; x < size; x++, i++) {
                double t =
                        0.5
                                + (x - size / 2.0) * cos
                                + (y - size / 2.0) * sin
                                + rough * Canvas.noise(key, x * cells, y * cells);
                float s = (float) Math.min(1, Math.max(0, t));
                for (int c = 0; c < 3; c++) {
                    canvas.planes[c][i] = a[c] + (b[c] - a[c]) * s;
                }
            }
        }
    }

    /** Less of a colour, more of its grey. */
    private static float[] faded(float[] colour, double share) {
        float grey = 0.3f * colour[0] + 0.59f * colour[1] + 0.11f * colour[2];
        return Canvas.mix(colour, new float[] {grey, grey, grey}, share);
    }

    private static float[] colour(Draws chance) {
        return new float[] {
            (float) chance.between(0.1, 0.95),
            (float) chance.between(0.1, 0.95),
            (float) chance.between(0.1, 0.95)
        };
    }

    /** Lambert's law on an egg; what is drawn beyond it is lit as its rim is. */
    private void light() {
        double[] centre = at(0, 0.05, 0);
        double lz = Math.sqrt(Math.max(0.15, 1 - scene.lightX() * scene.lightX()));
        double ly = scene.lightY();
        double norm = Math.sqrt(scene.lightX() * scene.lightX() + ly * ly + lz * lz);
        double k = scene.light();
        int i = 0;
        for (int y = 0; y < size; y++) {
            for (int x = 0; x < size; x++, i++) {
                double dx = (x + 0.5 - centre[0]) / unit;
                double dy = (y + 0.5 - centre[1]) / unit;
                double u = (dx * cosRoll + dy * sinRoll) / 0.86;
                double v = (dy * cosRoll - dx * sinRoll) / 1.12;
                double r = u * u + v * v;
                double weight = canvas.figure[i];
                double nz = Math.sqrt(Math.max(0.02, 1 - r));
                double length = Math.sqrt(r + nz * nz);
                // u and v are along the head's axes; the light's direction is the picture's.
                double nx = (u * cosRoll - v * sinRoll) / length;
                double ny = (u * sinRoll + v * cosRoll) / length;
                double facing = (nx * scene.lightX() + ny * ly + nz / length * lz) / norm;
                double shade = 1 - k + k * (0.32 + 0.86 * Math.max(0, facing));
                float f = (float) (1 + weight * (shade - 1));
                for (int c = 0; c < 3; c++) {
                    canvas.planes[c][i] *= f;
                }
            }
        }
    }

    /** Blur, brightness, colour of the light and noise of the camera; then bytes. */
    private byte[] expose() {
        float blur = (float) scene.blur();
        byte[] rgb = new byte[size * size * 3];
        Draws grain = new Draws(scene.key(), 1);
        double[] gain = {
            scene.gain() * (1 + 0.10 * scene.warmth()),
            scene.gain(),
            scene.gain() * (1 - 0.10 * scene.warmth())
        };
        // Five of eight bits each, four of them the same for all colours: bell-shaped, its
        // deviation is the root of 5 (256^2 - 1) / 12.
        double noise = scene.noise() / 165.2;
        for (int y = 0; y < size; y++) {
            for (int x = 0; x < size; x++) {
                long bits = grain.next();
                double luma =
                        (bits & 255)
                                + (bits >>> 8 & 255)
                                + (bits >>> 16 & 255)
                                + (bits >>> 24 & 255)
                                - 510;
                for (int c = 0; c < 3; c++) {
                    float[] plane = canvas.planes[c];
                    int i = y * size + x;
                    double v = plane[i];
                    if (blur > 0) {
                        float around =
                                plane[y * size + Math.max(0, x - 1)]
                                        + plane[y * size + Math.min(size - 1, x + 1)]
                                        + plane[Math.max(0, y - 1) * size + x]
                                        + plane[Math.min(size - 1, y + 1) * size + x];
                        v = v * (1 - blur) + blur * (0.2 * v + 0.2 * around);
                    }
                    double own = ((bits >>> (32 + 8 * c)) & 255) - 127.5;
                    v = v * gain[c] + noise * (luma + own);
                    rgb[i * 3 + c] = (byte) Math.min(255, Math.max(0, (int) (v * 255 + 0.5)));
                }
            }
        }
        return rgb;
    }
}
