// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.evaluate;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.mien.api.data.Picture;
import org.mien.api.evaluate.Findings;
import org.mien.core.Evaluations;

/** Findings as data: text, numbers and pixels only, nothing of the evaluator. */
final class Collected implements Findings {
    private final Map<String, Double> metrics = new LinkedHashMap<>();
    private final Set<String> shares = new LinkedHashSet<>();
    private final List<Evaluations.Table> tables = new ArrayList<>();
    private final List<Evaluations.HeatMap> heatMaps = new ArrayList<>();
    private final Map<String, Picture> pictures = new LinkedHashMap<>();
    private final List<String> notes = new ArrayList<>();

    private final Map<String, String> owners = new HashMap<>();
    private String evaluator = "";

    /** What comes from now on is of another evaluator. */
    void of(String id) {
        evaluator = id;
    }

    /** Names of the numbers that are shares. */
    Set<String> shares() {
        return shares;
    }

    /** Numbers by name, in the order in which they were found. */
    Map<String, Double> metrics() {
        return metrics;
    }

    @Override
    public void metric(String asked, double value, Unit unit) {
        String name = own(asked);
        metrics.put(name, value);
        if (unit == Unit.SHARE) {
            shares.add(name);
        } else {
            shares.remove(name);
        }
    }

    /** The name itself, or one of its own where another evaluator gave a number of that name. */
    private String own(String name) {
        String owner = owners.putIfAbsent(name, evaluator);
        if (owner == null || owner.equals(evaluator)) {
            return name;
        }
        String own = evaluator + "." + name;
        if (owners.putIfAbsent(own, evaluator) == null) {
            notes.add(
                    "Two evaluators give the metric '"
                            + name
                            + "': that name is of '"
                            + owner
                            + "', that of '"
                            + evaluator
                            + "' is '"
                            + own
                            + "'.");
        }
        return own;
    }

    @Override
    public void table(String name, List<String> columns, List<? extends List<?>> rows) {
        table(name, columns, Set.of(), rows);
    }

    @Override
    public void table(
            String name,
            List<String> columns,
            Set<String> partsOfOne,
            List<? extends List<?>> rows) {
        if (!columns.containsAll(partsOfOne)) {
            throw new IllegalArgumentException(
                    "the table '"
                            + name
                            + "' has the columns "
                            + columns
                            + "; it says that "
                            + partsOfOne
                            + " are shares");
        }
        List<List<Object>> plain = new ArrayList<>();
        for (List<?> row : rows) {
            List<Object> cells = new ArrayList<>();
            for (Object cell : row) {
                cells.add(cell instanceof Number ? cell : String.valueOf(cell));
            }
            plain.add(cells);
        }
        tables.add(
                new Evaluations.Table(name, List.copyOf(columns), plain, Set.copyOf(partsOfOne)));
    }

    @Override
    public void heatMap(String name, List<String> rows, List<String> columns, double[][] values) {
        if (values.length != rows.size()
                || Arrays.stream(values).anyMatch(row -> row.length != columns.size())) {
            throw new IllegalArgumentException(
                    "the heat map '"
                            + name
                            + "' is not "
                            + rows.size()
                            + " x "
                            + columns.size()
                            + ", as its names say");
        }
        List<List<Double>> plain =
                Arrays.stream(values).map(row -> Arrays.stream(row).boxed().toList()).toList();
        heatMaps.add(new Evaluations.HeatMap(name, List.copyOf(rows), List.copyOf(columns), plain));
    }

    @Override
    public void picture(String name, Picture picture) {
        if (picture.isEncoded()) {
            throw new IllegalArgumentException(
                    "the picture '" + name + "' is encoded; expected raw pixels");
        }
        pictures.put(name, picture);
    }

    @Override
    public void note(String text) {
        notes.add(text);
    }

    Map<String, Picture> pictures() {
        return Collections.unmodifiableMap(pictures);
    }

    /** All of it, but for the pictures. */
    Evaluations.Evaluation of(String run, String split, int samples) {
        return new Evaluations.Evaluation(
                run, split, samples, metrics, shares, tables, heatMaps, notes);
    }
}
