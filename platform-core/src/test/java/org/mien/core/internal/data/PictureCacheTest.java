// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mien.api.data.Picture;

class PictureCacheTest {
    @TempDir private Path folder;

    private static Picture picture(int seed) {
        byte[] rgb = new byte[3 * 5 * 4];
        new Random(seed).nextBytes(rgb);
        return new Picture(
                5,
                4,
                ByteBuffer.wrap(rgb),
                List.of(new float[] {seed, 1}),
                Map.of("score", seed / 10.0));
    }

    private static byte[] bytes(Picture picture) {
        byte[] bytes = new byte[picture.bytes().remaining()];
        picture.bytes().get(bytes);
        return bytes;
    }

    /** Files of 150 bytes hold two pictures of 60 each. */
    @Test
    void picturesComeBackFromFewFilesThatHaveNoName() throws IOException {
        try (PictureCache cache = new PictureCache(folder, 10_000, 150)) {
            for (int i = 0; i < 7; i++) {
                cache.put("picture " + i, List.of(picture(i)));
                cache.put("picture " + i, List.of(picture(99))); // the first counts
            }
            assertEquals(7, cache.size());
            for (int i = 0; i < 7; i++) {
                Picture back = cache.get("picture " + i).get(0);
                assertArrayEquals(bytes(picture(i)), bytes(back));
                assertEquals(5, back.width());
                assertEquals(i, back.points().get(0)[0]);
                assertEquals(i / 10.0, back.facts().get("score"));
            }
            assertNull(cache.get("nobody"));
            try (Stream<Path> files = Files.list(folder)) {
                assertEquals(0, files.count());
            }
        }
    }

    @Test
    void cropsOfAFaceAreKeptTogetherOrNotAtAll() {
        try (PictureCache cache = new PictureCache(folder, 250, 150)) {
            List<Picture> crops = List.of(picture(1), picture(2), picture(3));
            cache.put("face", crops);
            List<Picture> back = cache.get("face");
            assertEquals(3, back.size());
            for (int i = 0; i < 3; i++) {
                assertArrayEquals(bytes(crops.get(i)), bytes(back.get(i)));
            }
            cache.put("other", List.of(picture(4), picture(5)));
            assertNull(cache.get("other"));
        }
    }

    @Test
    void whatDoesNotFitIsNotKept() {
        try (PictureCache cache = new PictureCache(folder, 130, 150)) {
            for (int i = 0; i < 5; i++) {
                cache.put("picture " + i, List.of(picture(i)));
            }
            assertEquals(2, cache.size());
            assertArrayEquals(bytes(picture(1)), bytes(cache.get("picture 1").get(0)));
            assertNull(cache.get("picture 2"));
        }
        try (PictureCache cache = PictureCache.none()) {
            cache.put("picture", List.of(picture(1)));
            assertEquals(0, cache.size());
        }
    }

    @Test
    void aFolderThatCannotBeWrittenCostsTheCacheOnly() throws IOException {
        Path file = Files.writeString(folder.resolve("file"), "");
        try (PictureCache cache = new PictureCache(file, 10_000, 150)) {
            cache.put("picture", List.of(picture(1)));
            assertEquals(0, cache.size());
        }
    }
}
