// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.mien.api.data.Picture;
import org.mien.api.evaluate.Evaluator;
import org.mien.api.evaluate.Findings;
import org.mien.api.evaluate.Results;

/**
 * What an evaluator found, for tests. Two metrics, tables, heat maps or pictures of one name fail
 * the test, and so do a share outside 0 to 1, a heat map of another size than its names say, and a
 * picture that is encoded.
 */
public final class Found implements Findings {
    /**
     * A table.
     *
     * @param columns names of its columns
     * @param rows rows of String or Number
     */
    public record Table(List<String> columns, List<? extends List<?>> rows) {}

    /**
     * A heat map.
     *
     * @param rows names of its rows
     * @param columns names of its columns
     * @param values rows x columns
     */
    public record HeatMap(List<String> rows, List<String> columns, double[][] values) {}

    private final Map<String, Double> metrics = new LinkedHashMap<>();
    private final Map<String, Unit> units = new LinkedHashMap<>();
    private final Map<String, HeatMap> heatMaps = new LinkedHashMap<>();
    private final Map<String, Picture> pictures = new LinkedHashMap<>();
    private final Map<String, Table> tables = new LinkedHashMap<>();
    private final Map<String, Set<String>> tableShares = new LinkedHashMap<>();
    private final List<String> notes = new ArrayList<>();

    private Found() {}

    /**
     * Lets an evaluator evaluate.
     *
     * @param evaluator the evaluator
     * @param settings its keys
     * @param results what it evaluates; {@link Answers} for example
     * @param <S> its settings
     * @return what it found
     */
    public static <S extends Record> Found by(Evaluator<S> evaluator, S settings, Results results) {
        Found found = new Found();
        evaluator.evaluate(results, settings, found);
        return found;
    }

    @Override
    public void metric(String name, double value, Unit unit) {
        if (metrics.put(name, value) != null) {
            fail("two metrics are named '" + name + "'");
        }
        units.put(name, unit);
        if (unit == Unit.SHARE && (value < 0 || value > 1)) {
            fail("the share '" + name + "' is " + value + "; expected 0 to 1");
        }
    }

    @Override
    public void heatMap(String name, List<String> rows, List<String> columns, double[][] values) {
        if (values.length != rows.size()
                || Arrays.stream(values).anyMatch(row -> row.length != columns.size())) {
            fail(
                    "the heat map '"
                            + name
                            + "' is not "
                            + rows.size()
                            + " x "
                            + columns.size()
                            + ", as its names say");
        }
        HeatMap map =
                new HeatMap(
                        List.copyOf(rows),
                        List.copyOf(columns),
                        Arrays.stream(values).map(double[]::clone).toArray(double[][]::new));
        if (heatMaps.put(name, map) != null) {
            fail("two heat maps are named '" + name + "'");
        }
    }

    @Override
    public void picture(String name, Picture picture) {
        if (picture.isEncoded()) {
            fail("the picture '" + name + "' is encoded; expected raw pixels");
        }
        if (pictures.put(name, picture) != null) {
            fail("two pictures are named '" + name + "'");
        }
    }

    @Override
    public void table(String name, List<String> columns, List<? extends List<?>> rows) {
        if (tables.put(name, new Table(List.copyOf(columns), List.copyOf(rows))) != null) {
            fail("two tables are named '" + name + "'");
        }
    }

    @Override
    public void table(
            String name,
            List<String> columns,
            Set<String> sharesOfIt,
            List<? extends List<?>> rows) {
        if (!columns.containsAll(sharesOfIt)) {
            fail("the table '" + name + "' has " + columns + ", no " + sharesOfIt);
        }
        table(name, columns, rows);
        tableShares.put(name, Set.copyOf(sharesOfIt));
    }

    @Override
    public void note(String text) {
        notes.add(text);
    }

    /**
     * Numbers.
     *
     * @return by name, in the order in which they were found
     */
    public Map<String, Double> metrics() {
        return Collections.unmodifiableMap(metrics);
    }

    /**
     * What the numbers are.
     *
     * @return by the name of the number
     */
    public Map<String, Unit> units() {
        return Collections.unmodifiableMap(units);
    }

    /**
     * Heat maps.
     *
     * @return by name, in the order in which they were found
     */
    public Map<String, HeatMap> heatMaps() {
        return Collections.unmodifiableMap(heatMaps);
    }

    /**
     * Pictures.
     *
     * @return by name, in the order in which they were found
     */
    public Map<String, Picture> pictures() {
        return Collections.unmodifiableMap(pictures);
    }

    /**
     * Which columns of a table are shares.
     *
     * @param table its name
     * @return names of the columns; none for a table that names none
     */
    public Set<String> shares(String table) {
        return tableShares.getOrDefault(table, Set.of());
    }

    /**
     * Tables.
     *
     * @return by name, in the order in which they were found
     */
    public Map<String, Table> tables() {
        return Collections.unmodifiableMap(tables);
    }

    /**
     * Sentences.
     *
     * @return in order
     */
    public List<String> notes() {
        return Collections.unmodifiableList(notes);
    }
}
