// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.data;

import java.util.Arrays;
import java.util.Locale;

/**
 * A kind of answer that a sample is labelled with and a method learns. More may come: switches need
 * a default branch.
 */
public enum Target {
    /** One class of several: an expression. */
    CLASS("a class"),
    /** How many annotators chose each class, beside the class. */
    DISTRIBUTION("votes for each class"),
    /** Several labels at once: action units, the parts of a compound expression. */
    MULTI_LABEL("several labels at once"),
    /** Numbers in a range: valence, arousal. */
    VALUES("values in a range");

    private final String words;

    Target(String words) {
        this.words = words;
    }

    /**
     * As a key has it.
     *
     * @param word {@code class}, {@code distribution}, {@code multi-label} or {@code values}
     * @return the kind
     * @throws IllegalArgumentException in words, for another word
     */
    public static Target of(String word) {
        return Arrays.stream(values())
                .filter(target -> target.word().equals(word))
                .findFirst()
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "'"
                                                + word
                                                + "' is no kind of target; expected class,"
                                                + " distribution, multi-label or values"));
    }

    /**
     * As a key has it.
     *
     * @return for example {@code multi-label}
     */
    public String word() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /**
     * For people.
     *
     * @return for example {@code several labels at once}
     */
    public String words() {
        return words;
    }
}
