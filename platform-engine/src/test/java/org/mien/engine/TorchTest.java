// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ShortBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TorchTest {
    private static final String OPS =
            """
              def scaled(self: __torch__.Ops, x: Tensor, factor: float, shift: int) -> Tensor:
                return torch.add(torch.mul(x, factor), shift)
              def gradients(self: __torch__.Ops, y: Tensor, xs: List[Tensor]) -> List[Tensor]:
                found = torch.grad([y], xs, None, None, False, True)
                out = annotate(List[Tensor], [])
                for i in range(len(xs)):
                  g = found[i]
                  if g is None:
                    out.append(torch.zeros([0]))
                  else:
                    out.append(g)
                return out
              def pair(self: __torch__.Ops, x: Tensor) -> List[Tensor]:
                return [x, torch.neg(x)]
              def second(self: __torch__.Ops, of: List[Tensor]) -> Tensor:
                return of[1]
              def deep(self: __torch__.Ops, x: Tensor, w: Tensor) -> Tensor:
                h = torch.sigmoid(torch.mul(x, w))
                g = torch.gelu(torch.mul(torch.tanh(torch.add(torch.mul(h, w), 0.3)), h))
                s = torch.softmax(torch.div(g, torch.add(torch.abs(x), 1.)), -1)
                return torch.mean(torch.mul(s, torch.layer_norm(g, [torch.size(g, -1)])))
            """;

    private static Torch torch() {
        return Torch.start(Path.of(System.getProperty("mien.torch")));
    }

    /** True when a gradient graph leads back from an array; asked by walking it. */
    private static boolean recorded(NDArray array) {
        try {
            NDArray[] none = {array.getManager().ones(array.getShape())};
            none[0].setRequiresGradient(true);
            Script script = torch().script(OPS, Device.cpu());
            script.list(array.getManager(), "gradients", array.sum(), none);
            return true;
        } catch (EngineException e) {
            return false;
        }
    }

    @Test
    void oneDnnComputesAsAskedOrAsTheCheckFinds() {
        assertEquals(OneDnn.RIGHT, OneDnnCheck.decide("on", () -> OneDnn.WRONG));
        assertEquals(OneDnn.UNUSED, OneDnnCheck.decide("off", () -> OneDnn.RIGHT));
        assertEquals(OneDnn.MENDED, OneDnnCheck.decide("auto", () -> OneDnn.MENDED));
        IllegalStateException e =
                assertThrows(
                        IllegalStateException.class,
                        () -> OneDnnCheck.decide("yes", () -> OneDnn.RIGHT));
        assertEquals(
                "engine: the property mien.onednn is 'yes'; expected auto, on or off",
                e.getMessage());
    }

    /** The check decides at every start; it must not change its mind. */
    @Test
    void theCheckOfOneDnnSaysTheSameTwice() {
        Torch torch = torch();
        assertEquals(OneDnnCheck.isRight(torch), OneDnnCheck.isRight(torch));
        if (System.getProperty(Torch.ONE_DNN) == null && torch.oneDnn() != OneDnn.MENDED) {
            assertEquals(torch.oneDnn(), OneDnnCheck.look(torch));
        }
    }

    /** A check that is wrong itself would leave every machine slow, and skip tests. */
    @Test
    void oneDnnIsRightWhereTheProcessorShowsItsCaches() {
        assumeTrue(
                Files.exists(Path.of("/sys/devices/system/cpu/cpu0/cache/index0/size")),
                "this machine hides its caches");
        assertTrue(OneDnnCheck.isRight(torch()));
    }

    /** A processor's object is made to look as it does where a virtual machine hides the caches. */
    @Test
    void oneDnnThatBelievesInCachesOfOneByteIsMended() throws IOException {
        Path library = torch().natives().resolve(System.mapLibraryName("torch_cpu"));
        assertTrue(OneDnnCheck.isRight(torch()) || torch().oneDnn() != OneDnn.RIGHT);
        CacheSizes sizes = CacheSizes.of(library).orElseThrow();
        int[] before = new int[4];
        for (int i = 0; i < 4; i++) {
            before[i] = sizes.read(i < 3 ? CacheSizes.SIZES + 4 * i : CacheSizes.LEVELS);
        }
        try {
            if (before[0] > 1) {
                assertFalse(CacheSizes.mend(library), "sizes that are sizes stay");
            }
            for (int i = 0; i < 3; i++) {
                sizes.write(CacheSizes.SIZES + 4 * i, 1);
            }
            sizes.write(CacheSizes.LEVELS, 3);
            assertTrue(CacheSizes.mend(library));
            assertEquals(0, sizes.read(CacheSizes.LEVELS));
            assertTrue(OneDnnCheck.isRight(torch()));
            assertFalse(CacheSizes.mend(library), "once");
        } finally {
            for (int i = 0; i < 4; i++) {
                sizes.write(i < 3 ? CacheSizes.SIZES + 4 * i : CacheSizes.LEVELS, before[i]);
            }
        }
    }

    /**
     * What oneDNN made with caches of one byte it keeps, so they are mended before it makes
     * anything: a process of its own, which has not computed yet, is made to believe in them.
     */
    @Test
    void cachesAreMendedBeforeAnythingIsComputed(@TempDir Path folder) throws Exception {
        Path said = folder.resolve("said");
        Process child =
                new ProcessBuilder(
                                ProcessHandle.current().info().command().orElseThrow(),
                                "-D" + Torch.ONE_DNN + "=off",
                                "-Dmien.torch=" + System.getProperty("mien.torch"),
                                "-cp",
                                System.getProperty("java.class.path"),
                                HiddenCaches.class.getName())
                        .redirectErrorStream(true)
                        .redirectOutput(said.toFile())
                        .start();
        assertTrue(child.waitFor(2, TimeUnit.MINUTES));
        assertEquals(0, child.exitValue(), Files.readString(said));
        assertTrue(
                Files.readString(said).endsWith("levels 3, then MENDED\n"), Files.readString(said));
    }

    /** The process of its own. */
    static final class HiddenCaches {
        private HiddenCaches() {}

        public static void main(String[] none) throws IOException {
            Torch torch = torch();
            if (!OneDnnCheck.isThere(torch)) {
                throw new IllegalStateException("no oneDNN");
            }
            CacheSizes sizes =
                    CacheSizes.of(torch.natives().resolve(System.mapLibraryName("torch_cpu")))
                            .orElseThrow();
            for (int i = 0; i < 3; i++) {
                sizes.write(CacheSizes.SIZES + 4 * i, 1);
            }
            sizes.write(CacheSizes.LEVELS, 3);
            System.out.println(
                    "levels "
                            + sizes.read(CacheSizes.LEVELS)
                            + ", then "
                            + OneDnnCheck.look(torch, true));
        }
    }

    @Test
    void cacheSizesOfALibraryThatIsNone(@TempDir Path folder) throws IOException {
        assertFalse(CacheSizes.mend(folder.resolve("missing")));
        Path text = Files.writeString(folder.resolve("text"), "x".repeat(100));
        assertTrue(CacheSizes.symbol(text, "x").isEmpty());
        assertFalse(CacheSizes.mend(text));
    }

    @Test
    void startsOnceFromTheFolderGiven() {
        assertEquals("2.7.1", torch().version());
        assertSame(torch(), Torch.get());
        assertTrue(Files.notExists(Path.of(System.getProperty("user.home"), ".djl.ai", "pytorch")));
    }

    @Test
    void namesAMissingLibrary(@TempDir Path empty) {
        torch();
        // Only the first start reads the folder, so the check is asked of a device that is not
        // there.
        IllegalArgumentException none =
                assertThrows(IllegalArgumentException.class, () -> torch().device("cuda:0"));
        assertTrue(none.getMessage().contains("no GPU was found"), none.getMessage());
        IllegalArgumentException odd =
                assertThrows(IllegalArgumentException.class, () -> torch().device("tpu"));
        assertTrue(odd.getMessage().contains("expected auto, cpu or cuda:N"), odd.getMessage());
        assertEquals(Device.cpu(), torch().device("auto"));
    }

    @Test
    void scalarsAndListsReachAScript() {
        Script script = torch().script(OPS, Device.cpu());
        try (Scope scope = torch().inference(Device.cpu())) {
            NDArray x = scope.manager().create(new float[] {1, 2});
            NDArray y = script.call(scope.manager(), "scaled", x, 0.5, 3);
            assertArrayEquals(new float[] {3.5f, 4}, y.toFloatArray());
        }
    }

    @Test
    void aHeldResultReachesLaterCallsAndCountsUntilItIsClosed() {
        Script script = torch().script(OPS, Device.cpu());
        try (Scope scope = torch().inference(Device.cpu())) {
            NDArray x = scope.manager().create(new float[] {1, 2});
            long before = torch().arrays();
            Held pair = script.hold("pair", x);
            assertEquals(before + 1, torch().arrays());
            for (int i = 0; i < 2; i++) {
                NDArray second = script.call(scope.manager(), "second", pair);
                assertArrayEquals(new float[] {-1, -2}, second.toFloatArray());
                second.close();
            }
            pair.close();
            pair.close();
            assertEquals(before, torch().arrays());
        }
    }

    @Test
    void weightsNeverOwnWhatIsComputedFromThem() {
        Script script = torch().script(OPS, Device.cpu());
        try (NDManager store = torch().store(Device.cpu())) {
            NDArray weight = store.create(new float[] {2, 3});
            long before = torch().arrays();
            for (int step = 0; step < 20; step++) {
                try (Scope scope = torch().training(Device.cpu())) {
                    NDArray w = scope.leaf(weight, true);
                    NDArray unused = scope.leaf(weight, true);
                    NDArray y = w.mul(w).sum();
                    NDArray[] g =
                            script.list(scope.manager(), "gradients", y, new NDArray[] {w, unused});
                    assertArrayEquals(new float[] {4, 6}, g[0].toFloatArray());
                    assertEquals(0, g[1].size());
                }
            }
            assertEquals(before, torch().arrays());
        }
    }

    /** x.mul(3) makes an array of the 3, which is closed when the gradient still needs it. */
    @Test
    void whatAGradientNeedsOutlivesItsArray() {
        Script script = torch().script(OPS, Device.cpu());
        for (int round = 0; round < 10; round++) {
            try (Scope scope = torch().training(Device.cpu())) {
                NDArray x = scope.manager().ones(new Shape(2));
                x.setRequiresGradient(true);
                NDArray weights = scope.manager().create(new float[] {3, 5});
                NDArray y = x.mul(3f).add(x.mul(weights)).div(0.5f).sum();
                weights.close();
                System.gc();
                // Takes what was freed and writes over it.
                List<ByteBuffer> others = new ArrayList<>();
                for (int i = 0; i < 200; i++) {
                    ByteBuffer other = ByteBuffer.allocateDirect(i % 2 == 0 ? 4 : 8);
                    while (other.hasRemaining()) {
                        other.put((byte) 0x55);
                    }
                    others.add(other);
                }
                NDArray[] g = script.list(scope.manager(), "gradients", y, new NDArray[] {x});
                assertArrayEquals(new float[] {12, 16}, g[0].toFloatArray());
                assertEquals(200, others.size());
            }
        }
    }

    @Test
    void arraysAreCopiesOfWhatTheyAreMadeFrom() {
        try (Scope scope = torch().inference(Device.cpu())) {
            NDManager manager = scope.manager();
            ByteBuffer bytes = ByteBuffer.allocateDirect(8).put(new byte[] {1, 2, 3, 4, 5, 6});
            bytes.position(2).limit(6);
            NDArray array = manager.create(bytes, new Shape(2, 2), DataType.UINT8);
            assertEquals(2, bytes.position());
            bytes.put(2, (byte) 9);
            assertArrayEquals(new byte[] {3, 4, 5, 6}, array.toByteArray());
            assertArrayEquals(
                    new long[] {-1, Long.MAX_VALUE},
                    manager.create(new long[] {-1, Long.MAX_VALUE}).toLongArray());
            assertArrayEquals(
                    new int[] {Integer.MIN_VALUE},
                    manager.create(new int[] {Integer.MIN_VALUE}).toIntArray());
            assertArrayEquals(
                    new double[] {0.1, Double.NaN},
                    manager.create(new double[] {0.1, Double.NaN}).toDoubleArray());
            assertArrayEquals(
                    new boolean[] {true, false},
                    manager.create(new boolean[] {true, false}).toBooleanArray());
            ShortBuffer halves = ShortBuffer.wrap(new short[] {0x3c00, (short) 0xc000});
            NDArray half = manager.create(halves, new Shape(2), DataType.FLOAT16);
            assertArrayEquals(
                    new float[] {1, -2}, half.toType(DataType.FLOAT32, true).toFloatArray());
            assertEquals(0, manager.create(new float[0], new Shape(0, 3)).toFloatArray().length);
            assertEquals(2.5f, manager.create(2.5f).getFloat());
            assertThrows(
                    IllegalArgumentException.class,
                    () -> manager.create(new float[] {1, 2}, new Shape(3)));
        }
    }

    @Test
    void everyCallOfAThreadGivesTheSameBytes() throws InterruptedException {
        Script script = torch().script(OPS, Device.cpu());
        List<Integer> hashes = new ArrayList<>();
        Runnable calls =
                () -> {
                    for (int i = 0; i < 3; i++) {
                        try (Scope scope = torch().training(Device.cpu())) {
                            float[] draws = new float[24 * 33];
                            Random random = new Random(1);
                            for (int j = 0; j < draws.length; j++) {
                                draws[j] = (float) random.nextGaussian();
                            }
                            NDArray x = scope.manager().create(draws, new Shape(24, 33));
                            NDArray w = scope.manager().create(Arrays.copyOf(draws, 33));
                            NDArray[] leaves = {x, w};
                            x.setRequiresGradient(true);
                            w.setRequiresGradient(true);
                            NDArray y = script.call(scope.manager(), "deep", x, w);
                            NDArray[] g = script.list(scope.manager(), "gradients", y, leaves);
                            hashes.add(
                                    31 * Arrays.hashCode(g[0].toFloatArray())
                                            + Arrays.hashCode(g[1].toFloatArray()));
                        }
                    }
                };
        for (int i = 0; i < 2; i++) {
            Thread thread = new Thread(calls);
            thread.start();
            thread.join();
        }
        calls.run();
        assertEquals(Collections.nCopies(9, hashes.get(0)), hashes);
    }

    @Test
    void gradientModeBelongsToTheScopeAndItsThread() throws InterruptedException {
        AtomicReference<Boolean> other = new AtomicReference<>();
        try (NDManager store = torch().store(Device.cpu());
                Scope training = torch().training(Device.cpu())) {
            NDArray weight = store.create(new float[] {1});
            NDArray w = training.leaf(weight, true);
            assertTrue(recorded(w.mul(2)));
            try (Scope inference = torch().inference(Device.cpu())) {
                assertFalse(recorded(inference.leaf(weight, false).mul(2)));
                assertFalse(recorded(w.mul(2)));
            }
            assertTrue(recorded(w.mul(2)));
            training.quiet(() -> assertFalse(recorded(w.mul(2))));
            Thread thread =
                    new Thread(
                            () -> {
                                try (Scope s = torch().inference(Device.cpu())) {
                                    other.set(recorded(w.mul(2)));
                                }
                            });
            thread.start();
            thread.join();
            assertFalse(other.get());
            assertTrue(recorded(w.mul(2)));
        }
    }
}
