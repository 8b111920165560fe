// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn.spi;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.mien.api.Batch;
import org.mien.api.method.Phase;

/**
 * What follows an epoch of a phase, see {@link Phase#afterEpoch}, in the order that training and
 * tests share: {@link #add} for each batch of the training split, then {@link #conclude}.
 */
public final class EpochEnd implements AutoCloseable {
    private final Phase phase;
    private final NDManager store;
    private final Map<String, NDArray> sums = new LinkedHashMap<>();

    /**
     * Nothing added yet.
     *
     * @param phase a phase with a tally
     * @param weights where its weights lie
     */
    public EpochEnd(Phase phase, Weights weights) {
        this.phase = phase;
        store = weights.store().newSubManager();
    }

    /**
     * Adds what a batch gives; call in an inference scope, with the batch's arrays in it.
     *
     * @param batch samples of the training split
     * @param pass an inference pass
     * @throws IllegalArgumentException when an array has another shape than before
     */
    public void add(Batch batch, TorchPass pass) {
        phase.tally()
                .orElseThrow()
                .of(batch, pass)
                .forEach(
                        (name, value) -> {
                            NDArray sum = sums.get(name);
                            if (sum == null) {
                                NDArray first = value.duplicate();
                                first.attach(store);
                                sums.put(name, first);
                            } else if (sum.getShape().equals(value.getShape())) {
                                sum.addi(value);
                            } else {
                                throw new IllegalArgumentException(
                                        "phase '"
                                                + phase.name()
                                                + "': its tally gave '"
                                                + name
                                                + "' with shape "
                                                + value.getShape()
                                                + ", before with "
                                                + sum.getShape());
                            }
                        });
    }

    /**
     * Runs the rule with the sums, and lets what it wrote take effect.
     *
     * @param moved what the phase moves, as {@link TrainingStep#moved} says
     * @param pass a training pass
     */
    public void conclude(Set<String> moved, TorchPass pass) {
        pass.begin(phase.name(), moved);
        pass.quiet(
                () -> {
                    phase.outcome().accept(Collections.unmodifiableMap(sums), pass);
                    return true;
                });
        pass.commit();
    }

    @Override
    public void close() {
        store.close();
    }
}
