// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.classification;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.mien.api.Output;
import org.mien.api.data.Sample;
import org.mien.api.evaluate.Findings;
import org.mien.api.evaluate.Results;

class WeightsEvaluatorTest {
    /** Weights with names for their columns, of three classes; a label of -1 is none. */
    private record Run(int[] classes, float[][] weights, List<String> columns) implements Results {
        @Override
        public String run() {
            return "r1";
        }

        @Override
        public List<String> labels() {
            return List.of("a", "b", "c");
        }

        @Override
        public List<Sample> samples() {
            List<Sample> samples = new ArrayList<>();
            for (int label : classes) {
                String id = "s" + samples.size();
                samples.add(new Sample(id, id, label, null, "", Sample.Split.TEST, Map.of()));
            }
            return samples;
        }

        @Override
        public float[][] probabilities() {
            throw new IllegalStateException();
        }

        @Override
        public Map<String, float[][]> extras(Output.Role role) {
            return role == Output.Role.WEIGHTS && weights != null
                    ? Map.of("halves", weights)
                    : Map.of();
        }

        @Override
        public List<String> columns(Output.Role role, String name) {
            return columns;
        }
    }

    private static final class Book implements Findings {
        final Map<String, Double> metrics = new LinkedHashMap<>();
        final List<List<?>> table = new ArrayList<>();
        final List<String> notes = new ArrayList<>();

        @Override
        public void metric(String name, double value) {
            metrics.put(name, value);
        }

        @Override
        public void table(String name, List<String> names, List<? extends List<?>> rows) {
            assertEquals("halves", name);
            table.add(names);
            table.addAll(rows);
        }

        @Override
        public void note(String text) {
            notes.add(text);
        }
    }

    private static Book judge(Run run, int most) {
        Book book = new Book();
        new WeightsEvaluator().evaluate(run, new WeightsEvaluator.Settings(most), book);
        return book;
    }

    private static final int[] CLASSES = {0, 0, 1, 1, -1};
    // Means: a 2, 10; b 4, 10; the unlabelled one is left out.
    private static final float[][] WEIGHTS = {{1, 10}, {3, 10}, {4, 10}, {4, 10}, {99, 99}};

    @Test
    void meansWorkedOutByHand() {
        Book book = judge(new Run(CLASSES, WEIGHTS, List.of("left", "right")), 16);
        assertEquals(
                List.of(
                        List.of("class", "samples", "left", "right"),
                        List.of("a", 2L, 2.0, 10.0),
                        List.of("b", 2L, 4.0, 10.0),
                        List.of("c", 0L, Double.NaN, Double.NaN),
                        List.of("all", 4L, 3.0, 10.0)),
                book.table);
        // Left: about the mean 4 + 0 + 1 + 1 = 6, of that between classes 2 + 2 = 4.
        assertEquals(
                List.of("halves left", "halves right", "halves by class"),
                List.copyOf(book.metrics.keySet()));
        assertEquals(3, book.metrics.get("halves left"), 1e-12);
        assertEquals(10, book.metrics.get("halves right"), 1e-12);
        assertEquals(4.0 / 6, book.metrics.get("halves by class"), 1e-12);
        assertEquals(List.of(), book.notes);
    }

    @Test
    void columnsWithoutNamesHaveNumbersAndOnlySomeBecomeMetrics() {
        Book book = judge(new Run(CLASSES, WEIGHTS, List.of()), 1);
        assertEquals(List.of("halves 1", "halves by class"), List.copyOf(book.metrics.keySet()));
        assertEquals(List.of("class", "samples", "1", "2"), book.table.get(0));
    }

    @Test
    void weightsThatDoNotVaryHaveNoShare() {
        float[][] same = {{0.1f}, {0.1f}, {0.1f}, {0.1f}, {0.1f}};
        Book book = judge(new Run(CLASSES, same, List.of("w")), 16);
        assertTrue(Double.isNaN(book.metrics.get("halves by class")));
        assertEquals(1, book.notes.size());
    }

    @Test
    void withoutAnyLabelAllCountAndNothingIsByClass() {
        float[][] weights = {{1f}, {3f}};
        Book book = judge(new Run(new int[] {-1, -1}, weights, List.of("w")), 16);
        assertEquals(Map.of("halves w", 2.0), book.metrics);
        assertEquals(
                List.of(List.of("class", "samples", "w"), List.of("all", 2L, 2.0)), book.table);
        assertTrue(book.notes.get(0).startsWith("No sample has a label"), book.notes.toString());
    }

    @Test
    void whatThereIsNotIsSaid() {
        refused(new Run(CLASSES, null, List.of()), "run r1 gives no weights");
    }

    private static void refused(Run run, String words) {
        String message =
                assertThrows(IllegalArgumentException.class, () -> judge(run, 16)).getMessage();
        assertTrue(message.contains(words), message);
    }
}
