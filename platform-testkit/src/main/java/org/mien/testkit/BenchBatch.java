// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import java.util.stream.IntStream;
import org.mien.api.Batch;
import org.mien.api.InputSpec;
import org.mien.api.data.Sample;
import org.mien.api.data.Target;
import org.mien.api.method.Plan;
import org.mien.nn.spi.Relabelling;

/** Faces as a method sees them. */
final class BenchBatch implements Batch {
    private final NDManager owner;
    private final InputSpec input;
    private final Plan plan;
    private final int classes;
    private final Faces faces;
    private final DataType type;
    private Relabelling relabelled;

    BenchBatch(
            NDManager owner, DataType type, InputSpec input, Plan plan, int classes, Faces faces) {
        this.owner = owner;
        this.type = type;
        this.input = input;
        this.plan = plan;
        this.classes = classes;
        this.faces = faces;
    }

    @Override
    public int size() {
        return faces.size;
    }

    @Override
    public NDArray view(String name) {
        if (!plan.views().contains(name)
                && !(name.equals("face") && plan.views().contains("mirror"))) {
            throw new IllegalArgumentException(
                    "view '"
                            + name
                            + "' was not asked for in the plan; it asked for "
                            + plan.views());
        }
        double[][] pixels = faces.views.get(name);
        if (pixels == null && name.equals("mirror")) {
            return view("face").flip(3);
        }
        if (pixels == null) {
            throw new IllegalArgumentException(
                    "the faces have no view '" + name + "'; give it with view(..)");
        }
        return typed(image(owner, input, pixels));
    }

    /** Of the type of the weights. */
    private NDArray typed(NDArray array) {
        return array.toType(type, false);
    }

    static NDArray image(NDManager owner, InputSpec input, double[][] pixels) {
        int width = 3 * input.height() * input.width();
        for (double[] row : pixels) {
            if (row.length != width) {
                throw new IllegalArgumentException(
                        "a sample has "
                                + row.length
                                + " numbers; expected 3 x "
                                + input.height()
                                + " x "
                                + input.width());
            }
        }
        return owner.create(
                flat(pixels), new Shape(pixels.length, 3, input.height(), input.width()));
    }

    private static float[] flat(double[][] rows) {
        int width = rows.length == 0 ? 0 : rows[0].length;
        float[] flat = new float[rows.length * width];
        for (int i = 0; i < flat.length; i++) {
            flat[i] = (float) rows[i / width][i % width];
        }
        return flat;
    }

    @Override
    public InputSpec input() {
        return input;
    }

    /** The labels before the step. */
    long[] given() {
        boolean read = plan.read().contains(Target.CLASS);
        if (!read || faces.labels == null) {
            throw new IllegalStateException(
                    read
                            ? "the faces have no labels; give them with labels(..)"
                            : "labels were read, but the plan learns no class");
        }
        return Arrays.stream(faces.labels).asLongStream().toArray();
    }

    @Override
    public NDArray labels() {
        return owner.create(given());
    }

    @Override
    public NDArray targets() {
        double[][] rows = faces.targets;
        if (rows == null) {
            long[] labels = given();
            rows = new double[labels.length][classes];
            for (int i = 0; i < labels.length; i++) {
                rows[i][(int) labels[i]] = 1;
            }
        }
        return typed(owner.create(flat(rows), new Shape(rows.length, classes)));
    }

    @Override
    public NDArray weights() {
        return faces.weights == null
                ? null
                : typed(owner.create(flat(new double[][] {faces.weights})));
    }

    @Override
    public NDArray multiLabel() {
        return known(faces.multiLabel, "multiLabel", Target.MULTI_LABEL, x -> x);
    }

    @Override
    public NDArray values() {
        return known(faces.values, "values", Target.VALUES, x -> x);
    }

    @Override
    public NDArray known(Target target) {
        return switch (target) {
            case MULTI_LABEL -> known(faces.multiLabel, "multiLabel", target, x -> 1);
            case VALUES -> known(faces.values, "values", target, x -> 1);
            case CLASS, DISTRIBUTION -> {
                double[] ones = new double[faces.size];
                Arrays.fill(ones, faces.labels == null ? 0 : 1);
                yield typed(owner.create(flat(new double[][] {ones})));
            }
        };
    }

    /** Of each number that is known something, of the others 0. */
    private NDArray known(
            double[][] rows, String how, Target target, DoubleUnaryOperator something) {
        if (!plan.read().contains(target) || rows == null) {
            throw new IllegalStateException(
                    rows == null
                            ? "the faces have no " + how + "; give it with " + how + "(..)"
                            : target.words() + " were read, but the plan does not say so");
        }
        double[][] some =
                Arrays.stream(rows)
                        .map(
                                row ->
                                        Arrays.stream(row)
                                                .map(
                                                        x ->
                                                                Double.isNaN(x)
                                                                        ? 0
                                                                        : something.applyAsDouble(
                                                                                x))
                                                .toArray())
                        .toArray(double[][]::new);
        return typed(owner.create(flat(some), new Shape(some.length, some[0].length)));
    }

    @Override
    public List<Sample> samples() {
        return IntStream.range(0, faces.size)
                .mapToObj(
                        i ->
                                Sample.of(
                                                "face-" + faces.places[i],
                                                Integer.toString(faces.places[i]))
                                        .split(Sample.Split.TRAIN)
                                        .label(faces.originals == null ? -1 : faces.originals[i])
                                        .subject("person " + faces.places[i] / 4)
                                        .multiLabel(known(faces.multiLabel, i))
                                        .values(known(faces.values, i))
                                        .build())
                .toList();
    }

    private static float[] known(double[][] rows, int i) {
        return rows == null ? new float[0] : flat(new double[][] {rows[i]});
    }

    @Override
    public NDArray index() {
        return owner.create(Arrays.stream(faces.places).asLongStream().toArray());
    }

    @Override
    public void relabel(NDArray where, NDArray labels) {
        relabelled =
                Relabelling.of(relabelled, plan.mayRelabel(), samples(), classes, where, labels);
    }

    /** The labels after the step. */
    int[] after() {
        if (faces.labels == null) {
            return new int[0];
        }
        long[] after = relabelled == null ? given() : relabelled.after(given());
        return Arrays.stream(after).mapToInt(Math::toIntExact).toArray();
    }
}
