// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.mien.api.data.Picture;

/** Pictures to test with. */
final class Pictures {
    private static final float[][] FACE = {
        {0.44f, 0.42f}, {0.76f, 0.42f}, {0.6f, 0.58f}, {0.48f, 0.74f}, {0.72f, 0.74f}
    };

    private Pictures() {}

    /**
     * A dark slope with a bright disc at each of five points, like the points of a face that is off
     * the middle, so that a mirrored one lies elsewhere.
     */
    static Picture marked(int width, int height) {
        ByteBuffer rgb = ByteBuffer.allocate(3 * width * height);
        for (int y = 0; y < height; y++) {
            for (int x = 0; x < width; x++) {
                boolean bright = false;
                for (float[] point : FACE) {
                    bright |= Math.hypot(x - point[0] * width, y - point[1] * height) <= 4;
                }
                int dark = 10 + 40 * x / width + 20 * y / height;
                rgb.put((byte) (bright ? 240 : dark))
                        .put((byte) (bright ? 230 : dark + 5))
                        .put((byte) (bright ? 220 : dark + 10));
            }
        }
        List<float[]> points =
                List.of(FACE).stream()
                        .map(point -> new float[] {point[0] * width, point[1] * height})
                        .toList();
        return new Picture(width, height, rgb.flip(), points, Map.of("trial.fact", 7.0));
    }

    /** Dark on the left, bright on the right, with the points of a face. */
    static Picture sided(int width, int height) {
        ByteBuffer rgb = ByteBuffer.allocate(3 * width * height);
        for (int i = 0; i < width * height; i++) {
            byte grey = (byte) (i % width < width / 2 ? 60 : 190);
            rgb.put(grey).put(grey).put(grey);
        }
        return new Picture(
                width,
                height,
                rgb.flip(),
                marked(width, height).points(),
                Map.of("trial.fact", 7.0));
    }

    /** How much brighter the right half of a picture is than the left. */
    static double side(Picture picture) {
        double right = 0;
        for (int i = 0; i < picture.bytes().limit(); i++) {
            int value = picture.bytes().get(i) & 0xff;
            right += i / 3 % picture.width() < picture.width() / 2 ? -value : value;
        }
        return right;
    }

    /** How much brighter a picture is around a point than on the whole; above 0 on a disc. */
    static double brighter(Picture picture, float[] point) {
        ByteBuffer bytes = picture.bytes();
        double all = 0;
        for (int i = 0; i < bytes.limit(); i++) {
            all += bytes.get(i) & 0xff;
        }
        int x = Math.min(picture.width() - 1, Math.max(0, Math.round(point[0])));
        int y = Math.min(picture.height() - 1, Math.max(0, Math.round(point[1])));
        int here = 3 * (y * picture.width() + x);
        double sum = 0;
        for (int c = 0; c < 3; c++) {
            sum += bytes.get(here + c) & 0xff;
        }
        return sum / 3 - all / bytes.limit();
    }

    static void same(Picture expected, Picture actual, String what) {
        assertEquals(expected.width(), actual.width(), what + ": width");
        assertEquals(expected.height(), actual.height(), what + ": height");
        assertEquals(expected.bytes(), actual.bytes(), what + ": bytes");
        assertEquals(expected.facts(), actual.facts(), what + ": facts");
        assertArrayEquals(
                expected.points().toArray(), actual.points().toArray(), what + ": points");
    }

    static void same(List<Picture> expected, List<Picture> actual, String what) {
        assertEquals(expected.size(), actual.size(), what + ": number of pictures");
        for (int i = 0; i < expected.size(); i++) {
            same(expected.get(i), actual.get(i), what);
        }
    }

    /** All that a picture says, to be compared later. */
    static List<Object> told(Picture picture) {
        byte[] bytes = new byte[picture.bytes().remaining()];
        picture.bytes().get(bytes);
        return List.of(
                picture.width(),
                picture.height(),
                picture.isEncoded(),
                ByteBuffer.wrap(bytes),
                picture.points().stream().map(Arrays::toString).toList(),
                picture.facts());
    }
}
