// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.report;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import org.mien.core.Evaluations;
import org.mien.core.Runs;
import org.mien.core.internal.data.DataFacts;

/** What a reader should know before believing a number of a report. */
final class Checks {
    /**
     * A remark.
     *
     * @param warning whether it weakens what the report says; else it is for information
     * @param text sentences
     */
    record Remark(boolean warning, String text) {}

    /** A test split below this says little. */
    private static final int FEW = 200;

    /** A class below this says next to nothing. */
    private static final int FEW_OF_CLASS = 10;

    /** The largest class over the smallest, from which on it is worth a remark. */
    private static final double IMBALANCE = 5;

    /** Training accuracy over validation accuracy. */
    private static final double GAP = 0.2;

    /** Samples that were left out and are named. */
    private static final int LEFT = 5;

    private final Facts facts;
    private final List<Remark> remarks = new ArrayList<>();

    private Checks(Facts facts) {
        this.facts = facts;
    }

    static List<Remark> of(Facts facts) {
        Checks checks = new Checks(facts);
        checks.state();
        checks.notes();
        checks.training();
        checks.data();
        checks.evaluations();
        checks.remarks.sort((a, b) -> Boolean.compare(b.warning(), a.warning()));
        return checks.remarks;
    }

    private void warn(String text) {
        remarks.add(new Remark(true, text));
    }

    private void note(String text) {
        remarks.add(new Remark(false, text));
    }

    private void state() {
        Runs.Run run = facts.run();
        if (!run.state().equals("DONE")) {
            warn(
                    "The run is "
                            + run.state()
                            + (run.text().isEmpty() ? "" : " (" + run.text() + ")")
                            + ": what follows is as far as it came.");
        }
        if (facts.labelled() && facts.judged("test").isEmpty()) {
            warn(
                    "It has not been evaluated on the test split. Do it with: ./mien evaluate "
                            + run.id());
        }
    }

    private void notes() {
        facts.notes().warnings().forEach(one -> warn("When it began: " + one + "."));
        if (facts.notes().left() > 0) {
            List<String> shown = facts.notes().skipped();
            warn(
                    facts.notes().left()
                            + " samples could not be read and were left out (data.bad = skip): "
                            + String.join("; ", shown.subList(0, Math.min(LEFT, shown.size())))
                            + (facts.notes().left() > LEFT ? "; .. (notes.json has more)." : "."));
        }
    }

    private void training() {
        Runs.Run run = facts.run();
        if (run.bestEpoch() > 0 && facts.details().splits().getOrDefault("validation", 0) == 0) {
            warn("There was no validation split: the last epoch is used, nothing was chosen.");
            return;
        }
        int since = run.epochs() - run.bestEpoch();
        if (run.bestEpoch() > 0 && since >= 5 && since >= run.epochs() / 2) {
            warn(
                    "On the validation split "
                            + run.chosenBy()
                            + " has not improved since epoch "
                            + run.bestEpoch()
                            + " of "
                            + run.epochs()
                            + ".");
        }
        note(
                "The best "
                        + run.chosenBy()
                        + " on the validation split is that of "
                        + run.epochs()
                        + " epochs, so it is a little too good: the epoch was chosen by it. Only"
                        + " the test split was kept out of every choice.");
        Curve validated = facts.curves().epochs().get("validation.accuracy");
        if (!facts.labelled() || validated == null || validated.points().length == 0) {
            return;
        }
        int nearest = validated.points()[0];
        for (int point : validated.points()) {
            double away = Math.abs(validated.x(point) - run.bestEpoch());
            nearest = away < Math.abs(validated.x(nearest) - run.bestEpoch()) ? point : nearest;
        }
        double validation = validated.y(nearest);
        double guess = largestShare("validation");
        if (validation <= guess + 0.02) {
            warn(
                    "On the validation split the run is right in "
                            + Numbers.percent(validation, 1)
                            + "; always to say the most frequent class would be right in "
                            + Numbers.percent(guess, 1)
                            + ". It has learnt next to nothing.");
        }
        Curve training = facts.curves().epochs().get("accuracy");
        if (training != null && training.points().length > 0) {
            int[] points = training.points();
            double seen = training.y(points[points.length - 1]);
            if (seen - validation > GAP) {
                warn(
                        "It is right in "
                                + Numbers.percent(seen, 1)
                                + " of the training samples at the end, and in "
                                + Numbers.percent(validation, 1)
                                + " of the validation samples in the epoch that was chosen: it fits"
                                + " what it was trained on far better than what it was not"
                                + " (overfitting).");
            }
        }
    }

    /** Share of the largest class of a split; NaN when it is not known. */
    private double largestShare(String split) {
        if (facts.data() == null || !facts.data().classes().containsKey(split)) {
            return Double.NaN;
        }
        Collection<Integer> counts = facts.data().classes().get(split).values();
        double all = counts.stream().mapToInt(count -> count).sum();
        return counts.stream().mapToInt(count -> count).max().orElse(0) / all;
    }

    private void data() {
        DataFacts data = facts.data();
        if (data != null) {
            if (data.shared() > 0) {
                warn(
                        data.shared()
                                + " people have pictures in the test split and in what it was"
                                + " trained or chosen on: the test says nothing of people never"
                                + " seen.");
            }
            imbalance(data);
            data.notes().forEach(said -> note("Of the dataset: " + said + "."));
        }
        note(
                "Whether the same picture lies in two splits was not looked for by this run: ./mien"
                        + " dataset-check "
                        + facts.run().pipeline());
        note(
                "One run says little of chance. Train it with other seeds and fold them with"
                        + " ./mien compare.");
    }

    private void imbalance(DataFacts data) {
        Map<String, Integer> training = data.classes().getOrDefault("train", Map.of());
        String most = "";
        String least = "";
        for (String label : facts.details().targets().classes()) {
            int count = training.getOrDefault(label, 0);
            most = most.isEmpty() || count > training.getOrDefault(most, 0) ? label : most;
            least = least.isEmpty() || count < training.getOrDefault(least, 0) ? label : least;
        }
        int largest = training.getOrDefault(most, 0);
        int smallest = training.getOrDefault(least, 0);
        if (!training.isEmpty() && largest > IMBALANCE * smallest) {
            warn(
                    "Training has "
                            + Numbers.count(largest)
                            + " samples of "
                            + most
                            + " and "
                            + Numbers.count(smallest)
                            + " of "
                            + least
                            + ". Look at the mean over classes rather than the accuracy; see"
                            + " train.class-weights and data.sampler.");
        }
    }

    private void evaluations() {
        for (Facts.Judged judged : facts.judged()) {
            Evaluations.Evaluation evaluation = judged.evaluation();
            String split = evaluation.split();
            if (split.equals("train")) {
                warn("The results on the split train are on the samples it has learnt from.");
            }
            if (split.equals("test") && evaluation.samples() < FEW) {
                warn(
                        "The test split has "
                                + evaluation.samples()
                                + " samples only"
                                + (judged.answers() == null
                                        ? "."
                                        : ": see how wide the interval of the accuracy is."));
            }
            if (!judged.keys().isEmpty()) {
                note(
                        "The split "
                                + judged.words()
                                + " was evaluated with other keys than the run was trained with: "
                                + Commands.pairs(judged.keys())
                                + ".");
            }
            for (Evaluations.Table table : evaluation.tables()) {
                if (Matrix.fits(table)) {
                    classes(split, Matrix.of(table));
                }
            }
        }
    }

    private void classes(String split, Matrix matrix) {
        List<String> few = new ArrayList<>();
        List<String> never = new ArrayList<>();
        for (int k = 0; k < matrix.size(); k++) {
            if (matrix.rowSum(k) < FEW_OF_CLASS) {
                few.add(matrix.name(k) + " (" + Math.round(matrix.rowSum(k)) + ")");
            }
            if (matrix.columnSum(k) == 0) {
                never.add(matrix.name(k));
            }
        }
        if (!never.isEmpty()) {
            warn("Never predicted on the split " + split + ": " + String.join(", ", never) + ".");
        }
        if (!few.isEmpty()) {
            warn(
                    "Hardly any samples on the split "
                            + split
                            + " of: "
                            + String.join(", ", few)
                            + ".");
        }
    }
}
