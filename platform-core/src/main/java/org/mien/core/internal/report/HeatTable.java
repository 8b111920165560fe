// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.report;

import java.util.List;
import org.mien.core.Evaluations;

/** Draws a heat map as a table whose cells are coloured from its least to its largest number. */
final class HeatTable {
    /** The most rows or columns that are drawn. */
    private static final int LARGEST = 60;

    private HeatTable() {}

    static void into(Html html, Evaluations.HeatMap map, Facts.Judged judged) {
        if (map.rows().size() > LARGEST || map.columns().size() > LARGEST) {
            String file = judged.file();
            html.leaf("p", "The heat map is too large for a page; it is in " + file + ".");
            return;
        }
        double[] range =
                map.values().stream()
                        .flatMap(List::stream)
                        .mapToDouble(Double::doubleValue)
                        .filter(Double::isFinite)
                        .sorted()
                        .toArray();
        double least = range.length == 0 ? 0 : range[0];
        double most = range.length == 0 ? 0 : range[range.length - 1];
        html.open("div", "class", "scroll").open("table", "class", "matrix");
        html.leaf(
                "caption",
                "Split "
                        + judged.words()
                        + ": from "
                        + Numbers.number(least)
                        + " (light) to "
                        + Numbers.number(most)
                        + " (dark)");
        html.open("thead").open("tr").leaf("th", "", "class", "corner");
        for (String name : map.columns()) {
            html.open("th", "scope", "col").leaf("span", name).close();
        }
        html.close().close().open("tbody");
        for (int i = 0; i < map.rows().size(); i++) {
            html.open("tr").leaf("th", map.rows().get(i), "scope", "row");
            for (Double value : map.values().get(i)) {
                boolean there = Double.isFinite(value);
                String text = there ? Numbers.number(value) : "";
                html.leaf("td", text, "class", there ? shade(value, least, most) : "h0");
            }
            html.close();
        }
        html.close().close().close();
    }

    /** Shades 0 to 9. */
    private static String shade(double value, double least, double most) {
        return "h" + (most > least ? (int) Math.min(9, 10 * (value - least) / (most - least)) : 0);
    }
}
