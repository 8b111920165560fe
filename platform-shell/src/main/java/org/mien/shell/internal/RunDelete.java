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
import org.mien.core.Runs;

/** {@code fer:run-delete}. */
@Service
@Command(scope = "fer", name = "run-delete", description = "Deletes runs with their folders")
public final class RunDelete extends FerCommand {
    @Reference Runs runs;

    @Argument(
            index = 0,
            name = "RUN",
            description = "Ids of runs; fer:run-list shows them",
            required = true,
            multiValued = true)
    @Completion(RunIds.class)
    List<String> ids;

    @Option(name = "--force", description = "Runs that have an alias, too; it goes with them")
    boolean force;

    @Override
    void run() {
        for (String run : plain(ids)) {
            runs.delete(run, force);
            screen.line(
                    json
                            ? Json.line(Json.object("run", run, "deleted", "true"))
                            : "deleted " + run);
        }
    }
}
