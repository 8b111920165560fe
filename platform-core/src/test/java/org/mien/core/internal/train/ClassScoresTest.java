// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ClassScoresTest {
    @Test
    void theyAreThoseOfTheEvaluatorOfClassifications() {
        ClassScores scores = new ClassScores(4);
        // Class 1 is answered once and never a label, class 3 is neither.
        int[][] samples = {{0, 0}, {0, 0}, {0, 1}, {2, 2}, {2, 2}, {2, 2}, {2, 0}};
        for (int[] sample : samples) {
            scores.add(sample[0], sample[1]);
        }
        assertEquals(5 / 7.0, scores.accuracy(), 1e-12);
        assertEquals((2 / 3.0 + 3 / 4.0) / 2, scores.meanClassAccuracy(), 1e-12);
        assertEquals((4 / 6.0 + 0 + 6 / 7.0) / 3, scores.macroF1(), 1e-12);
    }

    @Test
    void ofNothingTheyAreNoNumbers() {
        ClassScores none = new ClassScores(2);
        assertTrue(Double.isNaN(none.accuracy()));
        assertTrue(Double.isNaN(none.meanClassAccuracy()));
        assertTrue(Double.isNaN(none.macroF1()));
    }
}
