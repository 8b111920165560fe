// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.List;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.mien.core.Runs;

/** {@code fer:report}. */
@Service
@Command(
        scope = "fer",
        name = "report",
        description = "Writes report.html into the folders of runs, and says where it is")
public final class Report extends FerCommand {
    @Reference Runs runs;

    @Argument(
            index = 0,
            name = "RUN",
            description = "Ids of runs; fer:run-list shows them",
            required = true,
            multiValued = true)
    @Completion(RunIds.class)
    List<String> ids;

    @Override
    void run() {
        for (String run : plain(ids)) {
            String file = runs.report(run).toString();
            screen.line(json ? Json.line(Json.object("run", run, "file", file)) : file);
        }
    }
}
