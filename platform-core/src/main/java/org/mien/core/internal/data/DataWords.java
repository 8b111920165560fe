// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.data;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.mien.api.data.FileNames;
import org.mien.api.data.Sample;
import org.mien.api.data.Sample.Split;

/** What is to be known of opened data before anybody trains with them, in words. */
public final class DataWords {
    /** Classes that are listed with their samples. */
    private static final int CLASSES = 60;

    private DataWords() {}

    /**
     * What is said when a training begins: classes in their order, and what the dataset says.
     *
     * @return lines
     */
    public static List<String> atStart(Splits splits) {
        List<String> lines = new ArrayList<>();
        List<String> classes = splits.targets().classes();
        if (!classes.isEmpty()) {
            long[] counts = splits.counts();
            List<String> each = new ArrayList<>();
            for (int i = 0; i < Math.min(CLASSES, counts.length); i++) {
                each.add(classes.get(i) + " (" + counts[i] + ")");
            }
            lines.add(
                    "classes, with their samples to train on: "
                            + String.join(", ", each)
                            + (counts.length > CLASSES
                                    ? " and " + (counts.length - CLASSES) + " more"
                                    : ""));
            lines.addAll(alike(classes));
        }
        splits.told().forEach(note -> lines.add("dataset: " + note));
        return lines;
    }

    /** Names that nobody can tell apart. */
    static List<String> alike(List<String> names) {
        Map<String, List<String>> looks = new LinkedHashMap<>();
        for (String name : names) {
            looks.computeIfAbsent(FileNames.looks(name), key -> new ArrayList<>()).add(name);
        }
        return looks.values().stream()
                .filter(same -> same.size() > 1)
                .map(
                        same ->
                                "classes that look the same: "
                                        + String.join(
                                                ", ",
                                                same.stream().map(FileNames::spelled).toList()))
                .toList();
    }

    /** People of each split; only splits with samples that name them. */
    static Map<String, Integer> people(Splits splits) {
        Map<String, Integer> people = new LinkedHashMap<>();
        for (Split split : Split.values()) {
            Set<String> names = new TreeSet<>();
            splits.of(split).forEach(sample -> names.add(sample.subject()));
            names.remove("");
            if (!names.isEmpty()) {
                people.put(Splits.word(split), names.size());
            }
        }
        return people;
    }

    /**
     * People with samples in more than one split: what is learnt of them is then tested on them.
     *
     * @return {@code person: train 12, test 3}
     */
    static List<String> shared(Splits splits) {
        Map<String, Map<String, Integer>> all = new TreeMap<>(FileNames.NATURAL);
        for (Split split : List.of(Split.TRAIN, Split.VALIDATION, Split.TEST)) {
            for (Sample sample : splits.of(split)) {
                if (!sample.subject().isEmpty()) {
                    all.computeIfAbsent(sample.subject(), key -> new LinkedHashMap<>())
                            .merge(Splits.word(split), 1, Integer::sum);
                }
            }
        }
        List<String> shared = new ArrayList<>();
        all.forEach(
                (person, counts) -> {
                    if (counts.size() > 1) {
                        List<String> in = new ArrayList<>();
                        counts.forEach((split, count) -> in.add(split + " " + count));
                        shared.add(person + ": " + String.join(", ", in));
                    }
                });
        return shared;
    }
}
