// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.net;

import ai.djl.ndarray.NDArray;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * A part of a network: a tree of parts with vars at its leaves. Shapes are known when it is made,
 * memory comes later, so making one costs nothing and shows what does not fit. {@link #run} writes
 * no field: several threads run one net.
 *
 * <p>May be held by the platform while one attempt at a run lasts, or while a run is open to
 * predict and the plugin is there.
 */
public abstract class Net {
    private final Map<String, Net> parts = new LinkedHashMap<>();
    private final Map<String, Var> vars = new LinkedHashMap<>();
    private String start;

    /** For subclasses. */
    protected Net() {}

    /**
     * Adds a part.
     *
     * @param name its name, a step of the path of its vars; without dots
     * @param net the part
     * @param <N> its type
     * @return the part
     * @throws IllegalArgumentException when the name is taken
     */
    protected final <N extends Net> N part(String name, N net) {
        if (name.isEmpty() || name.indexOf('.') >= 0) {
            throw new IllegalArgumentException(
                    "part '" + name + "': a name may not be empty or hold a dot");
        }
        free(name);
        parts.put(name, net);
        return net;
    }

    /**
     * Adds a weight: an optimiser moves it.
     *
     * @param name its name
     * @param init how it starts
     * @param shape its axes
     * @return the weight
     */
    protected final Var weight(String name, Var.Init init, long... shape) {
        return add(Var.weight(name, init, shape));
    }

    /**
     * Adds a weight that starts at one value everywhere.
     *
     * @param name its name
     * @param fill the value
     * @param shape its axes
     * @return the weight
     */
    protected final Var weight(String name, double fill, long... shape) {
        return add(Var.filled(name, fill, shape));
    }

    /**
     * Adds state: only {@link Pass#write} moves it.
     *
     * @param name its name
     * @param fill value it starts with
     * @param shape its axes
     * @return the state
     */
    protected final Var state(String name, double fill, long... shape) {
        return add(Var.state(name, fill, shape));
    }

    /**
     * Adds an array that never moves, such as fixed sin-cos positions.
     *
     * @param name its name
     * @param values its values
     * @param shape its axes
     * @return the array
     */
    protected final Var fixed(String name, float[] values, long... shape) {
        return add(Var.fixed(name, values, shape));
    }

    private Var add(Var var) {
        free(var.name());
        vars.put(var.name(), var);
        return var;
    }

    private void free(String name) {
        if (parts.containsKey(name) || vars.containsKey(name)) {
            throw new IllegalArgumentException(
                    getClass().getSimpleName() + " has two parts or vars named '" + name + "'");
        }
    }

    /**
     * From input to output.
     *
     * @param pass where it computes
     * @param x the input; shapes in the javadoc of each net
     * @return the output
     */
    public abstract NDArray run(Pass pass, NDArray x);

    /**
     * Its parts, in order.
     *
     * @return name to part
     */
    public final Map<String, Net> parts() {
        return Collections.unmodifiableMap(parts);
    }

    /**
     * Visits every var of the tree, in order.
     *
     * @param path path of this net, empty for a root
     * @param visit told the path and the var
     */
    public final void each(String path, BiConsumer<String, Var> visit) {
        String prefix = path.isEmpty() ? "" : path + ".";
        vars.forEach((name, var) -> visit.accept(prefix + name, var));
        parts.forEach((name, net) -> net.each(prefix + name, visit));
    }

    /**
     * Says where the start values of this net lie in a file of weights or in an earlier run, when
     * not under its own path. Several nets may start from one path: a tail that is trained apart
     * starts from {@code "backbone"}, a copy of a decoder from {@code "decoder"}. Names below this
     * net are the same in both places; a part may start from elsewhere again. What no file gives
     * starts by its rule, as ever.
     *
     * @param path a path from the root, such as {@code "decoder.blocks"}
     * @return this
     * @throws IllegalArgumentException when it is empty or has an empty step
     */
    public final Net startsFrom(String path) {
        if (("." + path + ".").contains("..")) {
            throw new IllegalArgumentException(
                    getClass().getSimpleName()
                            + " starts from '"
                            + path
                            + "'; expected the path of a part, such as backbone");
        }
        start = path;
        return this;
    }

    /**
     * Where its start values lie, see {@link #startsFrom}.
     *
     * @return a path from the root, or null when they lie under its own path
     */
    public final String start() {
        return start;
    }

    /**
     * Visits every var of the tree, in the order of {@link #each}, with the path under which its
     * start values lie.
     *
     * @param path path of this net, empty for a root
     * @param visit told where the start values lie, and the var
     */
    public final void eachStart(String path, BiConsumer<String, Var> visit) {
        String from = start == null ? path : start;
        String prefix = from.isEmpty() ? "" : from + ".";
        vars.forEach((name, var) -> visit.accept(prefix + name, var));
        parts.forEach((name, net) -> net.eachStart(prefix + name, visit));
    }

    /**
     * Elements of all weights of the tree.
     *
     * @return number of parameters
     */
    public final long parameters() {
        long[] sum = {0};
        each("", (path, var) -> sum[0] += var.trained() ? var.size() : 0);
        return sum[0];
    }
}
