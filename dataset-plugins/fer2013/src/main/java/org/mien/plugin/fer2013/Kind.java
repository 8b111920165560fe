// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.fer2013;

import java.util.List;
import java.util.Set;

/**
 * Which file it is.
 *
 * @param name as its owners call it
 * @param key the key that points to it
 * @param columns their names in its owners' order, by which a table counts its cells
 * @param optional those that may be absent
 * @param line about how long a line is, for messages
 * @param size about how long the text is, for messages
 */
record Kind(
        String name,
        String key,
        List<String> columns,
        Set<String> optional,
        String line,
        String size) {
    /** Bytes of a line; the originals have at most 9.3 kB, and the bound ends what never would. */
    static final int LONGEST_LINE = 64 * 1024;

    /** Its first line, as its owners wrote it. */
    String header() {
        return String.join(",", columns);
    }

    /** A text as a message can bear it. */
    static String brief(String text) {
        String shown = text.length() > 40 ? text.substring(0, 40) + "..." : text;
        return shown.replaceAll("\\p{Cntrl}", "?");
    }
}
