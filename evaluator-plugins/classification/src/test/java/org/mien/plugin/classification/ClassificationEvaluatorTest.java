// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.classification;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.mien.api.Output;
import org.mien.api.data.Sample;
import org.mien.api.evaluate.Findings;
import org.mien.api.evaluate.Results;

class ClassificationEvaluatorTest {
    private static final List<String> LABELS = List.of("a", "b", "c", "d");

    private record Run(List<Sample> samples, float[][] probabilities) implements Results {
        @Override
        public String run() {
            return "r1";
        }

        @Override
        public List<String> labels() {
            return LABELS;
        }

        @Override
        public Map<String, float[][]> extras(Output.Role role) {
            return Map.of();
        }
    }

    private static final class Book implements Findings {
        final Map<String, Double> metrics = new LinkedHashMap<>();
        final Map<String, List<? extends List<?>>> tables = new LinkedHashMap<>();
        final Map<String, List<String>> columns = new LinkedHashMap<>();
        final List<String> notes = new ArrayList<>();

        @Override
        public void metric(String name, double value) {
            metrics.put(name, value);
        }

        @Override
        public void table(String name, List<String> names, List<? extends List<?>> rows) {
            columns.put(name, names);
            tables.put(name, rows);
        }

        @Override
        public void note(String text) {
            notes.add(text);
        }
    }

    private static Sample sample(int i, int label) {
        return new Sample("s" + i, "" + i, label, null, "", Sample.Split.TEST, Map.of());
    }

    /** A run with the given (label, prediction) pairs. */
    private static Run run(int[][] pairs) {
        List<Sample> samples = new ArrayList<>();
        float[][] probabilities = new float[pairs.length][LABELS.size()];
        for (int i = 0; i < pairs.length; i++) {
            samples.add(sample(i, pairs[i][0]));
            Arrays.fill(probabilities[i], 0.1f);
            probabilities[i][pairs[i][1]] = 0.7f;
        }
        return new Run(samples, probabilities);
    }

    private static Book judge(Results run) {
        Book book = new Book();
        new ClassificationEvaluator().evaluate(run, new ClassificationEvaluator.Settings(""), book);
        return book;
    }

    // Confusion: a 3 right, 1 as b; b 1 right, 1 as a; c 2, both as d; d never a label.
    private static final int[][] PAIRS = {
        {0, 0}, {0, 0}, {0, 0}, {0, 1}, {1, 1}, {1, 0}, {2, 3}, {2, 3}
    };

    @Test
    void numbersWorkedOutByHand() {
        Book book = judge(run(PAIRS));

        assertEquals(
                List.of("accuracy", "meanClassAccuracy", "macroF1"),
                List.copyOf(book.metrics.keySet()));
        assertEquals(4.0 / 8, book.metrics.get("accuracy"), 1e-12);
        // Recalls 3/4, 1/2, 0; d has none.
        assertEquals((0.75 + 0.5 + 0) / 3, book.metrics.get("meanClassAccuracy"), 1e-12);
        // F1: a 6/(4+4), b 2/(2+2), c 0/(2+0), d 0/(0+2); all four occur.
        assertEquals((0.75 + 0.5 + 0 + 0) / 4, book.metrics.get("macroF1"), 1e-12);
        assertEquals(
                List.of(
                        List.of("a", 0.75, 0.75, 0.75, 4L),
                        List.of("b", 0.5, 0.5, 0.5, 2L),
                        List.of("c", 0.0, 0.0, 0.0, 2L),
                        List.of("d", 0.0, 0.0, 0.0, 0L)),
                book.tables.get("perClass"));
        assertEquals(
                List.of("label \\ predicted", "a", "b", "c", "d"), book.columns.get("confusion"));
        assertEquals(
                List.of(
                        List.of("a", 3L, 1L, 0L, 0L),
                        List.of("b", 1L, 1L, 0L, 0L),
                        List.of("c", 0L, 0L, 0L, 2L),
                        List.of("d", 0L, 0L, 0L, 0L)),
                book.tables.get("confusion"));
        assertEquals(2, book.notes.size(), book.notes.toString());
        assertTrue(book.notes.get(0).endsWith("written as 0: c."), book.notes.get(0));
        assertTrue(book.notes.get(1).endsWith("meanClassAccuracy: d."), book.notes.get(1));
    }

    @Test
    void aClassThatNowhereOccursIsInNoMean() {
        Book book = judge(run(new int[][] {{0, 0}, {1, 1}, {1, 0}}));
        assertEquals((1 + 0.5) / 2, book.metrics.get("meanClassAccuracy"), 1e-12);
        // a 2/(1+2), b 2/(2+1).
        assertEquals(2.0 / 3, book.metrics.get("macroF1"), 1e-12);
    }

    @Test
    void allRightIsOneEverywhereAndNeedsNoNote() {
        Book book = judge(run(new int[][] {{0, 0}, {1, 1}, {2, 2}, {3, 3}}));
        assertEquals(List.of(1.0, 1.0, 1.0), List.copyOf(book.metrics.values()));
        assertTrue(book.notes.isEmpty(), book.notes.toString());
    }

    @Test
    void orderOfSamplesDoesNotMatter() {
        Book first = judge(run(PAIRS));
        List<int[]> pairs = new ArrayList<>(List.of(PAIRS));
        for (int seed = 0; seed < 5; seed++) {
            Collections.shuffle(pairs, new Random(seed));
            Book again = judge(run(pairs.toArray(int[][]::new)));
            assertEquals(first.metrics, again.metrics);
            assertEquals(first.tables, again.tables);
            assertEquals(first.notes, again.notes);
        }
    }

    @Test
    void samplesWithoutLabelAreLeftOutAndTold() {
        int[][] more = Arrays.copyOf(PAIRS, PAIRS.length + 1);
        more[PAIRS.length] = new int[] {-1, 0};
        Book book = judge(run(more));
        assertEquals(judge(run(PAIRS)).metrics, book.metrics);
        assertEquals("1 of 9 samples have no label and are left out.", book.notes.get(0));
    }

    @Test
    void ofEqualProbabilitiesTheFirstCounts() {
        Run run = new Run(List.of(sample(0, 1)), new float[][] {{0.1f, 0.4f, 0.4f, 0.1f}});
        assertEquals(1.0, judge(run).metrics.get("accuracy"));
    }

    @Test
    void whatCannotBeJudgedIsToldInWords() {
        assertSays("none of the 1 samples has a label", run(new int[][] {{-1, 0}}));
        assertSays("has label 4; expected 0 to 3", run(new int[][] {{4, 0}}));
        assertSays(
                "3 probabilities for sample s0; expected one for each of 4 classes",
                new Run(List.of(sample(0, 1)), one(3)));
        assertSays("0 predictions for 1 samples", new Run(List.of(sample(0, 1)), new float[0][]));
        float[][] broken = one(4);
        broken[0][2] = Float.NaN;
        assertSays("NaN for sample s0", new Run(List.of(sample(0, 1)), broken));
    }

    private static float[][] one(int classes) {
        return new float[1][classes];
    }

    private static void assertSays(String part, Run run) {
        String message =
                assertThrows(IllegalArgumentException.class, () -> judge(run)).getMessage();
        assertTrue(message.contains(part), message);
    }

    @Test
    void theAccuracyOfEachValueOfAnAttribute() {
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < PAIRS.length; i++) {
            Map<String, String> facts =
                    i == 0
                            ? Map.of()
                            : Map.of("mirrored", Boolean.toString(i % 2 == 0), "n", "" + i);
            samples.add(new Sample("s" + i, "", PAIRS[i][0], null, "", Sample.Split.TEST, facts));
        }
        Book book = new Book();
        Run run = new Run(samples, run(PAIRS).probabilities());
        var by = new ClassificationEvaluator.Settings("mirrored");
        new ClassificationEvaluator().evaluate(run, by, book);
        // Samples 2, 4, 6: right, right, wrong; 1, 3, 5, 7: right, wrong, wrong, wrong.
        assertEquals(2.0 / 3, book.metrics.get("accuracy mirrored=true"), 1e-12);
        assertEquals(1.0 / 4, book.metrics.get("accuracy mirrored=false"), 1e-12);
        assertEquals(
                List.of(List.of("false", 0.25, 4L), List.of("true", 2.0 / 3, 3L)),
                book.tables.get("by mirrored"));
        assertEquals(4.0 / 8, book.metrics.get("accuracy"), 1e-12);
        var none = new ClassificationEvaluator.Settings("pose");
        String refused =
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new ClassificationEvaluator().evaluate(run, none, book))
                        .getMessage();
        assertTrue(refused.contains("attribute 'pose' has no values"), refused);
    }
}
