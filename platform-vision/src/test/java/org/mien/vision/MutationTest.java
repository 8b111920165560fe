// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.vision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.mien.api.data.Picture;

/** Ten thousand files that nobody would call images, in one process. */
class MutationTest {
    private static final int FILES = 10_000;

    /** What is done to a file. */
    private enum Mutation {
        NONE,
        TRUNCATED,
        HEADER,
        BYTES,
        ZEROS,
        EMPTY,
        HUGE,
        REPEATED,
        OTHER_BEGINNING,
        NOISE
    }

    private static List<byte[]> bases() throws IOException {
        BufferedImage image = TestFiles.gradient(48, 40);
        BufferedImage palette = new BufferedImage(48, 40, BufferedImage.TYPE_BYTE_INDEXED);
        palette.getGraphics().drawImage(image, 0, 0, null);
        return List.of(
                TestFiles.write(image, "png"),
                TestFiles.write(palette, "png"),
                TestFiles.write(image, "jpg"),
                TestFiles.oriented(TestFiles.write(image, "jpg"), 7),
                TestFiles.progressive(image),
                TestFiles.cmyk(48, 40, 10, 20, 30, 40),
                TestFiles.write(image, "bmp"),
                TestFiles.write(palette, "bmp"),
                TestFiles.write(image, "tif"),
                TestFiles.write(palette, "gif"),
                TestFiles.webp(image, 80, 255),
                TestFiles.webp(image, 101, 90));
    }

    private static byte[] mutate(byte[] base, byte[] other, Mutation mutation, Random random) {
        byte[] file = base.clone();
        switch (mutation) {
            case TRUNCATED:
                return Arrays.copyOf(file, random.nextInt(file.length));
            case HEADER:
                for (int i = random.nextInt(6); i >= 0; i--) {
                    file[random.nextInt(Math.min(64, file.length))] = (byte) random.nextInt(256);
                }
                return file;
            case BYTES:
                for (int i = random.nextInt(20); i >= 0; i--) {
                    file[random.nextInt(file.length)] = (byte) random.nextInt(256);
                }
                return file;
            case ZEROS:
                int from = random.nextInt(file.length);
                Arrays.fill(file, from, from + random.nextInt(file.length - from) + 1, (byte) 0);
                return file;
            case EMPTY:
                return new byte[random.nextInt(3)];
            case HUGE:
                return TestFiles.pngOfSize(16_385 + random.nextInt(1 << 30), random.nextInt());
            case REPEATED:
                byte[] twice = Arrays.copyOf(file, 2 * file.length);
                System.arraycopy(file, 0, twice, file.length, file.length);
                return twice;
            case OTHER_BEGINNING:
                System.arraycopy(
                        other, 0, file, 0, Math.min(24, Math.min(file.length, other.length)));
                return file;
            case NOISE:
                random.nextBytes(file);
                return file;
            default:
                return file;
        }
    }

    /** Resident memory of this process, in MiB. */
    private static long resident() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
            if (line.startsWith("VmRSS:")) {
                return Long.parseLong(line.replaceAll("\\D", "")) / 1024;
            }
        }
        throw new IllegalStateException("/proc/self/status has no VmRSS");
    }

    @Test
    void noFileCrashesNoneLeaksAndEachBadOneIsNamed() throws IOException {
        List<byte[]> bases = bases();
        Limits limits = new Limits(1 << 20, 4_000_000, 16_384);
        Map<Mutation, int[]> counts = new EnumMap<>(Mutation.class);
        List<Long> memory = new ArrayList<>();
        for (int i = 0; i < FILES; i++) {
            Random random = new Random(i);
            Mutation mutation = Mutation.values()[i % Mutation.values().length];
            byte[] base = bases.get(random.nextInt(bases.size()));
            byte[] other = bases.get(random.nextInt(bases.size()));
            byte[] file = mutate(base, other, mutation, random);
            int[] count = counts.computeIfAbsent(mutation, key -> new int[2]);
            try {
                Picture picture = Images.decode(Picture.encoded(ByteBuffer.wrap(file)), limits);
                assertFalse(picture.isEncoded());
                assertTrue((long) picture.width() * picture.height() <= limits.pixels());
                count[0]++;
            } catch (IOException e) {
                assertTrue(e.getMessage().length() > 20, e.getMessage());
                count[1]++;
            }
            if ((i + 1) % (FILES / 10) == 0) {
                System.gc();
                memory.add(resident());
            }
        }
        // The first files warm the process up: code, natives, heap.
        long warm = memory.get(2);
        long end = memory.get(memory.size() - 1);
        assertTrue(end - warm < 64, "resident MiB after each thousand: " + memory);
        assertEquals(0, counts.get(Mutation.NONE)[1]);
        for (Mutation never : List.of(Mutation.EMPTY, Mutation.HUGE, Mutation.NOISE)) {
            assertEquals(0, counts.get(never)[0], never.toString());
        }
        for (Mutation some : List.of(Mutation.HEADER, Mutation.BYTES, Mutation.TRUNCATED)) {
            assertTrue(counts.get(some)[1] > 100, some + ": " + counts.get(some)[1] + " refused");
        }
    }
}
