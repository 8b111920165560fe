// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.mien.core.Runs;

/** {@code fer:alias-list}. */
@Service
@Command(scope = "fer", name = "alias-list", description = "Lists the aliases of runs")
public final class AliasList extends FerCommand {
    @Reference Runs runs;

    @Override
    void run() {
        if (json) {
            screen.line(
                    Json.line(
                            Json.of(
                                    runs.aliases().entrySet().stream()
                                            .map(
                                                    one ->
                                                            Json.object(
                                                                    "alias",
                                                                    one.getKey(),
                                                                    "run",
                                                                    one.getValue()))
                                            .toList())));
            return;
        }
        if (runs.aliases().isEmpty()) {
            screen.line("No aliases yet. " + screen.typed("alias NAME RUN") + " gives one.");
            return;
        }
        Table table = new Table().text("alias", "run");
        runs.aliases().forEach(table::row);
        screen.lines(table.lines());
    }
}
