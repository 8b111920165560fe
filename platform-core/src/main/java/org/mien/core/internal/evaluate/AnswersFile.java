// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.evaluate;

import org.mien.api.data.Sample;
import org.mien.api.evaluate.Results;
import org.mien.core.MienException;
import org.mien.core.internal.io.Atomic;
import org.mien.core.internal.io.Csv;
import org.mien.core.internal.model.Predictor;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.function.Consumer;

/**
 * {@code predictions-SPLIT.csv}: what a run answered for each sample of a split. Columns: {@code
 * id}, {@code truth} (empty where there is none), {@code prediction}, {@code probability} (of the
 * prediction), then {@code p CLASS} for each class.
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
        List<String> labels = results.labels();
        float[][] probabilities = results.probabilities();
        Atomic.write(
                file(run, split),
                out -> {
                    List<String> fields = new ArrayList<>(COLUMNS);
                    labels.forEach(label -> fields.add("p " + label));
                    out.write(Csv.line(fields).getBytes(StandardCharsets.UTF_8));
                    for (int i = 0; i < probabilities.length; i++) {
                        Sample sample = results.samples().get(i);
                        int said = Predictor.likeliest(probabilities[i]);
                        fields.clear();
                        fields.add(sample.id());
                        fields.add(sample.label() < 0 ? "" : labels.get(sample.label()));
                        fields.add(labels.get(said));
                        fields.add(Float.toString(probabilities[i][said]));
                        for (float p : probabilities[i]) {
                            fields.add(Float.toString(p));
                        }
                        out.write(Csv.line(fields).getBytes(StandardCharsets.UTF_8));
                    }
                });
    }

    static void read(Path file, Consumer<Row> each) {
        boolean[] begun = {false};
        try {
            Csv.read(
                    file,
                    fields -> {
                        if (fields.size() < COLUMNS.size()
                                || !begun[0]
                                        && !fields.subList(0, COLUMNS.size()).equals(COLUMNS)) {
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
                                            fields.get(1),
                                            fields.get(2),
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
