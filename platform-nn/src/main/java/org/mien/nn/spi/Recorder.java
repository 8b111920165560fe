// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn.spi;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.index.dim.NDIndexBooleans;
import ai.djl.ndarray.index.dim.NDIndexPick;
import ai.djl.ndarray.index.dim.NDIndexTake;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.LongStream;
import org.mien.api.Batch;
import org.mien.api.net.Pass;
import org.mien.api.net.Var;
import org.mien.api.net.Vocabulary;

/**
 * Records a forward while it runs. A network that is run in {@link #pass} on what {@link #batch} or
 * {@link #view} gives computes as ever, on arrays that write down what is done with them, and that
 * refuse what a network may not do ({@link Vocabulary}), by its name and the plugin's line. Layers
 * compute by themselves, none of several as one. For one thread.
 *
 * <pre>{@code
 * Recorder recorder = new Recorder(TorchPass.inference(weights, scope), weights);
 * Output output = model.predict(recorder.batch(batch), recorder.pass());
 * Recording recording = recorder.recording(Map.of("logits", output.logits()));
 * }</pre>
 */
public final class Recorder {
    /** Who writes networks down and computes them; the first line below is the plugin's. */
    private static final List<String> PLATFORM =
            List.of("org.mien.nn.", "org.mien.api.", "ai.djl.", "java.", "jdk.", "com.sun.");

    private final Pass pass;
    private final Weights weights;
    private final List<Recording.Input> inputs = new ArrayList<>();
    private final List<Recording.Step> steps = new ArrayList<>();
    private final Map<Object, NDArray> reals = new IdentityHashMap<>();
    private final Map<Object, Integer> numbers = new IdentityHashMap<>();
    private final Map<NDArray, NDArray> known = new IdentityHashMap<>();
    private final Map<Object, Batch> batches = new IdentityHashMap<>();
    private int count;

    /**
     * Nothing recorded yet.
     *
     * @param pass where it computes
     * @param weights those of the pass, which know the paths of vars
     */
    public Recorder(Pass pass, Weights weights) {
        this.pass = pass;
        this.weights = weights;
    }

    /**
     * The pass to run a network in.
     *
     * @return a pass that records
     */
    public Pass pass() {
        return pass(pass);
    }

    /**
     * A batch whose arrays are recorded as inputs.
     *
     * @param batch the batch
     * @return one that gives the same
     */
    public Batch batch(Batch batch) {
        Map<List<Object>, NDArray> given = new LinkedHashMap<>();
        Batch recorded =
                proxy(
                        Batch.class,
                        (self, method, arguments) -> {
                            if (method.isDefault()) {
                                return InvocationHandler.invokeDefault(self, method, arguments);
                            }
                            Object[] plain = plain(arguments);
                            Object found = invoke(batch, method, plain);
                            if (!(found instanceof NDArray array)) {
                                return found;
                            }
                            List<Object> asked = new ArrayList<>(List.of(method.getName()));
                            asked.addAll(arguments == null ? List.of() : Arrays.asList(arguments));
                            return given.computeIfAbsent(
                                    asked,
                                    first ->
                                            method.getName().equals("view")
                                                    ? view((String) arguments[0], array)
                                                    : input(
                                                            Recording.Kind.TARGET,
                                                            method.getName()
                                                                    + (arguments == null
                                                                            ? ""
                                                                            : Arrays.toString(
                                                                                    arguments)),
                                                            null,
                                                            array));
                        });
        batches.put(recorded, batch);
        return recorded;
    }

    /**
     * An array that a network reads.
     *
     * @param name how its input is called
     * @param array the array
     * @return what to hand to the network
     */
    public NDArray view(String name, NDArray array) {
        return input(Recording.Kind.VIEW, name, null, array);
    }

    /**
     * What was recorded so far.
     *
     * @param outputs what the network gave, by name
     * @return the recording
     * @throws IllegalArgumentException for an array that was not computed here
     */
    public Recording recording(Map<String, NDArray> outputs) {
        Map<String, Integer> named = new LinkedHashMap<>();
        outputs.forEach((name, array) -> named.put(name, number(array, "output '" + name + "'")));
        return new Recording(inputs, steps, named);
    }

    /**
     * The array itself.
     *
     * @param recorded one that a network gave in the pass
     * @return an array with elements
     */
    public NDArray real(NDArray recorded) {
        number(recorded, "an array");
        return reals.get(recorded);
    }

    private int number(Object array, String what) {
        Integer number = numbers.get(array);
        if (number == null) {
            throw new IllegalArgumentException(
                    what
                            + " comes from elsewhere, not from this forward, at "
                            + line()
                            + "; make constants by pass.scope()");
        }
        return number;
    }

    // ---------------------------------------------------------------- what stands before what

    private Pass pass(Pass real) {
        return proxy(
                Pass.class,
                (self, method, arguments) ->
                        switch (method.getName()) {
                            case "brief" ->
                                    InvocationHandler.invokeDefault(self, method, arguments);
                            case "in", "still" -> pass((Pass) invoke(real, method, arguments));
                            case "quiet", "training", "epoch", "step" ->
                                    invoke(real, method, arguments);
                            case "scope" -> manager(real.scope());
                            case "tap" -> Optional.empty();
                            case "asks" -> false;
                            case "keep" -> invoke(real, method, plain(arguments));
                            case "kept" ->
                                    input(
                                            Recording.Kind.KEPT,
                                            (String) arguments[0],
                                            null,
                                            real.kept((String) arguments[0]));
                            case "read" -> read(real, (Var) arguments[0]);
                            case "equals", "hashCode", "toString" ->
                                    ofObject(self, method, arguments, "a pass that records");
                            default ->
                                    method.isDefault()
                                            ? InvocationHandler.invokeDefault(
                                                    self, method, arguments)
                                            : step(method, null, real, arguments);
                        });
    }

    private NDManager manager(NDManager real) {
        return proxy(
                NDManager.class,
                (self, method, arguments) -> {
                    switch (method.getName()) {
                        case "getDevice", "getName", "isOpen" -> {
                            return invoke(real, method, arguments);
                        }
                        case "equals", "hashCode", "toString" -> {
                            return ofObject(self, method, arguments, "a manager that records");
                        }
                        default -> {
                            if (!Vocabulary.allows(method)) {
                                throw refused(method);
                            }
                            return step(method, null, real, arguments);
                        }
                    }
                });
    }

    private NDArray array(NDArray real) {
        NDArray before = known.get(real);
        if (before != null) {
            return before;
        }
        NDArray recorded =
                proxy(
                        NDArray.class,
                        (self, method, arguments) -> {
                            switch (method.getName()) {
                                case "getManager" -> {
                                    return manager(pass.scope());
                                }
                                case "getNDArrayInternal" -> {
                                    return internal((NDArray) self, method, method.invoke(real));
                                }
                                case "close" -> {
                                    return null; // it may be needed when this is run again
                                }
                                case "equals", "hashCode", "toString" -> {
                                    return ofObject(
                                            self, method, arguments, "array " + real.getShape());
                                }
                                default -> {
                                    // Refused or not, below.
                                }
                            }
                            if (!Vocabulary.allows(method)) {
                                throw refused(method);
                            }
                            if (!gives(method)) {
                                return invoke(real, method, arguments);
                            }
                            checkIndices(method, arguments);
                            return step(method, self, real, arguments);
                        });
        reals.put(recorded, real);
        known.put(real, recorded);
        return recorded;
    }

    /** What the static methods of NDArrays call; its type is none that bundles can import. */
    private Object internal(NDArray self, Method method, Object real) {
        return proxy(
                method.getReturnType(),
                (proxy, called, arguments) -> {
                    if (called.getDeclaringClass() == Object.class) {
                        return ofObject(proxy, called, arguments, "what joins arrays");
                    }
                    if (!Vocabulary.allows(called)) {
                        throw refused(called);
                    }
                    return step(called, self, real, arguments);
                });
    }

    private static Object ofObject(Object self, Method method, Object[] arguments, String words) {
        return switch (method.getName()) {
            case "equals" -> self == arguments[0];
            case "hashCode" -> System.identityHashCode(self);
            default -> words;
        };
    }

    private static boolean gives(Method method) {
        return NDArray.class.isAssignableFrom(method.getReturnType())
                || Collection.class.isAssignableFrom(method.getReturnType());
    }

    // ---------------------------------------------------------------- writing down

    private NDArray read(Pass real, Var var) {
        return input(Recording.Kind.VAR, weights.path(var), var, real.read(var));
    }

    private NDArray input(Recording.Kind kind, String name, Var var, NDArray real) {
        NDArray recorded = array(real);
        if (!numbers.containsKey(recorded)) {
            inputs.add(new Recording.Input(kind, name, var, value(recorded, real)));
        }
        return recorded;
    }

    private Recording.Value value(NDArray recorded, NDArray real) {
        numbers.put(recorded, count);
        return new Recording.Value(
                count++,
                LongStream.of(real.getShape().getShape()).boxed().toList(),
                real.getDataType());
    }

    private Object step(Method method, Object self, Object real, Object[] arguments)
            throws Throwable {
        List<Object> written = new ArrayList<>();
        for (Object argument : arguments == null ? new Object[0] : arguments) {
            written.add(written(method, argument));
        }
        Object found = invoke(real, method, plain(arguments));
        List<Recording.Value> gives = new ArrayList<>();
        Object result = found;
        if (found instanceof NDArray one) {
            result = fresh(one, gives);
        } else if (found instanceof NDList list) {
            NDList all = new NDList();
            list.forEach(one -> all.add(fresh(one, gives)));
            result = all;
        } else if (found != null) {
            throw refused(method);
        }
        steps.add(
                new Recording.Step(
                        method,
                        self == null ? null : new Recording.Ref(number(self, "an array")),
                        List.copyOf(written.stream().map(Recorder::orNone).toList()),
                        gives,
                        line()));
        return result;
    }

    /** Lists of the JDK hold no null: an argument that is none is written so. */
    private static Object orNone(Object argument) {
        return argument == null ? Recording.Mark.NONE : argument;
    }

    private NDArray fresh(NDArray real, List<Recording.Value> gives) {
        // What an operation gives back as it was (dropout in inference) is one array still.
        NDArray recorded = array(real);
        gives.add(
                numbers.containsKey(recorded)
                        ? new Recording.Value(
                                numbers.get(recorded),
                                LongStream.of(real.getShape().getShape()).boxed().toList(),
                                real.getDataType())
                        : value(recorded, real));
        return recorded;
    }

    private Object written(Method method, Object argument) {
        if (argument instanceof NDArray) {
            return new Recording.Ref(number(argument, "an argument of " + method.getName()));
        }
        if (argument instanceof Var var) {
            return new Recording.Ref(numbers.get(read(pass, var)));
        }
        if (argument instanceof NDList list) {
            return list.stream().map(one -> written(method, one)).toList();
        }
        if (argument instanceof NDArray[] several) {
            return Arrays.stream(several).map(one -> written(method, one)).toList();
        }
        if (argument instanceof Batch) {
            return Recording.Mark.BATCH;
        }
        return Recording.frozen(argument);
    }

    private Object[] plain(Object[] arguments) {
        if (arguments == null) {
            return null;
        }
        return Arrays.stream(arguments).map(this::plain).toArray();
    }

    private Object plain(Object argument) {
        if (argument instanceof NDArray array) {
            number(array, "an array");
            return reals.get(array);
        }
        if (argument instanceof NDArray[] several) {
            return Arrays.stream(several).map(reals::get).toArray(NDArray[]::new);
        }
        if (argument instanceof NDList list) {
            return new NDList(list.stream().map(reals::get).toArray(NDArray[]::new));
        }
        return argument instanceof Batch batch ? batches.getOrDefault(batch, batch) : argument;
    }

    private static void checkIndices(Method method, Object[] arguments) {
        if (!method.getName().equals("get") || arguments == null) {
            return;
        }
        boolean arrays = false;
        for (Object argument : arguments) {
            if (argument instanceof Object[] several) {
                arrays |= Arrays.stream(several).anyMatch(NDArray.class::isInstance);
            }
            if (argument instanceof NDIndex index) {
                arrays |=
                        index.getIndices().stream()
                                .anyMatch(
                                        one ->
                                                one instanceof NDIndexBooleans
                                                        || one instanceof NDIndexTake
                                                        || one instanceof NDIndexPick);
            }
        }
        if (arrays) {
            throw new IllegalStateException(
                    "get at "
                            + line()
                            + " has an array for an index; a network picks by pass.pick, or"
                            + " multiplies by a mask");
        }
    }

    private static IllegalStateException refused(Method method) {
        return new IllegalStateException(
                method.getDeclaringClass().getSimpleName()
                        + "."
                        + Vocabulary.signature(method)
                        + " at "
                        + line()
                        + " is none of the operations that a network is written in: elements are"
                        + " not read out, changed in place or decided by. See"
                        + " org.mien.api.net.Vocabulary for what there is");
    }

    private static String line() {
        return StackWalker.getInstance()
                .walk(
                        frames ->
                                frames.filter(
                                                frame ->
                                                        PLATFORM.stream()
                                                                .noneMatch(
                                                                        frame.getClassName()
                                                                                ::startsWith))
                                        .findFirst()
                                        .map(
                                                frame ->
                                                        frame.getFileName()
                                                                + ":"
                                                                + frame.getLineNumber())
                                        .orElse("an unknown line"));
    }

    private static Object invoke(Object on, Method method, Object[] arguments) throws Throwable {
        try {
            return method.invoke(on, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        }
    }

    private static <T> T proxy(Class<T> type, InvocationHandler handler) {
        return type.cast(
                Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler));
    }
}
