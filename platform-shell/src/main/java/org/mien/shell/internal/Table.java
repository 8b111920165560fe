// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Rows with aligned columns. Nothing is cut: the last column may be as long as it wants. A column
 * in which every cell is empty is left out.
 */
final class Table {
    private static final String GAP = "  ";

    private record Column(String name, boolean numbers) {}

    private final List<Column> columns = new ArrayList<>();
    private final List<List<String>> rows = new ArrayList<>();

    /** Adds columns of text. */
    Table text(String... names) {
        Arrays.stream(names).forEach(name -> columns.add(new Column(name, false)));
        return this;
    }

    /** Adds columns of numbers, aligned on the right. */
    Table numbers(String... names) {
        Arrays.stream(names).forEach(name -> columns.add(new Column(name, true)));
        return this;
    }

    /** Adds a row with a cell for each column. */
    void row(String... cells) {
        rows.add(List.of(cells));
    }

    boolean isEmpty() {
        return rows.isEmpty();
    }

    /** Header, rule and rows. */
    List<String> lines() {
        List<Integer> shown = new ArrayList<>();
        List<Integer> widths = new ArrayList<>();
        for (int i = 0; i < columns.size(); i++) {
            int column = i;
            if (rows.stream().anyMatch(row -> !row.get(column).isEmpty())) {
                shown.add(i);
                int widest = rows.stream().mapToInt(r -> Text.width(r.get(column))).max().orElse(0);
                widths.add(Math.max(widest, Text.width(columns.get(i).name())));
            }
        }
        List<String> lines = new ArrayList<>();
        lines.add(line(columns.stream().map(Column::name).toList(), shown, widths));
        lines.add(widths.stream().map("-"::repeat).collect(Collectors.joining(GAP)));
        rows.forEach(row -> lines.add(line(row, shown, widths)));
        return lines;
    }

    private String line(List<String> cells, List<Integer> shown, List<Integer> widths) {
        StringBuilder line = new StringBuilder();
        for (int i = 0; i < shown.size(); i++) {
            Column column = columns.get(shown.get(i));
            String cell = cells.get(shown.get(i));
            line.append(i == 0 ? "" : GAP);
            line.append(
                    column.numbers()
                            ? Text.right(cell, widths.get(i))
                            : Text.left(cell, widths.get(i)));
        }
        return line.toString().stripTrailing();
    }
}
