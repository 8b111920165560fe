// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.hsaw;

import ai.djl.ndarray.NDArray;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.mien.api.Feature;
import org.mien.api.InputSpec;
import org.mien.api.net.Trunk;
import org.mien.nn.BatchNorm;
import org.mien.nn.Conv2d;
import org.mien.nn.Fn;
import org.mien.nn.Linear;
import org.mien.nn.Sequence;
import org.mien.testkit.Faces;

/** Images of the least size of which two pixels count, and a backbone that reads these. */
final class Pixels {
    static final int SIDE = 112;
    static final int N = 3;

    private Pixels() {}

    /**
     * One linear layer from two pixels to a map (2, 8, 8), which is laid out as (8, 4, 4) and
     * convolved to (64, 4, 4).
     */
    static Trunk trunk(boolean normalised) {
        return new Trunk(
                new InputSpec(SIDE, SIDE, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f)),
                List.of(
                        new Trunk.Stage(
                                Feature.map("stem", 2, 8, 8),
                                () ->
                                        new Sequence(
                                                new Fn((ops, x) -> corners(x)),
                                                new Linear(6, 128),
                                                new Fn((ops, x) -> x.reshape(-1, 2, 8, 8)))),
                        new Trunk.Stage(
                                Feature.map("body", 64, 4, 4),
                                () ->
                                        new Sequence(
                                                new Fn((ops, x) -> x.reshape(-1, 8, 4, 4)),
                                                new Conv2d(8, 64, 1, 1, 0, true),
                                                normalised
                                                        ? new BatchNorm(64)
                                                        : new Fn((ops, x) -> x)))));
    }

    /** The first and the last pixel of the first row, (N, 6), by channel. */
    private static NDArray corners(NDArray x) {
        NDArray row = x.get(":, :, 0");
        return row.get(":, :, 0:1").concat(row.get(":, :, " + (SIDE - 1) + ":"), 2).reshape(-1, 6);
    }

    /** The six values of each view's two pixels, by view. */
    static Map<String, double[][]> draw(long seed) {
        SplittableRandom random = new SplittableRandom(seed);
        Map<String, double[][]> views = new LinkedHashMap<>();
        for (String view : List.of("face", "left", "right")) {
            double[][] rows = new double[N][6];
            for (double[] row : rows) {
                Arrays.setAll(row, c -> (float) random.nextDouble());
            }
            views.put(view, rows);
        }
        return views;
    }

    /** Pixels of a mirror image. */
    static double[] mirror(double[] row) {
        return new double[] {row[1], row[0], row[3], row[2], row[5], row[4]};
    }

    /** The images. */
    static Faces faces(Map<String, double[][]> views) {
        Faces faces = Faces.of(images(views.get("face")));
        return faces.view("left", images(views.get("left")))
                .view("right", images(views.get("right")));
    }

    private static double[][] images(double[][] rows) {
        double[][] images = new double[rows.length][3 * SIDE * SIDE];
        for (int i = 0; i < rows.length; i++) {
            for (int c = 0; c < 3; c++) {
                images[i][c * SIDE * SIDE] = rows[i][2 * c];
                images[i][c * SIDE * SIDE + SIDE - 1] = rows[i][2 * c + 1];
            }
        }
        return images;
    }
}
