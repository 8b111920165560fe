// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.basic;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.RecordComponent;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.mien.api.Key;
import org.mien.api.data.Picture;
import org.mien.api.data.Preprocessor;
import org.mien.api.data.Preprocessor.Step;
import org.mien.api.data.Preprocessor.When;

class StepsTest {
    private static final List<float[]> FACE =
            List.of(
                    new float[] {6, 7},
                    new float[] {14, 8},
                    new float[] {10, 11},
                    new float[] {7, 15},
                    new float[] {13, 16});

    /** Each pixel tells its own place: red its column, green its row. */
    private static Picture map(int width, int height) {
        ByteBuffer rgb = ByteBuffer.allocate(3 * width * height);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                rgb.put((byte) x).put((byte) y).put((byte) 9);
            }
        }
        return new Picture(width, height, rgb.flip(), FACE, Map.of("score", 0.75));
    }

    private static int[] place(Picture picture, int x, int y) {
        int at = 3 * (y * picture.width() + x);
        return new int[] {picture.bytes().get(at) & 0xff, picture.bytes().get(at + 1) & 0xff};
    }

    private static Picture only(List<Picture> pictures) {
        assertEquals(1, pictures.size());
        return pictures.get(0);
    }

    private static Map<String, String> defaults(Preprocessor<?> step) {
        Map<String, String> defaults = new LinkedHashMap<>();
        for (RecordComponent key : step.settings().getRecordComponents()) {
            defaults.put(key.getName(), key.getAnnotation(Key.class).value()[0]);
        }
        return defaults;
    }

    @Test
    void momentsAndDefaultsAreAsDocumented() {
        assertEquals(When.ONCE, new Resize().when());
        assertEquals(When.EACH_USE, new Crop().when());
        assertEquals(When.EACH_USE, new Flip().when());
        assertEquals(Map.of("size", "224"), defaults(new Resize()));
        assertEquals(Map.of("size", "0", "shift", "4"), defaults(new Crop()));
        assertEquals(Map.of("probability", "0.5"), defaults(new Flip()));
    }

    @Test
    void resizeGivesASquareInTrainingAndElsewhere() {
        try (Step step = new Resize().open(new Resize.Settings(10), "face")) {
            for (Picture picture :
                    List.of(
                            only(step.apply(map(40, 20))),
                            only(step.vary(map(40, 20), new SplittableRandom(1))))) {
                assertEquals(10, picture.width());
                assertEquals(10, picture.height());
                // Blocks of 4 x 2 pixels: columns 4 to 7, rows 18 and 19.
                assertEquals(5.5, place(picture, 1, 0)[0], 0.5);
                assertEquals(18.5, place(picture, 1, 9)[1], 0.5);
                assertArrayEquals(new float[] {1.125f, 3.25f}, picture.points().get(0));
                assertEquals(Map.of("score", 0.75), picture.facts());
            }
        }
    }

    /** The part keeps to its bounds, and points stay on the pixels they were on. */
    @Test
    void zoomCutsAPartAndScalesItBack() {
        Picture before = map(40, 30);
        double least = 1;
        double most = 0;
        try (Step step = new Zoom().open(new Zoom.Settings(0.25, 0.81, 0.75), "face")) {
            assertEquals(before, only(step.apply(before)));
            for (int i = 0; i < 200; i++) {
                Picture picture = only(step.vary(before, new SplittableRandom(i)));
                assertEquals(40, picture.width());
                assertEquals(30, picture.height());
                double wide = (place(picture, 39, 0)[0] - place(picture, 0, 0)[0] + 1) / 40.0;
                double high = (place(picture, 0, 29)[1] - place(picture, 0, 0)[1] + 1) / 30.0;
                least = Math.min(least, wide * high);
                most = Math.max(most, wide * high);
                double aspect = 40 * wide / (30 * high);
                assertTrue(aspect > 0.65 && aspect < 1.55, "proportions " + aspect);
                float[] nose = picture.points().get(2);
                if (nose[0] > 1 && nose[0] < 38 && nose[1] > 1 && nose[1] < 28) {
                    int[] under = place(picture, Math.round(nose[0]), Math.round(nose[1]));
                    assertEquals(10, under[0], 1.5);
                    assertEquals(11, under[1], 1.5);
                }
            }
        }
        assertTrue(least > 0.2 && least < 0.35 && most > 0.7 && most < 0.87, least + " " + most);
    }

    @Test
    void cropTakesTheMiddle() {
        try (Step step = new Crop().open(new Crop.Settings(8, 3), "face")) {
            Picture picture = only(step.apply(map(20, 21)));
            assertEquals(8, picture.width());
            assertEquals(8, picture.height());
            assertArrayEquals(new int[] {6, 6}, place(picture, 0, 0));
            assertArrayEquals(new int[] {13, 13}, place(picture, 7, 7));
            assertArrayEquals(new float[] {0, 1}, picture.points().get(0));
            assertEquals(Map.of("score", 0.75), picture.facts());
        }
    }

    @Test
    void cropOfSizeZeroKeepsWidthAndHeight() {
        try (Step step = new Crop().open(new Crop.Settings(0, 4), "face")) {
            Picture picture = map(20, 10);
            Picture same = only(step.apply(picture));
            assertEquals(20, same.width());
            assertEquals(10, same.height());
            assertEquals(picture.bytes(), same.bytes());
        }
    }

    @Test
    void cropShiftsEvenlyWithinItsBounds() {
        SplittableRandom random = new SplittableRandom(3);
        try (Step step = new Crop().open(new Crop.Settings(10, 2), "face")) {
            TreeMap<String, Integer> counts = new TreeMap<>();
            for (int i = 0; i < 2500; i++) {
                Picture picture = only(step.vary(map(20, 20), random));
                int[] corner = place(picture, 0, 0);
                counts.merge(Arrays.toString(corner), 1, Integer::sum);
                assertEquals(6f - corner[0], picture.points().get(0)[0]);
                assertEquals(7f - corner[1], picture.points().get(0)[1]);
            }
            // 5 x 5 places, 100 times each but for chance.
            assertEquals(25, counts.size());
            assertEquals("[3, 3]", counts.firstKey());
            assertEquals("[7, 7]", counts.lastKey());
            counts.forEach((place, count) -> assertEquals(100, count, 45, place));
        }
    }

    @Test
    void aShiftOverTheEdgeRepeatsTheEdge() {
        try (Step step = new Crop().open(new Crop.Settings(0, 1), "face")) {
            for (int seed = 0; seed < 20; seed++) {
                Picture picture = only(step.vary(map(6, 5), new SplittableRandom(seed)));
                assertEquals(6, picture.width());
                assertEquals(5, picture.height());
                float right = 6 - picture.points().get(0)[0];
                float down = 7 - picture.points().get(0)[1];
                for (int y = 0; y < 5; y++) {
                    for (int x = 0; x < 6; x++) {
                        int column = (int) Math.max(0, Math.min(5, x + right));
                        int row = (int) Math.max(0, Math.min(4, y + down));
                        assertArrayEquals(new int[] {column, row}, place(picture, x, y));
                    }
                }
            }
        }
    }

    @Test
    void flipMirrorsAsOftenAsAsked() {
        Picture picture = map(20, 20);
        for (double probability : new double[] {0, 0.2, 1}) {
            assertEquals(probability > 0, new Flip().mirrors(new Flip.Settings(probability)));
            SplittableRandom random = new SplittableRandom(5);
            try (Step step = new Flip().open(new Flip.Settings(probability), "face")) {
                int mirrored = 0;
                for (int i = 0; i < 1000; i++) {
                    Picture varied = only(step.vary(picture, random));
                    if (varied == picture) {
                        continue;
                    }
                    mirrored++;
                    assertArrayEquals(new int[] {19, 4}, place(varied, 0, 4));
                    // The eye that was right is left now, and first.
                    assertArrayEquals(new float[] {5, 8}, varied.points().get(0));
                    assertArrayEquals(new float[] {6, 16}, varied.points().get(3));
                }
                assertEquals(1000 * probability, mirrored, probability == 0.2 ? 50 : 0);
                assertSame(picture, only(step.apply(picture)));
            }
        }
    }

    @Test
    void trainingIsAFunctionOfTheDraws() {
        List<Step> steps =
                List.of(
                        new Crop().open(new Crop.Settings(12, 4), "face"),
                        new Flip().open(new Flip.Settings(0.5), "face"));
        List<ByteBuffer> pixels = new ArrayList<>();
        for (int seed : new int[] {1, 2, 1, 2}) {
            SplittableRandom random = new SplittableRandom(seed);
            Picture picture = map(20, 20);
            for (Step step : steps) {
                picture = only(step.vary(picture, random));
            }
            pixels.add(picture.bytes());
        }
        assertEquals(pixels.get(0), pixels.get(2));
        assertEquals(pixels.get(1), pixels.get(3));
        assertNotEquals(pixels.get(0), pixels.get(1));
    }

    @Test
    void whatDoesNotFitIsToldInWords() {
        try (Step step = new Crop().open(new Crop.Settings(30, 0), "face")) {
            assertEquals(
                    "crop.size 30 is larger than the picture of 40 x 20 pixels. Lower it, or put"
                            + " the step resize before crop",
                    assertThrows(IllegalArgumentException.class, () -> step.apply(map(40, 20)))
                            .getMessage());
        }
    }
}
