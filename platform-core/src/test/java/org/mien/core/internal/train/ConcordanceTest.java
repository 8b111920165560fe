// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.mien.api.data.Sample;
import org.mien.api.evaluate.Answer;

class ConcordanceTest {
    private static Answer answer(float[] said, float... known) {
        Sample sample = Sample.of("a", "a").values(known).build();
        return new Answer(sample, new float[0], new float[0], said, Map.of());
    }

    @Test
    void itIsLinsOverTheKnownValues() {
        float no = Float.NaN;
        List<Answer> answers =
                List.of(
                        answer(new float[] {1, 5}, 2, 0),
                        answer(new float[] {2, 5}, 4, 1),
                        answer(new float[] {3, 5}, 6, no),
                        answer(new float[] {9, 5}));
        // Means 2 and 4, variances 2/3 and 8/3, covariance 4/3: 2 (4/3) / (10/3 + 4).
        assertEquals(8 / 22.0, Concordance.mean(answers, 1), 1e-9);
        // Of the second value all that is said is the same: 0.
        assertEquals(4 / 22.0, Concordance.mean(answers, 2), 1e-9);
        assertTrue(Double.isNaN(Concordance.mean(List.of(), 2)));
        List<Answer> alike = List.of(answer(new float[] {1}, 3), answer(new float[] {2}, 3));
        assertTrue(Double.isNaN(Concordance.mean(alike, 1)), "labels that do not differ");
    }
}
