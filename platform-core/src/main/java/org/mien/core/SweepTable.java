// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** The table of a sweep for programs. */
public final class SweepTable {
    private SweepTable() {}

    /**
     * The table for programs (RFC 4180): a row for each run, for each cell the mean and the sample
     * standard deviation over its seeds, and a row for each data that the paper has figures of. A
     * share is 0 to 1.
     *
     * @param sweep the sweep
     * @return the table with its ends of line
     */
    public static String csv(Sweeps.Sweep sweep) {
        List<String> metrics = sweep.metrics();
        Set<String> all = new LinkedHashSet<>(metrics);
        sweep.cells().forEach(cell -> cell.figures().forEach(one -> all.add(one.metric())));
        List<String> header =
                new ArrayList<>(List.of("row", "cell", "data", "n", "seed", "run", "state"));
        header.addAll(all);
        StringBuilder csv = new StringBuilder(Csv.line(header));
        for (Sweeps.Cell cell : sweep.cells()) {
            for (Sweeps.CellRun run : cell.runs()) {
                List<String> row = new ArrayList<>(List.of("run", cell.name(), sweep.base(), "1"));
                row.addAll(List.of(Long.toString(run.seed()), run.run(), run.state()));
                all.forEach(metric -> row.add(number(run.metrics().get(metric))));
                csv.append(Csv.line(row));
            }
            for (boolean mean : new boolean[] {true, false}) {
                List<String> row = new ArrayList<>();
                row.addAll(List.of(mean ? "mean" : "deviation", cell.name(), sweep.base()));
                row.addAll(List.of(Long.toString(done(cell)), "", "", ""));
                for (String metric : all) {
                    Spread spread = cell.metrics().get(metric);
                    row.add(
                            spread == null
                                    ? ""
                                    : number(mean ? spread.mean() : spread.deviation()));
                }
                csv.append(Csv.line(row));
            }
            Set<String> data =
                    cell.figures().stream()
                            .map(Figure::data)
                            .collect(Collectors.toCollection(LinkedHashSet::new));
            for (String one : data) {
                List<String> row = new ArrayList<>();
                row.addAll(List.of("paper", cell.name(), one, "", "", "", ""));
                Map<String, Double> printed =
                        cell.figures().stream()
                                .filter(figure -> figure.data().equals(one))
                                .collect(
                                        Collectors.toMap(
                                                Figure::metric,
                                                Figure::value,
                                                (first, second) -> first));
                all.forEach(metric -> row.add(number(printed.get(metric))));
                csv.append(Csv.line(row));
            }
        }
        return csv.toString();
    }

    private static long done(Sweeps.Cell cell) {
        return cell.runs().stream().filter(run -> run.state().equals("DONE")).count();
    }

    private static String number(Double value) {
        return value == null || !Double.isFinite(value) ? "" : value.toString();
    }
}
