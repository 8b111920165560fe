// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.mien.core.Csv;
import org.mien.core.Evaluations;
import org.mien.core.Spread;
import org.mien.shell.internal.Sheets.Sheet;

/** A comparison of runs as tables: for people, for a page, for a program, for a paper. */
final class Comparison {
    private final Evaluations.Comparison found;

    Comparison(Evaluations.Comparison found) {
        this.found = found;
    }

    private List<Sheet> all() {
        List<Sheet> sheets = new ArrayList<>();
        if (!found.keys().isEmpty()) {
            sheets.add(keys());
        }
        sheets.add(results());
        if (folded()) {
            sheets.add(groups());
        }
        if (!found.methods().isEmpty()) {
            sheets.add(methods());
        }
        if (!found.pairs().isEmpty()) {
            sheets.add(pairs());
        }
        return sheets;
    }

    private boolean folded() {
        return found.groups().stream().anyMatch(group -> group.runs().size() > 1);
    }

    private Sheet keys() {
        List<String> columns = new ArrayList<>(List.of("key"));
        found.runs().forEach(run -> columns.add(run.run()));
        List<List<String>> rows = new ArrayList<>();
        for (String key : found.keys()) {
            List<String> row = new ArrayList<>(List.of(key));
            found.runs().forEach(run -> row.add(run.values().getOrDefault(key, "-")));
            rows.add(row);
        }
        return new Sheet("Keys that differ", columns, false, rows);
    }

    private Sheet results() {
        List<String> columns = new ArrayList<>(List.of("run", "samples"));
        columns.addAll(found.metrics());
        List<List<String>> rows = new ArrayList<>();
        for (Evaluations.Compared run : found.runs()) {
            List<String> row = new ArrayList<>(List.of(run.run(), Integer.toString(run.samples())));
            for (String metric : found.metrics()) {
                row.add(
                        Text.metric(
                                found.shares().contains(metric),
                                run.metrics().getOrDefault(metric, Double.NaN)));
            }
            rows.add(row);
        }
        return new Sheet("Split " + found.split(), columns, true, rows);
    }

    private Sheet groups() {
        List<String> columns = new ArrayList<>(List.of("runs", "n"));
        for (String metric : found.metrics()) {
            columns.add(metric);
            columns.add("least to most");
        }
        List<List<String>> rows = new ArrayList<>();
        for (Evaluations.Group group : found.groups()) {
            int n = group.runs().size();
            List<String> row =
                    new ArrayList<>(List.of(String.join(", ", group.runs()), Integer.toString(n)));
            for (String metric : found.metrics()) {
                Spread spread = group.metrics().get(metric);
                boolean share = found.shares().contains(metric);
                row.add(spread == null ? "-" : Sheets.spread(share, spread, n));
                row.add(spread == null ? "-" : Sheets.range(share, spread));
            }
            rows.add(row);
        }
        return new Sheet(
                "Alike but for the seed: mean \u00b1 sample standard deviation",
                columns,
                true,
                rows);
    }

    private Sheet pairs() {
        List<String> columns =
                List.of(
                        "runs",
                        "samples",
                        "only the first right",
                        "only the second right",
                        "p",
                        "p (Holm)");
        List<List<String>> rows = new ArrayList<>();
        for (Evaluations.Paired pair : found.pairs()) {
            rows.add(
                    List.of(
                            pair.first() + ", " + pair.second(),
                            Integer.toString(pair.samples()),
                            Integer.toString(pair.onlyFirst()),
                            Integer.toString(pair.onlySecond()),
                            probability(pair.p()),
                            probability(pair.adjusted())));
        }
        return new Sheet("McNemar's exact test, two-sided", columns, true, rows);
    }

    /** Groups against each other: over seeds, and for the accuracy over samples too. */
    private Sheet methods() {
        boolean samples = found.methods().stream().anyMatch(one -> one.samples() > 0);
        List<String> columns =
                new ArrayList<>(
                        List.of(
                                "runs",
                                "against",
                                "metric",
                                "seeds",
                                "difference",
                                "p",
                                "p (Holm)"));
        if (samples) {
            columns.addAll(List.of("samples", "p over samples", "p over samples (Holm)"));
        }
        List<List<String>> rows = new ArrayList<>();
        for (Evaluations.Versus one : found.methods()) {
            boolean share = found.shares().contains(one.metric());
            List<String> row =
                    new ArrayList<>(
                            List.of(
                                    String.join(", ", one.first()),
                                    String.join(", ", one.second()),
                                    one.metric(),
                                    Integer.toString(one.seeds()),
                                    Text.metric(share, one.difference()),
                                    probability(one.seedsP()),
                                    probability(one.seedsAdjusted())));
            if (samples) {
                boolean any = one.samples() > 0;
                row.add(any ? Integer.toString(one.samples()) : "-");
                row.add(probability(one.samplesP()));
                row.add(probability(one.samplesAdjusted()));
            }
            rows.add(row);
        }
        return new Sheet(
                "Method against method: exact sign-flip test of the differences at the same seeds,"
                        + " two-sided",
                columns,
                true,
                rows);
    }

    private static String probability(double p) {
        if (Double.isNaN(p)) {
            return "-";
        }
        return p < 0.0001 ? "< 0.0001" : String.format(Locale.ROOT, "%.4f", p);
    }

    /** The tables. */
    Sheets sheets() {
        return new Sheets(all(), found.notes());
    }

    /**
     * One table for programs, RFC 4180: a row for each run, and four for each group of several:
     * mean, sample standard deviation, least and most. Numbers are whole; a share is 0 to 1.
     */
    List<String> csv() {
        List<String> lines = new ArrayList<>();
        List<String> header = new ArrayList<>(List.of("row", "runs", "n", "samples"));
        header.addAll(found.keys());
        header.addAll(found.metrics());
        lines.add(csv(header));
        for (Evaluations.Compared run : found.runs()) {
            List<String> row = new ArrayList<>(List.of("run", run.run(), "1"));
            row.add(Integer.toString(run.samples()));
            found.keys().forEach(key -> row.add(run.values().getOrDefault(key, "")));
            found.metrics().forEach(metric -> row.add(number(run.metrics().get(metric))));
            lines.add(csv(row));
        }
        for (Evaluations.Group group : found.groups()) {
            if (group.runs().size() > 1) {
                for (String statistic : List.of("mean", "deviation", "least", "most")) {
                    lines.add(csv(row(group, statistic)));
                }
            }
        }
        return lines;
    }

    private List<String> row(Evaluations.Group group, String statistic) {
        List<Evaluations.Compared> runs =
                found.runs().stream().filter(run -> group.runs().contains(run.run())).toList();
        List<String> row = new ArrayList<>(List.of(statistic, String.join(" ", group.runs())));
        row.add(Integer.toString(runs.size()));
        row.add(same(runs.stream().map(run -> Integer.toString(run.samples())).toList()));
        for (String key : found.keys()) {
            row.add(same(runs.stream().map(run -> run.values().getOrDefault(key, "")).toList()));
        }
        for (String metric : found.metrics()) {
            Spread spread = group.metrics().get(metric);
            row.add(
                    spread == null
                            ? ""
                            : number(
                                    switch (statistic) {
                                        case "mean" -> spread.mean();
                                        case "deviation" -> spread.deviation();
                                        case "least" -> spread.least();
                                        default -> spread.most();
                                    }));
        }
        return row;
    }

    /** What all have, or nothing. */
    private static String same(List<String> values) {
        return values.stream().distinct().count() == 1 ? values.get(0) : "";
    }

    private static String number(Double value) {
        return value == null || !Double.isFinite(value) ? "" : value.toString();
    }

    private static String csv(List<String> fields) {
        String line = Csv.line(fields);
        return line.substring(0, line.length() - 1); // the screen ends it
    }
}
