// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which tensors of a file are which arrays of a network. What the names of a file begin with
 * ({@code module.}, {@code backbone.}) is found by trying: the beginning under which most names are
 * there.
 *
 * @param prefix what every name begins with; may be empty
 * @param found path of an array to the name of its tensor
 */
public record Match(String prefix, Map<String, String> found) {
    /** Arrays whose names give the beginning; one is enough, and the others are for odd files. */
    private static final int TRIED = 400;

    /**
     * The layout and the beginning under which most arrays are found; the first of equals.
     *
     * @param names names of a file
     * @param layouts each a path to the name that its tensor would have
     * @return the match, perhaps of nothing
     */
    public static Match of(Set<String> names, List<Map<String, String>> layouts) {
        Match best = new Match("", Map.of());
        for (Map<String, String> layout : layouts) {
            for (String prefix : prefixes(names, layout.values())) {
                Map<String, String> found = new LinkedHashMap<>();
                layout.forEach(
                        (path, name) -> {
                            if (names.contains(prefix + name)) {
                                found.put(path, prefix + name);
                            }
                        });
                if (found.size() > best.found().size()) {
                    best = new Match(prefix, found);
                }
            }
        }
        return best;
    }

    /** Beginnings that at least one wanted name has in the file, the usual ones first. */
    private static Set<String> prefixes(Set<String> names, Collection<String> wanted) {
        Map<String, Integer> votes = new HashMap<>();
        wanted.stream()
                .limit(TRIED)
                .forEach(
                        name -> {
                            for (String other : names) {
                                if (other.endsWith("." + name)) {
                                    votes.merge(
                                            other.substring(0, other.length() - name.length()),
                                            1,
                                            Integer::sum);
                                }
                            }
                        });
        Set<String> prefixes = new LinkedHashSet<>();
        prefixes.add("");
        votes.entrySet().stream()
                .sorted(
                        Map.Entry.<String, Integer>comparingByValue()
                                .reversed()
                                .thenComparing(Map.Entry.comparingByKey()))
                .limit(8)
                .forEach(vote -> prefixes.add(vote.getKey()));
        return prefixes;
    }
}
