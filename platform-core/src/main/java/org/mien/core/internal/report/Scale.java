// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.report;

import java.util.ArrayList;
import java.util.List;

/**
 * A linear axis: from numbers to a length, with ticks at round numbers (1, 2 or 5 times a power of
 * ten).
 */
final class Scale {
    private final double low;
    private final double high;
    private final double from;
    private final double to;
    private final List<Double> ticks = new ArrayList<>();
    private final double step;

    /**
     * An axis.
     *
     * @param least smallest number
     * @param most largest number
     * @param from where low lies
     * @param to where high lies
     * @param wanted ticks, about
     * @param round whether the axis ends at ticks; else at the numbers
     */
    Scale(double least, double most, double from, double to, int wanted, boolean round) {
        double lower = least;
        double upper = most;
        if (!(upper - lower > Math.max(Math.abs(upper), Math.abs(lower)) * 1e-9)) {
            double around = upper == 0 ? 1 : Math.abs(upper) / 2;
            lower -= around;
            upper += around;
        }
        step = step((upper - lower) / wanted);
        low = round ? Math.floor(lower / step + 1e-9) * step : lower;
        high = round ? Math.ceil(upper / step - 1e-9) * step : upper;
        this.from = from;
        this.to = to;
        for (long i = (long) Math.ceil(low / step - 1e-9); i * step <= high + step * 1e-9; i++) {
            ticks.add(i * step);
        }
    }

    /** The smallest round number that is no smaller. */
    private static double step(double least) {
        double power = Math.pow(10, Math.floor(Math.log10(least)));
        for (double times : new double[] {1, 2, 5}) {
            if (times * power >= least * (1 - 1e-9)) {
                return times * power;
            }
        }
        return 10 * power;
    }

    /** Where a number lies. */
    double at(double value) {
        return from + (value - low) / (high - low) * (to - from);
    }

    /** Round numbers on the axis. */
    List<Double> ticks() {
        return ticks;
    }

    /** Between two ticks. */
    double step() {
        return step;
    }
}
