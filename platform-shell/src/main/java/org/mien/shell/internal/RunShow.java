// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import com.google.gson.JsonObject;
import java.util.List;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.mien.core.Evaluations;
import org.mien.core.Runs;

/** {@code fer:run-show}. */
@Service
@Command(
        scope = "fer",
        name = "run-show",
        description = "Shows a run: how it ended, and all it takes to do it again")
public final class RunShow extends FerCommand {
    @Reference Runs runs;
    @Reference Evaluations evaluations;

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
            Runs.Details details = runs.details(run);
            List<Evaluations.Evaluation> found = evaluations.all(run);
            if (json) {
                screen.line(Json.line(json(details, found)));
            } else {
                show(details);
                show(found);
            }
        }
    }

    private void show(Runs.Details details) {
        Runs.Run one = details.run();
        boolean chosen = one.bestEpoch() > 0;
        String value = chosen ? Text.metric(one.chosenByShare(), one.chosenValue()) : "";
        facts(
                "run",
                one.id(),
                "pipeline",
                one.pipeline(),
                "state",
                (one.state() + " " + one.text()).strip(),
                "started",
                one.started(),
                "seconds",
                Text.tenths(one.seconds()),
                "epochs",
                Integer.toString(one.epochs()),
                "best epoch",
                chosen ? Integer.toString(one.bestEpoch()) : "",
                "validation " + one.chosenBy(),
                value,
                "splits",
                details.splits().toString(),
                "validation",
                details.validation(),
                "epoch",
                details.epoch(),
                "classes",
                list(details.targets().classes()),
                "plugins",
                String.join(", ", details.plugins()),
                "started from",
                String.join("; ", details.starts()),
                "gallery",
                String.join(", ", details.gallery()),
                "engine",
                details.engine(),
                "java",
                details.java(),
                "folder",
                one.folder().toString());
        screen.line("");
        screen.lines(values(details.values()));
    }

    private void show(List<Evaluations.Evaluation> found) {
        if (found.isEmpty()) {
            return;
        }
        Table table = new Table().text("evaluation", "split").numbers("samples");
        table.text("metric").numbers("value").text("evaluated with");
        for (Evaluations.Evaluation one : found) {
            one.metrics()
                    .forEach(
                            (name, value) ->
                                    table.row(
                                            one.name().isEmpty() ? "its own" : one.name(),
                                            one.split(),
                                            Integer.toString(one.samples()),
                                            name,
                                            Text.metric(one.shares().contains(name), value),
                                            KeyValues.words(one.keys())));
        }
        screen.line("");
        screen.lines(table.lines());
    }

    /** Names with commas between them; one that has a comma or a quote itself is quoted. */
    private static String list(List<String> names) {
        return String.join(
                ", ",
                names.stream()
                        .map(
                                name ->
                                        name.matches("(?s).*[,;\"].*")
                                                ? '"' + name.replace("\"", "\\\"") + '"'
                                                : name)
                        .toList());
    }

    private static JsonObject json(Runs.Details details, List<Evaluations.Evaluation> found) {
        JsonObject all = Json.of(details.run());
        all.add("values", Json.values(details.values()));
        all.add("labels", Json.of(details.targets().classes()));
        all.add("splits", Json.of(details.splits()));
        all.addProperty("epoch", details.epoch());
        all.add("evaluated", Json.of(found.stream().map(Json::of).toList()));
        all.addProperty("validation", details.validation());
        all.add("plugins", Json.of(details.plugins()));
        all.add("starts", Json.of(details.starts()));
        all.add("gallery", Json.of(details.gallery()));
        all.addProperty("engine", details.engine());
        all.addProperty("java", details.java());
        return all;
    }
}
