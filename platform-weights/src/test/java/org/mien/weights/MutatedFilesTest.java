// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Broken files of every format; {@code -Dmien.mutations=N} for more of them. */
class MutatedFilesTest {
    private static final int FILES = Integer.getInteger("mien.mutations", 6000);

    /** The files have some kilobytes. */
    private static final long MOST_ALLOCATED = 64 << 20;

    @TempDir Path folder;

    private List<byte[]> bases() throws IOException {
        Path tensors = folder.resolve("base.safetensors");
        try (OutputStream out = Files.newOutputStream(tensors)) {
            Safetensors.write(
                    out,
                    Map.of(
                            "a.weight", new Safetensors.Values(new long[] {2, 3}, new float[6]),
                            "b", new Safetensors.Values(new long[] {4}, new float[4])),
                    Map.of("format", "pt"));
        }
        List<byte[]> bases = new ArrayList<>();
        bases.add(Files.readAllBytes(tensors));
        for (String name :
                List.of(
                        "zip.pth",
                        "legacy.pth",
                        "wrapped.pth",
                        "wrapped-legacy.pth",
                        "torchscript.pt",
                        "stored.npz",
                        "deflated.npz",
                        "rows.npy")) {
            bases.add(Files.readAllBytes(WeightsFileTest.resource(name)));
        }
        Map<String, Object> leftovers = CheckpointsOfOthersTest.leftovers();
        leftovers.put("net", TorchMaker.map("w", new TorchMaker.Floats(1, 3, 4)));
        bases.add(TorchMaker.zip(leftovers));
        bases.add(TorchMaker.legacy(leftovers));
        bases.add(TorchMaker.alone(TorchMaker.map("w", TorchMaker.array(-1, 5, 7))));
        bases.add(CheckpointsOfOthersTest.gzip(bases.get(0)));
        bases.add(CheckpointsOfOthersTest.tar("a.safetensors", bases.get(0)));
        bases.add(named());
        return bases;
    }

    /** An npz that says something of itself. */
    private byte[] named() throws IOException {
        Map.Entry<String, Npy> metadata = Npz.metadata(Map.of("mien.labels", "[\"é\"]"));
        Map<String, Npy> arrays = new LinkedHashMap<>();
        arrays.put("w", Npy.floats(new float[6], 2, 3));
        arrays.put("ids", Npy.texts(List.of("a", "b")));
        arrays.put(metadata.getKey(), metadata.getValue());
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Npz.write(out, arrays);
        return out.toByteArray();
    }

    private static byte[] mutate(byte[] base, byte[] other, Random random) {
        byte[] file = base.clone();
        switch (random.nextInt(8)) {
            case 0:
                return Arrays.copyOf(file, random.nextInt(file.length));
            case 1: // somewhere in the beginning, where headers are
                for (int i = random.nextInt(4); i >= 0; i--) {
                    file[random.nextInt(Math.min(400, file.length))] = (byte) random.nextInt();
                }
                return file;
            case 2: // somewhere in the end, where directories are
                for (int i = random.nextInt(4); i >= 0; i--) {
                    file[file.length - 1 - random.nextInt(Math.min(400, file.length))] =
                            (byte) random.nextInt();
                }
                return file;
            case 3:
                for (int i = random.nextInt(20); i >= 0; i--) {
                    file[random.nextInt(file.length)] = (byte) random.nextInt();
                }
                return file;
            case 4: // one bit
                file[random.nextInt(file.length)] ^= (byte) (1 << random.nextInt(8));
                return file;
            case 5:
                int from = random.nextInt(file.length);
                int to = Math.min(file.length, from + 1 + random.nextInt(16));
                Arrays.fill(file, from, to, (byte) (random.nextBoolean() ? 0 : 0xff));
                return file;
            case 6: // a piece of another file
                int at = random.nextInt(file.length);
                int count = Math.min(random.nextInt(64), file.length - at);
                int where = random.nextInt(Math.max(1, other.length - count));
                System.arraycopy(other, where, file, at, Math.min(count, other.length - where));
                return file;
            default: // a piece twice
                int begin = random.nextInt(file.length);
                int length = random.nextInt(file.length - begin);
                byte[] longer = Arrays.copyOf(file, file.length + length);
                System.arraycopy(file, begin, longer, begin + length, file.length - begin);
                return longer;
        }
    }

    @Test
    @Timeout(3600)
    void eachIsReadOrRefusedInWords() throws IOException {
        System.setProperty(WeightsFile.TORCH_SCRIPT, "allow");
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int read = 0;
        int refused = 0;
        try {
            List<byte[]> bases = bases();
            Path path = folder.resolve("mutated");
            for (int i = 0; i < FILES; i++) {
                Random random = new Random(i);
                byte[] base = bases.get(i % bases.size());
                byte[] other = bases.get(random.nextInt(bases.size()));
                Files.write(path, mutate(base, other, random));
                long allocated = threads.getCurrentThreadAllocatedBytes();
                long begun = System.nanoTime();
                try (WeightsFile file = WeightsFile.open(path)) {
                    for (Tensor tensor : file.tensors().values()) {
                        if (tensor.elements() < 1 << 16) {
                            file.floats(tensor);
                        }
                    }
                    read++;
                } catch (BadWeights e) {
                    assertTrue(e.getMessage().length() > 30, e.getMessage());
                    refused++;
                } catch (RuntimeException | Error e) {
                    throw new AssertionError("mutation " + i, e);
                }
                long bytes = threads.getCurrentThreadAllocatedBytes() - allocated;
                assertTrue(bytes < MOST_ALLOCATED, "mutation " + i + " took " + bytes + " bytes");
                long seconds = (System.nanoTime() - begun) / 1_000_000_000;
                assertTrue(seconds < 30, "mutation " + i + " took " + seconds + " s");
            }
        } finally {
            System.clearProperty(WeightsFile.TORCH_SCRIPT);
        }
        // A changed weight is a weight; a changed structure is none.
        assertTrue(read > FILES / 10 && refused > FILES / 5, read + " read, " + refused);
    }
}
