// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.mien.core.Spread;
import org.mien.core.Sweeps;
import org.mien.shell.internal.Sheets.Sheet;

/** A sweep as tables. */
final class SweepSheets {
    private final Sweeps.Sweep sweep;

    SweepSheets(Sweeps.Sweep sweep) {
        this.sweep = sweep;
    }

    /**
     * The table of the cells.
     *
     * @param withRuns also that of the runs
     */
    Sheets sheets(boolean withRuns) {
        List<Sheet> sheets = new ArrayList<>(List.of(cells()));
        if (withRuns) {
            sheets.add(runs());
        }
        List<String> notes = new ArrayList<>();
        if (sweep.cells().stream().anyMatch(cell -> !cell.figures().isEmpty())) {
            notes.add(
                    "Columns with data in brackets are the paper's, as printed"
                            + (sweep.paper().isEmpty() ? "." : ": " + sweep.paper() + "."));
        }
        if (sweep.cells().size() > 1 && sweep.done() > 1) {
            notes.add("Whether cells differ beyond chance: compare " + sweep.name());
        }
        return new Sheets(sheets, notes);
    }

    /** Data and metric of the paper's figures. */
    private record Printed(String data, String metric) {}

    private Sheet cells() {
        Set<Printed> printed = new LinkedHashSet<>();
        sweep.cells()
                .forEach(
                        cell ->
                                cell.figures()
                                        .forEach(
                                                one ->
                                                        printed.add(
                                                                new Printed(
                                                                        one.data(),
                                                                        one.metric()))));
        List<String> columns = new ArrayList<>(List.of("cell", "done"));
        columns.addAll(sweep.metrics());
        printed.forEach(one -> columns.add(one.metric() + " [" + one.data() + "]"));
        List<List<String>> rows = new ArrayList<>();
        Set<String> shares = sweep.shares();
        for (Sweeps.Cell cell : sweep.cells()) {
            int done = (int) cell.runs().stream().filter(run -> run.state().equals("DONE")).count();
            List<String> row =
                    new ArrayList<>(List.of(cell.name(), done + "/" + cell.runs().size()));
            for (String metric : sweep.metrics()) {
                Spread spread = cell.metrics().get(metric);
                row.add(
                        spread == null
                                ? "-"
                                : Sheets.spread(shares.contains(metric), spread, done));
            }
            for (Printed one : printed) {
                row.add(
                        cell.figures().stream()
                                .filter(figure -> figure.data().equals(one.data()))
                                .filter(figure -> figure.metric().equals(one.metric()))
                                .map(RecipeList::figure)
                                .findFirst()
                                .orElse("-"));
            }
            rows.add(row);
        }
        String title =
                "Sweep "
                        + sweep.name()
                        + (sweep.what().isEmpty() ? "" : " (" + sweep.what() + ")")
                        + ", "
                        + sweep.base()
                        + ", split "
                        + sweep.split()
                        + (sweep.seeds().size() > 1
                                ? ": mean \u00b1 sample standard deviation over seeds"
                                : "");
        return new Sheet(title, columns, true, rows);
    }

    private Sheet runs() {
        List<String> columns = new ArrayList<>(List.of("cell", "seed", "run", "state"));
        columns.addAll(sweep.metrics());
        columns.add("why");
        List<List<String>> rows = new ArrayList<>();
        for (Sweeps.Cell cell : sweep.cells()) {
            for (Sweeps.CellRun run : cell.runs()) {
                List<String> row = new ArrayList<>(List.of(cell.name(), Long.toString(run.seed())));
                row.addAll(List.of(run.run(), run.state()));
                for (String metric : sweep.metrics()) {
                    Double value = run.metrics().get(metric);
                    row.add(
                            Text.metric(
                                    run.shares().contains(metric),
                                    value == null ? Double.NaN : value));
                }
                row.add(run.text());
                rows.add(row);
            }
        }
        return new Sheet("Runs", columns, false, rows);
    }
}
