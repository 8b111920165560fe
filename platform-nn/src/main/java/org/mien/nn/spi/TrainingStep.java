// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn.spi;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.mien.api.Batch;
import org.mien.api.method.Loss;
import org.mien.api.method.Phase;
import org.mien.api.net.Net;

/**
 * One phase of one step, in the order that training and tests share: {@link #forward}, {@link
 * #gradients}, {@link #update}. Who stops between two of them (a loss that is not finite) has moved
 * nothing.
 */
public final class TrainingStep {
    private final Phase phase;
    private final TorchPass pass;
    private final Loss loss;
    private final Map<String, Double> terms = new LinkedHashMap<>();
    private final Map<String, Double> measures = new LinkedHashMap<>();
    private final NDArray total;
    private final double sum;
    private Map<String, NDArray> gradients;

    private TrainingStep(Phase phase, TorchPass pass, Loss loss) {
        this.phase = phase;
        this.pass = pass;
        this.loss = loss;
        NDArray weighted = null;
        for (Map.Entry<String, NDArray> term : loss.terms().entrySet()) {
            NDArray one =
                    scalar("loss term", term.getKey(), term.getValue())
                            .mul(loss.weights().get(term.getKey()));
            weighted = weighted == null ? one : weighted.add(one);
            terms.put(term.getKey(), number(term.getValue()));
        }
        if (weighted == null) {
            throw new IllegalArgumentException(
                    "phase '"
                            + phase.name()
                            + "': every loss term has weight 0; nothing would be learnt");
        }
        total = weighted;
        sum = number(total);
        loss.measures()
                .forEach(
                        (name, value) ->
                                measures.put(name, number(scalar("measure", name, value))));
    }

    /**
     * Begins a phase and computes its loss.
     *
     * @param phase the phase
     * @param moved what it moves, as {@link #moved(Phase, Weights)} says
     * @param batch the batch
     * @param pass a training pass, the same for all phases of a step
     * @return the step, before anything moves
     * @throws IllegalArgumentException when every term has weight 0, or one is no scalar
     */
    public static TrainingStep forward(
            Phase phase, Set<String> moved, Batch batch, TorchPass pass) {
        pass.begin(phase.name(), moved);
        return new TrainingStep(phase, pass, phase.objective().loss(batch, pass));
    }

    /**
     * Paths of what a phase moves, weights and state.
     *
     * @param phase the phase
     * @param weights all weights
     * @return the paths
     * @throws IllegalArgumentException when it wants to move what is frozen
     */
    public static Set<String> moved(Phase phase, Weights weights) {
        Set<String> paths = new LinkedHashSet<>();
        if (phase.moves().isEmpty()) {
            paths.addAll(weights.entries().keySet());
            paths.removeIf(weights::isFrozen);
        }
        for (Net net : phase.moves()) {
            net.each("", (path, var) -> paths.add(weights.path(var)));
        }
        paths.removeIf(path -> weights.isHeld(weights.entries().get(path).var()));
        for (String path : paths) {
            if (weights.isFrozen(path)) {
                throw new IllegalArgumentException(
                        "phase '" + phase.name() + "' moves '" + path + "', which is frozen");
            }
        }
        return paths;
    }

    private NDArray scalar(String what, String name, NDArray value) {
        if (value.size() != 1) {
            throw new IllegalArgumentException(
                    "phase '"
                            + phase.name()
                            + "': "
                            + what
                            + " '"
                            + name
                            + "' is no scalar, its shape is "
                            + value.getShape());
        }
        return value;
    }

    private static double number(NDArray scalar) {
        return scalar.toType(DataType.FLOAT64, false).toDoubleArray()[0];
    }

    /**
     * What the phase's objective gave.
     *
     * @return the loss
     */
    public Loss loss() {
        return loss;
    }

    /**
     * Terms that were computed, by name, in order, unweighted.
     *
     * @return numbers
     */
    public Map<String, Double> terms() {
        return Collections.unmodifiableMap(terms);
    }

    /**
     * Numbers that are no loss, by name, in order.
     *
     * @return numbers
     */
    public Map<String, Double> measures() {
        return Collections.unmodifiableMap(measures);
    }

    /**
     * The weighted sum of the terms.
     *
     * @return a number, which may not be finite
     */
    public double total() {
        return sum;
    }

    /**
     * Gradients of the sum, computed at the first call.
     *
     * @return path to gradient, in the order of the weights
     * @throws IllegalArgumentException when the loss depends on nothing that the phase moves
     */
    public Map<String, NDArray> gradients() {
        if (gradients == null) {
            gradients = pass.gradients(total);
            if (gradients.isEmpty()) {
                throw new IllegalArgumentException(
                        "phase '"
                                + phase.name()
                                + "': its loss depends on none of the weights it moves");
            }
        }
        return gradients;
    }

    /**
     * Runs the rules, moves the weights, lets written state take effect, and does what follows an
     * update. Nothing in it records a gradient.
     *
     * @param optimise moves the weights by the gradients, or gathers those; says whether weights
     *     moved
     * @return whether weights moved
     */
    public boolean update(Predicate<Map<String, NDArray>> optimise) {
        Map<String, NDArray> found = gradients();
        boolean updated =
                pass.quiet(
                        () -> {
                            loss.rules().forEach(Runnable::run);
                            return optimise.test(found);
                        });
        pass.commit();
        if (updated) {
            pass.quiet(
                    () -> {
                        phase.after().accept(pass);
                        return true;
                    });
            pass.commit();
        }
        return updated;
    }
}
