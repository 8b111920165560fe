// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.List;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.mien.core.Jobs;

/** {@code fer:job-list}. */
@Service
@Command(
        scope = "fer",
        name = "job-list",
        description = "Lists the trainings queued, under way, and over since the platform started")
public final class JobList extends FerCommand {
    @Reference Jobs jobs;

    @Override
    void run() {
        List<Jobs.Job> all = jobs.all();
        if (json) {
            screen.line(Json.line(Json.of(all.stream().map(Json::of).toList())));
            return;
        }
        if (all.isEmpty()) {
            screen.line(
                    "No jobs since the platform started. "
                            + screen.typed("train PIPELINE --background")
                            + " makes one; "
                            + screen.typed("run-list")
                            + " shows the runs.");
            return;
        }
        Table table =
                new Table().text("run", "pipeline", "state").numbers("epochs", "steps").text("why");
        for (Jobs.Job job : all) {
            table.row(
                    job.run(),
                    job.pipeline(),
                    job.state(),
                    of(job.epoch(), job.epochs()),
                    of(job.step(), job.steps()),
                    job.text());
        }
        screen.lines(table.lines());
    }

    private static String of(long done, long all) {
        return all == 0 ? "-" : done + "/" + all;
    }
}
