// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.basic;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.mien.api.data.Picture;
import org.mien.api.data.Preprocessor.Gives;
import org.mien.api.data.Preprocessor.Step;

/** The steps noise, grey, affine and ten-crop. */
class MoreStepsTest {
    /** A picture whose pixel at (x, y) is (x, y, 100), with a point. */
    private static Picture places(int width, int height) {
        ByteBuffer rgb = ByteBuffer.allocate(3 * width * height);
        for (int i = 0; i < width * height; i++) {
            rgb.put((byte) (i % width)).put((byte) (i / width)).put((byte) 100);
        }
        return new Picture(
                width, height, rgb.flip(), List.of(new float[] {2, 1}), Map.of("fact", 1.0));
    }

    private static int channel(Picture picture, int x, int y, int channel) {
        return picture.bytes().get(3 * (y * picture.width() + x) + channel) & 0xff;
    }

    private static Picture only(List<Picture> pictures) {
        assertEquals(1, pictures.size());
        return pictures.get(0);
    }

    @Test
    void noiseHasItsDeviationAndNoBias() {
        byte[] grey = new byte[3 * 100 * 100];
        Arrays.fill(grey, (byte) 128);
        Picture picture = Picture.rgb(100, 100, ByteBuffer.wrap(grey));
        try (Step step = new Noise().open(new Noise.Settings(5, 1), "face")) {
            Picture noisy = only(step.vary(picture, new SplittableRandom(3)));
            double sum = 0;
            double squares = 0;
            for (int i = 0; i < grey.length; i++) {
                int difference = (noisy.bytes().get(i) & 0xff) - 128;
                sum += difference;
                squares += difference * difference;
            }
            assertEquals(0, sum / grey.length, 0.1);
            // Rounding adds a twelfth to the variance.
            assertEquals(25 + 1 / 12.0, squares / grey.length, 0.6);
        }
    }

    @Test
    void noiseIsCutOffAtBlackAndWhite() {
        Picture picture = Picture.rgb(1, 1, ByteBuffer.wrap(new byte[] {0, (byte) 255, 0}));
        RandomGenerator up =
                new RandomGenerator() {
                    @Override
                    public double nextGaussian() {
                        return -2;
                    }

                    @Override
                    public long nextLong() {
                        return 0;
                    }
                };
        try (Step step = new Noise().open(new Noise.Settings(10, 0.5), "face")) {
            byte[] rgb = new byte[3];
            only(step.vary(picture, up)).bytes().get(rgb);
            assertArrayEquals(new byte[] {0, (byte) 235, 0}, rgb);
        }
        try (Step never = new Noise().open(new Noise.Settings(10, 0), "face")) {
            assertSame(picture, only(never.vary(picture, new SplittableRandom(1))));
        }
    }

    @Test
    void greyTakesTheColoursOfAShareOfThePictures() {
        Picture picture = Picture.rgb(1, 1, ByteBuffer.wrap(new byte[] {(byte) 255, 0, 0}));
        SplittableRandom random = new SplittableRandom(5);
        int greys = 0;
        try (Step step = new Grey().open(new Grey.Settings(0.2), "face")) {
            for (int i = 0; i < 2000; i++) {
                Picture varied = only(step.vary(picture, random));
                if (varied != picture) {
                    byte[] rgb = new byte[3];
                    varied.bytes().get(rgb);
                    assertArrayEquals(new byte[] {76, 76, 76}, rgb); // 0.299 of 255
                    greys++;
                }
            }
            assertSame(picture, only(step.apply(picture)));
        }
        assertEquals(400, greys, 60);
    }

    @Test
    void affineShiftsTurnsAndScalesAboutTheCentre() {
        Picture picture = places(9, 9);
        Affine.Settings shifts = new Affine.Settings(0, 0.5, 1, 1, 0, 1);
        // Draws: probability, angle, shifts, scale, shear. 1 and 0.5 of 9 pixels: 4.5 and 0.
        Picture shifted =
                only(new Affine().open(shifts, "face").vary(picture, draws(0, .5, 1, .5, 0, .5)));
        assertEquals(0, channel(shifted, 4, 3, 0));
        assertEquals(1, channel(shifted, 5, 3, 0)); // between 0 and 1, one half rounded up
        assertEquals(3, channel(shifted, 5, 3, 1));
        assertArrayEquals(new float[] {6.5f, 1}, shifted.points().get(0));
        Affine.Settings scales = new Affine.Settings(0, 0, 0.5, 2, 0, 1);
        Picture large =
                only(new Affine().open(scales, "face").vary(picture, draws(0, .5, .5, .5, 1, .5)));
        assertEquals(2, channel(large, 0, 0, 0)); // twice as large, from (2, 2) on
        assertEquals(4, channel(large, 4, 4, 0));
        assertArrayEquals(new float[] {0, -2}, large.points().get(0));
        Affine.Settings turns = new Affine.Settings(45, 0, 1, 1, 0, 1);
        Picture turned =
                only(new Affine().open(turns, "face").vary(picture, draws(0, 1, .5, .5, 0, .5)));
        double diagonal = Math.sqrt(0.5);
        assertArrayEquals(
                new float[] {
                    (float) (4 + diagonal * -2 - diagonal * -3),
                    (float) (4 + diagonal * -2 + diagonal * -3)
                },
                turned.points().get(0),
                1e-5f);
        assertSame(
                picture,
                only(
                        new Affine()
                                .open(new Affine.Settings(45, 0, 1, 1, 0, 0.5), "face")
                                .vary(picture, draws(0.5))));
        assertThrows(IllegalArgumentException.class, () -> new Affine.Settings(0, 0, 2, 1, 0, 1));
    }

    /** These draws, of which 1 is the largest there could be. */
    private static RandomGenerator draws(double... given) {
        return new RandomGenerator() {
            private int next;

            @Override
            public double nextDouble() {
                return given[next++];
            }

            @Override
            public long nextLong() {
                throw new IllegalStateException("a draw that nobody expects");
            }
        };
    }

    @Test
    void tenCropsAreFourCornersAndTheMiddleAndTheirMirrors() {
        TenCrop.Settings settings = new TenCrop.Settings(8, true);
        assertEquals(Gives.CROPS, new TenCrop().gives(settings));
        assertTrue(new TenCrop().mirrors(settings));
        Picture picture = places(12, 11);
        try (Step step = new TenCrop().open(settings, "face")) {
            List<Picture> crops = step.apply(picture);
            int[][] corners = {{0, 0}, {4, 0}, {0, 3}, {4, 3}, {2, 1}};
            assertEquals(10, crops.size());
            for (int i = 0; i < 5; i++) {
                assertEquals(corners[i][0], channel(crops.get(i), 0, 0, 0));
                assertEquals(corners[i][1], channel(crops.get(i), 0, 0, 1));
                assertEquals(corners[i][0] + 7, channel(crops.get(i + 5), 0, 0, 0));
                assertEquals(8, crops.get(i).width());
                assertEquals(picture.facts(), crops.get(i).facts());
            }
            SplittableRandom random = new SplittableRandom(1);
            boolean[] seen = new boolean[2];
            for (int i = 0; i < 50; i++) {
                Picture one = only(step.vary(picture, random));
                int left = channel(one, 0, 0, 0);
                seen[left < channel(one, 7, 0, 0) ? 0 : 1] = true;
                assertEquals(8, one.height());
            }
            assertArrayEquals(new boolean[] {true, true}, seen);
            String refused =
                    assertThrows(IllegalArgumentException.class, () -> step.apply(places(12, 7)))
                            .getMessage();
            assertTrue(
                    refused.startsWith("ten-crop.size 8 is larger than the picture of 12 x 7"),
                    refused);
        }
        try (Step five = new TenCrop().open(new TenCrop.Settings(8, false), "face")) {
            assertEquals(5, five.apply(picture).size());
        }
    }
}
