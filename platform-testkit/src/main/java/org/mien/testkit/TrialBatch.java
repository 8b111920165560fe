// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.mien.api.Batch;
import org.mien.api.InputSpec;
import org.mien.api.data.Sample;
import org.mien.nn.spi.Counter;

/** Rows of noise; row i is always the same, whatever else is in the batch. */
final class TrialBatch implements Batch {
    private final NDManager owner;
    private final InputSpec input;
    private final List<String> views;
    private final int classes;
    private final boolean mayRelabel;
    private final int[] rows;

    TrialBatch(
            NDManager owner,
            InputSpec input,
            List<String> views,
            int classes,
            boolean mayRelabel,
            int... rows) {
        this.owner = owner;
        this.input = input;
        this.views = views;
        this.classes = classes;
        this.mayRelabel = mayRelabel;
        this.rows = rows.clone();
    }

    @Override
    public int size() {
        return rows.length;
    }

    @Override
    public NDArray view(String name) {
        if (!views.contains(name)) {
            throw new IllegalArgumentException(
                    "view '" + name + "' was not asked for in the plan; it asked for " + views);
        }
        return name.equals("mirror") ? noise("face").flip(3) : noise(name);
    }

    private NDArray noise(String name) {
        int size = 3 * input.height() * input.width();
        float[] values = new float[rows.length * size];
        for (int i = 0; i < rows.length; i++) {
            Counter random = Counter.of(rows[i], name);
            // Rows differ in colour too, so that a mean over the picture tells them apart.
            float[] colour = {random.nextFloat(), random.nextFloat(), random.nextFloat()};
            for (int j = 0; j < size; j++) {
                values[i * size + j] = 3 * colour[3 * j / size] + random.nextFloat() - 2;
            }
        }
        return owner.create(values, new Shape(rows.length, 3, input.height(), input.width()));
    }

    @Override
    public InputSpec input() {
        return input;
    }

    private long[] classesOfRows() {
        return Arrays.stream(rows).mapToLong(row -> row % classes).toArray();
    }

    @Override
    public NDArray labels() {
        return owner.create(classesOfRows());
    }

    @Override
    public NDArray targets() {
        float[] values = new float[rows.length * classes];
        for (int i = 0; i < rows.length; i++) {
            values[i * classes + rows[i] % classes] = 1;
        }
        return owner.create(values, new Shape(rows.length, classes));
    }

    @Override
    public NDArray weights() {
        return null;
    }

    @Override
    public List<Sample> samples() {
        return Arrays.stream(rows)
                .mapToObj(
                        row ->
                                new Sample(
                                        "trial-" + row,
                                        Integer.toString(row),
                                        row % classes,
                                        null,
                                        "person " + row / 4,
                                        Sample.Split.TRAIN,
                                        Map.of()))
                .toList();
    }

    @Override
    public NDArray index() {
        return owner.create(Arrays.stream(rows).asLongStream().toArray());
    }

    @Override
    public void relabel(NDArray where, NDArray labels) {
        if (!mayRelabel) {
            throw new IllegalStateException(
                    "relabel was called, but the plan does not say relabels()");
        }
    }
}
