// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.mien.api.Output;
import org.mien.api.data.Picture;
import org.mien.engine.Scope;
import org.mien.engine.Torch;

class HeatMapsTest {
    private static final Picture BLACK = Picture.rgb(4, 1, ByteBuffer.allocate(12));

    private static Map<String, List<Picture>> over(float[] values, Shape shape, String... names) {
        Torch.start(Path.of(System.getProperty("mien.torch")));
        try (Scope scope = Torch.get().inference(Device.cpu())) {
            Output.Extra extra =
                    new Output.Extra(
                            Output.Role.HEAT_MAP,
                            scope.manager().create(values, shape),
                            List.of(names));
            return HeatMaps.over("class", extra, new int[] {1}, List.of(BLACK));
        }
    }

    private static int[] rgb(Picture picture) {
        int[] all = new int[3 * picture.width() * picture.height()];
        for (int i = 0; i < all.length; i++) {
            all[i] = picture.bytes().get(i) & 255;
        }
        return all;
    }

    @Test
    void fromBlueForTheLeastToRedForTheGreatest() {
        float[] values = {9, 9, 9, 9, -1, 3, 2, 2};
        Map<String, List<Picture>> maps = over(values, new Shape(2, 2, 1, 2), "joy", "fear");
        assertEquals(Set.of("class joy", "class fear"), maps.keySet());
        // Between the places there is what lies between: a quarter and three quarters of the way.
        assertArrayEquals(
                new int[] {0, 0, 64, 0, 64, 128, 128, 64, 0, 64, 0, 0},
                rgb(maps.get("class joy").get(0)),
                "half of the colours, over black");
        int[] even = rgb(maps.get("class fear").get(0));
        assertArrayEquals(new int[] {0, 0, 64, 0, 0, 64, 0, 0, 64, 0, 0, 64}, even);
    }

    @Test
    void whatIsNoMapIsRefused() {
        float[] values = new float[8];
        String rank =
                assertThrows(IllegalArgumentException.class, () -> over(values, new Shape(2, 4)))
                        .getMessage();
        assertTrue(rank.contains("'class' has shape [2, 4]"), rank);
        assertThrows(
                IllegalArgumentException.class,
                () -> over(values, new Shape(2, 2, 1, 2), "one name for two"));
        assertThrows(
                IllegalArgumentException.class,
                () -> over(values, new Shape(1, 2, 2, 2)),
                "no second row");
    }
}
