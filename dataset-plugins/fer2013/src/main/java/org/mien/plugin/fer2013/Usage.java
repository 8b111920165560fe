// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.fer2013;

import java.io.IOException;

/** The part of the challenge that a row belongs to, in both files. */
enum Usage {
    TRAINING("Training"),
    PUBLIC("PublicTest"),
    PRIVATE("PrivateTest");

    final String text;

    Usage(String text) {
        this.text = text;
    }

    /** The cell of a row from {@code from} to before {@code to}. */
    static Usage of(Table row, int from, int to) throws IOException {
        String name = row.text(from, to);
        for (Usage usage : values()) {
            if (usage.text.equals(name)) {
                return usage;
            }
        }
        throw row.mend("the Usage is '" + name + "'", "Training, PublicTest or PrivateTest");
    }
}
