// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.imagefolder;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.mien.api.data.FileNames;

/** Files in class folders that do not end like pictures, counted by their endings. */
final class LeftOut {
    /** Endings that a message names. */
    private static final int SHOWN = 8;

    private final Map<String, Integer> counts = new TreeMap<>();

    void add(String name) {
        String ending = FileNames.ending(name);
        // What follows a dot in a long name is no ending that would tell anything.
        boolean told = !ending.isEmpty() && ending.length() <= 10;
        counts.merge(told ? "." + ending : "without an ending", 1, Integer::sum);
    }

    void add(LeftOut other) {
        other.counts.forEach((ending, count) -> counts.merge(ending, count, Integer::sum));
    }

    private int all() {
        return counts.values().stream().mapToInt(Integer::intValue).sum();
    }

    private String listed() {
        List<Map.Entry<String, Integer>> most = new ArrayList<>(counts.entrySet());
        most.sort(Map.Entry.comparingByValue(Comparator.reverseOrder()));
        String shown =
                String.join(
                        ", ",
                        most.stream()
                                .limit(SHOWN)
                                .map(one -> one.getKey() + " " + one.getValue())
                                .toList());
        int rest = most.stream().skip(SHOWN).mapToInt(Map.Entry::getValue).sum();
        return rest == 0 ? shown : shown + ", others " + rest;
    }

    /** For a folder that has nothing else; empty when it has not even those. */
    String among() {
        int all = all();
        return all == 0
                ? ""
                : " among " + all + (all == 1 ? " other file: " : " other files: ") + listed();
    }

    /** For a dataset; nothing when nothing was left out. */
    List<String> words() {
        int all = all();
        if (all == 0) {
            return List.of();
        }
        return List.of(
                all
                        + (all == 1 ? " file was" : " files were")
                        + " left out, not being a picture by the name: "
                        + listed()
                        + " (pictures end in "
                        + FileNames.pictures()
                        + ")");
    }
}
