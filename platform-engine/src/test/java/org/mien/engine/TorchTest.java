// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.engine;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.engine.EngineException;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.file.Files;
import java.nio.file.Path;
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
