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
    public static Built of(Recipe recipe, int classes) {
        Built built = recipe.build(recipe.assumed(classes));
        long[] counts = new long[built.parts().targets().classes().size()];
        Arrays.fill(counts, 1);
        built.phases(counts);
        return built;
    }
}
