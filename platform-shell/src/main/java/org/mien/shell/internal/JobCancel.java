// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.List;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.mien.core.Jobs;
import org.mien.core.Runs;

/** {@code fer:job-cancel}. */
@Service
@Command(
        scope = "fer",
        name = "job-cancel",
        description = "Stops trainings after the step under way, with their checkpoints")
public final class JobCancel extends FerCommand {
    @Reference Jobs jobs;

    @Argument(
            index = 0,
            name = "RUN",
            description = "Ids of runs; fer:job-list shows them",
            required = true,
            multiValued = true)
    @Completion(JobIds.class)
    List<String> runs;

    @Override
    void run() {
        for (String id : plain(runs)) {
            Runs.Run run = jobs.cancel(id);
            if (json) {
                screen.line(Json.line(Json.of(run)));
            } else {
                screen.line(
                        "run "
                                + run.id()
                                + ": "
                                + (run.state() + " " + run.text()).strip()
                                + ". To go on: "
                                + screen.typed("train --resume=" + run.id()));
            }
        }
    }
}
