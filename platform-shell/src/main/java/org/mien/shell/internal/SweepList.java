// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.List;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.mien.core.Sweeps;

/** {@code fer:sweep-list}. */
@Service
@Command(
        scope = "fer",
        name = "sweep-list",
        description = "Lists the sweeps: those that plugins bring, your own, and those begun")
public final class SweepList extends FerCommand {
    @Reference Sweeps sweeps;

    @Override
    void run() {
        List<Sweeps.Sweep> all = sweeps.all();
        if (json) {
            screen.line(Json.line(Json.of(all.stream().map(Json::of).toList())));
            return;
        }
        if (all.isEmpty()) {
            screen.line(
                    "No sweeps. "
                            + screen.typed("sweep PIPELINE key=a,b --seeds 1..3")
                            + " makes one.");
            return;
        }
        Table table =
                new Table()
                        .text("name", "state")
                        .numbers("done", "cells", "seeds")
                        .text("base", "split", "what", "why");
        for (Sweeps.Sweep sweep : all) {
            table.row(
                    sweep.name(),
                    sweep.state(),
                    sweep.done() + "/" + sweep.all(),
                    Integer.toString(sweep.cells().size()),
                    Integer.toString(sweep.seeds().size()),
                    sweep.base(),
                    sweep.split(),
                    sweep.what(),
                    sweep.why());
        }
        screen.lines(table.lines());
    }
}
