// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.mien.core.Runs;

/** {@code fer:run-list}. */
@Service
@Command(scope = "fer", name = "run-list", description = "Lists the runs, oldest first")
public final class RunList extends FerCommand {
    @Reference Runs runs;

    @Override
    void run() {
        List<Runs.Run> all = runs.all();
        if (json) {
            screen.line(Json.line(Json.of(all.stream().map(Json::of).toList())));
            return;
        }
        if (all.isEmpty()) {
            screen.line("No runs yet. " + screen.typed("train PIPELINE") + " makes one.");
            return;
        }
        Table table =
                new Table()
                        .text("run", "pipeline", "state", "started")
                        .numbers("seconds", "epochs", "best epoch", "validation", "test accuracy")
                        .text("why");
        for (Runs.Run run : all) {
            Map<String, Double> test = run.evaluations().getOrDefault("test", Map.of());
            table.row(
                    run.id(),
                    run.pipeline(),
                    run.state(),
                    started(run.started()),
                    Text.tenths(run.seconds()),
                    Integer.toString(run.epochs()),
                    run.bestEpoch() > 0 ? Integer.toString(run.bestEpoch()) : "-",
                    Text.chosen(run),
                    Text.percent(test.getOrDefault("accuracy", Double.NaN)),
                    run.text());
        }
        screen.lines(table.lines());
    }

    /** To the second; as it is when it is no time. */
    private static String started(String time) {
        try {
            return Instant.parse(time).truncatedTo(ChronoUnit.SECONDS).toString();
        } catch (DateTimeException e) {
            return time;
        }
    }
}
