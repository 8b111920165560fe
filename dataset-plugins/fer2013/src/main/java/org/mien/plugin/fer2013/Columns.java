// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.fer2013;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What the first line of a table says: what parts its cells, and where each column is. Columns are
 * found by name, whatever their order, case, blanks and quotes.
 *
 * @param delimiter between cells
 * @param places for each column of the kind its place in a line; -1 for one that may be absent
 * @param names all columns as they stand there
 */
record Columns(char delimiter, int[] places, List<String> names) {
    private static final char[] DELIMITERS = {',', ';', '\t', '|'};

    /** Names of columns that number rows, in lower case; programs add them by themselves. */
    private static final Set<String> NUMBERS = Set.of("", "unnamed: 0", "index", "id", "#", "row");

    /**
     * Reads a header.
     *
     * @return null when it is not that of the kind
     */
    static Columns of(String header, Kind kind) {
        for (char delimiter : DELIMITERS) {
            List<String> names = split(header, delimiter);
            int[] places = new int[kind.columns().size()];
            boolean fits = true;
            for (int i = 0; i < places.length && fits; i++) {
                String column = kind.columns().get(i);
                places[i] = place(names, column);
                boolean there = places[i] >= 0;
                boolean twice = there && places[i] != lastPlace(names, column);
                fits = !twice && (there || kind.optional().contains(column));
            }
            if (fits) {
                return new Columns(delimiter, places, names);
            }
        }
        return null;
    }

    /** Columns that a header lacks, by the delimiter with which it lacks the fewest. */
    static List<String> lacking(String header, Kind kind) {
        List<String> fewest = kind.columns();
        for (char delimiter : DELIMITERS) {
            List<String> names = split(header, delimiter);
            List<String> lacking =
                    kind.columns().stream().filter(one -> place(names, one) < 0).toList();
            fewest = lacking.size() < fewest.size() ? lacking : fewest;
        }
        return fewest.stream().filter(one -> !kind.optional().contains(one)).toList();
    }

    /** Columns that nobody reads, but for those that number the rows. */
    List<String> passedOver(Kind kind) {
        return names.stream()
                .filter(name -> kind.columns().stream().noneMatch(one -> same(one, name)))
                .filter(name -> !NUMBERS.contains(name.toLowerCase(Locale.ROOT)))
                .toList();
    }

    private static boolean same(String column, String name) {
        return column.equalsIgnoreCase(name);
    }

    private static int place(List<String> names, String column) {
        for (int i = 0; i < names.size(); i++) {
            if (same(column, names.get(i))) {
                return i;
            }
        }
        return -1;
    }

    private static int lastPlace(List<String> names, String column) {
        for (int i = names.size() - 1; i >= 0; i--) {
            if (same(column, names.get(i))) {
                return i;
            }
        }
        return -1;
    }

    private static List<String> split(String header, char delimiter) {
        List<String> names = new ArrayList<>();
        int from = 0;
        for (int i = 0; i <= header.length(); i++) {
            if (i == header.length() || header.charAt(i) == delimiter) {
                String name = header.substring(from, i).strip();
                boolean quoted = name.length() > 1 && name.startsWith("\"") && name.endsWith("\"");
                names.add(quoted ? name.substring(1, name.length() - 1).strip() : name);
                from = i + 1;
            }
        }
        return names;
    }
}
