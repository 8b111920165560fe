// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import java.util.regex.Pattern;

/** Text of files in messages. */
final class Shown {
    private static final Pattern CONTROL = Pattern.compile("\\p{Cntrl}");

    private Shown() {}

    /** Text of a file for a message. */
    static String shorten(Object value) {
        String text = CONTROL.matcher(value.toString()).replaceAll("?");
        return text.length() > 80 ? text.substring(0, 77) + ".." : text;
    }
}
