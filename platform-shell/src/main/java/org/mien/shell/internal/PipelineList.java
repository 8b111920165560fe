// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import com.google.gson.JsonObject;
import java.util.List;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.mien.core.Pipelines;
import org.mien.core.Value;

/** {@code fer:pipeline-list}. */
@Service
@Command(
        scope = "fer",
        name = "pipeline-list",
        description = "Lists the pipelines with what each can do now")
public final class PipelineList extends FerCommand {
    @Reference Pipelines pipelines;

    private static final List<String> SHOWN = List.of("method", "backbone", "dataset");

    @Override
    void run() {
        List<Pipelines.Pipeline> all = pipelines.all();
        if (json) {
            screen.line(Json.line(Json.of(all.stream().map(PipelineList::json).toList())));
            return;
        }
        if (all.isEmpty()) {
            screen.line("No pipelines. A file etc/org.mien.pipeline-NAME.cfg makes one.");
            return;
        }
        Table table =
                new Table().text("name", "state").text(SHOWN.toArray(String[]::new)).text("why");
        for (Pipelines.Pipeline pipeline : all) {
            table.row(
                    pipeline.name(),
                    pipeline.state().name(),
                    value(pipeline, SHOWN.get(0)),
                    value(pipeline, SHOWN.get(1)),
                    value(pipeline, SHOWN.get(2)),
                    pipeline.why());
        }
        screen.lines(table.lines());
    }

    private static JsonObject json(Pipelines.Pipeline pipeline) {
        return Json.object(
                "name", pipeline.name(),
                "state", pipeline.state().name(),
                "why", pipeline.why(),
                "method", value(pipeline, "method"),
                "backbone", value(pipeline, "backbone"),
                "dataset", value(pipeline, "dataset"));
    }

    /** A key's value, empty when it has none. */
    private static String value(Pipelines.Pipeline pipeline, String key) {
        Value value = pipeline.values().get(key);
        return value == null || value.value() == null ? "" : value.value();
    }
}
