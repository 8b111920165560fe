// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.bench;

import java.io.PrintStream;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/** A table whose columns have their widths before the first row is known. */
final class Table implements Report {
    private static final String LINE =
            "%-22s %7s  %-8s %6s %5s  %6s %5s %5s  %12s %5s %5s  %-18s %4s  %s";

    private final PrintStream out;
    private final Map<String, String> legend = new LinkedHashMap<>();

    Table(PrintStream out) {
        this.out = out;
    }

    @Override
    public void begin(Map<String, String> facts) {
        line(
                "benchmark",
                "threads",
                "unit",
                "mien",
                "IQR",
                "python",
                "IQR",
                "ratio",
                "python tuned",
                "IQR",
                "ratio",
                "target",
                "n",
                "");
    }

    @Override
    public void row(Measured row) {
        line(
                row.name(),
                row.threads() == 0 ? "all" : Integer.toString(row.threads()),
                row.unit(),
                median(row.mien()),
                number(row.mien().spread()),
                median(row.python()),
                number(row.python().spread()),
                ratio(row.ratio()),
                median(row.tuned()),
                number(row.tuned().spread()),
                ratio(row.tunedRatio()),
                target(row),
                Integer.toString(Math.max(row.mien().values().length, row.base().values().length)),
                String.join("; ", row.failures().values()));
        legend.putIfAbsent(row.name(), row.what());
    }

    /** What each row is, and the circumstances. */
    @Override
    public void end(Map<String, String> facts) {
        out.println();
        legend.forEach((name, what) -> out.println(name + ": " + what));
        out.println();
        facts.forEach((name, fact) -> out.println(name + ": " + fact));
        out.flush();
    }

    private void line(Object... cells) {
        out.println(String.format(Locale.ROOT, LINE, cells).stripTrailing());
        out.flush();
    }

    private static String median(Side side) {
        return side.failure() == null ? number(side.median()) : "failed";
    }

    private static String target(Measured row) {
        Target target = row.target();
        if (Double.isNaN(target.bound())) {
            return "";
        }
        String met = "";
        if (!Double.isNaN(row.judged())) {
            boolean good =
                    row.smaller() ? row.judged() <= target.bound() : row.judged() >= target.bound();
            met = good ? " met" : " missed";
        }
        String bound = (row.smaller() ? "<= " : ">= ") + number(target.bound());
        return bound + (target.ofRatio() ? "" : " " + row.unit()) + met;
    }

    private static String ratio(double value) {
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.2f", value);
    }

    private static String number(double value) {
        if (Double.isNaN(value)) {
            return "-";
        }
        double size = Math.abs(value);
        int decimals = size >= 100 ? 0 : size >= 10 ? 1 : 2;
        return String.format(Locale.ROOT, "%." + decimals + "f", value);
    }
}
