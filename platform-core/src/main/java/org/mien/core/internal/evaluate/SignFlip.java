// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.evaluate;

import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/**
 * The permutation test of paired differences (Fisher 1935): were both alike, each difference would
 * as likely have the other sign. The two-sided probability is the share of all ways to set the
 * signs under which the sum lies at least as far from 0 as it does. It assumes that pairs are
 * independent and that a difference lies alike around 0, and no distribution.
 */
final class SignFlip {
    /** Up to here every way is counted. */
    private static final int EXACT = 20;

    /** Of more pairs so many ways are drawn, always the same. */
    private static final int DRAWN = 100_000;

    /** Whole differences are counted up to this sum; beyond it their sum is all but normal. */
    private static final int LARGEST_SUM = 4000;

    /** Abramowitz and Stegun, 7.1.26. */
    private static final double[] ERF = {
        0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429
    };

    private SignFlip() {}

    /**
     * Of any numbers.
     *
     * @param differences one a pair
     * @return NaN for fewer than two pairs
     */
    static double p(double[] differences) {
        int n = differences.length;
        if (n < 2) {
            return Double.NaN;
        }
        double scale = Arrays.stream(differences).map(Math::abs).sum();
        // Sums in another order differ in the last digit, and equal ones count.
        double least = Math.abs(Arrays.stream(differences).sum()) - 1e-9 * scale;
        if (n <= EXACT) {
            long far = 0;
            for (long signs = 0; signs < 1L << n; signs++) {
                double sum = 0;
                for (int i = 0; i < n; i++) {
                    sum += (signs >> i & 1) == 0 ? differences[i] : -differences[i];
                }
                far += Math.abs(sum) >= least ? 1 : 0;
            }
            return (double) far / (1L << n);
        }
        Random random = new Random(1);
        long far = 1; // the way it is
        for (int draw = 0; draw < DRAWN; draw++) {
            double sum = 0;
            for (double difference : differences) {
                sum += random.nextBoolean() ? difference : -difference;
            }
            far += Math.abs(sum) >= least ? 1 : 0;
        }
        return far / (DRAWN + 1.0);
    }

    /** The least that so many pairs can give. */
    static double least(int pairs) {
        return pairs < 2 ? Double.NaN : pairs <= EXACT ? Math.pow(2, 1 - pairs) : 1.0 / DRAWN;
    }

    /**
     * Of whole numbers, many of them: with differences of -1, 0 and 1 it is McNemar's exact test.
     *
     * @param differences one a pair
     */
    static double whole(int[] differences) {
        Map<Integer, Integer> sizes = new TreeMap<>();
        long observed = 0;
        long range = 0;
        double squares = 0;
        for (int difference : differences) {
            if (difference != 0) {
                sizes.merge(Math.abs(difference), 1, Integer::sum);
                observed += difference;
                range += Math.abs(difference);
                squares += (double) difference * difference;
            }
        }
        observed = Math.abs(observed);
        if (range == 0) {
            return 1;
        }
        if (range > LARGEST_SUM) {
            return Math.min(1, 2 * beyond((observed - 1) / Math.sqrt(squares)));
        }
        double[] sums = {1}; // how likely a sum is, in the middle 0
        for (Map.Entry<Integer, Integer> size : sizes.entrySet()) {
            for (int i = 0; i < size.getValue(); i++) {
                int k = size.getKey();
                double[] more = new double[sums.length + 2 * k];
                for (int j = 0; j < sums.length; j++) {
                    more[j] += sums[j] / 2;
                    more[j + 2 * k] += sums[j] / 2;
                }
                sums = more;
            }
        }
        double far = 0;
        int middle = sums.length / 2;
        for (int j = 0; j < sums.length; j++) {
            far += Math.abs(j - middle) >= observed ? sums[j] : 0;
        }
        return Math.min(1, far);
    }

    /** How likely a standard normal number is larger. */
    private static double beyond(double z) {
        double x = Math.max(0, z) / Math.sqrt(2);
        double t = 1 / (1 + 0.3275911 * x);
        double series = 0;
        for (int i = ERF.length - 1; i >= 0; i--) {
            series = t * (ERF[i] + series);
        }
        return series * Math.exp(-x * x) / 2;
    }

    /**
     * Holm's rule: the i-th smallest of m, from 0, counts m - i times.
     *
     * @param p probabilities; NaN where there is none, which is no test
     * @return adjusted, in the same order
     */
    static double[] holm(double[] p) {
        Integer[] order = new Integer[p.length];
        Arrays.setAll(order, i -> i);
        Arrays.sort(order, (a, b) -> Double.compare(p[a], p[b])); // NaN comes last
        int tests = (int) Arrays.stream(p).filter(one -> !Double.isNaN(one)).count();
        double[] adjusted = p.clone();
        double most = 0;
        for (int i = 0; i < tests; i++) {
            most = Math.max(most, Math.min(1, (tests - i) * p[order[i]]));
            adjusted[order[i]] = most;
        }
        return adjusted;
    }
}
