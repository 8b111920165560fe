// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.regression;

import java.util.Arrays;

/**
 * How well numbers that were said agree with those that were to be said. Whatever does not exist is
 * NaN; nothing exists without a number.
 *
 * @param samples how many numbers, N
 * @param ccc Lin's concordance correlation coefficient, -1 to 1
 * @param pearson correlation, -1 to 1
 * @param rmse root of the mean squared error
 * @param meanAbsoluteError mean absolute error
 * @param signAgreement share of equal signs, where 0 is a sign of its own
 */
record Agreement(
        int samples,
        double ccc,
        double pearson,
        double rmse,
        double meanAbsoluteError,
        double signAgreement) {
    /**
     * Compares.
     *
     * @param said N numbers
     * @param expected N numbers
     */
    static Agreement of(double[] said, double[] expected) {
        int n = said.length;
        if (n == 0) {
            return new Agreement(0, Double.NaN, Double.NaN, Double.NaN, Double.NaN, Double.NaN);
        }
        double meanSaid = Arrays.stream(said).sum() / n;
        double meanExpected = Arrays.stream(expected).sum() / n;
        double varianceSaid = 0;
        double varianceExpected = 0;
        double covariance = 0;
        double squared = 0;
        double absolute = 0;
        int signs = 0;
        for (int i = 0; i < n; i++) {
            double a = said[i] - meanSaid;
            double b = expected[i] - meanExpected;
            varianceSaid += a * a / n;
            varianceExpected += b * b / n;
            covariance += a * b / n;
            double error = said[i] - expected[i];
            squared += error * error / n;
            absolute += Math.abs(error) / n;
            signs += Math.signum(said[i]) == Math.signum(expected[i]) ? 1 : 0;
        }
        // The mean of equal numbers may be off by a digit, which would pass for a variance.
        boolean flatSaid = isConstant(said);
        boolean flatExpected = isConstant(expected);
        double apart = meanSaid - meanExpected;
        // Lin 1989, with the sample's moments over N.
        double ccc =
                flatExpected
                        ? Double.NaN
                        : flatSaid
                                ? 0
                                : 2
                                        * covariance
                                        / (varianceSaid + varianceExpected + apart * apart);
        double pearson =
                flatExpected || flatSaid
                        ? Double.NaN
                        : covariance / (Math.sqrt(varianceSaid) * Math.sqrt(varianceExpected));
        return new Agreement(
                n,
                ccc,
                Math.max(-1, Math.min(1, pearson)),
                Math.sqrt(squared),
                absolute,
                (double) signs / n);
    }

    /** Whether all numbers are the same. */
    static boolean isConstant(double[] numbers) {
        return Arrays.stream(numbers).allMatch(number -> number == numbers[0]);
    }
}
