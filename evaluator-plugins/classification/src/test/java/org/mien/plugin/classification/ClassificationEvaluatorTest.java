// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.classification;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.mien.api.data.Sample;
import org.mien.api.evaluate.Results;
import org.mien.testkit.Answers;
import org.mien.testkit.Found;

class ClassificationEvaluatorTest {
    private static Answers none() {
        return Answers.of("a", "b", "c", "d");
    }

    /** What a run is sure of. */
    private static double[] sure(int label) {
        double[] p = {0.1, 0.1, 0.1, 0.1};
        p[label] = 0.7;
        return p;
    }

    /** A run with the given (label, prediction) pairs. */
    private static Answers run(int[][] pairs) {
        Answers answers = none();
        for (int[] pair : pairs) {
            answers.sample(pair[0], sure(pair[1]));
        }
        return answers;
    }

    private static Found judge(Results run) {
        return judge(run, "");
    }

    private static Found judge(Results run, String by) {
        return Found.by(
                new ClassificationEvaluator(), new ClassificationEvaluator.Settings(by), run);
    }

    // Confusion: a 3 right, 1 as b; b 1 right, 1 as a; c 2, both as d; d never a label.
    private static final int[][] PAIRS = {
        {0, 0}, {0, 0}, {0, 0}, {0, 1}, {1, 1}, {1, 0}, {2, 3}, {2, 3}
    };

    @Test
    void numbersWorkedOutByHand() {
        Found found = judge(run(PAIRS));

        assertEquals(
                List.of("accuracy", "meanClassAccuracy", "macroF1"),
                List.copyOf(found.metrics().keySet()));
        assertEquals(4.0 / 8, found.metrics().get("accuracy"), 1e-12);
        // Recalls 3/4, 1/2, 0; d has none.
        assertEquals((0.75 + 0.5 + 0) / 3, found.metrics().get("meanClassAccuracy"), 1e-12);
        // F1: a 6/(4+4), b 2/(2+2), c 0/(2+0), d 0/(0+2); all four occur.
        assertEquals((0.75 + 0.5 + 0 + 0) / 4, found.metrics().get("macroF1"), 1e-12);
        assertEquals(
                List.of(
                        List.of("a", 0.75, 0.75, 0.75, 4L),
                        List.of("b", 0.5, 0.5, 0.5, 2L),
                        List.of("c", 0.0, 0.0, 0.0, 2L),
                        List.of("d", 0.0, 0.0, 0.0, 0L)),
                found.tables().get("perClass").rows());
        assertEquals(Set.of("precision", "recall", "f1"), found.shares("perClass"));
        assertEquals(Set.of(), found.shares("confusion"), "it holds counts");
        assertEquals(
                List.of("label \\ predicted", "a", "b", "c", "d"),
                found.tables().get("confusion").columns());
        assertEquals(
                List.of(
                        List.of("a", 3L, 1L, 0L, 0L),
                        List.of("b", 1L, 1L, 0L, 0L),
                        List.of("c", 0L, 0L, 0L, 2L),
                        List.of("d", 0L, 0L, 0L, 0L)),
                found.tables().get("confusion").rows());
        Found.HeatMap shares = found.heatMaps().get("confusion");
        assertEquals(List.of("a", "b", "c", "d"), shares.rows());
        assertEquals(shares.rows(), shares.columns());
        double[][] rows = {
            {0.75, 0.25, 0, 0},
            {0.5, 0.5, 0, 0},
            {0, 0, 0, 1},
            {Double.NaN, Double.NaN, Double.NaN, Double.NaN}
        };
        assertArrayEquals(rows, shares.values());
        assertEquals(2, found.notes().size(), found.notes().toString());
        assertTrue(found.notes().get(0).endsWith("written as 0: c."), found.notes().get(0));
        assertTrue(found.notes().get(1).endsWith("meanClassAccuracy: d."), found.notes().get(1));
    }

    @Test
    void aClassThatNowhereOccursIsInNoMean() {
        Found found = judge(run(new int[][] {{0, 0}, {1, 1}, {1, 0}}));
        assertEquals((1 + 0.5) / 2, found.metrics().get("meanClassAccuracy"), 1e-12);
        // a 2/(1+2), b 2/(2+1).
        assertEquals(2.0 / 3, found.metrics().get("macroF1"), 1e-12);
    }

    @Test
    void allRightIsOneEverywhereAndNeedsNoNote() {
        Found found = judge(run(new int[][] {{0, 0}, {1, 1}, {2, 2}, {3, 3}}));
        assertEquals(List.of(1.0, 1.0, 1.0), List.copyOf(found.metrics().values()));
        assertTrue(found.notes().isEmpty(), found.notes().toString());
    }

    @Test
    void orderOfSamplesDoesNotMatter() {
        Found first = judge(run(PAIRS));
        List<int[]> pairs = new ArrayList<>(List.of(PAIRS));
        for (int seed = 0; seed < 5; seed++) {
            Collections.shuffle(pairs, new Random(seed));
            Found again = judge(run(pairs.toArray(int[][]::new)));
            assertEquals(first.metrics(), again.metrics());
            assertEquals(first.tables(), again.tables());
            assertEquals(first.notes(), again.notes());
        }
    }

    @Test
    void samplesWithoutLabelAreLeftOutAndTold() {
        int[][] more = Arrays.copyOf(PAIRS, PAIRS.length + 1);
        more[PAIRS.length] = new int[] {-1, 0};
        Found found = judge(run(more));
        assertEquals(judge(run(PAIRS)).metrics(), found.metrics());
        assertEquals("1 of 9 samples have no label and are left out.", found.notes().get(0));
    }

    @Test
    void ofEqualProbabilitiesTheFirstCounts() {
        Answers run = none().sample(1, 0.1, 0.4, 0.4, 0.1);
        assertEquals(1.0, judge(run).metrics().get("accuracy"));
    }

    @Test
    void whatCannotBeJudgedIsToldInWords() {
        assertSays("none of the 1 samples has a label", run(new int[][] {{-1, 0}}));
        assertSays("has label 4; expected 0 to 3", run(new int[][] {{4, 0}}));
        assertSays(
                "3 probabilities for sample s0; expected one for each of 4 classes",
                none().sample(1, 0, 0, 0));
        assertSays("0 predictions for 1 samples", none().sample(1));
        assertSays("NaN for sample s0", none().sample(1, 0, 0, Double.NaN, 0));
    }

    private static void assertSays(String part, Answers run) {
        String message =
                assertThrows(IllegalArgumentException.class, () -> judge(run)).getMessage();
        assertTrue(message.contains(part), message);
    }

    @Test
    void theAccuracyOfEachValueOfAnAttribute() {
        Answers run = none();
        for (int i = 0; i < PAIRS.length; i++) {
            Map<String, String> facts =
                    i == 0
                            ? Map.of()
                            : Map.of("mirrored", Boolean.toString(i % 2 == 0), "n", "" + i);
            run.sample(
                    Sample.of("s" + i, "")
                            .split(Sample.Split.TEST)
                            .label(PAIRS[i][0])
                            .attributes(facts)
                            .build(),
                    sure(PAIRS[i][1]));
        }
        Found found = judge(run, "mirrored");
        // Samples 2, 4, 6: right, right, wrong; 1, 3, 5, 7: right, wrong, wrong, wrong.
        assertEquals(2.0 / 3, found.metrics().get("accuracy mirrored=true"), 1e-12);
        assertEquals(1.0 / 4, found.metrics().get("accuracy mirrored=false"), 1e-12);
        assertEquals(
                List.of(List.of("false", 0.25, 4L), List.of("true", 2.0 / 3, 3L)),
                found.tables().get("by mirrored").rows());
        assertEquals(4.0 / 8, found.metrics().get("accuracy"), 1e-12);
        String refused =
                assertThrows(IllegalArgumentException.class, () -> judge(run, "pose")).getMessage();
        assertTrue(refused.contains("attribute 'pose' has no values"), refused);
    }
}
