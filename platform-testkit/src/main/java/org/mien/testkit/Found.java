// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mien.api.evaluate.Evaluator;
import org.mien.api.evaluate.Findings;
import org.mien.api.evaluate.Results;

/** What an evaluator found, for tests. Two metrics or two tables of one name fail the test. */
public final class Found implements Findings {
    /**
     * A table.
     *
     * @param columns names of its columns
     * @param rows rows of String or Number
     */
    public record Table(List<String> columns, List<? extends List<?>> rows) {}

    private final Map<String, Double> metrics = new LinkedHashMap<>();
    private final Map<String, Table> tables = new LinkedHashMap<>();
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
    public void metric(String name, double value) {
        if (metrics.put(name, value) != null) {
            fail("two metrics are named '" + name + "'");
        }
    }

    @Override
    public void table(String name, List<String> columns, List<? extends List<?>> rows) {
        if (tables.put(name, new Table(List.copyOf(columns), List.copyOf(rows))) != null) {
            fail("two tables are named '" + name + "'");
        }
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
