// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.List;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.mien.core.Pipelines;

/** {@code fer:pipeline-delete}. */
@Service
@Command(
        scope = "fer",
        name = "pipeline-delete",
        description = "Deletes pipelines with their files; their runs stay")
public final class PipelineDelete extends FerCommand {
    @Reference Pipelines pipelines;

    @Argument(
            index = 0,
            name = "NAME",
            description = "Names of pipelines",
            required = true,
            multiValued = true)
    @Completion(PipelineNames.class)
    List<String> names;

    @Override
    void run() {
        for (String name : plain(names)) {
            pipelines.delete(name);
            screen.line(
                    json
                            ? Json.line(Json.object("pipeline", name, "deleted", true))
                            : "deleted pipeline " + name + "; its runs stay");
        }
    }
}
