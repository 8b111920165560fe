// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.report;

import java.util.List;
import java.util.stream.IntStream;
import org.mien.core.Evaluations;

/** A square table of counts, truth by answer. */
final class Matrix {
    /** With more classes the numbers could not be read. */
    private static final int LARGEST = 60;

    private final List<String> names;
    private final double[][] cells;

    private Matrix(List<String> names, double[][] cells) {
        this.names = names;
        this.cells = cells;
    }

    /** Whether a table is one: its columns are named as its rows, and it holds counts. */
    static boolean fits(Evaluations.Table table) {
        int size = table.rows().size();
        if (size < 2 || size > LARGEST || table.columns().size() != size + 1) {
            return false;
        }
        for (int i = 0; i < size; i++) {
            List<Object> row = table.rows().get(i);
            if (row.size() != size + 1 || !table.columns().get(i + 1).equals(row.get(0))) {
                return false;
            }
            for (Object cell : row.subList(1, size + 1)) {
                if (!(cell instanceof Number number)
                        || !(number.doubleValue() >= 0)
                        || number.doubleValue() != Math.rint(number.doubleValue())) {
                    return false;
                }
            }
        }
        return true;
    }

    static Matrix of(Evaluations.Table table) {
        int size = table.rows().size();
        double[][] cells = new double[size][size];
        for (int i = 0; i < size; i++) {
            for (int j = 0; j < size; j++) {
                cells[i][j] = ((Number) table.rows().get(i).get(j + 1)).doubleValue();
            }
        }
        return new Matrix(table.columns().subList(1, size + 1), cells);
    }

    int size() {
        return cells.length;
    }

    String name(int k) {
        return names.get(k);
    }

    double rowSum(int i) {
        return IntStream.range(0, size()).mapToDouble(j -> cells[i][j]).sum();
    }

    double columnSum(int j) {
        return IntStream.range(0, size()).mapToDouble(i -> cells[i][j]).sum();
    }

    /** Draws it as a table whose cells are coloured by their share of the row. */
    void into(Html html, String caption) {
        html.open("div", "class", "scroll").open("table", "class", "matrix");
        html.leaf("caption", caption);
        html.open("thead").open("tr");
        html.leaf("th", "truth \u2193 \u2003 answer \u2192", "scope", "col", "class", "corner");
        for (String name : names) {
            html.open("th", "scope", "col").leaf("span", name).close();
        }
        html.leaf("th", "all", "scope", "col", "class", "sum").close().close();
        html.open("tbody");
        for (int i = 0; i < size(); i++) {
            html.open("tr").leaf("th", names.get(i), "scope", "row");
            double all = rowSum(i);
            for (int j = 0; j < size(); j++) {
                double share = all == 0 ? 0 : cells[i][j] / all;
                html.open("td", "class", style(i, j, share));
                html.text(Numbers.count(Math.round(cells[i][j])));
                html.leaf("small", all == 0 ? "" : Math.round(share * 100) + "\u2009%").close();
            }
            html.leaf("td", Numbers.count(Math.round(all)), "class", "sum").close();
        }
        html.close().close().close();
    }

    private static String style(int i, int j, double share) {
        // Shades 0 to 9; what is small but there is not white.
        int shade = share == 0 ? 0 : 1 + (int) Math.min(8, Math.floor(share * 9));
        return "h" + shade + (i == j ? " right" : "");
    }
}
