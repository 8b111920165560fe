// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.mien.api.Output;
import org.mien.api.data.Sample;
import org.mien.api.evaluate.Drawing;
import org.mien.api.evaluate.Judge;
import org.mien.api.evaluate.Results;

/**
 * Results of a run that never was, for tests of an evaluator.
 *
 * <pre>{@code
 * Answers answers = Answers.of("anger", "joy").sample(0, 0.8, 0.2).sample(1, 0.6, 0.4);
 * Found found = Found.by(new MyEvaluator(), settings, answers);
 * assertEquals(0.5, found.metrics().get("accuracy"));
 * }</pre>
 *
 * Nothing is checked: an evaluator must say itself what it cannot read.
 */
public final class Answers implements Results {
    private record Extra(float[][] rows, List<String> columns) {}

    private final List<String> labels;
    private final List<Sample> samples = new ArrayList<>();
    private final List<float[]> probabilities = new ArrayList<>();
    private final Map<Output.Role, Map<String, Extra>> extras = new EnumMap<>(Output.Role.class);
    private final List<Drawing> drawings = new ArrayList<>();
    private Function<String, Judge> judges = Results.super::judge;

    private Answers(List<String> labels) {
        this.labels = labels;
    }

    /**
     * No samples yet.
     *
     * @param labels names of the classes
     * @return the results
     */
    public static Answers of(String... labels) {
        return new Answers(List.of(labels));
    }

    /**
     * Adds a sample of the test split, named s0, s1 and so on.
     *
     * @param label its class from 0, or -1 for none
     * @param probabilities what the run gives each class; none for a run that names no classes
     * @return this
     */
    public Answers sample(int label, double... probabilities) {
        String id = "s" + samples.size();
        return sample(
                new Sample(id, id, label, null, "", Sample.Split.TEST, Map.of()), probabilities);
    }

    /**
     * Adds a sample.
     *
     * @param sample the sample
     * @param probabilities as above
     * @return this
     */
    public Answers sample(Sample sample, double... probabilities) {
        samples.add(sample);
        if (probabilities.length > 0) {
            this.probabilities.add(narrow(probabilities));
        }
        return this;
    }

    /**
     * Adds an extra.
     *
     * @param role its role
     * @param name its name
     * @param columns names of its columns, empty when the method gives none
     * @param rows numbers, one row a sample
     * @return this
     */
    public Answers extra(Output.Role role, String name, List<String> columns, double[]... rows) {
        float[][] narrow = Arrays.stream(rows).map(Answers::narrow).toArray(float[][]::new);
        extras.computeIfAbsent(role, r -> new LinkedHashMap<>())
                .put(name, new Extra(narrow, columns));
        return this;
    }

    /**
     * Adds what the run draws of a sample, and the sample.
     *
     * @param drawing the drawing
     * @param probabilities as above
     * @return this
     */
    public Answers drawing(Drawing drawing, double... probabilities) {
        drawings.add(drawing);
        return sample(drawing.sample(), probabilities);
    }

    /**
     * Lets other runs be asked; before that there is none.
     *
     * @param judges from a run's id to its answers
     * @return this
     */
    public Answers judges(Function<String, Judge> judges) {
        this.judges = judges;
        return this;
    }

    private static float[] narrow(double[] values) {
        float[] narrow = new float[values.length];
        for (int i = 0; i < narrow.length; i++) {
            narrow[i] = (float) values[i];
        }
        return narrow;
    }

    @Override
    public String run() {
        return "test-1";
    }

    @Override
    public List<String> labels() {
        return labels;
    }

    @Override
    public List<Sample> samples() {
        return Collections.unmodifiableList(samples);
    }

    @Override
    public float[][] probabilities() {
        return probabilities.toArray(float[][]::new);
    }

    @Override
    public Map<String, float[][]> extras(Output.Role role) {
        Map<String, float[][]> rows = new LinkedHashMap<>();
        extras.getOrDefault(role, Map.of()).forEach((name, extra) -> rows.put(name, extra.rows()));
        return rows;
    }

    @Override
    public List<String> columns(Output.Role role, String name) {
        Extra extra = extras.getOrDefault(role, Map.of()).get(name);
        return extra == null ? List.of() : extra.columns();
    }

    @Override
    public void drawings(Consumer<Drawing> visitor) {
        if (drawings.isEmpty()) {
            Results.super.drawings(visitor);
        }
        drawings.forEach(visitor);
    }

    @Override
    public Judge judge(String run) {
        return judges.apply(run);
    }

    /** The same in another order, all extras and drawings with it. */
    Answers inOrder(int... order) {
        Answers other = new Answers(labels);
        other.judges = judges;
        for (int i : order) {
            other.samples.add(samples.get(i));
            other.probabilities.add(probabilities.get(i).clone());
            other.drawings.add(drawings.get(i));
        }
        extras.forEach(
                (role, named) -> {
                    Map<String, Extra> moved = new LinkedHashMap<>();
                    named.forEach(
                            (name, extra) ->
                                    moved.put(
                                            name,
                                            new Extra(rows(order, extra.rows()), extra.columns())));
                    other.extras.put(role, moved);
                });
        return other;
    }

    private static float[][] rows(int[] order, float[][] rows) {
        return Arrays.stream(order).mapToObj(i -> rows[i].clone()).toArray(float[][]::new);
    }
}
