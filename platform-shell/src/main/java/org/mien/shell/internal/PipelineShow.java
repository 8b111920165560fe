// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.List;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.mien.core.MienException;
import org.mien.core.Pipelines;

/** {@code fer:pipeline-show}. */
@Service
@Command(
        scope = "fer",
        name = "pipeline-show",
        description = "Shows each key of a pipeline with its value and where that came from")
public final class PipelineShow extends FerCommand {
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
        List<String> wanted = plain(names);
        List<Pipelines.Pipeline> all = pipelines.all();
        if (wanted.isEmpty()) {
            throw new MienException("which pipeline? " + known(all));
        }
        List<Pipelines.Pipeline> found = wanted.stream().map(name -> find(all, name)).toList();
        for (int i = 0; i < found.size(); i++) {
            if (json) {
                screen.line(Json.line(Json.of(found.get(i))));
            } else {
                screen.lines(i == 0 ? List.of() : List.of(""));
                show(found.get(i));
            }
        }
    }

    private static Pipelines.Pipeline find(List<Pipelines.Pipeline> all, String name) {
        return all.stream()
                .filter(pipeline -> pipeline.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new MienException(
                                        "pipeline '" + name + "' does not exist. " + known(all)));
    }

    private static String known(List<Pipelines.Pipeline> all) {
        return all.isEmpty()
                ? "There are none."
                : "Known: "
                        + String.join(", ", all.stream().map(Pipelines.Pipeline::name).toList())
                        + ".";
    }

    private void show(Pipelines.Pipeline pipeline) {
        facts(
                "pipeline", pipeline.name(),
                "state", (pipeline.state() + " " + pipeline.why()).strip(),
                "source", pipeline.source());
        if (!pipeline.values().isEmpty()) {
            screen.line("");
            screen.lines(values(pipeline.values()));
        }
        if (!pipeline.lastGood().isEmpty()) {
            screen.line("");
            screen.line("When it last worked:");
            screen.lines(values(pipeline.lastGood()));
        }
    }
}
