// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.spi;

import java.util.Set;

/**
 * First words of the keys of a pipeline. Those of a step and of an evaluator begin with its id,
 * those of a backbone that never moves with its role; none may begin like the platform's own.
 */
public final class Prefixes {
    /** Words that the platform's keys begin with; platform-core tests that there are no others. */
    public static final Set<String> PLATFORM =
            Set.of(
                    "backbone",
                    "data",
                    "dataset",
                    "evaluators",
                    "freeze",
                    "image",
                    "method",
                    "predict",
                    "preprocess",
                    "report",
                    "seed",
                    "select",
                    "train");

    /** Words that the keys of a configuration begin with which are no pipeline's. */
    public static final Set<String> CONFIGURATION = Set.of("felix", "name", "org", "service");

    private Prefixes() {}

    /**
     * What is wrong with an id, whatever the plugin.
     *
     * @param id as its property {@code mien.id} has it
     * @return in words; empty when nothing is
     */
    public static String ofId(String id) {
        if (id.isEmpty()) {
            return "its service has no property mien.id";
        }
        if (!id.matches("[A-Za-z0-9][A-Za-z0-9_-]*")) {
            return "its id '"
                    + id
                    + "' cannot be written in a pipeline; expected letters, digits, dashes and"
                    + " underscores. Give it another mien.id";
        }
        return "";
    }

    /**
     * What is wrong with a word that a plugin's keys begin with.
     *
     * @param what says whose it is: {@code its id}, {@code its role}
     * @param word without the dot
     * @return in words; empty when nothing is
     */
    public static String of(String what, String word) {
        if (PLATFORM.contains(word)) {
            return what
                    + " '"
                    + word
                    + "' begins the platform's own keys ("
                    + word
                    + ", "
                    + word
                    + ".*), so its own could not be told from them. Give it another";
        }
        if (CONFIGURATION.contains(word)) {
            return what
                    + " '"
                    + word
                    + "' begins keys that every configuration has and no pipeline reads. Give it"
                    + " another";
        }
        return "";
    }
}
