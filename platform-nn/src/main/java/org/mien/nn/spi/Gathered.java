// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn.spi;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Gradients of several batches, gathered to be applied as one: their mean, each batch counted by
 * its samples, is the gradient of the batches put together (where no layer mixes samples).
 */
public final class Gathered implements AutoCloseable {
    private final NDManager store;
    private final Map<String, NDArray> sums = new LinkedHashMap<>();
    private int batches;
    private double samples;

    /**
     * Nothing gathered yet.
     *
     * @param weights the weights whose gradients come
     */
    public Gathered(Weights weights) {
        store = weights.store().newSubManager();
    }

    /**
     * Adds the gradients of a batch; call without recording gradients.
     *
     * @param gradients path to gradient
     * @param count samples of the batch
     */
    public void add(Map<String, NDArray> gradients, int count) {
        List<NDArray> sum = new ArrayList<>();
        List<NDArray> added = new ArrayList<>();
        gradients.forEach(
                (path, gradient) -> {
                    sum.add(
                            sums.computeIfAbsent(
                                    path,
                                    key -> store.zeros(gradient.getShape(), DataType.FLOAT32)));
                    added.add(gradient);
                });
        NDArray[] to = sum.toArray(new NDArray[0]);
        Operations.list(store, "add_all", to, added.toArray(new NDArray[0]), (double) count);
        batches++;
        samples += count;
    }

    /**
     * The mean over the samples, in place of the sums: to be cleared afterwards.
     *
     * @return path to gradient
     */
    public Map<String, NDArray> mean() {
        Optimizer.scale(sums, 1 / samples);
        return Collections.unmodifiableMap(sums);
    }

    /** Begins anew. */
    public void clear() {
        sums.values().forEach(NDArray::close);
        sums.clear();
        batches = 0;
        samples = 0;
    }

    /**
     * Batches gathered.
     *
     * @return their number
     */
    public int batches() {
        return batches;
    }

    /**
     * Samples gathered.
     *
     * @return their number
     */
    public double samples() {
        return samples;
    }

    /**
     * What is gathered so far.
     *
     * @return path to sum
     */
    public Map<String, NDArray> sums() {
        return Collections.unmodifiableMap(sums);
    }

    /**
     * Takes a sum over from {@link #sums}.
     *
     * @param path its path
     * @param values its elements
     * @param shape its axes
     */
    public void restore(String path, float[] values, long... shape) {
        NDArray before = sums.put(path, store.create(values, new Shape(shape)));
        if (before != null) {
            before.close();
        }
    }

    /**
     * Takes the counts over.
     *
     * @param batches as of {@link #batches}
     * @param samples as of {@link #samples}
     */
    public void restore(int batches, double samples) {
        this.batches = batches;
        this.samples = samples;
    }

    @Override
    public void close() {
        store.close();
    }
}
