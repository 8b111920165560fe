// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mien.core.MienException;
import org.mien.core.internal.io.Atomic;

class CheckpointTest {
    @TempDir private Path folder;

    private Checkpoint small() {
        Map<String, Checkpoint.Values> arrays = new LinkedHashMap<>();
        arrays.put("b", new Checkpoint.Values(new long[] {2, 2}, new float[] {1, 2, 3, -0f}));
        arrays.put("a", new Checkpoint.Values(new long[] {}, new float[] {Float.MIN_VALUE}));
        return new Checkpoint(arrays, Map.of("step", "7"));
    }

    /** So that the Java heap need not hold them all. */
    @Test
    void arraysAreAskedForOneByOneWhenTheyAreWritten() throws IOException {
        List<String> asked = new ArrayList<>();
        Map<String, Checkpoint.Values> arrays = new LinkedHashMap<>();
        for (String name : List.of("b", "a")) {
            arrays.put(
                    name,
                    new Checkpoint.Values(
                            new long[] {1, 2},
                            () -> {
                                asked.add(name);
                                return new float[] {asked.size(), 0};
                            }));
        }
        Checkpoint checkpoint = new Checkpoint(arrays, Map.of());
        assertEquals(List.of(), asked);
        Path file = folder.resolve("late.safetensors");
        checkpoint.write(file);
        assertEquals(List.of("b", "a"), asked);
        assertArrayEquals(new float[] {2, 0}, Checkpoint.read(file).arrays().get("a").elements());
        arrays.put("c", new Checkpoint.Values(new long[] {3}, new float[2]));
        assertThrows(IllegalStateException.class, () -> checkpoint.write(file));
        assertEquals(2, Checkpoint.read(file).arrays().size(), "the file before is still there");
    }

    @Test
    void roundTripIsExactAndKeepsTheOrder() throws IOException {
        Path file = folder.resolve("x.safetensors");
        small().write(file);
        Checkpoint read = Checkpoint.read(file);
        assertEquals(List.of("b", "a"), List.copyOf(read.arrays().keySet()));
        assertArrayEquals(new float[] {1, 2, 3, -0f}, read.arrays().get("b").elements());
        assertArrayEquals(new long[] {}, read.arrays().get("a").shape());
        assertEquals("7", read.metadata().get("step"));
        assertEquals(List.of("x.safetensors"), list());
    }

    private List<String> list() throws IOException {
        try (var all = Files.list(folder)) {
            return all.map(path -> path.getFileName().toString()).toList();
        }
    }

    @Test
    void aCutOrChangedFileIsRefusedInWords() throws IOException {
        Path file = folder.resolve("x.safetensors");
        small().write(file);
        byte[] whole = Files.readAllBytes(file);
        for (int length = 0; length < whole.length; length++) {
            Files.write(file, Arrays.copyOf(whole, length));
            assertTrue(
                    assertThrows(MienException.class, () -> Checkpoint.read(file))
                            .getMessage()
                            .contains("x.safetensors"));
        }
        Random random = new Random(3);
        for (int i = 0; i < 500; i++) {
            byte[] changed = whole.clone();
            changed[random.nextInt(whole.length - 20)] ^= (byte) (1 + random.nextInt(255));
            Files.write(file, changed);
            try {
                Checkpoint.read(file);
            } catch (MienException e) {
                assertTrue(e.getMessage().contains("x.safetensors"));
            }
        }
    }

    @Test
    void aHeaderOfManyBytesIsNotAllocated() throws IOException {
        Path file = folder.resolve("x.safetensors");
        Files.write(file, new byte[] {-1, -1, -1, -1, -1, -1, -1, 127, '{', '}'});
        assertTrue(
                assertThrows(MienException.class, () -> Checkpoint.read(file))
                        .getMessage()
                        .contains("its header claims 9223372036854775807 bytes"));
    }

    @Test
    void aFailedWriteLeavesTheOldFile() throws IOException {
        Path file = folder.resolve("x.safetensors");
        small().write(file);
        byte[] before = Files.readAllBytes(file);
        assertThrows(
                IOException.class,
                () ->
                        Atomic.write(
                                file,
                                out -> {
                                    out.write(1);
                                    throw new IOException("disk full");
                                }));
        assertArrayEquals(before, Files.readAllBytes(file));
        assertEquals(List.of("x.safetensors"), list());
    }
}
