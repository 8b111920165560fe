// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.classification;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.mien.api.Key;
import org.mien.api.data.Sample;
import org.mien.api.evaluate.Evaluator;
import org.mien.api.evaluate.Findings;
import org.mien.api.evaluate.Results;
import org.osgi.service.component.annotations.Component;

/**
 * How often the most probable class is the right one. Metrics, each a share from 0 to 1:
 *
 * <ul>
 *   <li>{@code accuracy}: right samples over all samples;
 *   <li>{@code meanClassAccuracy}: mean of the recall of each class that occurs as a label (a class
 *       without a sample has no recall and is left out);
 *   <li>{@code macroF1}: mean of F1 over the classes that occur as a label or as a prediction. F1
 *       is 2 TP / (2 TP + FP + FN), so a class that is predicted but never a label counts as 0.
 * </ul>
 *
 * <p>With {@code classification.by} also {@code accuracy ATTRIBUTE=VALUE} for each value of an
 * attribute of the samples; samples without the attribute count in the others only.
 *
 * <p>Tables: {@code perClass} (precision, recall, F1, support) and {@code confusion} (rows are
 * labels, columns predictions, cells numbers of samples). Heat map: {@code confusion}, the same as
 * shares of each row, so that frequent classes do not outshine rare ones. Of equally probable
 * classes the first is the prediction. A share of nothing (0/0) is written as 0, with a note.
 * Samples without a label are left out, with a note.
 */
@Component(property = "mien.id=classification")
public final class ClassificationEvaluator implements Evaluator<ClassificationEvaluator.Settings> {
    /** The most values of an attribute that are told apart. */
    private static final int MOST_VALUES = 20;

    /**
     * Keys {@code classification.*}.
     *
     * @param by an attribute of the samples
     */
    public record Settings(
            @Key(
                            value = "",
                            doc =
                                    "attribute of the samples, for example occlusion: the accuracy of"
                                            + " each of its values too")
                    String by) {}

    @Override
    public Class<Settings> settings() {
        return Settings.class;
    }

    @Override
    public void evaluate(Results results, Settings settings, Findings findings) {
        List<String> labels = results.labels();
        long[][] confusion = confusion(results, findings);
        int classes = labels.size();
        long[] support = new long[classes];
        long[] predicted = new long[classes];
        long all = 0;
        long right = 0;
        for (int i = 0; i < classes; i++) {
            right += confusion[i][i];
            for (int j = 0; j < classes; j++) {
                support[i] += confusion[i][j];
                predicted[j] += confusion[i][j];
                all += confusion[i][j];
            }
        }

        double recalls = 0;
        int labelled = 0;
        double f1s = 0;
        int seen = 0;
        List<String> neverPredicted = new ArrayList<>();
        List<String> neverLabel = new ArrayList<>();
        List<List<?>> rows = new ArrayList<>();
        for (int i = 0; i < classes; i++) {
            double precision = share(confusion[i][i], predicted[i]);
            double recall = share(confusion[i][i], support[i]);
            double f1 = share(2 * confusion[i][i], support[i] + predicted[i]);
            if (support[i] > 0) {
                recalls += recall;
                labelled++;
            } else {
                neverLabel.add(labels.get(i));
            }
            if (predicted[i] == 0) {
                neverPredicted.add(labels.get(i));
            }
            if (support[i] + predicted[i] > 0) {
                f1s += f1;
                seen++;
            }
            rows.add(List.of(labels.get(i), precision, recall, f1, support[i]));
        }
        findings.share("accuracy", share(right, all));
        findings.share("meanClassAccuracy", recalls / labelled);
        findings.share("macroF1", f1s / seen);
        if (!settings.by().isEmpty()) {
            by(results, settings.by(), findings);
        }
        findings.table(
                "perClass",
                List.of("class", "precision", "recall", "f1", "support"),
                Set.of("precision", "recall", "f1"),
                rows);
        findings.table("confusion", columns(labels), counts(labels, confusion));
        findings.heatMap("confusion", labels, labels, shares(confusion, support));
        if (!neverPredicted.isEmpty()) {
            findings.note(
                    "Never predicted, so their precision is undefined and written as 0: "
                            + String.join(", ", neverPredicted)
                            + ".");
        }
        if (!neverLabel.isEmpty()) {
            findings.note(
                    "No sample has the label, so their recall is undefined, written as 0 and not"
                            + " part of meanClassAccuracy: "
                            + String.join(", ", neverLabel)
                            + ".");
        }
    }

    /** The accuracy of each value of an attribute: metrics and a table. */
    private static void by(Results results, String attribute, Findings findings) {
        Map<String, long[]> values = new TreeMap<>();
        for (int i = 0; i < results.samples().size(); i++) {
            Sample sample = results.samples().get(i);
            String value = sample.attributes().get(attribute);
            if (sample.label() >= 0 && value != null) {
                long[] counts = values.computeIfAbsent(value, key -> new long[2]);
                boolean right =
                        prediction(results, results.probabilities()[i], sample) == sample.label();
                counts[0] += right ? 1 : 0;
                counts[1]++;
            }
        }
        if (values.isEmpty() || values.size() > MOST_VALUES) {
            throw new IllegalArgumentException(
                    "classification: attribute '"
                            + attribute
                            + "' has "
                            + (values.isEmpty() ? "no" : values.size())
                            + " values in these samples; expected 1 to "
                            + MOST_VALUES
                            + ". Set classification.by to another attribute, or leave it out");
        }
        List<List<?>> rows = new ArrayList<>();
        values.forEach(
                (value, counts) -> {
                    double accuracy = share(counts[0], counts[1]);
                    findings.share("accuracy " + attribute + "=" + value, accuracy);
                    rows.add(List.of(value, accuracy, counts[1]));
                });
        findings.table(
                "by " + attribute,
                List.of(attribute, "accuracy", "support"),
                Set.of("accuracy"),
                rows);
    }

    /** Rows labels, columns predictions; tells of samples left out. */
    private static long[][] confusion(Results results, Findings findings) {
        List<Sample> samples = results.samples();
        float[][] probabilities = results.probabilities();
        int classes = results.labels().size();
        if (probabilities.length != samples.size()) {
            throw new IllegalArgumentException(
                    "classification: run "
                            + results.run()
                            + " has "
                            + probabilities.length
                            + " predictions for "
                            + samples.size()
                            + " samples; expected one each. Evaluate the run again.");
        }
        long[][] confusion = new long[classes][classes];
        int unlabelled = 0;
        for (int i = 0; i < probabilities.length; i++) {
            Sample sample = samples.get(i);
            if (sample.label() == -1) {
                unlabelled++;
                continue;
            }
            if (sample.label() < 0 || sample.label() >= classes) {
                throw new IllegalArgumentException(
                        "classification: sample "
                                + sample.id()
                                + " has label "
                                + sample.label()
                                + "; expected 0 to "
                                + (classes - 1)
                                + ", or -1 for none. Evaluate on the dataset the run was trained"
                                + " for.");
            }
            confusion[sample.label()][prediction(results, probabilities[i], sample)]++;
        }
        if (unlabelled == probabilities.length) {
            throw new IllegalArgumentException(
                    "classification: none of the "
                            + unlabelled
                            + " samples has a label, so there is nothing to compare with. Choose a"
                            + " split with labels.");
        }
        if (unlabelled > 0) {
            findings.note(
                    unlabelled
                            + " of "
                            + probabilities.length
                            + " samples have no label and are left out.");
        }
        return confusion;
    }

    private static int prediction(Results results, float[] row, Sample sample) {
        if (row.length != results.labels().size()) {
            throw new IllegalArgumentException(
                    "classification: run "
                            + results.run()
                            + " gives "
                            + row.length
                            + " probabilities for sample "
                            + sample.id()
                            + "; expected one for each of "
                            + results.labels().size()
                            + " classes. Evaluate on the dataset the run was trained for.");
        }
        int best = 0;
        for (int j = 0; j < row.length; j++) {
            if (Float.isNaN(row[j])) {
                throw new IllegalArgumentException(
                        "classification: run "
                                + results.run()
                                + " gives NaN for sample "
                                + sample.id()
                                + "; expected probabilities. The training has diverged: lower the"
                                + " learning rate.");
            }
            if (row[j] > row[best]) {
                best = j;
            }
        }
        return best;
    }

    private static double share(long part, long whole) {
        return whole == 0 ? 0 : (double) part / whole;
    }

    /** Of the samples with a label, a row each; NaN where there are none. */
    private static double[][] shares(long[][] confusion, long[] support) {
        double[][] shares = new double[confusion.length][confusion.length];
        for (int i = 0; i < confusion.length; i++) {
            for (int j = 0; j < confusion.length; j++) {
                shares[i][j] = support[i] == 0 ? Double.NaN : share(confusion[i][j], support[i]);
            }
        }
        return shares;
    }

    private static List<String> columns(List<String> labels) {
        List<String> columns = new ArrayList<>();
        columns.add("label \\ predicted");
        columns.addAll(labels);
        return columns;
    }

    private static List<List<?>> counts(List<String> labels, long[][] confusion) {
        List<List<?>> rows = new ArrayList<>();
        for (int i = 0; i < confusion.length; i++) {
            List<Object> row = new ArrayList<>();
            row.add(labels.get(i));
            for (long count : confusion[i]) {
                row.add(count);
            }
            rows.add(row);
        }
        return rows;
    }
}
