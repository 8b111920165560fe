// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.mien.core.MienException;
import org.mien.core.Spread;

/** Tables with titles: for people, for a page, for a paper. */
final class Sheets {
    /**
     * A table.
     *
     * @param title what it holds
     * @param columns names; all but the first are of numbers where {@code numbers} says so
     * @param numbers whether they are aligned on the right
     * @param rows cells
     */
    record Sheet(String title, List<String> columns, boolean numbers, List<List<String>> rows) {}

    private static final Set<String> FORMATS = Set.of("table", "markdown", "csv", "latex");

    private final List<Sheet> sheets;
    private final List<String> notes;

    /**
     * Tables.
     *
     * @param notes what a reader should know
     */
    Sheets(List<Sheet> sheets, List<String> notes) {
        this.sheets = sheets;
        this.notes = notes;
    }

    /** The name of a format, or an error that names those there are. */
    static String format(String given) {
        String wanted = given.toLowerCase(Locale.ROOT);
        if (!FORMATS.contains(wanted)) {
            throw new MienException(
                    "format '" + given + "' is unknown; expected table, markdown, csv or latex");
        }
        return wanted;
    }

    /**
     * The tables in a format.
     *
     * @param csv lines for the format csv, which is one table of its own
     */
    List<String> lines(String format, List<String> csv) {
        return switch (format) {
            case "markdown" -> markdown();
            case "csv" -> csv;
            case "latex" -> latex();
            default -> text();
        };
    }

    /** Mean and deviation, in one unit; with its own n where some of the runs lack the metric. */
    static String spread(boolean share, Spread spread, int runs) {
        String n = spread.n() == runs ? "" : " (n = " + spread.n() + ")";
        String unit = share ? " %" : "";
        String deviation =
                Double.isNaN(spread.deviation())
                        ? ""
                        : " \u00b1 " + bare(share, spread.deviation());
        return bare(share, spread.mean()) + deviation + unit + n;
    }

    static String range(boolean share, Spread spread) {
        return bare(share, spread.least()) + " to " + bare(share, spread.most());
    }

    private static String bare(boolean share, double value) {
        return share ? String.format(Locale.ROOT, "%.2f", value * 100) : Text.number(value);
    }

    /** Tables for the shell. */
    List<String> text() {
        List<String> lines = new ArrayList<>();
        for (Sheet sheet : sheets) {
            Table table = new Table().text(sheet.columns().get(0));
            for (String column : sheet.columns().subList(1, sheet.columns().size())) {
                if (sheet.numbers()) {
                    table.numbers(column);
                } else {
                    table.text(column);
                }
            }
            sheet.rows().forEach(row -> table.row(row.toArray(new String[0])));
            lines.add(sheet.title());
            lines.addAll(table.lines());
            lines.add("");
        }
        lines.addAll(notes);
        return trimmed(lines);
    }

    /** Tables of GitHub's Markdown. */
    List<String> markdown() {
        List<String> lines = new ArrayList<>();
        for (Sheet sheet : sheets) {
            lines.add("**" + markdown(sheet.title()) + "**");
            lines.add("");
            lines.add(markdownRow(sheet.columns()));
            lines.add(
                    "|---"
                            + (sheet.numbers() ? "|--:" : "|---").repeat(sheet.columns().size() - 1)
                            + "|");
            sheet.rows().forEach(row -> lines.add(markdownRow(row)));
            lines.add("");
        }
        notes.forEach(note -> lines.add(markdown(note)));
        return trimmed(lines);
    }

    private static String markdownRow(List<String> cells) {
        StringBuilder row = new StringBuilder("|");
        cells.forEach(cell -> row.append(' ').append(markdown(cell)).append(" |"));
        return row.toString();
    }

    private static String markdown(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replaceAll("([\\\\`*_\\[\\]|~$])", "\\\\$1")
                .replaceAll("[\\r\\n]+", " ");
    }

    /** Tables for a paper, with the package booktabs. */
    List<String> latex() {
        List<String> lines = new ArrayList<>();
        lines.add("% \\usepackage{booktabs}");
        for (Sheet sheet : sheets) {
            lines.add("\\begin{table}");
            lines.add("  \\centering");
            lines.add("  \\caption{" + latex(sheet.title()) + "}");
            String align = (sheet.numbers() ? "r" : "l").repeat(sheet.columns().size() - 1);
            lines.add("  \\begin{tabular}{l" + align + "}");
            lines.add("    \\toprule");
            lines.add("    " + latexRow(sheet.columns()));
            lines.add("    \\midrule");
            sheet.rows().forEach(row -> lines.add("    " + latexRow(row)));
            lines.add("    \\bottomrule");
            lines.add("  \\end{tabular}");
            lines.add("\\end{table}");
        }
        notes.forEach(note -> lines.add("% " + note.replaceAll("[\\r\\n]+", " ")));
        return lines;
    }

    private static String latexRow(List<String> cells) {
        return String.join(" & ", cells.stream().map(Sheets::latex).toList()) + " \\\\";
    }

    private static String latex(String text) {
        StringBuilder latex = new StringBuilder();
        text.codePoints()
                .forEach(
                        c ->
                                latex.append(
                                        switch (c) {
                                            case '\\' -> "\\textbackslash{}";
                                            case '~' -> "\\textasciitilde{}";
                                            case '^' -> "\\textasciicircum{}";
                                            case '<' -> "\\textless{}";
                                            case '>' -> "\\textgreater{}";
                                            case '|' -> "\\textbar{}";
                                            case '"' -> "\\textquotedbl{}";
                                            case '[' -> "{[}"; // after \\ it would be an option
                                            case '\u00b1' -> "$\\pm$";
                                            case '\r', '\n' -> " ";
                                            case '&', '%', '$', '#', '_', '{', '}' ->
                                                    "\\" + Character.toString(c);
                                            default -> Character.toString(c);
                                        }));
        return latex.toString();
    }

    private static List<String> trimmed(List<String> lines) {
        while (!lines.isEmpty() && lines.get(lines.size() - 1).isEmpty()) {
            lines.remove(lines.size() - 1);
        }
        return lines;
    }
}
