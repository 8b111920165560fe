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
import org.mien.core.Pipelines;
import org.mien.core.Plugins;

/** {@code fer:pipeline-new}. */
@Service
@Command(
        scope = "fer",
        name = "pipeline-new",
        description = "Makes a pipeline, as a file in etc, after checking its keys")
public final class PipelineNew extends FerCommand {
    @Reference Plugins plugins;
    @Reference Pipelines pipelines;

    @Option(name = "--replace", description = "Write a pipeline anew that exists")
    boolean replace;

    @Argument(index = 0, name = "NAME", description = "Name of the pipeline", required = true)
    @Completion(PipelineNames.class)
    String name;

    @Argument(
            index = 1,
            name = "key=value",
            description = "Its keys, for example method=linear",
            multiValued = true)
    @Completion(TrainKeys.class)
    List<String> rest;

    @Override
    void run() {
        Pipelines.Pipeline made =
                pipelines.create(
                        name, TypedKeys.of(plain(rest), plugins, screen.folder()), replace);
        if (json) {
            screen.line(Json.line(Json.of(made)));
        } else {
            facts(
                    "pipeline", made.name(),
                    "state", (made.state() + " " + made.why()).strip(),
                    "source", made.source(),
                    "next", screen.typed("train " + made.name()));
        }
    }
}
