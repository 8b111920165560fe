// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.mien.api.Output;
import org.mien.api.data.Picture;
import org.mien.api.data.Sample;
import org.mien.api.data.Targets;
import org.mien.api.evaluate.Drawing;
import org.mien.api.evaluate.Evaluator;
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

    private static final Targets TARGETS =
            Targets.classes(LABELS)
                    .withMultiLabel(List.of("AU1", "AU12", "AU25"))
                    .withValues(
                            new Targets.Value("valence", -1, 1),
                            new Targets.Value("arousal", -1, 1));

    /** Judges by the first pixels. */
    private static final Judge FIRST_PIXELS =
            new Judge() {
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

    /** For subclasses. */
    protected EvaluatorContract() {}

    /**
     * The evaluator.
     *
     * @return a new one
     */
    protected abstract Evaluator<S> plugin();

    @Override
    final boolean isKeyedById() {
        return true;
    }

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
            Found found = Found.by(evaluator(plugin), settings, results(i -> i % part == 0));
            String of = " of every sample whose number " + part + " divides";
            found.metrics()
                    .forEach(
                            (name, v) ->
                                    out.put(
                                            "metric " + name + of,
                                            digits(v) + " " + found.units().get(name)));
            found.tables().forEach((name, t) -> out.put("table " + name + of, rows(t)));
            found.heatMaps().forEach((name, m) -> out.put("heat map " + name + of, cells(m)));
            found.pictures()
                    .forEach((name, p) -> out.put("picture " + name + of, Pictures.told(p)));
            out.put("notes" + of, found.notes());
        }
        return new Done(out, out);
    }

    @Override
    final void open(S settings) {
        found(settings, results(i -> true));
    }

    private Found found(S settings, Results results) {
        return Found.by(plugin(), settings, results);
    }

    /** Results of some of the samples. */
    private static Answers results(IntPredicate some) {
        int[] which = IntStream.range(0, SAMPLES).filter(some).toArray();
        Answers answers = Answers.of(TARGETS).judges(run -> FIRST_PIXELS);
        double[][] multiLabel = new double[which.length][];
        double[][] values = new double[which.length][];
        double[][] embedding = new double[which.length][];
        double[][] weights = new double[which.length][];
        for (int row = 0; row < which.length; row++) {
            Counter random = Counter.of(which[row], "results");
            int label = which[row] % LABELS.size();
            double[] p = draws(random, LABELS.size());
            p[label] += 0.5;
            double sum = Arrays.stream(p).sum();
            answers.drawing(
                    drawing(which[row], label), Arrays.stream(p).map(one -> one / sum).toArray());
            embedding[row] = draws(random, 6);
            weights[row] = draws(random, 3);
            multiLabel[row] = draws(random, TARGETS.multiLabel().size());
            values[row] = Arrays.stream(draws(random, 2)).map(one -> 2 * one - 1).toArray();
        }
        return answers.multiLabel(multiLabel)
                .values(values)
                .extra(Output.Role.EMBEDDING, "embedding", List.of(), embedding)
                .extra(Output.Role.WEIGHTS, "weights", List.of(), weights);
    }

    private static double[] draws(Counter random, int count) {
        return IntStream.range(0, count).mapToDouble(i -> random.nextFloat()).toArray();
    }

    /** Two pictures of 4 x 4 pixels of each sample, and every other face at rest. */
    private static Drawing drawing(int number, int label) {
        Sample sample =
                Sample.of("trial-" + number, Integer.toString(number))
                        .split(Sample.Split.TEST)
                        .label(label)
                        .subject("person " + number % 7)
                        .multiLabel(
                                number % 2,
                                number % 3 == 0 ? 1 : 0,
                                number % 5 == 0 ? Float.NaN : number % 7 < 3 ? 1 : 0)
                        .values(
                                (number % 9 - 4) / 4f,
                                number % 8 == 0 ? Float.NaN : (number % 11 - 5) / 5f)
                        .attributes(Map.of("side", number % 3 == 0 ? "left" : "right"))
                        .build();
        Counter random = Counter.of(number, "drawings");
        Picture face = picture(random);
        Picture rest = picture(random);
        Map<String, Picture> drawn = new LinkedHashMap<>();
        drawn.put("one", picture(random));
        drawn.put("other", picture(random));
        return new Drawing(
                sample, face, number % 2 == 0 ? Optional.of(rest) : Optional.empty(), drawn);
    }

    private static Picture picture(Counter random) {
        byte[] rgb = new byte[4 * 4 * 3];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) (256 * random.nextFloat());
        }
        return Picture.rgb(4, 4, ByteBuffer.wrap(rgb));
    }

    /** Rows as text, sorted, numbers to nine digits: a table of samples has no order. */
    private static List<String> rows(Found.Table table) {
        List<String> rows = new ArrayList<>();
        for (List<?> row : table.rows()) {
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

    /** Names and numbers in their order, numbers to nine digits. */
    private static List<String> cells(Found.HeatMap map) {
        List<String> cells = new ArrayList<>();
        for (int i = 0; i < map.rows().size(); i++) {
            for (int j = 0; j < map.columns().size(); j++) {
                cells.add(
                        map.rows().get(i)
                                + "|"
                                + map.columns().get(j)
                                + "|"
                                + digits(map.values()[i][j]));
            }
        }
        return cells;
    }

    private static String digits(double value) {
        return value == Math.rint(value)
                ? Double.toString(value)
                : String.format(Locale.ROOT, "%.9g", value);
    }

    /** It finds something. */
    @Test
    public void itFindsSomething() throws Exception {
        Found found = found(settings(), results(i -> true));
        assertFalse(
                found.metrics().isEmpty()
                        && found.tables().isEmpty()
                        && found.heatMaps().isEmpty()
                        && found.pictures().isEmpty()
                        && found.notes().isEmpty(),
                "neither metric nor table, heat map, picture or note");
    }

    /** Samples come in no particular order. */
    @Test
    public void theOrderOfSamplesDoesNotMatter() throws Exception {
        Found found = found(settings(), results(i -> true));
        for (long seed = 1; seed <= 3; seed++) {
            int[] order = Counter.of(seed, "order").order(SAMPLES);
            same(found, found(settings(), results(i -> true).inOrder(order)));
        }
    }

    /** Once more, with the same object and with another one, is the same. */
    @Test
    public void twiceIsTheSame() throws Exception {
        Evaluator<S> one = plugin();
        Found first = Found.by(one, settings(), results(i -> true));
        Found.by(one, settings(), results(i -> i % 2 == 0));
        same(first, Found.by(one, settings(), results(i -> true)));
        same(first, found(settings(), results(i -> true)));
    }

    private static void same(Found expected, Found actual) {
        assertEquals(expected.metrics().keySet(), actual.metrics().keySet(), "metrics");
        expected.metrics()
                .forEach(
                        (name, value) ->
                                assertEquals(
                                        value,
                                        actual.metrics().get(name),
                                        1e-9 * Math.max(1, Math.abs(value)),
                                        "metric " + name));
        assertEquals(expected.units(), actual.units(), "units of metrics");
        assertEquals(expected.tables().keySet(), actual.tables().keySet(), "tables");
        expected.tables()
                .forEach(
                        (name, table) -> {
                            Found.Table other = actual.tables().get(name);
                            assertEquals(table.columns(), other.columns(), "columns of " + name);
                            assertEquals(rows(table), rows(other), "rows of table " + name);
                        });
        assertEquals(expected.heatMaps().keySet(), actual.heatMaps().keySet(), "heat maps");
        expected.heatMaps()
                .forEach(
                        (name, map) ->
                                assertEquals(
                                        cells(map),
                                        cells(actual.heatMaps().get(name)),
                                        "heat map " + name));
        assertEquals(expected.pictures().keySet(), actual.pictures().keySet(), "pictures");
        expected.pictures()
                .forEach(
                        (name, picture) ->
                                Pictures.same(
                                        picture, actual.pictures().get(name), "picture " + name));
    }

    /**
     * A metric, and each number of a heat map, is finite, or NaN and a note says why; or the
     * samples are refused in words.
     */
    @Test
    public void metricsAreFiniteOrExplained() throws Exception {
        Map<String, IntPredicate> cases = new LinkedHashMap<>();
        cases.put("all classes", i -> true);
        cases.put("one class", i -> i % LABELS.size() == 2);
        cases.put("a class without samples", i -> i % LABELS.size() != 0);
        cases.put("one sample", i -> i == 5);
        for (Map.Entry<String, IntPredicate> one : cases.entrySet()) {
            Found found;
            try {
                found = found(settings(), results(one.getValue()));
            } catch (IllegalArgumentException e) {
                assertTrue(
                        !one.getKey().equals("all classes")
                                && e.getMessage() != null
                                && !e.getMessage().isBlank(),
                        one.getKey() + ": refused: " + e);
                continue;
            }
            boolean explained = !found.notes().isEmpty();
            found.metrics()
                    .forEach(
                            (name, value) ->
                                    finite(one.getKey() + ": metric " + name, value, explained));
            found.heatMaps()
                    .forEach(
                            (name, map) ->
                                    Arrays.stream(map.values())
                                            .flatMapToDouble(Arrays::stream)
                                            .forEach(
                                                    value ->
                                                            finite(
                                                                    one.getKey()
                                                                            + ": a number of heat"
                                                                            + " map "
                                                                            + name,
                                                                    value,
                                                                    explained)));
        }
    }

    private static void finite(String what, double value, boolean explained) {
        assertFalse(Double.isInfinite(value), what + " is " + value);
        assertTrue(
                !Double.isNaN(value) || explained, what + " is " + value + " and no note says why");
    }

    /** Each row of a table has a cell for each column. */
    @Test
    public void tablesAreRectangular() throws Exception {
        found(settings(), results(i -> true))
                .tables()
                .forEach(
                        (name, table) -> {
                            assertFalse(table.columns().isEmpty(), name + " has no columns");
                            for (List<?> row : table.rows()) {
                                String what = "table " + name + ", row " + row;
                                assertEquals(table.columns().size(), row.size(), what);
                                assertTrue(
                                        row.stream().allMatch(Objects::nonNull), what + ": a null");
                            }
                        });
    }

    /** Other evaluators read the same results. */
    @Test
    public void resultsAreLeftAsTheyAre() throws Exception {
        Answers answers = results(i -> true);
        found(settings(), answers);
        Answers fresh = results(i -> true);
        assertArrayEquals(fresh.probabilities(), answers.probabilities(), "probabilities");
        assertArrayEquals(fresh.multiLabel(), answers.multiLabel(), "labels at once");
        assertArrayEquals(fresh.values(), answers.values(), "values");
        List<float[]> left = extras(answers);
        List<float[]> expected = extras(fresh);
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), left.get(i), "extra " + i);
        }
    }

    private static List<float[]> extras(Answers answers) {
        List<float[]> all = new ArrayList<>();
        answers.visit(answer -> answer.extras().values().forEach(extra -> all.add(extra.values())));
        return all;
    }
}
