// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import com.google.gson.JsonObject;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.mien.core.Mien.Prediction;
import org.mien.core.MienException;

/** {@code fer:predict}. */
@Service
@Command(scope = "fer", name = "predict", description = "Predicts the expressions in images")
public final class Predict extends FerCommand {
    @Option(
            name = "--sample",
            description =
                    "Id of a sample of the run's dataset, or 'first' for the first of its test"
                            + " split; may be given several times",
            multiValued = true)
    List<String> samples;

    @Argument(
            index = 0,
            name = "RUN",
            description = "Id of a run; fer:run-list shows them",
            required = true)
    @Completion(RunIds.class)
    String run;

    @Argument(index = 1, name = "IMAGE", description = "Image files", multiValued = true)
    @Completion(ImageFiles.class)
    List<String> images;

    /** Absolute path to what was typed. */
    private final Map<String, String> typed = new LinkedHashMap<>();

    private int answers;
    private int errors;
    private int imageWidth;
    private int labelWidth;

    @Override
    void run() {
        List<Path> paths = plain(images).stream().map(this::path).toList();
        List<String> ids = samples == null ? List.of() : List.copyOf(samples);
        int asked = paths.size() + ids.size();
        List<String> names = new ArrayList<>(typed.values());
        names.addAll(ids);
        imageWidth = Math.max(5, names.stream().mapToInt(Text::width).max().orElse(0));
        AtomicBoolean stop = new AtomicBoolean();
        try {
            Relay.<Prediction, Void>run(
                    tell -> {
                        mien.predict(
                                run,
                                paths,
                                ids,
                                answer -> {
                                    if (stop.get()) {
                                        throw new CancellationException();
                                    }
                                    tell.accept(answer);
                                });
                        return null;
                    },
                    answer -> {
                        show(answer, !ids.isEmpty());
                        if (screen.gone()) {
                            stop.set(true);
                        }
                    },
                    () -> {
                        stop.set(true);
                        interrupted("Stopping after this image.");
                    });
        } catch (RuntimeException e) {
            // Whatever the platform makes of the exception that stopped it.
            if (!stop.get()) {
                throw e;
            }
        }
        if (answers < asked) {
            throw new MienException("stopped after " + answers + " of " + asked + " images");
        }
        if (errors > 0) {
            throw new MienException(errors + " of " + asked + " images could not be answered");
        }
    }

    private Path path(String image) {
        Path path;
        try {
            path = screen.folder().resolve(image).toAbsolutePath().normalize();
        } catch (InvalidPathException e) {
            throw new MienException("'" + image + "' is not a path: " + e.getReason());
        }
        if (!Caller.trusted(session)) {
            path = Caller.publicFile(path);
            if (path == null) {
                throw new MienException(
                        "'"
                                + image
                                + "' cannot be read by every user of this machine, or does not"
                                + " exist; viewers predict such files only. Make it readable for"
                                + " all, with the folders it lies in, or ask an administrator.");
            }
        }
        typed.putIfAbsent(path.toString(), image);
        return path;
    }

    private void show(Prediction answer, boolean truths) {
        answers++;
        errors += answer.error() == null ? 0 : 1;
        String name = typed.getOrDefault(answer.image(), answer.image());
        if (json) {
            screen.line(Json.line(json(name, answer)));
            return;
        }
        if (answers == 1) {
            // An error names no classes; most names of expressions are shorter than this.
            labelWidth =
                    Math.max(
                            "label".length(),
                            answer.probabilities().keySet().stream()
                                    .mapToInt(Text::width)
                                    .max()
                                    .orElse(10));
            screen.line(row("image", "label", "probability", "runner-up", truths ? "truth" : ""));
        }
        if (answer.error() != null) {
            screen.line(Text.left(name, imageWidth) + "  error: " + answer.error());
            return;
        }
        String label = answer.label();
        String runnerUp =
                answer.probabilities().entrySet().stream()
                        .filter(entry -> !entry.getKey().equals(label))
                        .max(Map.Entry.comparingByValue())
                        .map(
                                entry ->
                                        Text.left(entry.getKey(), labelWidth)
                                                + Text.right(Text.percent(entry.getValue()), 10))
                        .orElse("");
        screen.line(
                row(
                        name,
                        label,
                        Text.percent(answer.probabilities().getOrDefault(label, Double.NaN)),
                        runnerUp,
                        answer.truth() == null ? "" : answer.truth()));
    }

    private String row(String image, String label, String share, String runnerUp, String truth) {
        String row =
                String.join(
                        "  ",
                        Text.left(image, imageWidth),
                        Text.left(label, labelWidth),
                        Text.right(share, "probability".length()),
                        Text.left(runnerUp, labelWidth + 10),
                        truth);
        return row.stripTrailing();
    }

    private static JsonObject json(String name, Prediction answer) {
        JsonObject line =
                Json.object(
                        "path", name,
                        "label", answer.label(),
                        "probabilities", answer.probabilities());
        if (answer.truth() != null) {
            line.addProperty("truth", answer.truth());
        }
        if (answer.error() != null) {
            line.addProperty("error", answer.error());
        }
        return line;
    }
}
