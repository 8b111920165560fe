// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.evaluate;

import java.util.List;

/**
 * How a run answered on a split.
 *
 * @param labelled samples with a label
 * @param right those of them that were answered right
 * @param mistakes the most confident wrong answers, the most confident first
 */
public record Answers(int labelled, int right, List<Mistake> mistakes) {
    /** The normal distribution's 97.5 % point. */
    private static final double Z = 1.959963984540054;

    /**
     * A wrong answer.
     *
     * @param id of the sample
     * @param truth its label
     * @param said the answer
     * @param probability of the answer
     */
    public record Mistake(String id, String truth, String said, double probability) {}

    /** Share of right answers; NaN when nothing has a label. */
    public double accuracy() {
        return (double) right / labelled;
    }

    /**
     * Where the accuracy lies with a confidence of 95 %: Wilson's score interval.
     *
     * @return its ends
     */
    public double[] interval() {
        double n = labelled;
        double p = accuracy();
        double centre = (p + Z * Z / (2 * n)) / (1 + Z * Z / n);
        double half = Z / (1 + Z * Z / n) * Math.sqrt(p * (1 - p) / n + Z * Z / (4 * n * n));
        return new double[] {Math.max(0, centre - half), Math.min(1, centre + half)};
    }
}
