// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.List;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.support.completers.StringsCompleter;
import org.mien.core.Evaluations;

/** {@code fer:compare}. */
@Service
@Command(
        scope = "fer",
        name = "compare",
        description = "Lays evaluations of runs side by side, folded over their seeds")
public final class Compare extends FerCommand {
    @Reference Evaluations evaluations;

    @Option(
            name = "--split",
            description = "test, validation or train; test, or that of a sweep, if not given")
    @Completion(
            value = StringsCompleter.class,
            values = {"test", "validation", "train"})
    String split = "";

    @Option(name = "--format", description = "table, markdown, csv or latex")
    @Completion(
            value = StringsCompleter.class,
            values = {"table", "markdown", "csv", "latex"})
    String format = "table";

    @Argument(
            index = 0,
            name = "RUN",
            description = "Two or more: ids of runs, RUN:NAME of an evaluation, names of sweeps",
            required = true,
            multiValued = true)
    @Completion(CompareNames.class)
    List<String> runs;

    @Override
    void run() {
        List<String> ids = plain(runs);
        String wanted = Sheets.format(format);
        Evaluations.Comparison comparison = evaluations.compare(ids, split);
        if (json) {
            screen.line(Json.line(Json.of(comparison)));
            return;
        }
        Comparison tables = new Comparison(comparison);
        screen.lines(tables.sheets().lines(wanted, tables.csv()));
    }
}
