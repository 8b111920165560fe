// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.evaluate;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Consumer;
import org.mien.api.data.Sample;
import org.mien.api.data.Targets;
import org.mien.api.evaluate.Answer;
import org.mien.api.evaluate.Results;
import org.mien.core.Csv;
import org.mien.core.MienException;
import org.mien.core.internal.data.ClassNames;
import org.mien.core.internal.io.Atomic;
import org.mien.core.internal.io.CsvReader;
import org.mien.core.internal.model.Predictor;

/**
 * {@code predictions-SPLIT.csv}: what a run answered for each sample of a split. Columns: {@code
 * id}, {@code truth} (empty where there is none), {@code prediction}, {@code probability} (of the
 * prediction), then {@code p CLASS} for each class; after them {@code truth LABEL} and {@code p
 * LABEL} for labels that hold several at once, {@code truth VALUE} and {@code VALUE} for numbers. A
 * run that names no classes has none of the columns of classes.
 */
public final class AnswersFile {
    /** An answer, without the other classes' probabilities. */
    record Row(String id, String truth, String said, double probability) {
        boolean labelled() {
            return !truth.isEmpty();
        }

        boolean right() {
            return truth.equals(said);
        }
    }

    /** The most mistakes that are shown. */
    static final int MISTAKES = 24;

    private static final List<String> COLUMNS = List.of("id", "truth", "prediction", "probability");

    private AnswersFile() {}

    static Path file(Path run, String split) {
        return run.resolve("predictions-" + split + ".csv");
    }

    static void write(Path run, String split, Results results) throws IOException {
        Targets targets = results.targets();
        boolean classes = !targets.classes().isEmpty();
        List<String> header = new ArrayList<>(classes ? COLUMNS : COLUMNS.subList(0, 1));
        targets.classes().forEach(name -> header.add("p " + name));
        targets.multiLabel().forEach(name -> header.addAll(List.of("truth " + name, "p " + name)));
        targets.values().forEach(one -> header.addAll(List.of("truth " + one.name(), one.name())));
        Atomic.write(
                file(run, split),
                out -> {
                    out.write(Csv.line(header).getBytes(StandardCharsets.UTF_8));
                    IOException[] failed = new IOException[1];
                    results.visit(
                            answer -> {
                                try {
                                    out.write(
                                            Csv.line(fields(targets, answer))
                                                    .getBytes(StandardCharsets.UTF_8));
                                } catch (IOException e) {
                                    failed[0] = e;
                                }
                            });
                    if (failed[0] != null) {
                        throw failed[0];
                    }
                });
    }

    private static List<String> fields(Targets targets, Answer answer) {
        Sample sample = answer.sample();
        List<String> fields = new ArrayList<>(List.of(sample.id()));
        if (!targets.classes().isEmpty()) {
            float[] probabilities = answer.probabilities();
            int said = Predictor.likeliest(probabilities);
            fields.add(sample.label() < 0 ? "" : targets.classes().get(sample.label()));
            fields.add(targets.classes().get(said));
            fields.add(Float.toString(probabilities[said]));
            for (float p : probabilities) {
                fields.add(Float.toString(p));
            }
        }
        if (!targets.multiLabel().isEmpty()) {
            beside(fields, sample.multiLabel(), answer.multiLabel());
        }
        if (!targets.values().isEmpty()) {
            beside(fields, sample.values(), answer.values());
        }
        return fields;
    }

    /** Truth and answer, one after the other; the truth is empty where it is not known. */
    private static void beside(List<String> fields, float[] truth, float[] said) {
        for (int i = 0; i < said.length; i++) {
            boolean known = i < truth.length && !Float.isNaN(truth[i]);
            fields.add(known ? Float.toString(truth[i]) : "");
            fields.add(Float.toString(said[i]));
        }
    }

    static void read(Path file, Consumer<Row> each) {
        boolean[] begun = {false};
        boolean[] none = {false};
        try {
            CsvReader.read(
                    file,
                    fields -> {
                        boolean classes =
                                fields.size() >= COLUMNS.size()
                                        && (begun[0]
                                                || fields.subList(0, COLUMNS.size())
                                                        .equals(COLUMNS));
                        if (!begun[0] && !classes && fields.get(0).equals(COLUMNS.get(0))) {
                            none[0] = true; // of a run that names no classes
                        }
                        if (none[0]) {
                            return;
                        }
                        if (!classes) {
                            throw new MienException(
                                    file
                                            + " is not as it was written: "
                                            + fields
                                            + ". Evaluate the run again.");
                        }
                        if (begun[0]) {
                            each.accept(
                                    new Row(
                                            fields.get(0),
                                            ClassNames.normal(fields.get(1)),
                                            ClassNames.normal(fields.get(2)),
                                            Double.parseDouble(fields.get(3))));
                        }
                        begun[0] = true;
                    });
        } catch (IOException | NumberFormatException e) {
            throw new MienException(
                    file + " cannot be read: " + e.getMessage() + ". Evaluate the run again.");
        }
    }

    /** Right answers, and the most confident wrong ones; null where nothing was written. */
    public static Answers summary(Path run, String split) {
        Path file = file(run, split);
        if (!Files.exists(file)) {
            return null;
        }
        Comparator<Row> worse =
                Comparator.comparingDouble(Row::probability)
                        .thenComparing(Row::id, Comparator.reverseOrder());
        PriorityQueue<Row> worst = new PriorityQueue<>(worse);
        int[] counts = new int[2];
        read(
                file,
                row -> {
                    if (!row.labelled()) {
                        return;
                    }
                    counts[0]++;
                    if (row.right()) {
                        counts[1]++;
                    } else {
                        worst.add(row);
                        if (worst.size() > MISTAKES) {
                            worst.remove();
                        }
                    }
                });
        List<Answers.Mistake> mistakes =
                worst.stream()
                        .sorted(worse.reversed())
                        .map(
                                row ->
                                        new Answers.Mistake(
                                                row.id(),
                                                row.truth(),
                                                row.said(),
                                                row.probability()))
                        .toList();
        return new Answers(counts[0], counts[1], mistakes);
    }
}
