// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.data;

import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Classes and people of the splits of a run.
 *
 * @param classes split to class to number of samples
 * @param people split to number of people; 0 where they are not known
 * @param shared people with samples in the test split and in another one
 * @param notes what the dataset says of itself: what it left out, which of several files it read
 */
public record DataFacts(
        Map<String, Map<String, Integer>> classes,
        Map<String, Integer> people,
        int shared,
        List<String> notes) {
    /** Older runs have no notes. */
    public DataFacts {
        notes = notes == null ? List.of() : List.copyOf(notes);
    }

    /** Stands for a class where a sample has none. */
    public static final String UNLABELLED = "(none)";

    /**
     * Counts people.
     *
     * @param classes split to class to number of samples
     * @param people split to the names of its people
     * @param notes what the dataset says of itself
     * @return the facts; no name is kept
     */
    public static DataFacts of(
            Map<String, Map<String, Integer>> classes,
            Map<String, ? extends Set<String>> people,
            List<String> notes) {
        Map<String, Integer> counts = new LinkedHashMap<>();
        people.forEach((split, names) -> counts.put(split, names.size()));
        Set<String> shared = new HashSet<>();
        for (String split : List.of("train", "validation")) {
            if (people.containsKey(split)) {
                shared.addAll(people.get(split));
            }
        }
        Collection<String> test = people.containsKey("test") ? people.get("test") : Set.of();
        shared.retainAll(test);
        return new DataFacts(classes, counts, shared.size(), notes);
    }
}
