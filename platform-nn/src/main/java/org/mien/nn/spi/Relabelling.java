// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn.spi;

import ai.djl.ndarray.NDArray;
import java.util.List;
import org.mien.api.data.Sample;

/**
 * The changes of labels that a step asked for, read from their arrays.
 *
 * @param where true for those to change
 * @param labels the new class of each; counts where {@code where} is true
 */
public record Relabelling(boolean[] where, long[] labels) {
    /**
     * Reads and checks what {@link org.mien.api.Batch#relabel} was given.
     *
     * @param before what was asked for in this step already; null when nothing
     * @param allowed whether the plan may relabel
     * @param samples the batch
     * @param classes K
     * @param where (N) bool
     * @param labels (N) int64
     * @return the changes
     * @throws IllegalStateException when it may not, or not again
     * @throws IllegalArgumentException for another shape, or a class that there is not
     */
    public static Relabelling of(
            Relabelling before,
            boolean allowed,
            List<Sample> samples,
            int classes,
            NDArray where,
            NDArray labels) {
        if (!allowed) {
            throw new IllegalStateException(
                    "relabel was called, but the plan does not say relabels()");
        }
        if (before != null) {
            throw new IllegalStateException(
                    "relabel was called twice in a step; only one of the two could count. Put the"
                            + " changes into one call");
        }
        boolean[] change = where.toBooleanArray();
        long[] to = labels.toLongArray();
        if (change.length != samples.size() || to.length != samples.size()) {
            throw new IllegalArgumentException(
                    "relabel was given "
                            + where.getShape()
                            + " and "
                            + labels.getShape()
                            + " for a batch of "
                            + samples.size());
        }
        for (int i = 0; i < to.length; i++) {
            if (change[i] && (to[i] < 0 || to[i] >= classes)) {
                throw new IllegalArgumentException(
                        "relabel would give sample '"
                                + samples.get(i).id()
                                + "' class "
                                + to[i]
                                + "; expected 0 to "
                                + (classes - 1));
            }
        }
        return new Relabelling(change, to);
    }

    /**
     * Labels with the changes made.
     *
     * @param before the class of each sample
     * @return a new array
     */
    public long[] after(long[] before) {
        long[] after = before.clone();
        for (int i = 0; i < after.length; i++) {
            after[i] = where[i] ? labels[i] : after[i];
        }
        return after;
    }
}
