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

    /** The cell of a row, whatever its case and blanks. */
    static Usage of(Table row, int column) throws IOException {
        String name = row.cell(column);
        String plain = name.replaceAll("[\\s_-]", "");
        for (Usage usage : values()) {
            if (usage.text.equalsIgnoreCase(plain)) {
                return usage;
            }
        }
        throw row.mend("the Usage is '" + name + "'", "Training, PublicTest or PrivateTest");
    }
}
