// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.pipeline;

import java.util.Arrays;

/** Builds without memory what a pipeline trains: shows what does not fit. */
public final class DryBuild {
    private DryBuild() {}

    /**
     * Builds.
     *
     * @param classes of the dataset, as far as the method learns them
     */
    public static Built of(BoundPipeline bound, int classes) {
        Built built = bound.build(bound.assumed(classes));
        long[] counts = new long[built.parts().targets().classes().size()];
        Arrays.fill(counts, 1);
        built.phases(counts);
        return built;
    }
}
