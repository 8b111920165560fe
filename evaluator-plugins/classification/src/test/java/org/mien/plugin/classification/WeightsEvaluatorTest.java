// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.classification;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.mien.api.Output;
import org.mien.testkit.Answers;
import org.mien.testkit.Found;

class WeightsEvaluatorTest {
    /** Weights with names for their columns, of three classes; a label of -1 is none. */
    private static Answers run(int[] classes, double[][] weights, String... columns) {
        return none(classes).extra(Output.Role.WEIGHTS, "halves", List.of(columns), weights);
    }

    private static Answers none(int... classes) {
        Answers answers = Answers.of("a", "b", "c");
        for (int label : classes) {
            answers.sample(label);
        }
        return answers;
    }

    private static Found judge(Answers run, int most) {
        return Found.by(new WeightsEvaluator(), new WeightsEvaluator.Settings(most), run);
    }

    private static final int[] CLASSES = {0, 0, 1, 1, -1};
    // Means: a 2, 10; b 4, 10; the unlabelled one is left out.
    private static final double[][] WEIGHTS = {{1, 10}, {3, 10}, {4, 10}, {4, 10}, {99, 99}};

    @Test
    void meansWorkedOutByHand() {
        Found found = judge(run(CLASSES, WEIGHTS, "left", "right"), 16);
        assertEquals(
                new Found.Table(
                        List.of("class", "samples", "left", "right"),
                        List.of(
                                List.of("a", 2L, 2.0, 10.0),
                                List.of("b", 2L, 4.0, 10.0),
                                List.of("c", 0L, Double.NaN, Double.NaN),
                                List.of("all", 4L, 3.0, 10.0))),
                found.tables().get("halves"));
        // Left: about the mean 4 + 0 + 1 + 1 = 6, of that between classes 2 + 2 = 4.
        assertEquals(
                List.of("halves left", "halves right", "halves by class"),
                List.copyOf(found.metrics().keySet()));
        assertEquals(3, found.metrics().get("halves left"), 1e-12);
        assertEquals(10, found.metrics().get("halves right"), 1e-12);
        assertEquals(4.0 / 6, found.metrics().get("halves by class"), 1e-12);
        assertEquals(List.of(), found.notes());
    }

    @Test
    void columnsWithoutNamesHaveNumbersAndOnlySomeBecomeMetrics() {
        Found found = judge(run(CLASSES, WEIGHTS), 1);
        assertEquals(List.of("halves 1", "halves by class"), List.copyOf(found.metrics().keySet()));
        assertEquals(List.of("class", "samples", "1", "2"), found.tables().get("halves").columns());
    }

    @Test
    void weightsThatDoNotVaryHaveNoShare() {
        double[][] same = {{0.1}, {0.1}, {0.1}, {0.1}, {0.1}};
        Found found = judge(run(CLASSES, same, "w"), 16);
        assertTrue(Double.isNaN(found.metrics().get("halves by class")));
        assertEquals(1, found.notes().size());
    }

    @Test
    void withoutAnyLabelAllCountAndNothingIsByClass() {
        double[][] weights = {{1}, {3}};
        Found found = judge(run(new int[] {-1, -1}, weights, "w"), 16);
        assertEquals(Map.of("halves w", 2.0), found.metrics());
        assertEquals(
                new Found.Table(List.of("class", "samples", "w"), List.of(List.of("all", 2L, 2.0))),
                found.tables().get("halves"));
        assertTrue(
                found.notes().get(0).startsWith("No sample has a label"), found.notes().toString());
    }

    @Test
    void whatThereIsNotIsSaid() {
        refused(none(CLASSES), "run test-1 gives no weights");
    }

    private static void refused(Answers run, String words) {
        String message =
                assertThrows(IllegalArgumentException.class, () -> judge(run, 16)).getMessage();
        assertTrue(message.contains(words), message);
    }
}
