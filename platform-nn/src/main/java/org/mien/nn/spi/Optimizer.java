// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn.spi;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Moves weights by gradients, with PyTorch's formulas, over lists at once. Weights are moved in
 * groups, each with a factor on the learning rate and a weight decay of its own. A weight without a
 * gradient in a step is left alone, its state too.
 */
public final class Optimizer implements AutoCloseable {
    /** The update rule. */
    public enum Rule {
        /** Stochastic gradient descent, with momentum and Nesterov's variant. */
        SGD,
        /** Adam (Kingma and Ba 2015), weight decay as an L2 term. */
        ADAM,
        /** Adam with decoupled weight decay (Loshchilov and Hutter 2019). */
        ADAMW
    }

    /**
     * Numbers of the rule.
     *
     * @param rule the rule
     * @param momentum of SGD
     * @param nesterov whether SGD looks ahead
     * @param beta1 of Adam
     * @param beta2 of Adam
     * @param eps of Adam
     */
    public record Settings(
            Rule rule, double momentum, boolean nesterov, double beta1, double beta2, double eps) {
        /** Checks. */
        public Settings {
            if (nesterov && (rule != Rule.SGD || momentum <= 0)) {
                throw new IllegalArgumentException(
                        "nesterov needs sgd with a momentum above 0; got "
                                + rule.name().toLowerCase(Locale.ROOT)
                                + " with momentum "
                                + momentum);
            }
        }
    }

    /**
     * Weights moved alike.
     *
     * @param paths their paths
     * @param rate factor on the learning rate
     * @param decay weight decay
     */
    public record Group(List<String> paths, double rate, double decay) {}

    private final Settings settings;
    private final Weights weights;
    private final List<Group> groups;
    private final NDManager store;
    private final Map<String, NDArray> state = new LinkedHashMap<>();

    /**
     * An optimiser without state yet.
     *
     * @param settings numbers of the rule
     * @param weights the weights
     * @param groups every weight it moves, once
     */
    public Optimizer(Settings settings, Weights weights, List<Group> groups) {
        this.settings = settings;
        this.weights = weights;
        this.groups = List.copyOf(groups);
        this.store = weights.store().newSubManager();
    }

    /**
     * Euclidean norm over all gradients.
     *
     * @param gradients path to gradient
     * @return the norm; NaN or infinite when an element is
     */
    public static double norm(Map<String, NDArray> gradients) {
        NDArray[] g = gradients.values().toArray(new NDArray[0]);
        try (NDArray norm = Operations.call(g[0].getManager(), "norm_of_all", (Object) g)) {
            return norm.toFloatArray()[0];
        }
    }

    /**
     * Scales all gradients in place.
     *
     * @param gradients path to gradient
     * @param factor the factor
     */
    public static void scale(Map<String, NDArray> gradients, double factor) {
        NDArray[] g = gradients.values().toArray(new NDArray[0]);
        Operations.list(g[0].getManager(), "scale", g, factor);
    }

    /**
     * One update.
     *
     * @param gradients path to gradient; they are consumed
     * @param rate the learning rate of all groups
     */
    public void update(Map<String, NDArray> gradients, double rate) {
        double[] rates = new double[groups.size()];
        Arrays.fill(rates, rate);
        update(gradients, rates);
    }

    /**
     * One update with a learning rate for each group.
     *
     * @param gradients path to gradient; they are consumed
     * @param rates the learning rate of each group, in their order
     */
    public void update(Map<String, NDArray> gradients, double[] rates) {
        if (rates.length != groups.size()) {
            throw new IllegalArgumentException(
                    rates.length + " learning rates for " + groups.size() + " groups of weights");
        }
        for (int i = 0; i < rates.length; i++) {
            Group group = groups.get(i);
            double rate = rates[i];
            List<String> paths = group.paths().stream().filter(gradients::containsKey).toList();
            // A momentum buffer starts with the first gradient of its weight.
            List<String> fresh =
                    paths.stream().filter(path -> !state.containsKey("momentum/" + path)).toList();
            if (settings.rule() == Rule.SGD && settings.momentum() > 0 && !fresh.isEmpty()) {
                List<String> known = paths.stream().filter(path -> !fresh.contains(path)).toList();
                update(fresh, gradients, rate * group.rate(), group.decay(), true);
                update(known, gradients, rate * group.rate(), group.decay(), false);
            } else {
                update(paths, gradients, rate * group.rate(), group.decay(), false);
            }
        }
        weights.unprepare();
    }

    private void update(
            List<String> paths,
            Map<String, NDArray> gradients,
            double rate,
            double decay,
            boolean first) {
        if (paths.isEmpty()) {
            return;
        }
        NDArray[] w = paths.stream().map(weights::array).toArray(NDArray[]::new);
        NDArray[] g = paths.stream().map(gradients::get).toArray(NDArray[]::new);
        Settings s = settings;
        if (s.rule() == Rule.SGD && s.momentum() == 0) {
            Operations.list(store, "sgd", w, g, rate, decay);
        } else if (s.rule() == Rule.SGD) {
            NDArray[] b = states("momentum/", paths, false);
            Operations.list(
                    store, "sgd_momentum", w, g, b, first, rate, s.momentum(), s.nesterov(), decay);
        } else {
            NDArray[] m = states("mean/", paths, false);
            NDArray[] v = states("square/", paths, false);
            NDArray[] t = states("step/", paths, true);
            String rule = s.rule() == Rule.ADAM ? "adam" : "adamw";
            Operations.list(store, rule, w, g, m, v, t, rate, s.beta1(), s.beta2(), decay, s.eps());
        }
    }

    private NDArray[] states(String kind, List<String> paths, boolean scalar) {
        List<NDArray> found = new ArrayList<>();
        for (String path : paths) {
            found.add(
                    state.computeIfAbsent(
                            kind + path,
                            key -> {
                                NDArray w = weights.array(path);
                                Shape shape = scalar ? new Shape() : w.getShape();
                                return weights.laidOut(store.zeros(shape, DataType.FLOAT32));
                            }));
        }
        return found.toArray(new NDArray[0]);
    }

    /**
     * What it remembers between updates.
     *
     * @return name to array, in the order it came up; changed in place by updates
     */
    public Map<String, NDArray> state() {
        return Collections.unmodifiableMap(state);
    }

    /**
     * Remembers an array again.
     *
     * @param name its name in {@link #state}
     * @param values its elements
     * @param shape its axes
     */
    public void restore(String name, float[] values, long... shape) {
        NDArray before = state.put(name, weights.laidOut(store.create(values, new Shape(shape))));
        if (before != null) {
            before.close();
        }
    }

    /** Forgets all that it remembers, and frees it. */
    public void forget() {
        state.values().forEach(NDArray::close);
        state.clear();
    }

    @Override
    public void close() {
        store.close();
    }
}
