// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.train;

/**
 * How well answers fit the classes of samples, by the definitions of the evaluator of
 * classifications: a class that is never a label has no recall and is left out of the mean, one
 * that is neither label nor answer has no F1.
 */
final class ClassScores {
    private final long[][] confusion;

    /**
     * None counted yet.
     *
     * @param classes K
     */
    ClassScores(int classes) {
        confusion = new long[classes][classes];
    }

    /** Counts a sample. */
    void add(int label, int answer) {
        confusion[label][answer]++;
    }

    private long labels(int k) {
        long sum = 0;
        for (long count : confusion[k]) {
            sum += count;
        }
        return sum;
    }

    private long answers(int k) {
        long sum = 0;
        for (long[] row : confusion) {
            sum += row[k];
        }
        return sum;
    }

    /** Right samples over all; NaN when none was counted. */
    double accuracy() {
        long right = 0;
        long all = 0;
        for (int k = 0; k < confusion.length; k++) {
            right += confusion[k][k];
            all += labels(k);
        }
        return (double) right / all;
    }

    /** Mean recall of the classes that occur as a label; NaN when none does. */
    double meanClassAccuracy() {
        double sum = 0;
        int counted = 0;
        for (int k = 0; k < confusion.length; k++) {
            if (labels(k) > 0) {
                sum += (double) confusion[k][k] / labels(k);
                counted++;
            }
        }
        return sum / counted;
    }

    /** Mean F1 of the classes that occur as a label or as an answer; NaN when none does. */
    double macroF1() {
        double sum = 0;
        int counted = 0;
        for (int k = 0; k < confusion.length; k++) {
            long both = labels(k) + answers(k);
            if (both > 0) {
                sum += 2.0 * confusion[k][k] / both;
                counted++;
            }
        }
        return sum / counted;
    }
}
