// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.ToIntFunction;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.mien.core.Datasets;
import org.mien.core.MienException;
import org.mien.core.Plugins;

/** {@code fer:dataset-check}. */
@Service
@Command(
        scope = "fer",
        name = "dataset-check",
        description = "Reads every sample of a pipeline's dataset and says what is wrong with it")
public final class DatasetCheck extends FerCommand {
    @Reference Plugins plugins;
    @Reference Datasets datasets;

    private static final int MOST = 20;

    @Argument(
            index = 0,
            name = "PIPELINE",
            description =
                    "Name of a pipeline (fer:pipeline-list shows them), or id of a dataset, with"
                            + " its keys",
            required = true)
    @Completion(PipelineNames.class)
    String pipeline;

    @Argument(
            index = 1,
            name = "key=value",
            description = "Keys that count for this check only, for example dataset.path=FILE",
            multiValued = true)
    @Completion(TrainKeys.class)
    List<String> rest;

    @Override
    void run() {
        Map<String, String> keys = TypedKeys.of(plain(rest), plugins, screen.folder());
        AtomicBoolean stop = new AtomicBoolean();
        Datasets.Check check =
                Relay.<Integer, Datasets.Check>run(
                        tell ->
                                datasets.check(
                                        pipeline,
                                        keys,
                                        (read, all) -> {
                                            if (read % 1000 == 0) {
                                                tell.accept(read);
                                            }
                                        },
                                        stop::get),
                        read -> {
                            screen.message(read + " samples read\n");
                            stop.set(screen.gone());
                        },
                        () -> {
                            stop.set(true);
                            interrupted("Stopping.");
                        },
                        screen.mark());
        if (json) {
            screen.line(Json.line(json(check)));
        } else {
            show(check);
        }
        List<String> wrong = new ArrayList<>();
        wrong(wrong, check.unreadable(), "sample cannot be read", "samples cannot be read");
        wrong(
                wrong,
                check.acrossSplits(),
                "picture lies in more than one split",
                "pictures lie in more than one split");
        wrong(
                wrong,
                check.shared(),
                "person has pictures in more than one split",
                "people have pictures in more than one split");
        if (!wrong.isEmpty()) {
            throw new MienException(
                    "dataset '"
                            + check.dataset()
                            + "': "
                            + String.join(", ", wrong)
                            + ". Mend or leave out what is named above");
        }
    }

    private static void wrong(List<String> all, List<?> some, String one, String several) {
        if (!some.isEmpty()) {
            all.add(some.size() + " " + (some.size() == 1 ? one : several));
        }
    }

    private void show(Datasets.Check check) {
        facts("dataset", check.dataset(), "validation", check.validation());
        check.notes().forEach(note -> facts("note", note));
        screen.line("");
        Set<String> classes = new LinkedHashSet<>();
        check.counts().values().forEach(one -> classes.addAll(one.keySet()));
        Table table =
                new Table().text("class").numbers(check.counts().keySet().toArray(new String[0]));
        for (String name : classes) {
            String[] row = new String[check.counts().size() + 1];
            row[0] = name;
            int column = 1;
            for (Map<String, Integer> split : check.counts().values()) {
                row[column++] = Integer.toString(split.getOrDefault(name, 0));
            }
            table.row(row);
        }
        row(table, "all", split -> sum(check.counts().get(split)), check);
        if (!check.people().isEmpty()) {
            row(table, "people", split -> check.people().getOrDefault(split, 0), check);
        }
        screen.lines(table.lines());
        some("cannot be read", check.unreadable());
        if (!check.people().isEmpty()) {
            some("people in more than one split", check.shared());
        }
        some(
                "in more than one split",
                check.acrossSplits().stream().map(group -> String.join(" = ", group)).toList());
        List<List<String>> within = new ArrayList<>(check.duplicates());
        within.removeAll(check.acrossSplits());
        some(
                "twice in one split",
                within.stream().map(group -> String.join(" = ", group)).toList());
    }

    private static void row(
            Table table, String name, ToIntFunction<String> number, Datasets.Check check) {
        String[] row = new String[check.counts().size() + 1];
        row[0] = name;
        int column = 1;
        for (String split : check.counts().keySet()) {
            row[column++] = Integer.toString(number.applyAsInt(split));
        }
        table.row(row);
    }

    private static int sum(Map<String, Integer> counts) {
        return counts.values().stream().mapToInt(Integer::intValue).sum();
    }

    private void some(String title, List<String> lines) {
        screen.line("");
        screen.line(title + ": " + (lines.isEmpty() ? "none" : Integer.toString(lines.size())));
        screen.lines(lines.stream().limit(MOST).map(line -> "  " + line).toList());
        if (lines.size() > MOST) {
            screen.line("  and " + (lines.size() - MOST) + " more; --json has them all");
        }
    }

    private static JsonObject json(Datasets.Check check) {
        return Json.object(
                "pipeline", check.pipeline(),
                "dataset", check.dataset(),
                "counts", check.counts(),
                "validation", check.validation(),
                "unreadable", check.unreadable(),
                "acrossSplits", check.acrossSplits(),
                "duplicates", check.duplicates(),
                "people", check.people(),
                "peopleAcrossSplits", check.shared(),
                "notes", check.notes());
    }
}
