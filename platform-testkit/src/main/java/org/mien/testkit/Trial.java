// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.mien.api.Feature;
import org.mien.api.InputSpec;
import org.mien.api.Output;
import org.mien.api.method.Build;
import org.mien.api.method.Loss;
import org.mien.api.method.Method;
import org.mien.api.method.Model;
import org.mien.api.method.Phase;
import org.mien.api.method.Plan;
import org.mien.api.net.Net;
import org.mien.api.net.Trunk;
import org.mien.engine.Scope;
import org.mien.engine.Torch;
import org.mien.nn.spi.Optimizer;
import org.mien.nn.spi.TorchPass;
import org.mien.nn.spi.Weights;

/** A method at work on a tiny trunk, step by step as the platform does it. */
final class Trial implements AutoCloseable {
    private static final int BATCH = 8;
    private static final Optimizer.Settings ADAM =
            new Optimizer.Settings(Optimizer.Rule.ADAM, 0, false, 0.9, 0.999, 1e-8);

    final Plan plan;
    final Model model;
    final List<Phase> phases;
    final Weights weights;
    private final Torch torch = Engine.start();
    private final int classes;
    private final InputSpec input;
    private final Map<String, Set<String>> moved = new LinkedHashMap<>();
    private final Map<String, Optimizer> optimizers = new LinkedHashMap<>();
    private int step;

    /** A method with fresh weights. */
    <S extends Record> Trial(Method<S> method, S settings, int classes) {
        this.classes = classes;
        plan = method.plan(settings);
        Trunk whole = TinyTrunk.make();
        Trunk trunk = cut(whole, plan);
        input = whole.input();
        Parts parts = new Parts(trunk);
        model = method.build(parts, settings);
        assertNotNull(model, "build gave no model");
        parts.counts = new long[classes];
        Arrays.fill(parts.counts, 16);
        phases = List.copyOf(model.phases(parts));
        weights = new Weights(Device.cpu());
        parts.all.forEach(weights::add);
        weights.fill(1);
        for (Phase phase : phases) {
            Set<String> paths = moved(phase);
            List<String> trained =
                    paths.stream()
                            .filter(path -> weights.entries().get(path).var().trained())
                            .toList();
            moved.put(phase.name(), paths);
            optimizers.put(
                    phase.name(),
                    new Optimizer(ADAM, weights, List.of(new Optimizer.Group(trained, 1, 0))));
        }
    }

    /** The chain up to the last feature the plan asks for; null where it asks for none. */
    private static Trunk cut(Trunk whole, Plan plan) {
        List<Feature> features = whole.features();
        Feature last = null;
        for (Feature.Kind kind : plan.kinds()) {
            Feature wanted = whole.feature(kind);
            if (last == null || features.indexOf(wanted) > features.indexOf(last)) {
                last = wanted;
            }
        }
        return last == null ? null : whole.upTo(last);
    }

    private Set<String> moved(Phase phase) {
        if (phase.moves().isEmpty()) {
            return weights.entries().keySet();
        }
        Set<String> paths = new LinkedHashSet<>();
        for (Net net : phase.moves()) {
            net.each("", (path, var) -> paths.add(weights.path(var)));
        }
        return paths;
    }

    /** Parts by name, those of training after those of inference. */
    private final class Parts implements Build {
        private final Trunk trunk;
        private final Map<String, Net> all = new LinkedHashMap<>();
        private long[] counts;

        Parts(Trunk trunk) {
            this.trunk = trunk;
            if (trunk != null) {
                all.put("backbone", trunk);
            }
        }

        @Override
        public Trunk trunk() {
            if (trunk == null) {
                throw new IllegalStateException("asked for a backbone that its plan does not need");
            }
            return trunk;
        }

        @Override
        public InputSpec input() {
            return input;
        }

        @Override
        public List<String> labels() {
            return IntStream.range(0, classes).mapToObj(k -> "class " + k).toList();
        }

        @Override
        public long[] counts() {
            if (counts == null) {
                throw new IllegalStateException("counts() is there in phases(build) only");
            }
            return counts.clone();
        }

        @Override
        public <N extends Net> N part(String name, N net) {
            if (all.putIfAbsent(name, net) != null) {
                throw new IllegalArgumentException("two parts are named '" + name + "'");
            }
            return net;
        }
    }

    /** What a phase declares that it trains. */
    Set<String> trained(Phase phase) {
        Set<String> trained = new LinkedHashSet<>(moved.get(phase.name()));
        trained.removeIf(path -> !weights.entries().get(path).var().trained());
        return trained;
    }

    private TrialBatch batch(Scope scope, int... rows) {
        return new TrialBatch(
                scope.manager(), input, plan.views(), classes, plan.mayRelabel(), rows);
    }

    /** Makes steps; in the first two the phases that are due run, later all. */
    void steps(int count) {
        for (int i = 0; i < count; i++) {
            step(null);
        }
    }

    /**
     * Makes a step.
     *
     * @param reached by phase, the paths that a gradient that is not 0 has reached; or null
     */
    void step(Map<String, Set<String>> reached) {
        int first = step * 5;
        int[] rows = IntStream.range(0, BATCH).map(i -> (first + i) % 16).toArray();
        int epoch = step / 2;
        try (Scope scope = torch.training(Device.cpu())) {
            TrialBatch batch = batch(scope, rows);
            TorchPass pass =
                    TorchPass.training(weights, scope, new TorchPass.Clock(1, epoch, step));
            for (Phase phase : phases) {
                if (epoch > 0 || phase.due(epoch, step)) {
                    phase(phase, pass, batch, scope, reached);
                }
            }
        }
        step++;
    }

    private void phase(
            Phase phase,
            TorchPass pass,
            TrialBatch batch,
            Scope scope,
            Map<String, Set<String>> reached) {
        String what = "phase '" + phase.name() + "', step " + step;
        Map<String, float[]> before = weights.copy();
        pass.begin(phase.name(), moved.get(phase.name()));
        Loss loss = phase.objective().loss(batch, pass);
        assertFalse(loss.terms().isEmpty(), what + ": every loss term has weight 0");
        NDArray total = null;
        for (Map.Entry<String, NDArray> term : loss.terms().entrySet()) {
            scalar(term.getValue(), what + ": loss term '" + term.getKey() + "'");
            NDArray weighted = term.getValue().mul(loss.weights().get(term.getKey()));
            total = total == null ? weighted : total.add(weighted);
        }
        loss.measures().forEach((name, value) -> scalar(value, what + ": measure '" + name + "'"));
        if (loss.scores() != null) {
            assertEquals(
                    new Shape(batch.size(), classes),
                    loss.scores().getShape(),
                    what + ": shape of the scores");
        }
        Map<String, NDArray> gradients = pass.gradients(total);
        assertFalse(
                gradients.isEmpty(), what + ": its loss depends on none of the weights it moves");
        gradients.forEach((path, gradient) -> note(phase, path, gradient, what, reached));
        scope.quiet(
                () -> {
                    loss.rules().forEach(Runnable::run);
                    optimizers.get(phase.name()).update(gradients, 0.01);
                });
        pass.commit();
        scope.quiet(() -> phase.after().accept(pass));
        pass.commit();
        Map<String, float[]> after = weights.copy();
        Set<String> still = new LinkedHashSet<>(before.keySet());
        still.removeAll(moved.get(phase.name()));
        for (String path : still) {
            assertTrue(
                    Arrays.equals(before.get(path), after.get(path)),
                    what + " has moved '" + path + "', which it does not declare");
        }
    }

    private static void note(
            Phase phase,
            String path,
            NDArray gradient,
            String what,
            Map<String, Set<String>> reached) {
        boolean any = false;
        for (float value : Weights.elements(gradient)) {
            assertTrue(
                    Float.isFinite(value), what + ": the gradient of '" + path + "' is " + value);
            any |= value != 0;
        }
        if (any && reached != null) {
            reached.computeIfAbsent(phase.name(), name -> new LinkedHashSet<>()).add(path);
        }
    }

    private static void scalar(NDArray value, String what) {
        assertEquals(1, value.size(), what + " is no scalar, its shape is " + value.getShape());
        double number = value.toArray()[0].doubleValue();
        assertTrue(Double.isFinite(number), what + " is " + number);
    }

    /** Answers of inference: probabilities and extras by name, a row for each row asked. */
    Map<String, float[][]> predict(int... rows) {
        Map<String, float[][]> answers = new LinkedHashMap<>();
        try (Scope scope = torch.inference(Device.cpu())) {
            Output output = model.predict(batch(scope, rows), TorchPass.inference(weights, scope));
            if (output.probabilities() == null) {
                assertFalse(plan.labelled(), "a method with labels gives no classes");
            } else {
                assertEquals(
                        new Shape(rows.length, classes),
                        output.probabilities().getShape(),
                        "shape of the probabilities");
                answers.put("probabilities", rows(output.probabilities(), rows.length));
            }
            output.extras()
                    .forEach(
                            (name, extra) -> {
                                long n = extra.value().getShape().get(0);
                                assertEquals(rows.length, n, "rows of the extra '" + name + "'");
                                float[][] values = rows(extra.value(), rows.length);
                                if (!extra.columns().isEmpty()) {
                                    assertEquals(
                                            extra.columns().size(),
                                            values[0].length,
                                            "names of the columns of the extra '" + name + "'");
                                }
                                answers.put("extra " + name, values);
                            });
        }
        return answers;
    }

    static float[][] rows(NDArray array, int count) {
        float[] all = array.toFloatArray();
        int width = all.length / count;
        float[][] rows = new float[count][];
        for (int i = 0; i < count; i++) {
            rows[i] = Arrays.copyOfRange(all, i * width, (i + 1) * width);
        }
        return rows;
    }

    /** Everything a checkpoint holds. */
    record Saved(Map<String, float[]> weights, Map<String, Map<String, Array>> states, int step) {}

    /** An array outside the engine. */
    record Array(float[] values, long[] shape) {}

    Saved save() {
        Map<String, Map<String, Array>> states = new LinkedHashMap<>();
        optimizers.forEach(
                (phase, optimizer) -> {
                    Map<String, Array> state = new HashMap<>();
                    optimizer
                            .state()
                            .forEach(
                                    (name, array) ->
                                            state.put(
                                                    name,
                                                    new Array(
                                                            Weights.elements(array),
                                                            array.getShape().getShape())));
                    states.put(phase, state);
                });
        return new Saved(weights.copy(), states, step);
    }

    void load(Saved saved) {
        weights.restore(saved.weights());
        saved.states()
                .forEach(
                        (phase, state) ->
                                state.forEach(
                                        (name, array) ->
                                                optimizers
                                                        .get(phase)
                                                        .restore(
                                                                name,
                                                                array.values(),
                                                                array.shape())));
        step = saved.step();
    }

    /** Native arrays alive, without the forms that inference has packed. */
    long arrays() {
        weights.unprepare();
        return torch.arrays();
    }

    @Override
    public void close() {
        optimizers.values().forEach(Optimizer::close);
        weights.close();
    }
}
