// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.classification;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Set;
import org.mien.api.Key;
import org.mien.api.data.Sample;
import org.mien.api.evaluate.Evaluator;
import org.mien.api.evaluate.Findings;
import org.mien.api.evaluate.Results;
import org.osgi.service.component.annotations.Component;

/**
 * How well labels that hold several at once, such as action units, are found over a split. A label
 * is found in a sample where the run gives it at least {@code multi-label.threshold}; it holds
 * where the dataset gives it at least a half. Metrics, each a share from 0 to 1:
 *
 * <ul>
 *   <li>{@code f1 LABEL}: 2 TP / (2 TP + FP + FN);
 *   <li>{@code auc LABEL}: area under the ROC curve, the share of all pairs of a sample that holds
 *       the label and one that does not in which the former is given more, ties counted by half; it
 *       needs no threshold;
 *   <li>{@code meanF1}, {@code meanAuc}: means over the labels that have them;
 *   <li>{@code exactMatch}: share of samples of which all that is known is found rightly.
 * </ul>
 *
 * <p>Table: {@code perLabel} (F1, precision, recall, AUC, and over how many samples, of them with
 * the label).
 *
 * <p>Samples of which a label is not known are left out of it, with a note. A label that no sample
 * holds has no F1, recall and AUC, one that every sample holds no AUC: they are NaN, with a note,
 * and in no mean. Precision of a label that is never found is written as 0, with a note.
 */
@Component(property = "mien.id=multi-label")
public final class MultiLabelEvaluator implements Evaluator<MultiLabelEvaluator.Settings> {
    /** From here on a label that is given by how sure or how strong it is holds. */
    private static final float HELD = 0.5f;

    /**
     * Keys {@code multi-label.*}.
     *
     * @param threshold from where on a label is found
     */
    public record Settings(
            @Key(
                            value = "0.5",
                            min = 0,
                            max = 1,
                            doc = "a label is found where the run gives it at least this, 0 to 1")
                    double threshold) {}

    /** What is said of a label in a sample where it is known, and whether it holds. */
    private record Said(float given, boolean held) {}

    /**
     * Counts of a label.
     *
     * @param doubledRanks twice the sum of the ranks of those that hold it, of equals the middle
     */
    private record Counts(long right, long found, long held, long known, long doubledRanks) {
        static Counts of(List<Said> all, double threshold) {
            Said[] sorted = all.toArray(Said[]::new);
            Arrays.sort(sorted, Comparator.comparingDouble(Said::given));
            long right = 0;
            long found = 0;
            long held = 0;
            long doubledRanks = 0;
            for (int from = 0, to; from < sorted.length; from = to) {
                to = from + 1;
                // 0 and -0 are equal, as they are for the threshold.
                while (to < sorted.length && sorted[to].given() == sorted[from].given()) {
                    to++;
                }
                for (int i = from; i < to; i++) {
                    boolean isFound = sorted[i].given() >= threshold;
                    found += isFound ? 1 : 0;
                    if (sorted[i].held()) {
                        held++;
                        right += isFound ? 1 : 0;
                        doubledRanks += from + 1L + to; // ranks from + 1 to to, counted from 1
                    }
                }
            }
            return new Counts(right, found, held, sorted.length, doubledRanks);
        }

        double f1() {
            return held == 0 ? Double.NaN : 2.0 * right / (held + found);
        }

        double recall() {
            return held == 0 ? Double.NaN : (double) right / held;
        }

        double precision() {
            return found == 0 ? 0 : (double) right / found;
        }

        /** Mann and Whitney's U over the number of pairs. */
        double auc() {
            long pairs = held * (known - held);
            return pairs == 0 ? Double.NaN : (doubledRanks - held * (held + 1)) / (2.0 * pairs);
        }
    }

    @Override
    public Class<Settings> settings() {
        return Settings.class;
    }

    @Override
    public void evaluate(Results results, Settings settings, Findings findings) {
        List<String> labels = results.targets().multiLabel();
        check(results, labels);
        List<Counts> counts = new ArrayList<>();
        for (int l = 0; l < labels.size(); l++) {
            List<Said> known = known(results, l);
            counts.add(Counts.of(known, settings.threshold()));
        }
        if (counts.stream().allMatch(one -> one.known() == 0)) {
            throw new IllegalArgumentException(
                    "multi-label: of none of the "
                            + results.samples().size()
                            + " samples a label is known, so there is nothing to compare with."
                            + " Choose a split with labels.");
        }
        findings.share("meanF1", mean(counts.stream().mapToDouble(Counts::f1).toArray()));
        findings.share("meanAuc", mean(counts.stream().mapToDouble(Counts::auc).toArray()));
        findings.share("exactMatch", exactMatch(results, settings.threshold()));
        List<List<?>> rows = new ArrayList<>();
        for (int l = 0; l < labels.size(); l++) {
            Counts one = counts.get(l);
            findings.share("f1 " + labels.get(l), one.f1());
            findings.share("auc " + labels.get(l), one.auc());
            rows.add(
                    List.of(
                            labels.get(l),
                            one.f1(),
                            one.precision(),
                            one.recall(),
                            one.auc(),
                            one.held(),
                            one.known()));
        }
        findings.table(
                "perLabel",
                List.of("label", "f1", "precision", "recall", "auc", "support", "samples"),
                Set.of("f1", "precision", "recall", "auc"),
                rows);
        notes(results, labels, counts, findings);
    }

    private static List<Said> known(Results results, int label) {
        List<Said> known = new ArrayList<>();
        for (int i = 0; i < results.samples().size(); i++) {
            float[] truth = results.samples().get(i).multiLabel();
            if (truth.length != 0 && !Float.isNaN(truth[label])) {
                known.add(new Said(results.multiLabel()[i][label], truth[label] >= HELD));
            }
        }
        return known;
    }

    /** Over the samples of which anything is known. */
    private static double exactMatch(Results results, double threshold) {
        int right = 0;
        int all = 0;
        for (int i = 0; i < results.samples().size(); i++) {
            Sample sample = results.samples().get(i);
            float[] truth = sample.multiLabel();
            boolean known = false;
            boolean matches = true;
            for (int l = 0; l < truth.length; l++) {
                if (!Float.isNaN(truth[l])) {
                    known = true;
                    matches &= results.multiLabel()[i][l] >= threshold == truth[l] >= HELD;
                }
            }
            all += known ? 1 : 0;
            right += known && matches ? 1 : 0;
        }
        return (double) right / all;
    }

    /** Of those that are numbers. */
    private static double mean(double[] numbers) {
        return Arrays.stream(numbers)
                .filter(number -> !Double.isNaN(number))
                .average()
                .orElse(Double.NaN);
    }

    private static void notes(
            Results results, List<String> labels, List<Counts> counts, Findings findings) {
        int samples = results.samples().size();
        List<String> unknown = new ArrayList<>();
        List<String> never = new ArrayList<>();
        List<String> always = new ArrayList<>();
        List<String> notFound = new ArrayList<>();
        for (int l = 0; l < labels.size(); l++) {
            Counts one = counts.get(l);
            if (one.known() < samples) {
                unknown.add(labels.get(l) + " (" + (samples - one.known()) + ")");
            }
            if (one.held() == 0) {
                never.add(labels.get(l));
            } else if (one.held() == one.known()) {
                always.add(labels.get(l));
            }
            if (one.found() == 0) {
                notFound.add(labels.get(l));
            }
        }
        note(
                findings,
                "Not known of some of the " + samples + " samples, which are left out of" + " it: ",
                unknown);
        note(
                findings,
                "No sample holds the label, so its F1, recall and AUC are not numbers and in"
                        + " no mean: ",
                never);
        note(
                findings,
                "Every sample holds the label, so its AUC is not a number and in no mean: ",
                always);
        note(findings, "Never found, so their precision is undefined and written as 0: ", notFound);
    }

    private static void note(Findings findings, String why, List<String> labels) {
        if (!labels.isEmpty()) {
            findings.note(why + String.join(", ", labels) + ".");
        }
    }

    /** Refuses what cannot be compared. */
    private static void check(Results results, List<String> labels) {
        if (labels.isEmpty()) {
            throw new IllegalArgumentException(
                    "multi-label: run "
                            + results.run()
                            + " answers with "
                            + results.targets()
                            + "; expected several labels at once, such as action units. Evaluate a"
                            + " run whose method learns them.");
        }
        List<Sample> samples = results.samples();
        float[][] said = results.multiLabel();
        if (said.length != samples.size()) {
            throw new IllegalArgumentException(
                    "multi-label: run "
                            + results.run()
                            + " has "
                            + said.length
                            + " predictions for "
                            + samples.size()
                            + " samples; expected one each. Evaluate the run again.");
        }
        for (int i = 0; i < said.length; i++) {
            Sample sample = samples.get(i);
            int known = sample.multiLabel().length;
            if (known != 0 && known != labels.size() || said[i].length != labels.size()) {
                throw new IllegalArgumentException(
                        "multi-label: sample "
                                + sample.id()
                                + " has "
                                + known
                                + " labels, and run "
                                + results.run()
                                + " gives it "
                                + said[i].length
                                + "; expected "
                                + labels.size()
                                + ". Evaluate on the dataset the run was trained for.");
            }
            for (float share : said[i]) {
                if (Float.isNaN(share)) {
                    throw new IllegalArgumentException(
                            "multi-label: run "
                                    + results.run()
                                    + " gives NaN for sample "
                                    + sample.id()
                                    + "; expected shares from 0 to 1. The training has diverged:"
                                    + " lower the learning rate.");
                }
            }
        }
    }
}
