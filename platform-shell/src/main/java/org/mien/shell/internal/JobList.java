// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.List;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.mien.core.Mien;

/** {@code fer:job-list}. */
@Service
@Command(
        scope = "fer",
        name = "job-list",
        description = "Lists the trainings queued, under way, and over since the platform started")
public final class JobList extends FerCommand {
    @Override
    void run() {
        List<Mien.Job> jobs = mien.jobs();
        if (json) {
            screen.line(Json.line(Json.of(jobs.stream().map(Json::of).toList())));
            return;
        }
        if (jobs.isEmpty()) {
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
        for (Mien.Job job : jobs) {
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
