// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn.spi;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.lang.reflect.Array;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.mien.api.Batch;
import org.mien.api.net.Pass;
import org.mien.api.net.Var;

/**
 * A forward as data: what goes in, one operation after another, what comes out. It depends on
 * shapes, and on no element; so it computes the same network for any other batch of the size, and
 * is what a network is written out from. Made by a {@link Recorder}.
 *
 * @param inputs what is not computed, in the order of first use
 * @param steps operations in order; constants are steps without arrays among their arguments
 * @param outputs by name, the number of the array
 */
public record Recording(List<Input> inputs, List<Step> steps, Map<String, Integer> outputs) {
    /**
     * An array.
     *
     * @param number unique in the recording; steps refer to it
     * @param shape its axes, the batch among them
     * @param type of its elements
     */
    public record Value(int number, List<Long> shape, DataType type) {}

    /** What an input is. More may come: switches need a default branch. */
    public enum Kind {
        /** A view of the face, by its name, or the array that the recorder was given. */
        VIEW,
        /** Labels, targets, weights or places of the samples: what only training knows. */
        TARGET,
        /** A weight or state, by its path. */
        VAR,
        /** What an earlier phase of the step has kept, by its name. */
        KEPT
    }

    /**
     * What is not computed.
     *
     * @param kind what it is
     * @param name the view's name, the var's path, ..
     * @param var the var, or null
     * @param value the array
     */
    public record Input(Kind kind, String name, Var var, Value value) {}

    /**
     * An array among the arguments of a step.
     *
     * @param number of the array
     */
    public record Ref(int number) {}

    /** What stands for what is no value among the arguments of a step. */
    public enum Mark {
        /** The one that is run. */
        BATCH,
        /** No array, where one may be left out: a bias. */
        NONE
    }

    /**
     * An operation.
     *
     * @param called what was called: a method of {@code Ops} or {@code Pass}, of NDArray, of what
     *     stands behind {@code NDArrays}, or of NDManager for a constant
     * @param on the array that it was called on, or null for the pass or its manager
     * @param arguments as in the call: a {@link Ref} for an array, and for a var too; a list of
     *     those for several; a {@link Mark}; else numbers, text, shapes, ranges, arrays of Java
     * @param gives the arrays that came out; none of {@code Pass.write}
     * @param line of the plugin, for example {@code Stem.java:18}
     */
    public record Step(
            Method called, Ref on, List<Object> arguments, List<Value> gives, String line) {
        /**
         * What was done, in a word that says whose operation it is.
         *
         * @return for example {@code ops.conv2d}, {@code array.add} or {@code constant.zeros}
         */
        public String operation() {
            Class<?> of = called.getDeclaringClass();
            String whose =
                    of.isAssignableFrom(Pass.class)
                            ? "ops"
                            : NDManager.class.isAssignableFrom(of) ? "constant" : "array";
            return whose + "." + called.getName();
        }

        @Override
        public String toString() {
            return gives.stream().map(value -> value.number() + " " + value.shape()).toList()
                    + " = "
                    + operation()
                    + (on == null ? "" : " of " + on.number())
                    + " "
                    + arguments
                    + " at "
                    + line;
        }
    }

    /** Gives what the static methods of NDArrays call; its type is none that bundles can import. */
    private static final Method JOINING = joining();

    private static Method joining() {
        try {
            return NDArray.class.getMethod("getNDArrayInternal");
        } catch (NoSuchMethodException e) {
            throw new IllegalStateException("NDArray has no getNDArrayInternal()", e);
        }
    }

    /** Copies. */
    public Recording {
        inputs = List.copyOf(inputs);
        steps = List.copyOf(steps);
        outputs = new LinkedHashMap<>(outputs);
    }

    /**
     * Runs what was recorded, with other inputs.
     *
     * @param pass where it computes; vars are read from it
     * @param batch the batch that draws belong to, or null when nothing is drawn
     * @param given gives each input that is no var, of the recorded shape
     * @return the outputs by name
     */
    public Map<String, NDArray> run(Pass pass, Batch batch, Function<Input, NDArray> given) {
        Map<Integer, NDArray> arrays = new LinkedHashMap<>();
        Map<Integer, Var> vars = new LinkedHashMap<>();
        for (Input input : inputs) {
            int number = input.value().number();
            if (input.var() != null) {
                vars.put(number, input.var());
            }
            arrays.put(number, input.var() == null ? given.apply(input) : pass.read(input.var()));
        }
        for (Step step : steps) {
            Object found = call(step, pass, batch, arrays, vars);
            List<NDArray> all =
                    found instanceof NDList list
                            ? list
                            : found == null ? List.of() : List.of((NDArray) found);
            for (int i = 0; i < step.gives().size(); i++) {
                arrays.put(step.gives().get(i).number(), all.get(i));
            }
        }
        Map<String, NDArray> out = new LinkedHashMap<>();
        outputs.forEach((name, number) -> out.put(name, arrays.get(number)));
        return out;
    }

    private static Object call(
            Step step,
            Pass pass,
            Batch batch,
            Map<Integer, NDArray> arrays,
            Map<Integer, Var> vars) {
        Class<?>[] types = step.called().getParameterTypes();
        Object[] arguments = new Object[types.length];
        for (int i = 0; i < types.length; i++) {
            arguments[i] = argument(step.arguments().get(i), types[i], batch, arrays, vars);
        }
        Class<?> of = step.called().getDeclaringClass();
        try {
            Object target = pass;
            if (step.on() != null) {
                NDArray on = arrays.get(step.on().number());
                target = of.isInstance(on) ? on : JOINING.invoke(on);
            } else if (NDManager.class.isAssignableFrom(of)) {
                target = pass.scope();
            }
            return step.called().invoke(target, arguments);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(step + " cannot be run", e);
        } catch (InvocationTargetException e) {
            throw new IllegalStateException(step + " cannot be run", e.getCause());
        }
    }

    private static Object argument(
            Object recorded,
            Class<?> type,
            Batch batch,
            Map<Integer, NDArray> arrays,
            Map<Integer, Var> vars) {
        if (recorded instanceof Ref ref) {
            return type == Var.class ? vars.get(ref.number()) : arrays.get(ref.number());
        }
        if (recorded instanceof List<?> list) {
            List<NDArray> all = new ArrayList<>();
            list.forEach(one -> all.add(arrays.get(((Ref) one).number())));
            return type.isArray() ? all.toArray(NDArray[]::new) : new NDList(all);
        }
        if (recorded == Mark.NONE) {
            return null;
        }
        return recorded == Mark.BATCH ? batch : recorded;
    }

    /** A copy of what the plugin may change after the call. */
    static Object frozen(Object argument) {
        if (argument == null || !argument.getClass().isArray()) {
            return argument;
        }
        int length = Array.getLength(argument);
        Object copy = Array.newInstance(argument.getClass().getComponentType(), length);
        for (int i = 0; i < length; i++) {
            Array.set(copy, i, frozen(Array.get(argument, i)));
        }
        return copy;
    }
}
