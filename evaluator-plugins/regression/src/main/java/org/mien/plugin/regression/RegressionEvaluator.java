// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.regression;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.function.ToDoubleFunction;
import org.mien.api.data.Sample;
import org.mien.api.data.Targets;
import org.mien.api.evaluate.Evaluator;
import org.mien.api.evaluate.Findings;
import org.mien.api.evaluate.Results;
import org.osgi.service.component.annotations.Component;

/**
 * How well values, such as valence and arousal, agree with their labels over a split. Each metric
 * is there for each value, {@code ccc valence}, and as the mean over the values, {@code ccc}:
 *
 * <ul>
 *   <li>{@code ccc}: concordance correlation coefficient (Lin 1989), 2 cov / (var + var +
 *       (difference of the means)^2), variances over N, of the whole split at once;
 *   <li>{@code pearson}: correlation coefficient;
 *   <li>{@code rmse}, {@code meanAbsoluteError}: errors, in the value's own range;
 *   <li>{@code signAgreement}: share of samples whose sign is the label's, for values whose range
 *       has numbers below and above 0. 0 is a sign of its own: it agrees with 0 alone.
 * </ul>
 *
 * <p>Table: {@code perValue}, a row for each value with all of it and its number of samples.
 *
 * <p>Samples whose value is not known are left out, with a note. Where all labels of a value are
 * alike, it has neither {@code ccc} nor {@code pearson}; where all that the run says of it is
 * alike, {@code ccc} is 0 and there is no {@code pearson}. What does not exist is NaN, with a note,
 * and not part of the mean.
 */
@Component(property = "mien.id=regression")
public final class RegressionEvaluator implements Evaluator<RegressionEvaluator.Settings> {
    /** It has no keys. */
    public record Settings() {}

    private record Metric(String name, Findings.Unit unit, ToDoubleFunction<Agreement> of) {}

    private static final String SIGNS = "signAgreement";

    private static final List<Metric> METRICS =
            List.of(
                    new Metric("ccc", Findings.Unit.NUMBER, Agreement::ccc),
                    new Metric("pearson", Findings.Unit.NUMBER, Agreement::pearson),
                    new Metric("rmse", Findings.Unit.NUMBER, Agreement::rmse),
                    new Metric(
                            "meanAbsoluteError",
                            Findings.Unit.NUMBER,
                            Agreement::meanAbsoluteError),
                    new Metric(SIGNS, Findings.Unit.SHARE, Agreement::signAgreement));

    @Override
    public Class<Settings> settings() {
        return Settings.class;
    }

    @Override
    public void evaluate(Results results, Settings settings, Findings findings) {
        List<Targets.Value> values = results.targets().values();
        check(results, values);
        List<Agreement> agreements = new ArrayList<>();
        for (int v = 0; v < values.size(); v++) {
            agreements.add(agreement(results, v, values.get(v), findings));
        }
        if (agreements.stream().allMatch(agreement -> agreement.samples() == 0)) {
            throw new IllegalArgumentException(
                    "regression: of none of the "
                            + results.samples().size()
                            + " samples a value is known, so there is nothing to compare with."
                            + " Choose a split with values.");
        }
        for (Metric metric : METRICS) {
            mean(metric, values, agreements, findings);
        }
        List<String> columns = new ArrayList<>(List.of("value"));
        METRICS.forEach(metric -> columns.add(metric.name()));
        columns.add("samples");
        List<List<?>> rows = new ArrayList<>();
        for (int v = 0; v < values.size(); v++) {
            List<Object> row = new ArrayList<>(List.of(values.get(v).name()));
            for (Metric metric : METRICS) {
                boolean has = has(metric, values.get(v));
                double value = has ? metric.of().applyAsDouble(agreements.get(v)) : Double.NaN;
                row.add(value);
                if (has) {
                    findings.metric(
                            metric.name() + " " + values.get(v).name(), value, metric.unit());
                }
            }
            row.add((long) agreements.get(v).samples());
            rows.add(row);
        }
        findings.table("perValue", columns, Set.of(SIGNS), rows);
    }

    /** The mean over the values that have the metric. */
    private static void mean(
            Metric metric,
            List<Targets.Value> values,
            List<Agreement> agreements,
            Findings findings) {
        double sum = 0;
        int count = 0;
        boolean any = false;
        for (int v = 0; v < values.size(); v++) {
            double value = metric.of().applyAsDouble(agreements.get(v));
            any |= has(metric, values.get(v));
            if (has(metric, values.get(v)) && !Double.isNaN(value)) {
                sum += value;
                count++;
            }
        }
        if (any) {
            findings.metric(metric.name(), count == 0 ? Double.NaN : sum / count, metric.unit());
        }
    }

    private static boolean has(Metric metric, Targets.Value value) {
        return !metric.name().equals(SIGNS) || value.least() < 0 && value.most() > 0;
    }

    /** Of one value, over the samples of which it is known. */
    private static Agreement agreement(
            Results results, int v, Targets.Value value, Findings findings) {
        List<Sample> samples = results.samples();
        float[][] said = results.values();
        int n = 0;
        double[] answers = new double[samples.size()];
        double[] labels = new double[samples.size()];
        for (int i = 0; i < samples.size(); i++) {
            float[] known = samples.get(i).values();
            if (known.length != 0 && !Float.isNaN(known[v])) {
                answers[n] = said[i][v];
                labels[n] = known[v];
                n++;
            }
        }
        answers = Arrays.copyOf(answers, n);
        labels = Arrays.copyOf(labels, n);
        if (n < samples.size()) {
            findings.note(
                    samples.size()
                            - n
                            + " of "
                            + samples.size()
                            + " samples have no "
                            + value.name()
                            + " and are left out of it"
                            + (n == 0 ? "; so it has no metric and is in no mean." : "."));
        }
        if (n > 0 && Agreement.isConstant(labels)) {
            findings.note(
                    "All labels of "
                            + value.name()
                            + " are "
                            + (float) labels[0]
                            + ", so its ccc and pearson are not numbers and in no mean.");
        } else if (n > 0 && Agreement.isConstant(answers)) {
            findings.note(
                    "The run says "
                            + (float) answers[0]
                            + " of every "
                            + value.name()
                            + ", so its ccc is 0, and its pearson is not a number and in no mean.");
        }
        return Agreement.of(answers, labels);
    }

    /** Refuses what cannot be compared. */
    private static void check(Results results, List<Targets.Value> values) {
        if (values.isEmpty()) {
            throw new IllegalArgumentException(
                    "regression: run "
                            + results.run()
                            + " answers with "
                            + results.targets()
                            + "; expected values, such as valence. Evaluate a run whose method"
                            + " learns values.");
        }
        List<Sample> samples = results.samples();
        float[][] said = results.values();
        if (said.length != samples.size()) {
            throw new IllegalArgumentException(
                    "regression: run "
                            + results.run()
                            + " has "
                            + said.length
                            + " predictions for "
                            + samples.size()
                            + " samples; expected one each. Evaluate the run again.");
        }
        for (int i = 0; i < said.length; i++) {
            Sample sample = samples.get(i);
            int known = sample.values().length;
            if (known != 0 && known != values.size() || said[i].length != values.size()) {
                throw new IllegalArgumentException(
                        "regression: sample "
                                + sample.id()
                                + " has "
                                + known
                                + " values, and run "
                                + results.run()
                                + " gives it "
                                + said[i].length
                                + "; expected "
                                + values.size()
                                + ". Evaluate on the dataset the run was trained for.");
            }
            for (float number : said[i]) {
                if (!Float.isFinite(number)) {
                    throw new IllegalArgumentException(
                            "regression: run "
                                    + results.run()
                                    + " gives "
                                    + number
                                    + " for sample "
                                    + sample.id()
                                    + "; expected numbers. The training has diverged: lower the"
                                    + " learning rate.");
                }
            }
        }
    }
}
