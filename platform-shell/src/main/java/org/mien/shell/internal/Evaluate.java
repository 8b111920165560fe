// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.support.completers.StringsCompleter;
import org.mien.core.Evaluations;
import org.mien.core.Plugins;

/** {@code fer:evaluate}. */
@Service
@Command(
        scope = "fer",
        name = "evaluate",
        description = "Evaluates a run with the evaluators of its pipeline")
public final class Evaluate extends FerCommand {
    @Reference Plugins plugins;
    @Reference Evaluations evaluations;

    @Option(name = "--split", description = "test, validation or train")
    @Completion(
            value = StringsCompleter.class,
            values = {"test", "validation", "train"})
    String split = "test";

    @Option(
            name = "--as",
            description =
                    "Name under which it is kept beside the run's own; made up of the keys if not"
                            + " given")
    String as = "";

    @Argument(
            index = 0,
            name = "RUN",
            description = "Id of a run; fer:run-list shows them",
            required = true)
    @Completion(RunIds.class)
    String run;

    @Argument(
            index = 1,
            name = "key=value",
            description = "Keys that count for this evaluation only",
            multiValued = true)
    @Completion(EvaluateKeys.class)
    List<String> rest;

    @Override
    void run() {
        Map<String, String> keys = TypedKeys.of(plain(rest), plugins, screen.folder());
        Evaluations.Evaluation evaluation =
                Relay.<Object, Evaluations.Evaluation>run(
                        tell -> evaluations.evaluate(run, as, split, keys),
                        nothing -> {},
                        () ->
                                interrupted(
                                        "An evaluation cannot be stopped; its result comes when it"
                                                + " is done."),
                        "");
        if (json) {
            screen.line(Json.line(Json.of(evaluation)));
        } else {
            show(evaluation);
        }
    }

    private void show(Evaluations.Evaluation evaluation) {
        List<String> told = new ArrayList<>(List.of("run", evaluation.run()));
        if (!evaluation.name().isEmpty()) {
            told.addAll(List.of("evaluation", evaluation.name()));
            told.addAll(List.of("keys", KeyValues.words(evaluation.keys())));
        }
        told.addAll(List.of("split", evaluation.split()));
        told.addAll(List.of("samples", Integer.toString(evaluation.samples())));
        facts(told.toArray(String[]::new));
        Table metrics = new Table().text("metric").numbers("value");
        evaluation
                .metrics()
                .forEach(
                        (name, value) ->
                                metrics.row(
                                        name,
                                        evaluation.shares().contains(name)
                                                ? Text.percent(value)
                                                : Text.number(value)));
        if (!metrics.isEmpty()) {
            screen.line("");
            screen.lines(metrics.lines());
        }
        for (Evaluations.Table table : evaluation.tables()) {
            screen.line("");
            screen.line(table.name());
            screen.lines(lines(table));
        }
        for (String note : evaluation.notes()) {
            screen.line("");
            screen.line(note);
        }
    }

    private static List<String> lines(Evaluations.Table found) {
        Table table = new Table();
        List<String> columns = found.columns();
        String[][] cells = new String[found.rows().size()][columns.size()];
        for (int j = 0; j < columns.size(); j++) {
            int column = j;
            String name = columns.get(j);
            List<Object> values = found.rows().stream().map(row -> row.get(column)).toList();
            boolean numbers = values.stream().allMatch(Number.class::isInstance);
            boolean shares = numbers && found.shares().contains(name);
            boolean whole =
                    numbers && values.stream().allMatch(v -> number(v) == Math.rint(number(v)));
            if (numbers) {
                table.numbers(name);
            } else {
                table.text(name);
            }
            for (int i = 0; i < cells.length; i++) {
                Object value = values.get(i);
                if (shares) {
                    cells[i][j] = Text.percent(number(value));
                } else if (whole) {
                    cells[i][j] = Long.toString(((Number) value).longValue());
                } else if (value instanceof Number) {
                    cells[i][j] = Text.number(number(value));
                } else {
                    cells[i][j] = String.valueOf(value);
                }
            }
        }
        for (String[] row : cells) {
            table.row(row);
        }
        return table.lines();
    }

    private static double number(Object value) {
        return ((Number) value).doubleValue();
    }
}
