// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core;

import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Datasets, as a service. Every call throws {@link MienException} for what a user can put right.
 */
@ProviderType
public interface Datasets {
    /**
     * What is wrong with a dataset, if anything.
     *
     * @param pipeline the pipeline that names it; empty for a dataset by itself
     * @param dataset its id
     * @param counts split to class to number of samples
     * @param validation where the validation split comes from, in words
     * @param unreadable samples that cannot be read or decoded, with the reason
     * @param duplicates groups of samples with the same pixels, {@code split: id}
     * @param people split to number of people, where they are known
     * @param shared people with samples in more than one split, {@code person: train 12, test 3}
     * @param notes what the dataset says of itself: what it left out, which of several files it
     *     read
     */
    record Check(
            String pipeline,
            String dataset,
            Map<String, Map<String, Integer>> counts,
            String validation,
            List<String> unreadable,
            List<List<String>> duplicates,
            Map<String, Integer> people,
            List<String> shared,
            List<String> notes) {
        /**
         * Groups whose samples lie in more than one split: what is learnt is then also tested.
         *
         * @return some of {@link #duplicates}
         */
        public List<List<String>> acrossSplits() {
            return duplicates.stream()
                    .filter(
                            group ->
                                    group.stream()
                                                    .map(one -> one.substring(0, one.indexOf(':')))
                                                    .distinct()
                                                    .count()
                                            > 1)
                    .toList();
        }
    }

    /**
     * Reads every sample of a pipeline's dataset, or of a dataset by itself.
     *
     * @param pipeline its name; or, where there is no pipeline or recipe of this name, the id of a
     *     dataset
     * @param overrides keys that count for this check only; of a dataset by itself {@code path} is
     *     as good as {@code dataset.path}
     * @param progress told the samples read and those there are, on another thread
     * @param stop asked at each sample; true ends the check
     * @return what was found
     */
    Check check(
            String pipeline,
            Map<String, String> overrides,
            BiConsumer<Integer, Integer> progress,
            BooleanSupplier stop);
}
