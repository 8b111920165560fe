// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.bench;

import java.util.Arrays;

/**
 * What was measured of one thing, on both sides.
 *
 * @param name of the benchmark
 * @param what in words
 * @param unit of the values
 * @param threads threads and cores; 0 when it may use all
 * @param smaller whether smaller is better
 * @param mien values of the platform, one a repetition
 * @param peer values of Python, as many; none where there is no peer
 * @param target bound on the ratio to the peer where there is one, else on the median; NaN for none
 * @param toPeer whether the target is one on the ratio
 */
record Measured(
        String name,
        String what,
        String unit,
        int threads,
        boolean smaller,
        double[] mien,
        double[] peer,
        double target,
        boolean toPeer) {

    /** Median of the platform to that of Python; NaN without a peer. */
    double ratio() {
        return peer.length == 0 ? Double.NaN : median(mien) / median(peer);
    }

    /** What the target bounds; NaN where it is not known. */
    double judged() {
        return toPeer ? ratio() : median(mien);
    }

    /** The middle value, or the mean of the two in the middle. */
    static double median(double... values) {
        return quantile(values, 0.5);
    }

    /** Distance from the first quartile to the third. */
    static double spread(double... values) {
        return quantile(values, 0.75) - quantile(values, 0.25);
    }

    /** Between the two nearest values, linearly. */
    private static double quantile(double[] values, double share) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        double place = share * (sorted.length - 1);
        int below = (int) place;
        int above = Math.min(below + 1, sorted.length - 1);
        return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
    }
}
