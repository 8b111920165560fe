// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.mien.api.Feature;
import org.mien.api.InputSpec;
import org.mien.api.Output;
import org.mien.api.data.Target;
import org.mien.api.data.Targets;
import org.mien.api.method.Method;
import org.mien.api.method.Model;
import org.mien.api.method.Phase;
import org.mien.api.method.Plan;
import org.mien.api.net.Net;
import org.mien.api.net.Tap;
import org.mien.api.net.Trunk;
import org.mien.engine.Scope;
import org.mien.engine.Torch;
import org.mien.nn.Fn;
import org.mien.nn.Linear;
import org.mien.nn.Sequence;
import org.mien.nn.spi.Counter;
import org.mien.nn.spi.EpochEnd;
import org.mien.nn.spi.Optimizer;
import org.mien.nn.spi.Parts;
import org.mien.nn.spi.TorchPass;
import org.mien.nn.spi.TrainingStep;
import org.mien.nn.spi.Weights;

/**
 * A method at work in a test, with plain arrays in and numbers out: weights by path, single
 * training steps as the platform makes them, predictions. To be compared with the paper computed in
 * plain loops.
 *
 * <pre>{@code
 * try (MethodBench bench = MethodBench.of(new MyMethod(), settings, 3, MethodBench.linear(1, 2, 5))) {
 *     bench.draw(1, -0.5, 0.9);
 *     MethodBench.Step step = bench.step(Faces.of(pixels).labels(2, 0, 1));
 *     assertEquals(expected, step.terms().get("my-term"), 1e-6);
 * }
 * }</pre>
 *
 * Starts the engine: the property {@code mien.torch} must name its folder. For one thread.
 */
public final class MethodBench implements AutoCloseable {
    /**
     * What a phase did in a step.
     *
     * @param terms terms of its loss that were computed, by name, unweighted
     * @param total their weighted sum
     * @param measures numbers that are no loss, by name
     * @param gradients of the sum by path of the weight, for those that it reached
     * @param labels class of each sample after the step; empty without labels
     */
    public record Step(
            Map<String, Double> terms,
            double total,
            Map<String, Double> measures,
            Map<String, double[]> gradients,
            int[] labels) {}

    /**
     * An extra array of an answer.
     *
     * @param role what it is for
     * @param rows one a sample, whatever shape it has behind that
     * @param columns names of its columns, may be empty
     */
    public record Extra(Output.Role role, double[][] rows, List<String> columns) {}

    /**
     * What a prediction says.
     *
     * @param logits (N, K), or null
     * @param probabilities (N, K), or null
     * @param multiLabel scores of several labels at once before the sigmoid, (N, {@value
     *     Faces#MULTI_LABEL}), or null
     * @param values numbers, -1 to 1 for the range of each, (N, {@value Faces#VALUES}), or null
     * @param extras by name, in order
     */
    public record Answer(
            double[][] logits,
            double[][] probabilities,
            double[][] multiLabel,
            double[][] values,
            Map<String, Extra> extras) {}

    /**
     * An array that a net offers to who looks into it.
     *
     * @param shape its axes
     * @param elements row by row
     */
    public record Offered(long[] shape, double[] elements) {}

    private static final Optimizer.Settings SGD =
            new Optimizer.Settings(Optimizer.Rule.SGD, 0, false, 0.9, 0.999, 1e-8);

    private static final double DIFFERENCE = 1e-6;

    final Plan plan;
    final Model model;
    final List<Phase> phases;
    final Weights weights;
    final InputSpec input;
    final int classes;
    final Torch torch = Engine.start();
    final Map<String, Set<String>> moved = new LinkedHashMap<>();
    final Map<String, Optimizer> optimizers = new LinkedHashMap<>();
    final Parts parts;
    private double rate;
    private int epoch;
    int made;

    <S extends Record> MethodBench(
            Method<S> method,
            S settings,
            int classes,
            Trunk trunk,
            Map<String, Trunk> frozen,
            Optimizer.Settings optimizer) {
        this.classes = classes;
        plan = method.plan(settings);
        input = trunk.input();
        parts = parts(plan, classes, trunk, frozen);
        model = method.build(parts, settings);
        assertNotNull(model, "build gave no model");
        phases = List.copyOf(model.phases(parts.training(counts(plan, classes))));
        weights = new Weights(Device.cpu());
        parts.hang(weights);
        weights.fill(1);
        for (Phase phase : phases) {
            Set<String> paths = TrainingStep.moved(phase, weights);
            List<String> trained = paths.stream().filter(this::isTrained).toList();
            moved.put(phase.name(), paths);
            optimizers.put(
                    phase.name(),
                    new Optimizer(optimizer, weights, List.of(new Optimizer.Group(trained, 1, 0))));
        }
    }

    /**
     * A method on a backbone, with the start values of seed 1.
     *
     * @param method the method
     * @param settings its keys
     * @param classes K
     * @param trunk the backbone, for example {@link #linear}; cut after what the plan asks for
     * @param <S> type of the keys
     * @return the bench
     */
    public static <S extends Record> MethodBench of(
            Method<S> method, S settings, int classes, Trunk trunk) {
        return of(method, settings, classes, trunk, Map.of());
    }

    /**
     * A method that trains with backbones that never move.
     *
     * @param method the method
     * @param settings its keys
     * @param classes K
     * @param trunk the backbone
     * @param frozen the others by their role in the plan
     * @param <S> type of the keys
     * @return the bench
     */
    public static <S extends Record> MethodBench of(
            Method<S> method, S settings, int classes, Trunk trunk, Map<String, Trunk> frozen) {
        return new MethodBench(method, settings, classes, trunk, frozen, SGD);
    }

    /**
     * A method on the backbone of the contracts, which reads (N, 3, 8, 8) and gives a map (8, 4,
     * 4), tokens (17, 8) with one before the grid, and a vector (12).
     *
     * @param method the method
     * @param settings its keys
     * @param classes K
     * @param <S> type of the keys
     * @return the bench
     */
    public static <S extends Record> MethodBench of(Method<S> method, S settings, int classes) {
        return of(method, settings, classes, TinyTrunk.make());
    }

    /**
     * A backbone of one linear layer from pixels to a vector, easily computed by hand: weight (P, 3
     * H W) at {@code backbone.vector.1.weight}, bias (P) at {@code backbone.vector.1.bias}.
     *
     * @param height H
     * @param width W
     * @param size P
     * @return the backbone; it reads pixels from 0 to 1
     */
    public static Trunk linear(int height, int width, int size) {
        int pixels = 3 * height * width;
        return new Trunk(
                new InputSpec(height, width, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f)),
                List.of(
                        new Trunk.Stage(
                                Feature.vector("vector", size),
                                () ->
                                        new Sequence(
                                                new Fn((ops, x) -> x.reshape(-1, pixels)),
                                                new Linear(pixels, size)))));
    }

    /**
     * A backbone whose map is what the picture says, for examples that are computed by hand: the
     * numbers of the map, channel by channel, and zeros until the picture has its {@code 3 H W}.
     * What turns a picture from left to right turns the map. Besides the picture it has a weight
     * (C, h, w) at {@code backbone.map.shift}, which is added and starts at 0, so that a gradient
     * with respect to the map can be asked for.
     *
     * @param channels C
     * @param rows h
     * @param columns w
     * @return the backbone; a picture of it has H = h ceil(C / 3) and W = w
     */
    public static Trunk map(int channels, int rows, int columns) {
        int each = (channels + 2) / 3;
        return new Trunk(
                new InputSpec(each * rows, columns, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f)),
                List.of(
                        new Trunk.Stage(
                                Feature.map("map", channels, rows, columns),
                                () -> new GivenMap(channels, rows, columns))));
    }

    /**
     * A vision transformer: stages {@code embed} (patches, fixed positions, a class token before
     * them), {@code block0} and so on, and {@code norm}; each gives tokens (1 + (size / patch)^2,
     * width).
     *
     * @param size side of the input, in pixels
     * @param patch side of a patch, in pixels
     * @param width D, a multiple of 4
     * @param depth number of blocks
     * @param heads heads of a block
     * @return the backbone; it reads pixels with mean 0.5 and deviation 0.25
     */
    public static Trunk transformer(int size, int patch, int width, int depth, int heads) {
        return TinyVit.make(size, patch, width, depth, heads);
    }

    private static Parts parts(Plan plan, int classes, Trunk trunk, Map<String, Trunk> frozen) {
        Targets.Value[] values =
                names("value ", Faces.VALUES).stream()
                        .map(name -> new Targets.Value(name, -1, 1))
                        .toArray(Targets.Value[]::new);
        Targets all =
                Targets.classes(names("class ", classes))
                        .withVotes()
                        .withMultiLabel(names("label ", Faces.MULTI_LABEL))
                        .withValues(values);
        return new Parts(Parts.cut(trunk, plan), trunk.input(), all.only(plan.read()), frozen);
    }

    private static List<String> names(String of, int count) {
        return IntStream.range(0, count).mapToObj(k -> of + k).toList();
    }

    private static long[] counts(Plan plan, int classes) {
        long[] counts = new long[plan.read().contains(Target.CLASS) ? classes : 0];
        Arrays.fill(counts, 16);
        return counts;
    }

    /**
     * Number of elements of all weights of a method that is built for this only, without memory for
     * them.
     *
     * @param method the method
     * @param settings its keys
     * @param classes K
     * @param trunk the backbone, cut after what the plan asks for
     * @param <S> type of the keys
     * @return parameters, those of training included
     */
    public static <S extends Record> long parameters(
            Method<S> method, S settings, int classes, Trunk trunk) {
        Plan plan = method.plan(settings);
        Parts parts = parts(plan, classes, trunk, Map.of());
        method.build(parts, settings).phases(parts.training(counts(plan, classes)));
        return Stream.concat(
                        parts.inference().values().stream(), parts.training().values().stream())
                .mapToLong(Net::parameters)
                .sum();
    }

    private boolean isTrained(String path) {
        return weights.entries().get(path).var().trained();
    }

    /**
     * Names of the parts: backbone, those that predict, those of training.
     *
     * @return in order
     */
    public List<String> parts() {
        Set<String> names = new LinkedHashSet<>(parts.inference().keySet());
        names.addAll(parts.training().keySet());
        return List.copyOf(names);
    }

    /**
     * Paths of all weights, without state.
     *
     * @return in order
     */
    public List<String> trained() {
        return weights.entries().keySet().stream().filter(this::isTrained).toList();
    }

    /**
     * Number of elements of all weights.
     *
     * @return parameters, those of training included
     */
    public long parameters() {
        return trained().stream().mapToLong(p -> weights.entries().get(p).var().size()).sum();
    }

    /**
     * Weights and state as they stand.
     *
     * @return a copy by path, in order
     */
    public Map<String, double[]> values() {
        Map<String, double[]> values = new LinkedHashMap<>();
        weights.copy().forEach((path, array) -> values.put(path, wide(array)));
        return values;
    }

    /**
     * Axes of a weight or state.
     *
     * @param path its path
     * @return its shape
     */
    public long[] shape(String path) {
        return entry(path).var().shape();
    }

    /**
     * Where a weight or state has its start value in a file of weights or an earlier run.
     *
     * @param path its path
     * @return the path there: its own, or that of the part it starts from
     */
    public String start(String path) {
        return entry(path).start();
    }

    private Weights.Entry entry(String path) {
        Weights.Entry entry = weights.entries().get(path);
        if (entry == null) {
            throw new IllegalArgumentException(
                    "there is no '" + path + "'; there are " + weights.entries().keySet());
        }
        return entry;
    }

    /**
     * Pictures that the method's gallery draws, as {@link Answer#extras}.
     *
     * @param faces the batch
     * @return extras by name, in order; empty without a gallery
     */
    public Map<String, Extra> gallery(Faces faces) {
        if (parts.gallery() == null) {
            return Map.of();
        }
        try (Scope scope = torch.inference(Device.cpu())) {
            return extras(
                    parts.gallery().draw(batch(scope, faces), TorchPass.inference(weights, scope)));
        }
    }

    /**
     * Sets a weight or state.
     *
     * @param path its path
     * @param values its elements in rows; one for all alike
     */
    public void set(String path, double... values) {
        Weights.Entry entry = entry(path);
        float[] all = new float[Math.toIntExact(entry.var().size())];
        if (values.length != 1 && values.length != all.length) {
            throw new IllegalArgumentException(
                    "'" + path + "' has " + all.length + " elements; got " + values.length);
        }
        for (int i = 0; i < all.length; i++) {
            all[i] = (float) values[values.length == 1 ? 0 : i];
        }
        weights.set(path, all, entry.var().shape());
    }

    /**
     * Draws all weights and state, biases and centres too.
     *
     * @param seed of the draws
     * @param low least value
     * @param high bound above
     */
    public void draw(long seed, double low, double high) {
        weights.entries()
                .forEach(
                        (path, entry) -> {
                            Counter random = Counter.of(seed, path);
                            double[] values = new double[Math.toIntExact(entry.var().size())];
                            Arrays.setAll(values, i -> low + (high - low) * random.nextFloat());
                            set(path, values);
                        });
    }

    /**
     * Weights move by this rate from the next step on, plain gradient descent. At 0, as at first,
     * they stand, while rules and what is written take effect.
     *
     * @param rate learning rate
     */
    public void rate(double rate) {
        this.rate = rate;
    }

    /**
     * The epoch from the next step on; steps count on.
     *
     * @param epoch from 0, which it is at first
     */
    public void epoch(int epoch) {
        this.epoch = epoch;
    }

    /**
     * Makes a step of a method with one phase.
     *
     * @param faces the batch
     * @return what it did
     */
    public Step step(Faces faces) {
        if (phases.size() != 1) {
            throw new IllegalStateException(
                    "the method has the phases " + moved.keySet() + "; see steps(faces)");
        }
        return steps(faces).values().iterator().next();
    }

    /**
     * Makes a step.
     *
     * @param faces the batch
     * @return what each phase did that is due then, by name, in order
     */
    public Map<String, Step> steps(Faces faces) {
        Map<String, Step> steps = new LinkedHashMap<>();
        try (Scope scope = torch.training(Device.cpu())) {
            BenchBatch batch = batch(scope, faces);
            TorchPass pass = pass(scope, epoch);
            for (Phase phase : phases) {
                if (phase.due(epoch, made)) {
                    TrainingStep step =
                            TrainingStep.forward(phase, moved.get(phase.name()), batch, pass);
                    Map<String, double[]> gradients = new LinkedHashMap<>();
                    step.gradients()
                            .forEach((path, g) -> gradients.put(path, wide(Weights.elements(g))));
                    step.update(
                            found -> {
                                if (rate != 0) {
                                    optimizers.get(phase.name()).update(found, rate);
                                }
                                return true;
                            });
                    steps.put(
                            phase.name(),
                            new Step(
                                    Map.copyOf(step.terms()),
                                    step.total(),
                                    Map.copyOf(step.measures()),
                                    gradients,
                                    batch.after()));
                }
            }
            made++;
        }
        return steps;
    }

    /**
     * Ends the epoch: each phase that is due in it looks at these batches, as if they were the
     * training split, and runs its rule; see {@link Phase#afterEpoch}.
     *
     * @param split the batches, in order
     */
    public void endOfEpoch(Faces... split) {
        for (Phase phase : phases) {
            if (phase.due(epoch)) {
                endOfEpoch(phase, epoch, split);
            }
        }
    }

    void endOfEpoch(Phase phase, int at, Faces... split) {
        if (phase.tally().isEmpty()) {
            return;
        }
        try (EpochEnd end = new EpochEnd(phase, weights)) {
            for (Faces faces : split) {
                try (Scope scope = torch.inference(Device.cpu())) {
                    end.add(batch(scope, faces), TorchPass.inference(weights, scope));
                }
            }
            try (Scope scope = torch.training(Device.cpu())) {
                end.conclude(moved.get(phase.name()), pass(scope, at));
            }
        }
    }

    TorchPass pass(Scope scope, int at) {
        return TorchPass.training(weights, scope, new TorchPass.Clock(1, at, made));
    }

    BenchBatch batch(Scope scope, Faces faces) {
        return batch(scope, DataType.FLOAT32, faces);
    }

    BenchBatch batch(Scope scope, DataType type, Faces faces) {
        return new BenchBatch(scope.manager(), type, input, plan, classes, faces);
    }

    /**
     * Compares the gradients of each loss term, and of their weighted sum, with central differences
     * in 64 bits: along a drawn direction of each weight that a phase moves, and of all together.
     * Each phase is asked as in the coming step, due or not; nothing moves. To be called away from
     * kinks: where a ReLU, a hinge or an absolute value is at its corner, differences say nothing.
     *
     * @param faces the batch
     * @throws AssertionError where a gradient is not what the loss does
     */
    public void compareGradients(Faces faces) {
        compareGradients(faces, Map.of());
    }

    /**
     * As {@link #compareGradients(Faces)}, with terms that end their gradient on purpose: there it
     * has to be 0, and what such a term does is left out of the sum.
     *
     * @param faces the batch
     * @param stopped name of a term to the paths of the weights at which it ends
     * @throws AssertionError where a gradient is not what the loss does, or a term does not depend
     *     on the weight at which it is said to end
     */
    public void compareGradients(Faces faces, Map<String, Set<String>> stopped) {
        try (Slopes slopes = new Slopes(this, epoch, stopped)) {
            slopes.compare(faces);
        }
    }

    /**
     * Makes a step of a method with one phase and compares its gradients with central differences
     * of a loss written once more in plain Java: of each number of a weight, or of some fifty to a
     * hundred, spread evenly, where it has more than a hundred. To be called away from kinks, as
     * {@link #compareGradients(Faces)}.
     *
     * @param faces the batch
     * @param loss from the weights by path, as {@link #values} gives them
     * @param tolerance how far a gradient may lie from the difference, relative to it where it is
     *     above 1
     * @throws AssertionError where a gradient is not what the loss does, or a weight that the phase
     *     moves does nothing to the loss
     */
    public void compareGradients(
            Faces faces, ToDoubleFunction<Map<String, double[]>> loss, double tolerance) {
        Map<String, double[]> at = values();
        Map<String, double[]> gradients = step(faces).gradients();
        assertEquals(trained(), List.copyOf(gradients.keySet()), "what has a gradient");
        gradients.forEach(
                (path, gradient) -> {
                    double[] values = at.get(path);
                    double all = 0;
                    for (int i = 0; i < values.length; i += 1 + (values.length - 1) / 100) {
                        double here = values[i];
                        values[i] = here + DIFFERENCE;
                        double above = loss.applyAsDouble(at);
                        values[i] = here - DIFFERENCE;
                        double below = loss.applyAsDouble(at);
                        values[i] = here;
                        double slope = (above - below) / (2 * DIFFERENCE);
                        assertEquals(
                                slope,
                                gradient[i],
                                tolerance * Math.max(1, Math.abs(slope)),
                                "gradient of number " + i + " of '" + path + "'");
                        all += Math.abs(slope);
                    }
                    assertTrue(all > 0, "the loss does not change with '" + path + "'");
                });
    }

    /**
     * Predicts.
     *
     * @param faces the batch
     * @return the answer
     */
    public Answer predict(Faces faces) {
        try (Scope scope = torch.inference(Device.cpu())) {
            Output output = model.predict(batch(scope, faces), TorchPass.inference(weights, scope));
            return new Answer(
                    rows(output.logits()),
                    rows(output.probabilities()),
                    rows(output.multiLabel()),
                    rows(output.values()),
                    extras(output));
        }
    }

    /**
     * Predicts, and gives what nets offer under a name meanwhile; see {@link
     * org.mien.api.net.Pass#tap}.
     *
     * @param faces the batch
     * @param name what is asked for, for example {@code attention}
     * @return the arrays in the order in which they were computed
     */
    public List<Offered> offered(Faces faces, String name) {
        try (Scope scope = torch.inference(Device.cpu())) {
            TorchPass pass = TorchPass.inference(weights, scope);
            pass.ask(name);
            model.predict(batch(scope, faces), pass);
            return pass.tapped(name).stream()
                    .map(Tap::value)
                    .map(
                            array ->
                                    new Offered(
                                            array.getShape().getShape(),
                                            wide(Weights.elements(array))))
                    .toList();
        }
    }

    /**
     * All that can be seen of the method with a batch: its plan, its weights by path with their
     * shapes, what a step does, state after it, and an answer. Two settings whose texts are alike
     * for every batch are the same method; a key that counts makes them differ.
     *
     * @param faces the batch
     * @return lines to be compared
     */
    public String told(Faces faces) {
        StringJoiner told = new StringJoiner("\n").add(outline());
        steps(faces)
                .forEach(
                        (name, step) -> {
                            told.add(name + " " + step.terms() + " " + step.measures());
                            told.add(step.total() + " " + Arrays.toString(step.labels()));
                        });
        values().forEach(
                        (path, values) -> {
                            if (!isTrained(path)) {
                                told.add(path + " " + Arrays.toString(values));
                            }
                        });
        Answer answer = predict(faces);
        told.add(Arrays.deepToString(answer.logits()));
        told.add(Arrays.deepToString(answer.probabilities()));
        told.add(Arrays.deepToString(answer.multiLabel()));
        told.add(Arrays.deepToString(answer.values()));
        answer.extras()
                .forEach((name, extra) -> told.add(name + Arrays.deepToString(extra.rows())));
        return told.toString();
    }

    /** The plan, and the weights by path with their shapes. */
    String outline() {
        StringJoiner told = new StringJoiner("\n");
        told.add(plan.kinds() + " " + plan.views() + " " + plan.phases() + " " + plan.frozen());
        told.add(plan.isOriented() + " " + plan.mayRelabel());
        told.add("learns " + plan.learned() + ", reads " + plan.read());
        for (Phase phase : phases) {
            told.add(
                    phase.name()
                            + " every "
                            + phase.every()
                            + " from "
                            + phase.from()
                            + " until "
                            + phase.until());
        }
        weights.entries()
                .forEach((path, e) -> told.add(path + " " + Arrays.toString(e.var().shape())));
        return told.toString();
    }

    private static Map<String, Extra> extras(Output output) {
        Map<String, Extra> extras = new LinkedHashMap<>();
        output.extras()
                .forEach(
                        (name, extra) ->
                                extras.put(
                                        name,
                                        new Extra(
                                                extra.role(),
                                                rows(extra.value()),
                                                extra.columns())));
        return extras;
    }

    private static double[][] rows(NDArray array) {
        if (array == null) {
            return null;
        }
        double[] all = array.toType(DataType.FLOAT64, true).toDoubleArray();
        int count = Math.toIntExact(array.getShape().get(0));
        int width = all.length / Math.max(1, count);
        double[][] rows = new double[count][];
        for (int i = 0; i < count; i++) {
            rows[i] = Arrays.copyOfRange(all, i * width, (i + 1) * width);
        }
        return rows;
    }

    private static double[] wide(float[] values) {
        double[] wide = new double[values.length];
        Arrays.setAll(wide, i -> values[i]);
        return wide;
    }

    /**
     * Native arrays that are alive, without the forms that inference has packed.
     *
     * @return their number, of the whole process
     */
    public long arrays() {
        weights.unprepare();
        return torch.arrays();
    }

    @Override
    public void close() {
        optimizers.values().forEach(Optimizer::close);
        weights.close();
    }
}
