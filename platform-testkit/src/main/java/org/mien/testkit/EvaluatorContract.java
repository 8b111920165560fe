// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.mien.api.Output;
import org.mien.api.data.Picture;
import org.mien.api.data.Sample;
import org.mien.api.evaluate.Drawing;
import org.mien.api.evaluate.Evaluator;
import org.mien.api.evaluate.Findings;
import org.mien.api.evaluate.Judge;
import org.mien.api.evaluate.Results;
import org.mien.nn.spi.Counter;

/**
 * What holds for every evaluator.
 *
 * @param <S> its settings
 */
public abstract class EvaluatorContract<S extends Record> extends PluginContract<S> {
    private static final int SAMPLES = 60;
    private static final List<String> LABELS = List.of("anger", "fear", "joy", "neutral");

    /** For subclasses. */
    protected EvaluatorContract() {}

    /**
     * The evaluator.
     *
     * @return a new one
     */
    protected abstract Evaluator<S> plugin();

    @Override
    final Object made() {
        return plugin();
    }

    @Override
    final Class<S> type(Object plugin) {
        return evaluator(plugin).settings();
    }

    @SuppressWarnings("unchecked")
    private Evaluator<S> evaluator(Object plugin) {
        return (Evaluator<S>) plugin;
    }

    @Override
    final Done work(Object plugin, S settings, Object kept) {
        Map<String, Object> out = new TreeMap<>();
        for (int part : turned(List.of(1, 2, 3), kept)) {
            Book book = new Book();
            evaluator(plugin).evaluate(results(i -> i % part == 0), settings, book);
            String of = " of every sample whose number " + part + " divides";
            book.metrics.forEach((name, v) -> out.put("metric " + name + of, Book.digits(v)));
            book.tables.forEach((name, rows) -> out.put("table " + name + of, Book.rows(rows)));
            out.put("notes" + of, book.notes);
        }
        return new Done(out, out);
    }

    @Override
    final void open(S settings) {
        book(settings, results(i -> true));
    }

    /** Results of some of the samples. */
    private static Answers results(IntPredicate some) {
        int[] which = IntStream.range(0, SAMPLES).filter(some).toArray();
        List<Sample> samples = new ArrayList<>();
        float[][] probabilities = new float[which.length][];
        Map<Output.Role, Map<String, float[][]>> extras = new LinkedHashMap<>();
        extras.put(Output.Role.EMBEDDING, Map.of("embedding", new float[which.length][]));
        extras.put(Output.Role.WEIGHTS, Map.of("weights", new float[which.length][]));
        for (int row = 0; row < which.length; row++) {
            Counter random = Counter.of(which[row], "results");
            int label = which[row] % LABELS.size();
            samples.add(
                    new Sample(
                            "trial-" + which[row],
                            Integer.toString(which[row]),
                            label,
                            null,
                            "person " + which[row] % 7,
                            Sample.Split.TEST,
                            Map.of("side", which[row] % 3 == 0 ? "left" : "right")));
            float[] p = draws(random, LABELS.size());
            p[label] += 0.5f;
            float sum = 0;
            for (float one : p) {
                sum += one;
            }
            for (int k = 0; k < p.length; k++) {
                p[k] /= sum;
            }
            probabilities[row] = p;
            extras.get(Output.Role.EMBEDDING).get("embedding")[row] = draws(random, 6);
            extras.get(Output.Role.WEIGHTS).get("weights")[row] = draws(random, 3);
        }
        return new Answers(samples, probabilities, extras);
    }

    private static float[] draws(Counter random, int count) {
        float[] draws = new float[count];
        for (int i = 0; i < count; i++) {
            draws[i] = random.nextFloat();
        }
        return draws;
    }

    private record Answers(
            List<Sample> samples,
            float[][] probabilities,
            Map<Output.Role, Map<String, float[][]>> all)
            implements Results {
        @Override
        public String run() {
            return "trial-1";
        }

        @Override
        public List<String> labels() {
            return LABELS;
        }

        @Override
        public Map<String, float[][]> extras(Output.Role role) {
            return all.getOrDefault(role, Map.of());
        }

        /** Two pictures of 4 x 4 pixels of each sample, and every other face at rest. */
        @Override
        public void drawings(Consumer<Drawing> visitor) {
            for (Sample sample : samples) {
                Counter random = Counter.of(Long.parseLong(sample.where()), "drawings");
                Picture face = picture(random);
                Picture rest = picture(random);
                Map<String, Picture> drawn = new LinkedHashMap<>();
                drawn.put("one", picture(random));
                drawn.put("other", picture(random));
                boolean known = Long.parseLong(sample.where()) % 2 == 0;
                visitor.accept(
                        new Drawing(
                                sample, face, known ? Optional.of(rest) : Optional.empty(), drawn));
            }
        }

        private static Picture picture(Counter random) {
            byte[] rgb = new byte[4 * 4 * 3];
            for (int i = 0; i < rgb.length; i++) {
                rgb[i] = (byte) (256 * random.nextFloat());
            }
            return Picture.rgb(4, 4, ByteBuffer.wrap(rgb));
        }

        /** Judges by the first pixels. */
        @Override
        public Judge judge(String run) {
            return new Judge() {
                @Override
                public List<String> labels() {
                    return LABELS;
                }

                @Override
                public float[][] probabilities(List<Picture> pictures) {
                    float[][] rows = new float[pictures.size()][LABELS.size()];
                    for (int i = 0; i < rows.length; i++) {
                        rows[i][pictures.get(i).bytes().get(0) & 3] = 1;
                    }
                    return rows;
                }
            };
        }

        /** The same, in another order. */
        Answers shuffled(long seed) {
            int[] order = Counter.of(seed, "order").order(samples.size());
            Map<Output.Role, Map<String, float[][]>> others = new LinkedHashMap<>();
            all.forEach(
                    (role, named) -> {
                        Map<String, float[][]> moved = new LinkedHashMap<>();
                        named.forEach((name, rows) -> moved.put(name, rows(order, rows)));
                        others.put(role, moved);
                    });
            return new Answers(
                    Arrays.stream(order).mapToObj(samples::get).toList(),
                    rows(order, probabilities),
                    others);
        }

        private static float[][] rows(int[] order, float[][] rows) {
            return Arrays.stream(order).mapToObj(i -> rows[i].clone()).toArray(float[][]::new);
        }
    }

    private static final class Book implements Findings {
        final Map<String, Double> metrics = new TreeMap<>();
        final Map<String, List<String>> columns = new TreeMap<>();
        final Map<String, List<? extends List<?>>> tables = new TreeMap<>();
        final List<String> notes = new ArrayList<>();

        @Override
        public void metric(String name, double value) {
            if (metrics.put(name, value) != null) {
                fail("two metrics are named '" + name + "'");
            }
        }

        @Override
        public void table(String name, List<String> names, List<? extends List<?>> rows) {
            columns.put(name, List.copyOf(names));
            if (tables.put(name, rows) != null) {
                fail("two tables are named '" + name + "'");
            }
        }

        @Override
        public void note(String text) {
            notes.add(text);
        }

        /** Rows as text, sorted, numbers to nine digits: a table of samples has no order. */
        static List<String> rows(List<? extends List<?>> table) {
            List<String> rows = new ArrayList<>();
            for (List<?> row : table) {
                StringBuilder text = new StringBuilder();
                for (Object cell : row) {
                    text.append(cell instanceof Number n ? digits(n.doubleValue()) : cell);
                    text.append('|');
                }
                rows.add(text.toString());
            }
            Collections.sort(rows);
            return rows;
        }

        private static String digits(double value) {
            return value == Math.rint(value)
                    ? Double.toString(value)
                    : String.format(java.util.Locale.ROOT, "%.9g", value);
        }
    }

    private Book book(S settings, Answers answers) {
        Book book = new Book();
        plugin().evaluate(answers, settings, book);
        return book;
    }

    /** It finds something. */
    @Test
    public void itFindsSomething() throws Exception {
        Book book = book(settings(), results(i -> true));
        assertFalse(
                book.metrics.isEmpty() && book.tables.isEmpty() && book.notes.isEmpty(),
                "neither metric nor table nor note");
    }

    /** Samples come in no particular order. */
    @Test
    public void theOrderOfSamplesDoesNotMatter() throws Exception {
        Book book = book(settings(), results(i -> true));
        for (long seed = 1; seed <= 3; seed++) {
            same(book, book(settings(), results(i -> true).shuffled(seed)));
        }
    }

    /** Once more, with the same object and with another one, is the same. */
    @Test
    public void twiceIsTheSame() throws Exception {
        Evaluator<S> one = plugin();
        Book first = new Book();
        one.evaluate(results(i -> true), settings(), first);
        one.evaluate(results(i -> i % 2 == 0), settings(), new Book());
        Book again = new Book();
        one.evaluate(results(i -> true), settings(), again);
        same(first, again);
        same(first, book(settings(), results(i -> true)));
    }

    private static void same(Book expected, Book actual) {
        assertEquals(expected.metrics.keySet(), actual.metrics.keySet(), "metrics");
        expected.metrics.forEach(
                (name, value) ->
                        assertEquals(
                                value,
                                actual.metrics.get(name),
                                1e-9 * Math.max(1, Math.abs(value)),
                                "metric " + name));
        assertEquals(expected.columns, actual.columns, "columns");
        expected.tables.forEach(
                (name, rows) ->
                        assertEquals(
                                Book.rows(rows),
                                Book.rows(actual.tables.get(name)),
                                "rows of table " + name));
    }

    /** A metric is a number, or NaN and a note says why; or the samples are refused in words. */
    @Test
    public void metricsAreFiniteOrExplained() throws Exception {
        Map<String, IntPredicate> cases = new LinkedHashMap<>();
        cases.put("all classes", i -> true);
        cases.put("one class", i -> i % LABELS.size() == 2);
        cases.put("a class without samples", i -> i % LABELS.size() != 0);
        cases.put("one sample", i -> i == 5);
        for (Map.Entry<String, IntPredicate> one : cases.entrySet()) {
            Book book;
            try {
                book = book(settings(), results(one.getValue()));
            } catch (IllegalArgumentException e) {
                assertTrue(
                        !one.getKey().equals("all classes")
                                && e.getMessage() != null
                                && !e.getMessage().isBlank(),
                        one.getKey() + ": refused: " + e);
                continue;
            }
            book.metrics.forEach(
                    (name, value) -> {
                        String what = one.getKey() + ": metric " + name + " is " + value;
                        assertFalse(Double.isInfinite(value), what);
                        assertTrue(
                                !Double.isNaN(value) || !book.notes.isEmpty(),
                                what + " and no note says why");
                    });
        }
    }

    /** Each row of a table has a cell for each column. */
    @Test
    public void tablesAreRectangular() throws Exception {
        Book book = book(settings(), results(i -> true));
        book.tables.forEach(
                (name, rows) -> {
                    assertFalse(book.columns.get(name).isEmpty(), name + " has no columns");
                    for (List<?> row : rows) {
                        assertEquals(
                                book.columns.get(name).size(),
                                row.size(),
                                "table " + name + ", row " + row);
                        assertTrue(
                                row.stream().allMatch(Objects::nonNull),
                                "table " + name + ", row " + row + " has a null");
                    }
                });
    }

    /** Other evaluators read the same results. */
    @Test
    public void resultsAreLeftAsTheyAre() throws Exception {
        Answers answers = results(i -> true);
        plugin().evaluate(answers, settings(), new Book());
        Answers fresh = results(i -> true);
        assertArrayEquals(fresh.probabilities(), answers.probabilities(), "probabilities");
        fresh.all()
                .forEach(
                        (role, named) ->
                                named.forEach(
                                        (name, rows) ->
                                                assertArrayEquals(
                                                        rows,
                                                        answers.extras(role).get(name),
                                                        name)));
    }
}
