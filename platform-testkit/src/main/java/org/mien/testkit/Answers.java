// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.mien.api.Output;
import org.mien.api.data.Sample;
import org.mien.api.data.Targets;
import org.mien.api.evaluate.Answer;
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
    private record Extra(Output.Role role, List<String> columns, float[][] rows) {}

    private final Targets targets;
    private final List<Sample> samples = new ArrayList<>();
    private final List<float[]> probabilities = new ArrayList<>();
    private final Map<String, Extra> extras = new LinkedHashMap<>();
    private float[][] multiLabel = {};
    private float[][] values = {};
    private final List<Drawing> drawings = new ArrayList<>();
    private Function<String, Judge> judges = Results.super::judge;

    private Answers(Targets targets) {
        this.targets = targets;
    }

    /**
     * No samples yet.
     *
     * @param labels names of the classes
     * @return the results
     */
    public static Answers of(String... labels) {
        return of(Targets.classes(List.of(labels)));
    }

    /**
     * No samples yet.
     *
     * @param targets what the run answers with
     * @return the results
     */
    public static Answers of(Targets targets) {
        return new Answers(targets);
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
                Sample.of(id, id).split(Sample.Split.TEST).label(label).build(), probabilities);
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
     * How likely each of several labels holds.
     *
     * @param rows 0 to 1, one row a sample
     * @return this
     */
    public Answers multiLabel(double[]... rows) {
        multiLabel = narrow(rows);
        return this;
    }

    /**
     * Numbers.
     *
     * @param rows in their own ranges, one row a sample
     * @return this
     */
    public Answers values(double[]... rows) {
        values = narrow(rows);
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
        extras.put(name, new Extra(role, columns, narrow(rows)));
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

    private static float[][] narrow(double[][] rows) {
        return Arrays.stream(rows).map(Answers::narrow).toArray(float[][]::new);
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
    public Targets targets() {
        return targets;
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
    public float[][] multiLabel() {
        return multiLabel;
    }

    @Override
    public float[][] values() {
        return values;
    }

    @Override
    public void visit(Consumer<Answer> visitor) {
        for (int i = 0; i < samples.size(); i++) {
            Map<String, Answer.Extra> given = new LinkedHashMap<>();
            int at = i;
            extras.forEach(
                    (name, extra) ->
                            given.put(
                                    name,
                                    new Answer.Extra(
                                            extra.role(), extra.columns(), extra.rows()[at])));
            visitor.accept(
                    new Answer(
                            samples.get(i),
                            row(probabilities.toArray(float[][]::new), i),
                            row(multiLabel, i),
                            row(values, i),
                            given));
        }
    }

    private static float[] row(float[][] rows, int i) {
        return i < rows.length ? rows[i] : new float[0];
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
        Answers other = new Answers(targets);
        other.multiLabel = rows(order, multiLabel);
        other.values = rows(order, values);
        other.judges = judges;
        for (int i : order) {
            other.samples.add(samples.get(i));
            if (!probabilities.isEmpty()) {
                other.probabilities.add(probabilities.get(i).clone());
            }
            if (!drawings.isEmpty()) {
                other.drawings.add(drawings.get(i));
            }
        }
        extras.forEach(
                (name, extra) ->
                        other.extras.put(
                                name,
                                new Extra(
                                        extra.role(), extra.columns(), rows(order, extra.rows()))));
        return other;
    }

    private static float[][] rows(int[] order, float[][] rows) {
        return rows.length == 0
                ? rows
                : Arrays.stream(order).mapToObj(i -> rows[i].clone()).toArray(float[][]::new);
    }
}
