// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.basic;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.RecordComponent;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.mien.api.Key;
import org.mien.api.data.Picture;
import org.mien.api.data.Preprocessor;
import org.mien.api.data.Preprocessor.Step;
import org.mien.api.data.Preprocessor.When;
import org.mien.plugin.basic.Erase.Fill;

/** The steps rotate, erase and jitter. */
class AugmentationTest {
    private static final List<String> COLOUR = List.of("1", "20", "255");

    /** Gives what it was told, in order, and fails when asked for anything else. */
    private static final class Script implements RandomGenerator {
        private final Deque<Number> draws;

        Script(Number... draws) {
            this.draws = new ArrayDeque<>(List.of(draws));
        }

        @Override
        public double nextDouble() {
            return (Double) draws.remove();
        }

        @Override
        public int nextInt(int bound) {
            int draw = (Integer) draws.remove();
            assertTrue(draw >= 0 && draw < bound, draw + " below " + bound);
            return draw;
        }

        @Override
        public int nextInt() {
            return (Integer) draws.remove();
        }

        @Override
        public long nextLong() {
            throw new AssertionError("not in the script");
        }

        boolean isUsedUp() {
            return draws.isEmpty();
        }
    }

    private static Picture rgb(int width, int... channels) {
        byte[] bytes = new byte[channels.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) channels[i];
        }
        return Picture.rgb(width, channels.length / 3 / width, ByteBuffer.wrap(bytes));
    }

    private static Picture grey(int width, int... values) {
        int[] channels = new int[3 * values.length];
        for (int i = 0; i < channels.length; i++) {
            channels[i] = values[i / 3];
        }
        return rgb(width, channels);
    }

    private static Picture noise(int width, int height) {
        byte[] bytes = new byte[3 * width * height];
        new Random(11).nextBytes(bytes);
        return new Picture(
                width,
                height,
                ByteBuffer.wrap(bytes),
                List.of(new float[] {3, 4}, new float[] {7.5f, 4}),
                Map.of("score", 0.75));
    }

    private static int[] channels(Picture picture) {
        int[] channels = new int[picture.bytes().remaining()];
        for (int i = 0; i < channels.length; i++) {
            channels[i] = picture.bytes().get(i) & 0xff;
        }
        return channels;
    }

    /** Of a picture whose pixels must all be grey. */
    private static int[] greys(Picture picture) {
        int[] channels = channels(picture);
        int[] greys = new int[channels.length / 3];
        for (int i = 0; i < channels.length; i++) {
            greys[i / 3] = channels[i - i % 3];
            assertEquals(greys[i / 3], channels[i], "pixel " + i / 3 + " is not grey");
        }
        return greys;
    }

    private static Picture vary(Step step, Picture picture, RandomGenerator random) {
        List<Picture> pictures = step.vary(picture, random);
        assertEquals(1, pictures.size());
        return pictures.get(0);
    }

    private static Step erase(double probability, double min, double max, double r, Fill fill) {
        return new Erase().open(new Erase.Settings(probability, min, max, r, fill, COLOUR), "face");
    }

    private static Picture jitter(
            double brightness, double contrast, double saturation, Picture picture) {
        // With keys of 1 a draw u is the factor 2 u.
        Script script = new Script(brightness / 2, contrast / 2, saturation / 2);
        Picture varied = vary(new Jitter().open(jitters(1, 1, 1), "face"), picture, script);
        assertTrue(script.isUsedUp());
        return varied;
    }

    private static Jitter.Settings jitters(double brightness, double contrast, double saturation) {
        return new Jitter.Settings(brightness, contrast, saturation, 0, 1);
    }

    private static List<Step> all() {
        return List.of(
                new Rotate().open(new Rotate.Settings(30, 1), "face"),
                erase(1, 0.1, 0.3, 0.3, Fill.RANDOM),
                erase(1, 0.1, 0.3, 0.3, Fill.MEAN),
                erase(1, 0.1, 0.3, 0.3, Fill.BLACK),
                erase(1, 0.1, 0.3, 0.3, Fill.COLOUR),
                new Jitter().open(jitters(0.5, 0.5, 0.5), "face"));
    }

    private static String keys(Preprocessor<?> step) {
        assertEquals(When.EACH_USE, step.when());
        StringBuilder keys = new StringBuilder();
        for (RecordComponent component : step.settings().getRecordComponents()) {
            Key key = component.getAnnotation(Key.class);
            keys.append(component.getName()).append('=').append(key.value()[0]);
            if (component.getType() == double.class) {
                keys.append(" in ").append(key.min()).append("..").append(key.max());
            }
            keys.append("; ");
        }
        return keys.toString();
    }

    @Test
    void keysAreAsDocumented() {
        assertEquals("degrees=10 in 0.0..90.0; probability=1 in 0.0..1.0; ", keys(new Rotate()));
        assertEquals(
                "probability=0.5 in 0.0..1.0; minArea=0.02 in 0.0..1.0; maxArea=0.33 in 0.0..1.0;"
                        + " aspect=0.3 in 0.01..1.0; fill=random; colour=124,116,104; ",
                keys(new Erase()));
        assertEquals(
                "brightness=0.2 in 0.0..1.0; contrast=0.2 in 0.0..1.0; saturation=0.2 in"
                        + " 0.0..1.0; hue=0 in 0.0..0.5; probability=1 in 0.0..1.0; ",
                keys(new Jitter()));
    }

    @Test
    void areasTheWrongWayRoundAreRefused() {
        assertEquals(
                "erase.min-area 0.4 is larger than erase.max-area 0.33. Lower the one or raise the"
                        + " other",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new Erase.Settings(1, 0.4, 0.33, 0.3, Fill.BLACK, COLOUR))
                        .getMessage());
    }

    @Test
    void withoutChanceThePictureStays() {
        Picture picture = noise(12, 9);
        for (Step step : all()) {
            List<Picture> pictures = step.apply(picture);
            assertEquals(1, pictures.size());
            assertSame(picture, pictures.get(0));
        }
    }

    @Test
    void trainingIsAFunctionOfTheDraws() {
        Picture picture = noise(16, 12);
        for (Step step : all()) {
            Picture first = vary(step, picture, new SplittableRandom(1));
            Picture other = vary(step, picture, new SplittableRandom(2));
            Picture again = vary(step, picture, new SplittableRandom(1));
            assertEquals(first.bytes(), again.bytes());
            assertArrayEquals(first.points().get(0), again.points().get(0));
            assertNotEquals(first.bytes(), other.bytes());
        }
    }

    @Test
    void theOriginalIsNotTouchedAndSizeAndFactsAreKept() {
        Picture picture = noise(16, 12);
        int[] before = channels(picture);
        for (Step step : all()) {
            Picture varied = vary(step, picture, new SplittableRandom(7));
            assertNotEquals(picture.bytes(), varied.bytes());
            assertArrayEquals(before, channels(picture));
            assertArrayEquals(new float[] {3, 4}, picture.points().get(0));
            assertEquals(16, varied.width());
            assertEquals(12, varied.height());
            assertEquals(2, varied.points().size());
            assertEquals(picture.facts(), varied.facts());
        }
    }

    @Test
    void extremePicturesAreVariedToo() {
        SplittableRandom random = new SplittableRandom(3);
        for (Picture picture : List.of(grey(1, 255), noise(1, 40), noise(40, 1), noise(2, 2))) {
            for (Step step : all()) {
                for (int i = 0; i < 50; i++) {
                    Picture varied = vary(step, picture, random);
                    assertEquals(picture.width(), varied.width());
                    assertEquals(picture.height(), varied.height());
                }
            }
        }
    }

    @Test
    void rotateTurnsByTheAngleDrawn() {
        Picture picture =
                new Picture(
                        3,
                        3,
                        grey(3, 1, 2, 3, 4, 5, 6, 7, 8, 9).bytes(),
                        List.of(new float[] {2, 1}),
                        Map.of());
        try (Step step = new Rotate().open(new Rotate.Settings(90, 0.5), "face")) {
            Picture clockwise = vary(step, picture, new Script(0.4, 0.0));
            assertArrayEquals(new int[] {7, 4, 1, 8, 5, 2, 9, 6, 3}, greys(clockwise));
            // The point on the pixel with the 6.
            assertArrayEquals(new float[] {1, 2}, clockwise.points().get(0), 1e-6f);
            Picture half = vary(step, picture, new Script(0.4, 0.75));
            assertEquals(1 + Math.sqrt(0.5), half.points().get(0)[0], 1e-6);
            assertEquals(1 - Math.sqrt(0.5), half.points().get(0)[1], 1e-6);
            assertSame(picture, vary(step, picture, new Script(0.5)));
            assertSame(picture, vary(step, picture, new Script(0.4, 0.5)));
        }
    }

    @Test
    void rotateOfSquareOfFourTakesTheMiddlesOfTheEdges() {
        try (Step step = new Rotate().open(new Rotate.Settings(90, 1), "face")) {
            Picture turned = vary(step, grey(2, 0, 100, 200, 60), new Script(0.0, 0.75));
            assertArrayEquals(new int[] {50, 80, 100, 130}, greys(turned));
        }
    }

    @Test
    void rotateStaysWithinItsAngleAndUsesAllOfIt() {
        Picture picture =
                new Picture(
                        21,
                        21,
                        ByteBuffer.allocate(3 * 21 * 21),
                        List.of(new float[] {20, 10}),
                        Map.of());
        SplittableRandom random = new SplittableRandom(4);
        try (Step step = new Rotate().open(new Rotate.Settings(10, 1), "face")) {
            double least = 0;
            double most = 0;
            double sum = 0;
            for (int i = 0; i < 2000; i++) {
                float[] point = vary(step, picture, random).points().get(0);
                double angle = Math.toDegrees(Math.atan2(10 - point[1], point[0] - 10));
                least = Math.min(least, angle);
                most = Math.max(most, angle);
                sum += angle;
            }
            assertTrue(least >= -10.0001 && least < -9.9, "least " + least);
            assertTrue(most <= 10.0001 && most > 9.9, "most " + most);
            // The mean's standard deviation is 0.13 degrees.
            assertEquals(0, sum / 2000, 0.5);
        }
    }

    @Test
    void eraseFillsTheRectangleDrawn() {
        int[] ones = new int[16];
        Arrays.fill(ones, 1);
        // Area 16 * (0 + 0.125), ratio 0.5 + 1.5 * 1 = 2: two high, one wide; at (2, 1).
        Script script = new Script(0.9, 0.125, 1.0, 2, 1);
        Picture picture = grey(4, ones);
        try (Step step = erase(1, 0, 1, 0.5, Fill.BLACK)) {
            assertArrayEquals(
                    new int[] {
                        1, 1, 1, 1, //
                        1, 1, 0, 1, //
                        1, 1, 0, 1, //
                        1, 1, 1, 1
                    },
                    greys(vary(step, picture, script)));
            assertTrue(script.isUsedUp());
            // Ratio 0.5: one high, two wide; at (2, 3), the last place there is.
            assertArrayEquals(
                    new int[] {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0},
                    greys(vary(step, picture, new Script(0.9, 0.125, 0.0, 2, 3))));
            // No area: one pixel all the same.
            assertArrayEquals(
                    new int[] {0, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1},
                    greys(vary(step, picture, new Script(0.9, 0.0, 0.0, 0, 0))));
        }
    }

    @Test
    void eraseFillsWithTheMeanColour() {
        // Red 10, 20, 30, 41: 25.25. Green 0, 0, 1, 1: 0.5, rounded up. Blue 255.
        Picture picture = rgb(2, 10, 0, 255, 20, 0, 255, 30, 1, 255, 41, 1, 255);
        try (Step step = erase(1, 0.25, 0.25, 1, Fill.MEAN)) {
            assertArrayEquals(
                    new int[] {10, 0, 255, 25, 1, 255, 30, 1, 255, 41, 1, 255},
                    channels(vary(step, picture, new Script(0.0, 0.5, 0.5, 1, 0))));
        }
    }

    @Test
    void eraseFillsWithTheColourNamed() {
        Picture picture = rgb(2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
        try (Step step = erase(1, 0.25, 0.25, 1, Fill.COLOUR)) {
            assertArrayEquals(
                    new int[] {1, 2, 3, 4, 5, 6, 1, 20, 255, 10, 11, 12},
                    channels(vary(step, picture, new Script(0.0, 0.5, 0.5, 0, 1))));
        }
        for (List<String> wrong : List.of(List.of("1", "2"), List.of("0", "0", "256"))) {
            String refused =
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> new Erase.Settings(1, 0, 1, 1, Fill.COLOUR, wrong))
                            .getMessage();
            assertTrue(refused.startsWith("erase.colour " + String.join(",", wrong)), refused);
        }
    }

    @Test
    void eraseFillsWithPixelsDrawnOneByOne() {
        Picture picture = rgb(2, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12);
        // A quarter of 4 pixels, 1 x 1 at (0, 1); then all 4, row by row.
        try (Step step = erase(1, 0.25, 0.25, 1, Fill.RANDOM)) {
            assertArrayEquals(
                    new int[] {1, 2, 3, 4, 5, 6, 255, 128, 0, 10, 11, 12},
                    channels(vary(step, picture, new Script(0.0, 0.5, 0.5, 0, 1, 0xff800077))));
        }
        try (Step step = erase(1, 1, 1, 1, Fill.RANDOM)) {
            assertArrayEquals(
                    new int[] {1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4, 4},
                    channels(
                            vary(
                                    step,
                                    picture,
                                    new Script(
                                            0.0,
                                            0.5,
                                            0.5,
                                            0,
                                            0,
                                            0x01010100,
                                            0x02020200,
                                            0x03030300,
                                            0x04040400))));
        }
    }

    @Test
    void eraseDrawsAgainWhatDoesNotFitAndGivesUpInTheEnd() {
        Picture picture = grey(4, 9, 9, 9, 9);
        try (Step step = erase(1, 0, 1, 0.25, Fill.BLACK)) {
            // 4 pixels of ratio 4 are 4 high, of ratio 0.25 one high and 4 wide.
            assertArrayEquals(
                    new int[] {0, 0, 0, 0},
                    greys(vary(step, picture, new Script(0.0, 1.0, 1.0, 1.0, 0.0, 0, 0))));
        }
        try (Step step = erase(1, 1, 1, 1, Fill.BLACK)) {
            assertSame(picture, vary(step, picture, new SplittableRandom(1)));
        }
    }

    @Test
    void eraseKeepsItsProbabilityAndItsBounds() {
        Picture picture =
                new Picture(
                        40,
                        30,
                        ByteBuffer.wrap(filled(3 * 40 * 30, 200)),
                        List.of(new float[] {3, 4}),
                        Map.of());
        SplittableRandom random = new SplittableRandom(8);
        Set<Integer> corners = new LinkedHashSet<>();
        int erased = 0;
        int tall = 0;
        try (Step step = erase(0.5, 0.02, 0.33, 0.3, Fill.BLACK)) {
            for (int i = 0; i < 2000; i++) {
                Picture varied = vary(step, picture, random);
                assertArrayEquals(new float[] {3, 4}, varied.points().get(0));
                if (varied == picture) {
                    continue;
                }
                erased++;
                int[] greys = greys(varied);
                int count = 0;
                int first = -1;
                int last = -1;
                for (int at = 0; at < greys.length; at++) {
                    if (greys[at] == 0) {
                        first = first < 0 ? at : first;
                        last = at;
                        count++;
                    }
                }
                int width = last % 40 - first % 40 + 1;
                int height = last / 40 - first / 40 + 1;
                assertEquals(width * height, count, "one whole rectangle");
                // Half a pixel of rounding on each side.
                assertTrue((width + 0.5) * (height + 0.5) >= 0.02 * 1200, width + "x" + height);
                assertTrue((width - 0.5) * (height - 0.5) <= 0.33 * 1200, width + "x" + height);
                assertTrue((height + 0.5) / (width - 0.5) >= 0.3, width + "x" + height);
                assertTrue((height - 0.5) / (width + 0.5) <= 1 / 0.3, width + "x" + height);
                corners.add(first);
                tall += height > width ? 1 : 0;
            }
        }
        assertEquals(1000, erased, 100);
        assertTrue(corners.size() > 300, corners.size() + " places");
        assertTrue(tall > 0 && tall < erased, tall + " tall");
        try (Step step = erase(0, 0.02, 0.33, 0.3, Fill.BLACK)) {
            assertSame(picture, vary(step, picture, random));
        }
    }

    private static byte[] filled(int length, int value) {
        byte[] bytes = new byte[length];
        Arrays.fill(bytes, (byte) value);
        return bytes;
    }

    @Test
    void jitterChangesBrightness() {
        // 2.5 is rounded up, 300 cut off.
        assertArrayEquals(
                new int[] {0, 3, 150, 255}, greys(jitter(1.5, 1, 1, grey(2, 0, 2, 100, 200))));
        assertArrayEquals(
                new int[] {0, 3, 50, 128}, greys(jitter(0.5, 1, 1, grey(2, 0, 5, 100, 255))));
        assertArrayEquals(new int[] {0, 0, 0, 0}, greys(jitter(0, 1, 1, grey(2, 0, 5, 100, 255))));
    }

    @Test
    void jitterChangesContrastAboutTheMeanGrey() {
        // Mean 100: 20 - 40, 60 - 20, 120 + 10, 200 + 50.
        assertArrayEquals(
                new int[] {0, 40, 130, 250}, greys(jitter(1, 1.5, 1, grey(2, 20, 60, 120, 200))));
        assertArrayEquals(
                new int[] {60, 80, 110, 150}, greys(jitter(1, 0.5, 1, grey(2, 20, 60, 120, 200))));
        // Mean 0.75, rounded only at the end: 0.375, 0.875 and 1.375 of a mean of 0.75.
        assertArrayEquals(new int[] {0, 1, 1, 0}, greys(jitter(1, 0.5, 1, grey(2, 0, 1, 2, 0))));
        // Greys of red, green, blue, white: 76, 150, 29, 255; mean 127.5.
        assertArrayEquals(
                new int[] {191, 64, 64, 64, 191, 64, 64, 64, 191, 191, 191, 191},
                channels(
                        jitter(1, 0.5, 1, rgb(2, 255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255))));
    }

    @Test
    void jitterChangesSaturationAboutEachPixelsGrey() {
        // Greys: 76.2, 149.7 and 51.9, that is 76, 150 and 52, and 7.
        Picture picture = rgb(2, 255, 0, 0, 0, 255, 0, 60, 50, 40, 7, 7, 7);
        assertArrayEquals(
                new int[] {76, 76, 76, 150, 150, 150, 52, 52, 52, 7, 7, 7},
                channels(jitter(1, 1, 0, picture)));
        // 76 + 89.5 and 76 - 38; 150 - 75 and 150 + 52.5; 52 + 4, 52 - 1, 52 - 6.
        assertArrayEquals(
                new int[] {166, 38, 38, 75, 203, 75, 56, 51, 46, 7, 7, 7},
                channels(jitter(1, 1, 0.5, picture)));
        // 52 + 12, 52 - 3, 52 - 18.
        assertArrayEquals(
                new int[] {255, 0, 0, 0, 255, 0, 64, 49, 34, 7, 7, 7},
                channels(jitter(1, 1, 1.5, picture)));
    }

    @Test
    void jitterTakesBrightnessFirstAndSaturationLast() {
        // 200, 100, 100 and grey 20 become 100, 50, 50 and 10: greys 65 and 10, mean 37.5. Then
        // 131.25, 56.25 (131, 56) and -3.75 (0). Grey 78.4 (78): 78 + 26.5, 78 - 11.
        assertArrayEquals(
                new int[] {105, 67, 67, 0, 0, 0},
                channels(jitter(0.5, 1.5, 0.5, rgb(2, 200, 100, 100, 20, 20, 20))));
    }

    @Test
    void jitterTurnsTheHueAndLeavesTheExtremes() {
        // Red, yellow, a dull blue, grey. A third of the circle takes red to green.
        Picture picture = rgb(2, 255, 0, 0, 200, 200, 0, 30, 40, 90, 7, 7, 7);
        Jitter.Settings hue = new Jitter.Settings(0, 0, 0, 0.5, 1);
        try (Step step = new Jitter().open(hue, "face")) {
            // A draw u turns by u - 0.5 of the circle: by 1/3, by -1/3 and by 1/2.
            assertArrayEquals(
                    new int[] {0, 255, 0, 0, 200, 200, 90, 30, 40, 7, 7, 7},
                    channels(vary(step, picture, new Script(0.5, 0.5, 0.5, 5 / 6.0))));
            assertArrayEquals(
                    new int[] {0, 0, 255, 200, 0, 200, 40, 90, 30, 7, 7, 7},
                    channels(vary(step, picture, new Script(0.5, 0.5, 0.5, 1 / 6.0))));
            assertArrayEquals(
                    new int[] {0, 255, 255, 0, 0, 200, 90, 80, 30, 7, 7, 7},
                    channels(vary(step, picture, new Script(0.5, 0.5, 0.5, 0.0))));
        }
        try (Step half = new Jitter().open(new Jitter.Settings(1, 1, 1, 0.5, 0.5), "face")) {
            assertSame(picture, vary(half, picture, new Script(0.5)));
        }
    }

    @Test
    void jitterOfOneChangesNothingAndOfGreyStaysGrey() {
        Picture picture = noise(30, 30);
        assertEquals(picture.bytes(), jitter(1, 1, 1, picture).bytes());
        int[] values = new int[256];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        Picture ramp = grey(16, values);
        SplittableRandom random = new SplittableRandom(2);
        try (Step step = new Jitter().open(jitters(1, 1, 1), "face")) {
            for (int i = 0; i < 200; i++) {
                int[] greys = greys(vary(step, ramp, random));
                for (int j = 1; j < greys.length; j++) {
                    // A value that ran over would be smaller than the one before.
                    assertTrue(greys[j] >= greys[j - 1], "order is kept");
                }
            }
        }
        try (Step step = new Jitter().open(jitters(0, 0, 0), "face")) {
            Picture same = vary(step, picture, random);
            assertNotSame(picture, same);
            assertEquals(picture.bytes(), same.bytes());
            assertArrayEquals(new float[] {3, 4}, same.points().get(0));
        }
    }

    @Test
    void jitterStaysWithinItsFactors() {
        Picture picture = grey(2, 100, 100, 100, 100);
        SplittableRandom random = new SplittableRandom(6);
        try (Step step = new Jitter().open(jitters(0.2, 0, 0), "face")) {
            Set<Integer> values = new LinkedHashSet<>();
            for (int i = 0; i < 5000; i++) {
                values.add(greys(vary(step, picture, random))[0]);
            }
            assertEquals(41, values.size());
            assertEquals(80, values.stream().mapToInt(v -> v).min().orElseThrow());
            assertEquals(120, values.stream().mapToInt(v -> v).max().orElseThrow());
        }
    }
}
