// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.pipeline;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Builds without memory what a pipeline trains: shows what does not fit. */
public final class DryBuild {
    private DryBuild() {}

    /**
     * Builds.
     *
     * @param classes of the dataset, as far as the method wants labels
     */
    public static Built of(Recipe recipe, int classes) {
        List<String> labels =
                IntStream.rangeClosed(1, recipe.plan().labelled() ? classes : 0)
                        .mapToObj(i -> "class " + i)
                        .toList();
        Built built = recipe.build(labels);
        long[] counts = new long[labels.size()];
        Arrays.fill(counts, 1);
        built.phases(counts);
        return built;
    }
}
