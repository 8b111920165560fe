// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.mien.engine.Torch;

/** The engine of the tests, and how its results are compared. */
final class Engine {
    private Engine() {}

    static Torch start() {
        String folder = System.getProperty("mien.torch");
        if (folder == null) {
            throw new IllegalStateException(
                    "the property mien.torch is not set; it must name the folder of libtorch and"
                            + " libdjl_torch: natives/torch in a distribution of Mien");
        }
        return Torch.start(Path.of(folder));
    }

    /** The same bytes under the same paths. */
    static void same(Map<String, float[]> expected, Map<String, float[]> actual, String what) {
        assertEquals(expected.keySet(), actual.keySet(), what + ": paths");
        expected.forEach(
                (path, values) ->
                        assertTrue(Arrays.equals(values, actual.get(path)), what + ": " + path));
    }

    /** Rows that agree but for rounding. */
    static void close(float[] expected, float[] actual, String what) {
        assertEquals(expected.length, actual.length, what + ": numbers of a row");
        float most = 1;
        for (float value : expected) {
            most = Math.max(most, Math.abs(value));
        }
        for (int i = 0; i < expected.length; i++) {
            assertTrue(
                    Math.abs(expected[i] - actual[i]) <= 1e-4f * most,
                    what
                            + ": "
                            + Arrays.toString(Arrays.copyOf(expected, Math.min(8, expected.length)))
                            + " became "
                            + Arrays.toString(Arrays.copyOf(actual, Math.min(8, actual.length)))
                            + " (number "
                            + i
                            + ")");
        }
    }
}
