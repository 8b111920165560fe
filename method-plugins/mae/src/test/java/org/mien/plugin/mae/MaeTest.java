// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.mae;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.mien.api.net.Trunk;
import org.mien.nn.Masking;
import org.mien.testkit.Faces;
import org.mien.testkit.MethodBench;
import org.mien.testkit.MethodBench.Extra;

class MaeTest {
    private static final Settings SMALL = new Settings(0.5, true, 8, 1, 2);
    private static final Settings PLAIN = new Settings(0.5, false, 8, 1, 2);

    /** A noise that hides the first and the last of four patches. */
    private static final double[] OUTER = {0.9, 0.1, 0.2, 0.5};

    /** Sizes of Table 1: all with fixed positions counted, blocks as the paper counts them. */
    @Test
    void hasTheParametersOfThePublishedOne() {
        long[][] table = {
            {192, 3, 7_259_968, 5_338_368, 1_586_176},
            {384, 6, 28_330_880, 21_293_568, 6_318_080}
        };
        Settings paper = new Settings(0.75, true, 0, 8, 0);
        for (long[] row : table) {
            Map<String, Long> sizes = new LinkedHashMap<>();
            Trunk trunk = MethodBench.transformer(224, 16, (int) row[0], 12, (int) row[1]);
            try (MethodBench bench = MethodBench.of(new MaeMethod(), paper, 2, trunk)) {
                bench.values()
                        .forEach(
                                (path, values) -> {
                                    long size = values.length;
                                    sizes.merge("all", size, Long::sum);
                                    if (path.startsWith("backbone.block")) {
                                        sizes.merge("encoder", size, Long::sum);
                                    } else if (path.startsWith("decoder.blocks.")) {
                                        sizes.merge("decoder", size, Long::sum);
                                    }
                                });
            }
            assertEquals(Map.of("all", row[2], "encoder", row[3], "decoder", row[4]), sizes);
        }
    }

    /** Four patches of 2 x 2 pixels, ordered by a given noise. */
    private static MethodBench bench(Settings settings, double... noise) {
        Masking.Noise given =
                (batch, pass, patches) -> {
                    float[] all = new float[noise.length];
                    for (int i = 0; i < all.length; i++) {
                        all[i] = (float) noise[i];
                    }
                    return pass.scope().create(all, new Shape(1, patches));
                };
        return MethodBench.of(
                new Seam(given, Mae::predict), settings, 2, MethodBench.transformer(4, 2, 8, 1, 2));
    }

    /** A 4 x 4 image, no two patches alike. */
    private static double[] image() {
        double[] image = new double[48];
        Arrays.setAll(image, i -> 0.3 * (i % 7) - 0.1 * i);
        return image;
    }

    /** The pixels of a patch, the channels of a pixel side by side. */
    private static double[] patch(double[] image, int row, int column) {
        double[] pixels = new double[12];
        for (int i = 0; i < 12; i++) {
            int y = 2 * row + i / 3 / 2;
            int x = 2 * column + i / 3 % 2;
            pixels[i] = image[16 * (i % 3) + 4 * y + x];
        }
        return pixels;
    }

    private static double mean(double... values) {
        return Arrays.stream(values).average().orElseThrow();
    }

    @Test
    void theLossIsTheErrorOfHiddenPatchesNormalisedEachByItself() {
        try (MethodBench bench = bench(SMALL, OUTER)) {
            bench.set("pred.weight", 0);
            bench.set("pred.bias", 0.25);
            double expected = 0;
            for (double[] pixels : List.of(patch(image(), 0, 0), patch(image(), 1, 1))) {
                double mean = mean(pixels);
                double squares = Arrays.stream(pixels).map(p -> Math.pow(p - mean, 2)).sum();
                double deviation = Math.sqrt(squares / 11 + 1e-6);
                for (double pixel : pixels) {
                    expected += Math.pow(0.25 - (pixel - mean) / deviation, 2) / 24;
                }
            }
            double loss = bench.step(Faces.of(image())).terms().get("reconstruction");
            assertEquals(expected, loss, 1e-5 * expected);
        }
    }

    @Test
    void withoutNormalisingTheTargetIsThePixels() {
        try (MethodBench bench = bench(PLAIN, OUTER)) {
            bench.set("pred.weight", 0);
            bench.set("pred.bias", 0.25);
            double expected = 0;
            for (double[] pixels : List.of(patch(image(), 0, 0), patch(image(), 1, 1))) {
                expected += Arrays.stream(pixels).map(p -> Math.pow(0.25 - p, 2)).sum() / 24;
            }
            double loss = bench.step(Faces.of(image())).terms().get("reconstruction");
            assertEquals(expected, loss, 1e-5 * expected);
        }
    }

    /** What is hidden does not reach the reconstruction; what is seen does. */
    @Test
    void theEncoderDoesNotSeeWhatIsHidden() {
        double[] other = image();
        for (int c = 0; c < 3; c++) {
            other[16 * c] += 5; // in the first patch
        }
        for (boolean hides : new boolean[] {true, false}) {
            double[] noise = hides ? OUTER : new double[] {0.1, 0.2, 0.9, 0.5};
            try (MethodBench bench = bench(PLAIN, noise)) {
                bench.draw(3, -0.3, 0.3);
                double[] one = rows(bench, image(), "reconstruction");
                double[] two = rows(bench, other, "reconstruction");
                double last = 0; // the last patch, hidden both times
                for (double pixel : patch(one, 1, 1)) {
                    last += pixel;
                }
                for (double pixel : patch(two, 1, 1)) {
                    last -= pixel;
                }
                assertEquals(hides, Math.abs(last) < 1e-6, "difference " + last);
                assertEquals(
                        hides ? 0 : 5,
                        rows(bench, other, "masked")[0] - (hides ? 0 : image()[0]),
                        1e-5);
            }
        }
    }

    private static double[] rows(MethodBench bench, double[] image, String extra) {
        return bench.predict(Faces.of(image)).extras().get(extra).rows()[0];
    }

    /** The error of a sample beside that of the mean colour of what was seen. */
    @Test
    void reportsItsErrorBesideThatOfTheVisibleMean() {
        try (MethodBench bench = bench(PLAIN, OUTER)) {
            bench.set("pred.weight", 0);
            bench.set("pred.bias", 0);
            Extra extra = bench.predict(Faces.of(image())).extras().get("masked-error");
            assertEquals(List.of("reconstruction", "visible mean"), extra.columns());
            double[] mean = new double[3];
            for (double[] seen : List.of(patch(image(), 0, 1), patch(image(), 1, 0))) {
                for (int i = 0; i < 12; i++) {
                    mean[i % 3] += seen[i] / 8;
                }
            }
            double zero = 0;
            double filled = 0;
            for (double[] hidden : List.of(patch(image(), 0, 0), patch(image(), 1, 1))) {
                for (int i = 0; i < 12; i++) {
                    zero += hidden[i] * hidden[i] / 24;
                    filled += Math.pow(hidden[i] - mean[i % 3], 2) / 24;
                }
            }
            assertEquals(zero, extra.rows()[0][0], 1e-5);
            assertEquals(filled, extra.rows()[0][1], 1e-5);
        }
    }

    /** A mask is a function of run, epoch and sample, not of the batch or the step. */
    @Test
    void masksDifferByEpochAndSampleOnly() {
        Trunk trunk = MethodBench.transformer(16, 2, 8, 1, 2);
        try (MethodBench bench = MethodBench.of(new MaeMethod(), SMALL, 2, trunk)) {
            Faces two = Faces.noise(trunk.input(), 2);
            double[][] both = bench.predict(two).extras().get("masked").rows();
            Faces one = Faces.noise(trunk.input(), 1);
            assertArrayEquals(both[0], bench.predict(one).extras().get("masked").rows()[0]);
            assertFalse(Arrays.equals(zeros(both[0]), zeros(both[1])));
            double first = bench.step(two).total();
            assertEquals(first, bench.step(two).total(), 0, "the same epoch hides the same");
            bench.epoch(1);
            assertTrue(first != bench.step(two).total(), "another hides others");
        }
    }

    private static int[] zeros(double[] image) {
        return Arrays.stream(image).mapToInt(pixel -> pixel == 0 ? 1 : 0).toArray();
    }
}
