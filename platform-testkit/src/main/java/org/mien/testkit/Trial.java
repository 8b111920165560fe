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
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.mien.api.Batch;
import org.mien.api.Output;
import org.mien.api.data.Target;
import org.mien.api.method.Loss;
import org.mien.api.method.Method;
import org.mien.api.method.Phase;
import org.mien.api.method.Plan;
import org.mien.api.net.Tap;
import org.mien.api.net.Trunk;
import org.mien.engine.Scope;
import org.mien.nn.spi.Optimizer;
import org.mien.nn.spi.Parts;
import org.mien.nn.spi.Recorder;
import org.mien.nn.spi.Recording;
import org.mien.nn.spi.TorchPass;
import org.mien.nn.spi.TrainingStep;
import org.mien.nn.spi.Weights;

/** A method on its way through the contract: steps on noise, each looked at. */
final class Trial implements AutoCloseable {
    private static final int BATCH = 8;

    /** Samples of the training split. */
    private static final int SPLIT = 2 * BATCH;

    private static final Optimizer.Settings ADAM =
            new Optimizer.Settings(Optimizer.Rule.ADAM, 0, false, 0.9, 0.999, 1e-8);

    final Plan plan;
    final List<Phase> phases;
    final Weights weights;
    private final MethodBench bench;

    /** Labels that a step has changed, by the place of the sample. */
    private final Map<Integer, Integer> relabelled = new TreeMap<>();

    /** Loss terms and measures of the last step. */
    private final List<String> losses = new ArrayList<>();

    /** A method with fresh weights. */
    <S extends Record> Trial(Method<S> method, S settings, int classes, Trunk whole) {
        Map<String, Trunk> frozen = new LinkedHashMap<>();
        method.plan(settings)
                .frozen()
                .forEach(
                        (role, second) ->
                                frozen.put(
                                        role, Parts.cut(TinyTrunk.make(), Set.of(second.kind()))));
        bench = new MethodBench(method, settings, classes, whole, frozen, ADAM);
        plan = bench.plan;
        phases = bench.phases;
        weights = bench.weights;
    }

    /** What a phase declares that it trains. */
    Set<String> trained(Phase phase) {
        Set<String> trained = new LinkedHashSet<>(bench.moved.get(phase.name()));
        trained.removeIf(path -> !weights.entries().get(path).var().trained());
        return trained;
    }

    private Faces rows(int... rows) {
        Faces faces = Faces.rows(bench.input, plan.views(), bench.classes, rows);
        for (int i = 0; i < rows.length; i++) {
            faces.labels[i] = relabelled.getOrDefault(rows[i], faces.labels[i]);
        }
        return faces;
    }

    /** Compares gradients with differences. */
    void compareGradients(Map<String, Set<String>> stopped, int... rows) {
        bench.epoch(1);
        bench.compareGradients(rows(rows), stopped);
    }

    /** Records what each phase learns by; it throws at what is not allowed. */
    void recordObjectives(int... rows) {
        try (Scope scope = bench.torch.training(Device.cpu())) {
            TorchPass pass = bench.pass(scope, 1);
            Recorder recorder = new Recorder(pass, weights);
            Batch batch = recorder.batch(bench.batch(scope, rows(rows)));
            for (Phase phase : phases) {
                pass.begin(phase.name(), bench.moved.get(phase.name()));
                Loss loss = phase.objective().loss(batch, recorder.pass());
                recorder.recording(loss.terms());
                recorder.recording(loss.measures());
            }
        }
    }

    /** Records a prediction, runs the recording on other rows, and compares with theirs. */
    void recordPrediction(int[] rows, int... others) {
        try (Scope scope = bench.torch.inference(Device.cpu())) {
            TorchPass pass = TorchPass.inference(weights, scope);
            Recorder recorder = new Recorder(pass, weights);
            Recording recording =
                    recorder.recording(
                            arrays(
                                    bench.model.predict(
                                            recorder.batch(bench.batch(scope, rows(rows))),
                                            recorder.pass())));
            for (Recording.Input input : recording.inputs()) {
                assertTrue(
                        input.kind() == Recording.Kind.VIEW || input.kind() == Recording.Kind.VAR,
                        "its prediction reads '" + input.name() + "', which training knows alone");
            }
            BenchBatch other = bench.batch(scope, rows(others));
            Map<String, NDArray> expected = arrays(bench.model.predict(other, pass));
            recording
                    .run(pass, other, input -> other.view(input.name()))
                    .forEach(
                            (name, found) -> {
                                float[][] of = rows(found, others.length);
                                float[][] by = rows(expected.get(name), others.length);
                                for (int i = 0; i < of.length; i++) {
                                    Engine.close(
                                            by[i],
                                            of[i],
                                            name + " recorded and run on sample " + others[i]);
                                }
                            });
        }
    }

    private static Map<String, NDArray> arrays(Output output) {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        if (output.probabilities() != null) {
            arrays.put("probabilities", output.probabilities());
        }
        if (output.logits() != null) {
            arrays.put("logits", output.logits());
        }
        if (output.multiLabel() != null) {
            arrays.put("several labels", output.multiLabel());
        }
        if (output.values() != null) {
            arrays.put("values", output.values());
        }
        output.extras().forEach((name, extra) -> arrays.put(name, extra.value()));
        return arrays;
    }

    /** Predicts with every stage tapped, and leads the scores of a class back to them. */
    void look(int... rows) {
        try (Scope scope = bench.torch.training(Device.cpu())) {
            TorchPass pass = TorchPass.looking(weights, scope);
            pass.ask(Trunk.OUTPUT);
            Output output = bench.model.predict(bench.batch(scope, rows(rows)), pass);
            List<Tap> taps = pass.tapped(Trunk.OUTPUT);
            NDArray scores =
                    Stream.of(
                                    output.logits(),
                                    output.probabilities(),
                                    output.multiLabel(),
                                    output.values())
                            .filter(Objects::nonNull)
                            .findFirst()
                            .orElse(null);
            for (Tap tap : taps) {
                assertNotNull(tap.grid(), tap.layer());
            }
            if (taps.isEmpty() || scores == null) {
                return;
            }
            List<NDArray> gradients = pass.gradients(scores.get(":, 0").sum(), taps);
            for (int i = 0; i < taps.size(); i++) {
                for (float value : Weights.elements(gradients.get(i))) {
                    finite(value, "gradient of a score with respect to " + taps.get(i).layer());
                }
            }
        }
    }

    /** Makes steps on pictures without anything on them. */
    void blank() {
        Faces faces = Faces.blank(bench.input, plan.views(), BATCH);
        if (plan.read().contains(Target.CLASS)) {
            faces.labels(IntStream.range(0, BATCH).map(i -> i % bench.classes).toArray());
        }
        for (int i = 0; i < 4; i++) {
            step(faces, null);
        }
    }

    /**
     * Makes steps, two to an epoch; in the first epoch the phases that are due run, later all, so
     * that a few steps show each of them.
     */
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
        step(next(), reached);
    }

    private Faces next() {
        int first = bench.made * 5;
        return rows(IntStream.range(0, BATCH).map(i -> (first + i) % SPLIT).toArray());
    }

    private void step(Faces faces, Map<String, Set<String>> reached) {
        int epoch = bench.made / 2;
        List<Phase> running = phases.stream().filter(one -> epoch > 0 || one.due(epoch)).toList();
        step(faces, epoch, epoch > 0, reached);
        if (bench.made % 2 == 0) {
            endOfEpoch(epoch, running);
        }
    }

    private void step(Faces faces, int epoch, boolean all, Map<String, Set<String>> reached) {
        try (Scope scope = bench.torch.training(Device.cpu())) {
            BenchBatch batch = bench.batch(scope, faces);
            TorchPass pass = bench.pass(scope, epoch);
            for (Phase phase : phases) {
                if (all || phase.due(epoch, bench.made)) {
                    phase(phase, pass, batch, reached);
                }
            }
            for (int i = 0; i < faces.size && plan.mayRelabel(); i++) {
                relabelled.put(faces.places[i], batch.after()[i]);
            }
        }
        bench.made++;
    }

    private void endOfEpoch(int epoch, List<Phase> running) {
        for (Phase phase : running) {
            Map<String, float[]> before = weights.copy();
            bench.endOfEpoch(
                    phase,
                    epoch,
                    rows(IntStream.range(0, BATCH).toArray()),
                    rows(IntStream.range(BATCH, SPLIT).toArray()));
            Set<String> still = new LinkedHashSet<>(before.keySet());
            still.removeAll(bench.moved.get(phase.name()));
            still.addAll(trained(phase));
            String what = "phase '" + phase.name() + "', after epoch " + epoch + ":";
            still(before, still, what + " what it may not move was moved:");
        }
    }

    /** The epochs in which what is trained changes, with those before and after each. */
    List<Integer> turns() {
        Set<Integer> turns = new TreeSet<>(Set.of(0));
        int end = 0;
        for (Phase phase : phases) {
            end = Math.max(end, phase.until());
            for (int turn : new int[] {phase.from(), phase.until()}) {
                if (turn > 0 && turn < Integer.MAX_VALUE) {
                    turns.addAll(List.of(turn - 1, turn));
                }
            }
        }
        turns.remove(end); // nothing is left to train, as the method says
        return List.copyOf(turns);
    }

    /** Makes two steps and the end of an epoch, with what is due in it and nothing else. */
    void epoch(int epoch) {
        List<Phase> due = phases.stream().filter(one -> one.due(epoch)).toList();
        assertFalse(due.isEmpty(), "no phase is due in epoch " + epoch + ", and one is later");
        for (int i = 0; i < 2; i++) {
            step(next(), epoch, false, null);
        }
        endOfEpoch(epoch, due);
        for (Phase phase : due) {
            if (phase.until() == epoch + 1) {
                bench.optimizers.get(phase.name()).forget();
            }
        }
    }

    private void phase(
            Phase phase, TorchPass pass, BenchBatch batch, Map<String, Set<String>> reached) {
        String what = "phase '" + phase.name() + "', step " + bench.made;
        Set<String> moved = bench.moved.get(phase.name());
        Map<String, float[]> before = weights.copy();
        TrainingStep step = TrainingStep.forward(phase, moved, batch, pass);
        step.terms().forEach((name, value) -> finite(value, what + ": loss term '" + name + "'"));
        step.measures().forEach((name, value) -> finite(value, what + ": measure '" + name + "'"));
        losses.add(step.terms() + " " + step.measures());
        if (step.loss().scores() != null) {
            assertEquals(
                    new Shape(batch.size(), bench.classes),
                    step.loss().scores().getShape(),
                    what + ": shape of the scores");
        }
        step.gradients().forEach((path, gradient) -> note(phase, path, gradient, what, reached));
        still(before, before.keySet(), what + ": the loss has written into");
        step.update(
                gradients -> {
                    still(before, before.keySet(), what + ": a rule has written into");
                    bench.optimizers.get(phase.name()).update(gradients, 0.01);
                    return true;
                });
        Set<String> others = new LinkedHashSet<>(before.keySet());
        others.removeAll(moved);
        still(before, others, what + " has moved what it does not declare:");
    }

    /** Nothing but the optimiser and what was written through the pass moves anything. */
    private void still(Map<String, float[]> before, Set<String> paths, String what) {
        Map<String, float[]> now = weights.copy();
        for (String path : paths) {
            assertTrue(
                    Arrays.equals(before.get(path), now.get(path)),
                    what
                            + " '"
                            + path
                            + "'. What pass.read gives is not to be changed in place; state is"
                            + " moved by pass.write");
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

    private static void finite(double number, String what) {
        assertTrue(Double.isFinite(number), what + " is " + number);
    }

    /**
     * Answers of inference, a row for each row asked: by the words of the target, and extras by
     * name.
     */
    Map<String, float[][]> predict(int... rows) {
        return predict(rows, rows(rows));
    }

    /**
     * As {@link #predict}, where two rows each are crops of one sample; the losses of all phases,
     * as validation asks for them, are looked at, too.
     */
    Map<String, float[][]> predictCrops(int... rows) {
        Faces crops = rows(rows);
        for (int i = 0; i < rows.length; i++) {
            crop(crops, i, rows[i / 2 * 2]);
        }
        try (Scope scope = bench.torch.inference(Device.cpu())) {
            BenchBatch batch = bench.batch(scope, crops);
            TorchPass pass = TorchPass.inference(weights, scope);
            for (Phase phase : phases) {
                phase.objective()
                        .loss(batch, pass)
                        .terms()
                        .forEach(
                                (name, term) ->
                                        finite(
                                                term.toFloatArray()[0],
                                                "phase '"
                                                        + phase.name()
                                                        + "', crops: loss term '"
                                                        + name
                                                        + "'"));
            }
        }
        return predict(rows, crops);
    }

    /** The answer to one of those crops alone. */
    Map<String, float[][]> predictCrop(int row, int sample) {
        Faces alone = rows(row);
        crop(alone, 0, sample);
        return predict(new int[] {row}, alone);
    }

    /** Makes a row a crop of a sample, with all that is known about that. */
    private void crop(Faces faces, int row, int sample) {
        Faces whole = rows(sample);
        faces.places[row] = whole.places[0];
        faces.labels[row] = whole.labels[0];
        faces.originals[row] = whole.originals[0];
        if (whole.multiLabel != null) {
            faces.multiLabel[row] = whole.multiLabel[0];
            faces.values[row] = whole.values[0];
        }
    }

    private Map<String, float[][]> predict(int[] rows, Faces faces) {
        Map<String, float[][]> answers = new LinkedHashMap<>();
        try (Scope scope = bench.torch.inference(Device.cpu())) {
            Output output =
                    bench.model.predict(
                            bench.batch(scope, faces), TorchPass.inference(weights, scope));
            answer(Target.CLASS, output.probabilities(), bench.classes, answers, rows.length);
            answer(
                    Target.MULTI_LABEL,
                    output.multiLabel(),
                    Faces.MULTI_LABEL,
                    answers,
                    rows.length);
            answer(Target.VALUES, output.values(), Faces.VALUES, answers, rows.length);
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

    /** What is learnt is answered, a number for each of its names. */
    private void answer(
            Target target, NDArray given, int width, Map<String, float[][]> answers, int rows) {
        if (given == null) {
            assertFalse(
                    plan.learned().contains(target),
                    "a method that learns " + target.words() + " does not answer with it");
            return;
        }
        assertEquals(
                new Shape(rows, width),
                given.getShape(),
                "shape of the answer with " + target.words());
        float[][] numbers = rows(given, rows);
        for (float[] row : numbers) {
            for (float number : row) {
                finite(number, "a number of the answer with " + target.words());
            }
        }
        answers.put(target.words(), numbers);
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
    record Saved(
            Map<String, float[]> weights,
            Map<String, Map<String, Array>> states,
            Map<Integer, Integer> labels,
            int step) {
        /** By name. */
        Map<String, Object> told() {
            Map<String, Object> told = new TreeMap<>();
            weights.forEach((path, values) -> told.put("'" + path + "'", values));
            states.forEach(
                    (phase, state) ->
                            state.forEach(
                                    (name, array) ->
                                            told.put(
                                                    "'" + name + "' of the optimiser of " + phase,
                                                    array.values())));
            told.put("the labels", labels);
            return told;
        }
    }

    /** An array outside the engine. */
    record Array(float[] values, long[] shape) {}

    Saved save() {
        Map<String, Map<String, Array>> states = new LinkedHashMap<>();
        bench.optimizers.forEach(
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
        return new Saved(weights.copy(), states, Map.copyOf(relabelled), bench.made);
    }

    void load(Saved saved) {
        weights.restore(saved.weights());
        bench.optimizers.values().forEach(Optimizer::forget);
        saved.states()
                .forEach(
                        (phase, state) ->
                                state.forEach(
                                        (name, array) ->
                                                bench.optimizers
                                                        .get(phase)
                                                        .restore(
                                                                name,
                                                                array.values(),
                                                                array.shape())));
        relabelled.clear();
        relabelled.putAll(saved.labels());
        bench.made = saved.step();
    }

    /** Plan, weights and their shapes, losses, labels and answers of six steps, to be compared. */
    String told(int... rows) {
        StringJoiner told = new StringJoiner("\n").add(bench.outline());
        for (int i = 0; i < 6; i++) {
            losses.clear();
            step(null);
            told.add(losses.toString());
        }
        told.add(relabelled.toString());
        weights.copy().forEach((path, values) -> told.add(path + Arrays.toString(values)));
        predict(rows).forEach((name, of) -> told.add(name + Arrays.deepToString(of)));
        return told.toString();
    }

    /** Native arrays alive, without the forms that inference has packed. */
    long arrays() {
        return bench.arrays();
    }

    @Override
    public void close() {
        bench.close();
    }
}
