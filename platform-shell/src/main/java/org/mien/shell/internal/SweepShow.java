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
import org.mien.core.MienException;
import org.mien.core.SweepTable;
import org.mien.core.Sweeps;

/** {@code fer:sweep-show}. */
@Service
@Command(
        scope = "fer",
        name = "sweep-show",
        description = "Shows a sweep: the table so far, and the state of each run")
public final class SweepShow extends FerCommand {
    @Reference Sweeps sweeps;

    @Option(name = "--format", description = "table, markdown, csv or latex")
    @Completion(
            value = StringsCompleter.class,
            values = {"table", "markdown", "csv", "latex"})
    String format = "table";

    @Argument(
            index = 0,
            name = "NAME",
            description = "Name of a sweep; fer:sweep-list shows them",
            required = true,
            multiValued = true)
    @Completion(SweepNames.class)
    List<String> names;

    @Override
    void run() {
        List<String> wanted = plain(names);
        if (wanted.size() != 1) {
            throw new MienException("sweep-show takes the name of one sweep; got " + wanted);
        }
        String as = Sheets.format(format);
        Sweeps.Sweep sweep = sweeps.get(wanted.get(0));
        if (json) {
            screen.line(Json.line(Json.of(sweep)));
            return;
        }
        SweepSheets tables = new SweepSheets(sweep);
        if (!as.equals("table")) {
            screen.lines(
                    tables.sheets(false)
                            .lines(as, SweepTable.csv(sweep).lines().map(l -> l + "\r").toList()));
            return;
        }
        facts(
                "sweep", sweep.name(),
                "state", (sweep.state() + " " + sweep.why()).strip(),
                "source", sweep.source(),
                "paper", sweep.paper(),
                "note", sweep.note(),
                "folder", sweep.state().equals("OPEN") ? "" : sweep.folder().toString());
        if (sweep.cells().isEmpty()) {
            return;
        }
        if (!sweep.keys().isEmpty()) {
            screen.line("");
            screen.lines(values(sweep.keys()));
        }
        screen.line("");
        screen.lines(tables.sheets(true).lines(as, List.of()));
    }
}
