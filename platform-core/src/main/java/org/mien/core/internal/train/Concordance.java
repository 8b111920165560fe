// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.train;

import java.util.List;
import org.mien.api.evaluate.Answer;

/**
 * How well values agree with their labels, by the definition of the evaluator of regressions: Lin's
 * concordance correlation coefficient (1989) with moments over N, a sample without the value left
 * out.
 */
final class Concordance {
    private Concordance() {}

    /**
     * The mean over the values that have one.
     *
     * @param answers of labelled samples
     * @param count values of a sample
     * @return -1 to 1; NaN when no value has one
     */
    static double mean(List<Answer> answers, int count) {
        double sum = 0;
        int counted = 0;
        for (int i = 0; i < count; i++) {
            double one = of(answers, i);
            if (!Double.isNaN(one)) {
                sum += one;
                counted++;
            }
        }
        return sum / counted;
    }

    /** Of one value; NaN when all labels are the same or none is known, 0 when all answers are. */
    private static double of(List<Answer> answers, int value) {
        double[][] pairs =
                answers.stream()
                        .filter(answer -> answer.sample().values().length > value)
                        .map(
                                answer ->
                                        new double[] {
                                            answer.values()[value], answer.sample().values()[value]
                                        })
                        .filter(pair -> !Double.isNaN(pair[1]))
                        .toArray(double[][]::new);
        if (isConstant(pairs, 1)) {
            return Double.NaN;
        }
        if (isConstant(pairs, 0)) {
            return 0;
        }
        double[] means = new double[2];
        for (double[] pair : pairs) {
            means[0] += pair[0] / pairs.length;
            means[1] += pair[1] / pairs.length;
        }
        double variances = 0;
        double covariance = 0;
        for (double[] pair : pairs) {
            double a = pair[0] - means[0];
            double b = pair[1] - means[1];
            variances += (a * a + b * b) / pairs.length;
            covariance += a * b / pairs.length;
        }
        double apart = means[0] - means[1];
        return 2 * covariance / (variances + apart * apart);
    }

    private static boolean isConstant(double[][] pairs, int side) {
        for (double[] pair : pairs) {
            if (pair[side] != pairs[0][side]) {
                return false;
            }
        }
        return true;
    }
}
