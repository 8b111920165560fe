// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.plugin;

/** Kinds of plugin. */
public enum Kind {
    BACKBONE("backbone"),
    METHOD("method"),
    DATASET("dataset"),
    PREPROCESSOR("preprocessor"),
    EVALUATOR("evaluator");

    private final String word;

    Kind(String word) {
        this.word = word;
    }

    public String word() {
        return word;
    }
}
