// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.classification;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mien.api.Key;
import org.mien.api.Output;
import org.mien.api.data.Sample;
import org.mien.api.evaluate.Evaluator;
import org.mien.api.evaluate.Findings;
import org.mien.api.evaluate.Results;
import org.osgi.service.component.annotations.Component;

/**
 * What the weights that a method tabulates (extras of the role WEIGHTS) are on average, over all
 * samples and for each class, whatever the method. For an extra with columns:
 *
 * <ul>
 *   <li>metric {@code EXTRA COLUMN}: mean over all samples;
 *   <li>metric {@code EXTRA by class}: the share of the variance of the weights that lies between
 *       classes (eta squared, mean over the columns that vary): 0 when weights do not depend on the
 *       class, 1 when they depend on nothing else;
 *   <li>table {@code EXTRA}: a row for each class with its number of samples and the mean of each
 *       column, and one for all.
 * </ul>
 *
 * <p>Samples without a label are left out; where none has one, all count, and nothing is by class.
 */
@Component(property = "mien.id=weights-by-class")
public final class WeightsEvaluator implements Evaluator<WeightsEvaluator.Settings> {
    /**
     * Keys.
     *
     * @param most columns that become metrics
     */
    public record Settings(
            @Key(
                            value = "16",
                            min = 0,
                            max = 1000,
                            doc =
                                    "most columns of an extra whose means become metrics; the table has"
                                            + " all")
                    int most) {}

    @Override
    public Class<Settings> settings() {
        return Settings.class;
    }

    @Override
    public void evaluate(Results results, Settings settings, Findings findings) {
        Map<String, List<String>> columns = new LinkedHashMap<>();
        Map<String, List<float[]>> extras = new LinkedHashMap<>();
        results.visit(
                answer ->
                        answer.extras(Output.Role.WEIGHTS)
                                .forEach(
                                        (name, extra) -> {
                                            columns.put(name, extra.columns());
                                            extras.computeIfAbsent(name, key -> new ArrayList<>())
                                                    .add(extra.values());
                                        }));
        if (extras.isEmpty()) {
            throw new IllegalArgumentException(
                    "weights-by-class: run "
                            + results.run()
                            + " gives no weights, its method tabulates none with these keys. Take"
                            + " weights-by-class out of evaluators");
        }
        extras.forEach(
                (name, rows) ->
                        one(
                                name,
                                columns.get(name),
                                rows.toArray(new float[0][]),
                                results,
                                settings,
                                findings));
    }

    private static void one(
            String name,
            List<String> names,
            float[][] rows,
            Results results,
            Settings settings,
            Findings findings) {
        int width = rows.length == 0 ? 0 : rows[0].length;
        int classes = results.labels().size();
        long[] counts = new long[classes + 1];
        double[][] sums = new double[classes + 1][width];
        double[] squares = new double[width];
        List<Sample> samples = results.samples();
        boolean labelled = samples.stream().anyMatch(sample -> sample.label() >= 0);
        for (int i = 0; i < rows.length; i++) {
            int label = samples.get(i).label();
            if (labelled && label < 0) {
                continue;
            }
            counts[classes]++;
            for (int c = 0; c < width; c++) {
                sums[classes][c] += rows[i][c];
                squares[c] += (double) rows[i][c] * rows[i][c];
            }
            if (labelled) {
                counts[label]++;
                for (int c = 0; c < width; c++) {
                    sums[label][c] += rows[i][c];
                }
            }
        }
        List<String> columns = new ArrayList<>(List.of("class", "samples"));
        for (int c = 0; c < width; c++) {
            columns.add(column(names, c));
            if (c < settings.most()) {
                findings.number(name + " " + column(names, c), sums[classes][c] / counts[classes]);
            }
        }
        if (labelled) {
            byClass(name, counts, sums, squares, findings);
        } else {
            findings.note("No sample has a label, so '" + name + "' is not parted by class.");
        }
        List<List<?>> table = new ArrayList<>();
        for (int k = labelled ? 0 : classes; k <= classes; k++) {
            List<Object> row = new ArrayList<>();
            row.add(k == classes ? "all" : results.labels().get(k));
            row.add(counts[k]);
            for (int c = 0; c < width; c++) {
                row.add(counts[k] == 0 ? Double.NaN : sums[k][c] / counts[k]);
            }
            table.add(row);
        }
        findings.table(name, columns, table);
    }

    private static String column(List<String> names, int c) {
        return c < names.size() ? names.get(c) : Integer.toString(c + 1);
    }

    /** Sum of squares between classes over that about the mean of all, mean over the columns. */
    private static void byClass(
            String name, long[] counts, double[][] sums, double[] squares, Findings findings) {
        int classes = counts.length - 1;
        double shares = 0;
        int vary = 0;
        for (int c = 0; c < squares.length; c++) {
            double ofAll = sums[classes][c] * sums[classes][c] / counts[classes];
            double between = -ofAll;
            for (int k = 0; k < classes; k++) {
                between += counts[k] == 0 ? 0 : sums[k][c] * sums[k][c] / counts[k];
            }
            double total = squares[c] - ofAll;
            // What is left of equal numbers is rounding.
            if (total > 1e-12 * squares[c]) {
                shares += Math.max(0, Math.min(1, between / total));
                vary++;
            }
        }
        if (vary == 0) {
            findings.note(
                    "The weights '" + name + "' are the same for every sample: no share by class.");
        }
        findings.share(name + " by class", vary == 0 ? Double.NaN : shares / vary);
    }
}
