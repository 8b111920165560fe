// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mien.engine.Scope;
import org.mien.engine.Torch;
import org.mien.nn.spi.TorchPass;
import org.mien.nn.spi.Weights;

class ContrastiveTest {
    private Weights weights;
    private Scope scope;
    private TorchPass pass;
    private NDArray a;
    private NDArray b;

    @BeforeAll
    static void start() {
        Torch.start(Path.of(System.getProperty("mien.torch")));
    }

    /** Distances 5, 0 and 1. */
    @BeforeEach
    void open() {
        weights = new Weights(Device.cpu());
        scope = Torch.get().training(Device.cpu());
        pass = TorchPass.training(weights, scope, new TorchPass.Clock(1, 0, 0));
        pass.begin("train", Set.of());
        a = scope.manager().create(new float[] {3, 4, 7, 7, 1, 0}, new Shape(3, 2));
        a.setRequiresGradient(true);
        b = scope.manager().create(new float[] {0, 0, 7, 7, 0, 0}, new Shape(3, 2));
    }

    @AfterEach
    void close() {
        scope.close();
        weights.close();
    }

    @Test
    void alikeIsTheMeanDistance() {
        NDArray loss = Contrastive.alike(pass, a, b);
        assertEquals(2, loss.getFloat(), 1e-6);
        // Unit vectors over 3; none where the rows are equal.
        assertArrayEquals(
                new float[] {0.2f, 0.8f / 3, 0, 0, 1f / 3, 0},
                pass.gradient(loss, a).toFloatArray(),
                1e-6f);
    }

    @Test
    void apartIsTheMeanOfWhatIsMissingToTheMargin() {
        NDArray loss = Contrastive.apart(pass, a, b, 3);
        assertEquals((0 + 3 + 2) / 3.0, loss.getFloat(), 1e-6);
        assertArrayEquals(
                new float[] {0, 0, 0, 0, -1f / 3, 0}, pass.gradient(loss, a).toFloatArray(), 1e-6f);
    }
}
