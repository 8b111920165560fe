// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mien.engine.Scope;
import org.mien.engine.Torch;
import org.mien.nn.spi.TorchPass;
import org.mien.nn.spi.Weights;

class CentresTest {
    private final Centres centres = new Centres(3, 2, 0.5);
    private Weights weights;
    private Scope scope;
    private TorchPass pass;
    private NDArray x;
    private NDArray which;

    @BeforeAll
    static void start() {
        Torch.start(Path.of(System.getProperty("mien.torch")));
    }

    @BeforeEach
    void open() {
        weights = new Weights(Device.cpu());
        weights.add("c", centres);
        weights.fill(1);
        weights.set("c.centres", new float[] {1, 2, -3, 0, 5, 5}, 3, 2);
        scope = Torch.get().training(Device.cpu());
        pass = TorchPass.training(weights, scope, new TorchPass.Clock(1, 0, 0));
        pass.begin("train", Set.of("c.centres"));
        x = scope.manager().create(new float[] {3, 2, 0, 4, 1, 1}, new Shape(3, 2));
        which = scope.manager().create(new long[] {0, 1, 0});
    }

    @AfterEach
    void close() {
        scope.close();
        weights.close();
    }

    @Test
    void spreadIsTheMeanSquaredDistanceToTheOwnCentre() {
        x.setRequiresGradient(true);
        NDArray spread = centres.spread(pass, x, which);
        // (2, 0), (3, 4), (0, -1): squares 4, 25, 1.
        assertEquals(30 / 3.0, spread.getFloat(), 1e-6);
        // 2 / N times the difference.
        assertArrayEquals(
                new float[] {4 / 3f, 0, 2, 8 / 3f, 0, -2 / 3f},
                pass.gradient(spread, x).toFloatArray(),
                1e-6f);
        assertEquals(0, centres.parameters());
    }

    @Test
    void centresFollowTheirRowsOnceTheUpdateTakesEffect() {
        centres.follow(pass, x, which);
        float[] before = {1, 2, -3, 0, 5, 5};
        assertArrayEquals(before, weights.array("c.centres").toFloatArray());
        pass.commit();
        // Two rows: (1, 2) - 0.5 * ((-2, 0) + (0, 1)) / 3. One: (-3, 0) - 0.5 * (-3, -4) / 2. None.
        float[] after = {1 + 1 / 3f, 2 - 1 / 6f, -3 + 0.75f, 1, 5, 5};
        assertArrayEquals(after, weights.array("c.centres").toFloatArray(), 1e-6f);
    }

    @Test
    void centresStandInAPhaseThatDoesNotMoveThem() {
        pass.begin("other", Set.of());
        centres.follow(pass, x, which);
        pass.commit();
        assertArrayEquals(
                new float[] {1, 2, -3, 0, 5, 5}, weights.array("c.centres").toFloatArray());
    }

    @Test
    void distancesToEveryCentre() {
        NDArray row = scope.manager().create(new float[] {1, -1}, new Shape(1, 2));
        NDArray distances = centres.run(pass, row);
        assertEquals(new Shape(1, 3), distances.getShape());
        assertArrayEquals(
                new float[] {3, (float) Math.sqrt(17), (float) Math.sqrt(52)},
                distances.toFloatArray(),
                1e-6f);
    }

    @Test
    void aRateOutOfRangeIsRefused() {
        for (double rate : List.of(-0.1, 1.5, Double.NaN)) {
            assertTrue(
                    assertThrows(IllegalArgumentException.class, () -> new Centres(3, 2, rate))
                            .getMessage()
                            .contains("rate of centres is " + rate));
        }
    }
}
