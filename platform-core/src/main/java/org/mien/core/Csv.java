// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Records of comma-separated values (RFC 4180) as every table of the platform is written. A text
 * that a spreadsheet would run as a formula, one that begins with {@code =}, {@code +}, {@code -},
 * {@code @}, a tab or a line break and is no number, gets an apostrophe before it; so does one that
 * begins with an apostrophe and one of those, so that {@link #text} finds every text again.
 */
public final class Csv {
    private static final String FORMULAS = "=+-@\t\r\n";
    private static final String NUMBER = "[+-]?(\\d+\\.?\\d*|\\.\\d+)([eE][+-]?\\d+)?";

    private Csv() {}

    /**
     * A record with its end of line.
     *
     * @param fields texts and numbers; null is an empty field
     * @return the record
     */
    public static String line(List<?> fields) {
        return fields.stream().map(Csv::field).collect(Collectors.joining(",")) + "\r\n";
    }

    private static String field(Object value) {
        String text = value == null ? "" : value.toString();
        if (!(value instanceof Number) && isFormula(text) && !text.matches(NUMBER)) {
            text = "'" + text;
        }
        boolean plain =
                text.chars().noneMatch(c -> c == ',' || c == '"' || c < ' ')
                        && text.equals(text.strip());
        return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
    }

    /** Whether it begins as one, perhaps behind apostrophes. */
    private static boolean isFormula(String text) {
        int first = 0;
        while (first < text.length() && text.charAt(first) == '\'') {
            first++;
        }
        return first < text.length() && FORMULAS.indexOf(text.charAt(first)) >= 0;
    }

    /**
     * The text of a field.
     *
     * @param field as it was read, without the quotes of CSV
     * @return as it was given to {@link #line}
     */
    public static String text(String field) {
        return field.startsWith("'") && isFormula(field) ? field.substring(1) : field;
    }
}
