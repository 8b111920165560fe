// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeoutException;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.mien.api.data.Targets;
import org.mien.core.MienException;
import org.mien.core.Plugins;
import org.mien.core.Predictions;
import org.mien.core.Predictions.FaceAnswer;
import org.mien.core.Predictions.Prediction;
import org.mien.core.Runs;

/** {@code fer:predict}. */
@Service
@Command(
        scope = "fer",
        name = "predict",
        description = "Predicts the expressions of the faces in images")
public final class Predict extends ImageCommand<Prediction> {
    @Reference Plugins plugins;
    @Reference Predictions predictions;
    @Reference Runs runs;

    /** Answers that may wait to be shown; then the platform waits too. */
    private static final int WAITING = 256;

    /** The width of {@code 1234,1234 1234x1234}. */
    private static final int FACE_WIDTH = 19;

    private static final int SCORE_WIDTH = 7;

    /** For a picture that comes with the command. */
    private static final String STANDARD_INPUT = "-";

    private static final int MOST_BYTES = 64 << 20;
    private static final Duration ONE_PICTURE = Duration.ofMinutes(5);

    @Option(
            name = "--sample",
            description =
                    "Id of a sample of the run's dataset, or 'first' for the first of its test"
                            + " split; may be given several times",
            multiValued = true)
    List<String> samples;

    @Option(
            name = "--csv",
            description =
                    "File to write a table to, with a row for each face, instead of showing it")
    String csv;

    @Argument(
            index = 1,
            name = "IMAGE",
            description =
                    "Image files, folders of them, patterns such as 'photos/**/*.jpg', or - for"
                            + " one image from standard input, and"
                            + " key=value for keys that count for this call only",
            multiValued = true)
    @Completion(ImageFiles.class)
    List<String> images;

    /** What was asked for, as typed, in the order of the answers. */
    private final List<String> names = new ArrayList<>();

    /** What was typed for the run, where that is an alias. */
    private String alias = "";

    private CsvFile table;
    private int answers;
    private int files;
    private int faces;
    private int errors;
    private int imageWidth;
    private int labelWidth;
    private long shown;

    @Override
    void run() {
        List<String> keys = new ArrayList<>();
        List<String> typed = plain(images);
        alias = runs.aliases().containsKey(run) ? run : "";
        if (!alias.isEmpty()) {
            run = runs.id(alias); // once: it may be moved meanwhile
            if (!json) {
                screen.message(alias + " is run " + run + "\n");
            }
        }
        if (typed.remove(STANDARD_INPUT)) {
            standardInput(typed);
            return;
        }
        List<ImagePaths.Image> found;
        if (Caller.trusted(session)) {
            typed.stream().filter(this::isKey).forEach(keys::add);
            typed.removeAll(keys);
            found = ImagePaths.of(screen.folder(), typed, this::told);
        } else {
            typed.stream().filter(ViewersKeys::isKey).forEach(keys::add);
            typed.removeAll(keys);
            ViewersKeys.check(keys, plugins);
            found = typed.stream().map(this::openToAll).toList();
            if (csv != null) {
                throw new MienException(
                        "--csv writes a file as the platform's user, which viewers may not. Take"
                                + " --json and write it yourself");
            }
        }
        List<String> ids = samples == null ? List.of() : List.copyOf(samples);
        found.forEach(image -> names.add(image.typed()));
        files = names.size();
        names.addAll(ids);
        imageWidth = Math.max(5, names.stream().mapToInt(Text::width).max().orElse(0));
        Map<String, String> values = TypedKeys.of(keys, plugins, screen.folder());
        List<Path> paths = found.stream().map(ImagePaths.Image::path).toList();
        if (csv == null) {
            predict(values, paths, ids);
        } else {
            Targets targets = runs.details(run).targets();
            answers =
                    targets.classes().size()
                            + targets.multiLabel().size()
                            + targets.values().size();
            try (CsvFile file = new CsvFile(file(csv))) {
                table = file;
                table.row(header(targets));
                predict(values, paths, ids);
                table.complete();
            }
            if (!json) {
                facts(
                        "images", Text.count(names.size()),
                        "faces", Text.count(faces),
                        "errors", Text.count(errors),
                        "table", csv);
            }
        }
        if (errors > 0) {
            throw new MienException(
                    errors
                            + " of "
                            + names.size()
                            + " images could not be answered"
                            + (csv == null ? "" : "; the column 'error' says why"));
        }
    }

    /** One picture, whose bytes come with the command. */
    private void standardInput(List<String> typed) {
        boolean trusted = Caller.trusted(session);
        List<String> keys =
                typed.stream()
                        .filter(one -> trusted ? isKey(one) : ViewersKeys.isKey(one))
                        .toList();
        if (!trusted) {
            ViewersKeys.check(keys, plugins);
        }
        if (keys.size() < typed.size() || samples != null || csv != null) {
            throw new MienException(
                    "'-' is one picture from standard input, and nothing is predicted beside it");
        }
        byte[] image;
        try {
            image = session.getKeyboard().readNBytes(MOST_BYTES + 1);
        } catch (IOException e) {
            throw new MienException("standard input cannot be read: " + e.getMessage());
        }
        if (image.length == 0 || image.length > MOST_BYTES) {
            throw new MienException(
                    image.length == 0
                            ? "standard input is empty; expected the bytes of an image"
                            : "standard input has more than "
                                    + (MOST_BYTES >> 20)
                                    + " MiB; give a smaller image, or a file");
        }
        names.add(STANDARD_INPUT);
        files = 1;
        imageWidth = "image".length();
        Predictions.Room room = new Predictions.Room(1, image.length);
        try (Predictions.Model model = predictions.open(run, KeyValues.parse(keys), room)) {
            take(0, model.ask(STANDARD_INPUT, image, ONE_PICTURE).join());
        } catch (CompletionException e) {
            throw new MienException(
                    e.getCause() instanceof TimeoutException
                            ? "no answer within " + ONE_PICTURE.toMinutes() + " minutes"
                            : e.getCause().getMessage());
        }
        if (errors > 0) {
            throw new MienException("the image could not be answered");
        }
    }

    /** A file for a viewer. Folders and patterns would tell him of files that he cannot see. */
    private ImagePaths.Image openToAll(String typed) {
        Path path = Caller.publicFile(file(typed));
        if (path == null) {
            throw new MienException(
                    "'"
                            + typed
                            + "' cannot be read by every user of this machine, or does not"
                            + " exist; viewers predict such files only. Make it readable for"
                            + " all, with the folders it lies in, or ask an administrator.");
        }
        return new ImagePaths.Image(typed, path);
    }

    private void predict(Map<String, String> keys, List<Path> paths, List<String> ids) {
        ask(
                names.size(),
                WAITING,
                csv == null ? "" : "; '" + csv + "' was not written",
                (answer, stop) -> predictions.predict(run, keys, paths, ids, answer, stop));
    }

    @Override
    void take(int index, Prediction answer) {
        // Of a sample the answer knows more: the id that 'first' stands for.
        String name = index < files ? names.get(index) : answer.image();
        faces += answer.faces().size();
        errors += answer.error() == null ? 0 : 1;
        if (table != null) {
            rows(name, answer);
            progress(index + 1);
        }
        if (json) {
            screen.hold(Json.line(json(name, answer)));
        } else if (table == null) {
            show(name, answer, index == 0);
        }
    }

    /** On a terminal, one line drawn over and over. */
    private void progress(int answers) {
        long now = System.nanoTime();
        boolean last = answers == names.size();
        if (screen.columns() > 0 && (last || now - shown > 500_000_000L)) {
            shown = now;
            screen.message(
                    "\r"
                            + Text.count(answers)
                            + " of "
                            + Text.count(names.size())
                            + " images"
                            + (last ? "\n" : ""));
        }
    }

    private void show(String name, Prediction answer, boolean first) {
        if (first) {
            // An error names no classes; most names of expressions are shorter than this.
            labelWidth =
                    Math.max(
                            "label".length(),
                            answer.faces().stream()
                                    .flatMap(face -> face.probabilities().keySet().stream())
                                    .mapToInt(Text::width)
                                    .max()
                                    .orElse(10));
            screen.hold(
                    row(
                            "image",
                            "face",
                            "score",
                            "label",
                            "probability",
                            "runner-up",
                            files < names.size() ? "truth" : ""));
        }
        if (answer.error() != null) {
            screen.hold(Text.left(name, imageWidth) + "  error: " + answer.error());
        } else if (answer.faces().isEmpty()) {
            screen.hold(Text.left(name, imageWidth) + "  no face was found");
        }
        for (FaceAnswer face : answer.faces()) {
            String runnerUp =
                    face.probabilities().entrySet().stream()
                            .filter(entry -> !entry.getKey().equals(face.label()))
                            .max(Map.Entry.comparingByValue())
                            .map(
                                    entry ->
                                            Text.left(entry.getKey(), labelWidth)
                                                    + Text.right(
                                                            Text.percent(entry.getValue()), 10))
                            .orElse("");
            screen.hold(
                    row(
                            name,
                            box(face),
                            face.score() == null ? "" : Text.hundredths(face.score()),
                            face.label() == null ? "" : face.label(),
                            face.label() == null
                                    ? ""
                                    : Text.percent(face.probabilities().get(face.label())),
                            runnerUp,
                            rest(face, answer.truth())));
        }
    }

    /** The truth, the labels of several that hold, and the numbers. */
    private static String rest(FaceAnswer face, String truth) {
        List<String> rest = new ArrayList<>();
        if (truth != null) {
            rest.add(truth);
        }
        face.multiLabel()
                .forEach(
                        (name, likely) -> {
                            if (likely >= 0.5) {
                                rest.add(name + " " + Text.percent(likely));
                            }
                        });
        face.values().forEach((name, value) -> rest.add(name + " " + Text.hundredths(value)));
        return String.join("  ", rest);
    }

    /** The place of a face: left and upper edge, width and height. */
    private static String box(FaceAnswer face) {
        if (face.box() == null) {
            return "whole image";
        }
        long[] box = face.box().stream().mapToLong(Math::round).toArray();
        return box[0] + "," + box[1] + " " + box[2] + "x" + box[3];
    }

    private String row(
            String image,
            String face,
            String score,
            String label,
            String share,
            String runnerUp,
            String truth) {
        String row =
                String.join(
                        "  ",
                        Text.left(image, imageWidth),
                        Text.left(face, FACE_WIDTH),
                        Text.right(score, SCORE_WIDTH),
                        Text.left(label, labelWidth),
                        Text.right(share, "probability".length()),
                        Text.left(runnerUp, labelWidth + 10),
                        truth);
        return row.stripTrailing();
    }

    private JsonObject json(String name, Prediction answer) {
        JsonObject line = Json.object("path", name);
        if (!alias.isEmpty()) {
            line.addProperty("run", run);
        }
        if (answer.error() != null) {
            line.addProperty("error", answer.error());
        } else {
            line.add("faces", Json.of(answer.faces().stream().map(Predict::json).toList()));
        }
        if (answer.truth() != null) {
            line.addProperty("truth", answer.truth());
        }
        return line;
    }

    private static JsonObject json(FaceAnswer face) {
        JsonObject all = Json.object("box", tenths(face.box()), "score", face.score());
        if (face.label() != null) {
            all.addProperty("label", face.label());
            all.add("probabilities", Json.of(face.probabilities()));
        }
        if (!face.multiLabel().isEmpty()) {
            all.add("multiLabel", Json.of(face.multiLabel()));
        }
        if (!face.values().isEmpty()) {
            all.add("values", Json.of(face.values()));
        }
        return all;
    }

    /** No detector is exact to less than a tenth of a pixel. */
    private static List<Double> tenths(List<Double> box) {
        return box == null ? null : box.stream().map(edge -> Math.round(edge * 10) / 10.0).toList();
    }

    private static List<String> header(Targets targets) {
        List<String> header = new ArrayList<>(List.of("path", "face", "x", "y", "width", "height"));
        header.addAll(List.of("score", "label"));
        targets.classes().forEach(label -> header.add("p(" + label + ")"));
        targets.multiLabel().forEach(label -> header.add("p(" + label + ")"));
        targets.values().forEach(value -> header.add(value.name()));
        header.addAll(List.of("truth", "error"));
        return header;
    }

    /** A row for each face; one without a face for an image that has none, or an error. */
    private void rows(String name, Prediction answer) {
        for (int i = 0; i < Math.max(1, answer.faces().size()); i++) {
            FaceAnswer face = answer.faces().isEmpty() ? null : answer.faces().get(i);
            List<Object> cells = new ArrayList<>();
            cells.add(name);
            cells.add(face == null ? null : i + 1);
            cells.addAll(
                    face == null || face.box() == null
                            ? Arrays.asList(null, null, null, null)
                            : tenths(face.box()));
            cells.add(face == null ? null : face.score());
            cells.add(face == null ? null : face.label());
            for (int k = 0; face == null && k < answers; k++) {
                cells.add(null);
            }
            if (face != null) {
                cells.addAll(face.probabilities().values());
                cells.addAll(face.multiLabel().values());
                cells.addAll(face.values().values());
            }
            cells.add(answer.truth());
            cells.add(answer.error());
            table.row(cells);
        }
    }
}
