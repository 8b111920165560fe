// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package ai.djl.ndarray;

import java.util.ArrayList;
import java.util.List;

/**
 * Counts and finds native arrays. It lies in DJL's package because managers keep their arrays to
 * themselves.
 */
public final class ManagedArrays {
    private ManagedArrays() {}

    /**
     * Counts the arrays of a manager and of all managers below it.
     *
     * @param manager the manager
     * @return number of native arrays alive
     */
    public static long count(NDManager manager) {
        long count = 0;
        for (AutoCloseable resource : ((BaseNDManager) manager).resources.values()) {
            if (resource instanceof NDManager sub) {
                count += count(sub);
            } else if (resource instanceof NDArray) {
                count++;
            }
        }
        return count;
    }

    /**
     * Counts arrays that belong to no stretch of computation and no store: those of the root
     * itself, and those of managers that were made beside it.
     *
     * @param root whose managers are stretches and stores
     * @return number of native arrays alive
     */
    public static long strays(NDManager root) {
        long count = 0;
        for (AutoCloseable resource : ((BaseNDManager) root).resources.values()) {
            count += resource instanceof NDArray ? 1 : 0;
        }
        BaseNDManager system = (BaseNDManager) root.getParentManager();
        for (AutoCloseable resource : system.resources.values()) {
            if (resource instanceof NDArray) {
                count++;
            } else if (resource != root && resource instanceof NDManager other) {
                count += count(other);
            }
        }
        return count;
    }

    /**
     * The arrays of a manager, without those of managers below it.
     *
     * @param manager the manager
     * @return the arrays, in no order
     */
    public static List<NDArray> of(NDManager manager) {
        List<NDArray> arrays = new ArrayList<>();
        for (AutoCloseable resource : ((BaseNDManager) manager).resources.values()) {
            if (resource instanceof NDArray array) {
                arrays.add(array);
            }
        }
        return arrays;
    }
}
