// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.bench;

import java.util.Arrays;

/**
 * What one side gave in one row.
 *
 * @param values one a repetition; none where nobody was asked, or the side failed
 * @param failure why it failed, else null
 */
record Side(double[] values, String failure) {
    /** Where nobody was asked. */
    static final Side NONE = new Side(new double[0], null);

    static Side of(double... values) {
        return new Side(values, null);
    }

    static Side failed(String why) {
        return new Side(new double[0], why);
    }

    /** The middle value, or the mean of the two in the middle; NaN where there is none. */
    double median() {
        return quantile(0.5);
    }

    /** Distance from the first quartile to the third. */
    double spread() {
        return quantile(0.75) - quantile(0.25);
    }

    /** Between the two nearest values, linearly. */
    private double quantile(double share) {
        if (values.length == 0) {
            return Double.NaN;
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        double place = share * (sorted.length - 1);
        int below = (int) place;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }
}
