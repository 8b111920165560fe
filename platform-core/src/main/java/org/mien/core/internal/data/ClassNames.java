// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.data;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mien.api.data.Target;
import org.mien.api.data.Targets;

/**
 * The names of classes, labels or values of a run beside those of another run, a file or a dataset:
 * the one place where they are held against each other. Names are compared in Unicode's NFC, and
 * what two lists have at one place means nothing.
 */
public final class ClassNames {
    private final List<String> here;
    private final List<String> there;
    private final int[] from;

    private ClassNames(List<String> here, List<String> there) {
        this.here = here.stream().map(ClassNames::normal).toList();
        this.there = there.stream().map(ClassNames::normal).toList();
        Map<String, Integer> places = new LinkedHashMap<>();
        for (int i = 0; i < this.there.size(); i++) {
            places.put(this.there.get(i), i);
        }
        from = this.here.stream().mapToInt(name -> places.getOrDefault(name, -1)).toArray();
    }

    /**
     * Holds names against each other.
     *
     * @param here those that count
     * @param there those of what comes in
     */
    public static ClassNames of(List<String> here, List<String> there) {
        return new ClassNames(here, there);
    }

    /** What a name is compared as. */
    public static String normal(String name) {
        return Normalizer.normalize(name, Normalizer.Form.NFC);
    }

    /** Names of a kind of target, a value with its range: in another it means something else. */
    public static List<String> of(Targets targets, Target kind) {
        return switch (kind) {
            case CLASS, DISTRIBUTION -> targets.classes();
            case MULTI_LABEL -> targets.multiLabel();
            case VALUES ->
                    targets.values().stream()
                            .map(one -> one.name() + " (" + one.least() + " to " + one.most() + ")")
                            .toList();
        };
    }

    /** What several names of a kind are called. */
    public static String word(Target kind) {
        return switch (kind) {
            case CLASS, DISTRIBUTION -> "classes";
            case MULTI_LABEL -> "labels at once";
            case VALUES -> "values";
        };
    }

    /**
     * Where a name of here stands there.
     *
     * @param place of the name here
     * @return its place there, -1 when it is new
     */
    public int from(int place) {
        return from[place];
    }

    /** How many names are here. */
    public int size() {
        return from.length;
    }

    /** For each place there the place here; -1 for a name that here is not. */
    public int[] to() {
        int[] to = new int[there.size()];
        Arrays.fill(to, -1);
        for (int i = 0; i < from.length; i++) {
            if (from[i] >= 0) {
                to[from[i]] = i;
            }
        }
        return to;
    }

    /** Whether both are the same names in the same order. */
    public boolean areSame() {
        return here.equals(there);
    }

    /** Names that are here and not there. */
    public List<String> added() {
        return here.stream().filter(name -> !there.contains(name)).toList();
    }

    /** Names that are there and not here. */
    public List<String> gone() {
        return there.stream().filter(name -> !here.contains(name)).toList();
    }

    /** Names of both. */
    public List<String> shared() {
        return here.stream().filter(there::contains).toList();
    }

    /**
     * How they differ.
     *
     * @param mine whose names are here, for example {@code the run}
     * @param theirs whose are there
     * @return a clause in words; empty when they are the same in the same order
     */
    public String difference(String mine, String theirs) {
        List<String> words = new ArrayList<>();
        if (!added().isEmpty()) {
            words.add("only " + mine + " has " + list(added()));
        }
        if (!gone().isEmpty()) {
            words.add("only " + theirs + " has " + list(gone()));
        }
        if (words.isEmpty() && !areSame()) {
            words.add("the order is another, " + list(here) + " and " + list(there));
        }
        return String.join(", ", words);
    }

    /** Names as a list that says where each ends: one with a comma or a quote is quoted. */
    public static String list(List<String> names) {
        return String.join(
                ", ",
                names.stream()
                        .map(
                                name ->
                                        name.matches(".*[,;\"].*")
                                                ? '"' + name.replace("\"", "\\\"") + '"'
                                                : name)
                        .toList());
    }
}
