// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.mien.api.Feature;
import org.mien.api.InputSpec;
import org.mien.api.method.Backbone;
import org.mien.api.net.Tap;
import org.mien.api.net.Trunk;
import org.mien.api.net.Var;
import org.mien.engine.Scope;
import org.mien.engine.Torch;
import org.mien.nn.spi.Counter;
import org.mien.nn.spi.Optimizer;
import org.mien.nn.spi.Recorder;
import org.mien.nn.spi.Recording;
import org.mien.nn.spi.Shapes;
import org.mien.nn.spi.TorchPass;
import org.mien.nn.spi.Weights;

/**
 * What holds for every backbone. Give it a small input.
 *
 * @param <S> its settings
 */
public abstract class BackboneContract<S extends Record> extends PluginContract<S> {
    private static final Optimizer.Settings SGD =
            new Optimizer.Settings(Optimizer.Rule.SGD, 0, false, 0.9, 0.999, 1e-8);

    /** Weights whose gradients are compared with differences one by one. */
    private static final int SAMPLED = 12;

    /** How far they are moved, in units of the largest element; a ReLU that turns spoils one. */
    private static final double[] STEPS = {1e-8, 1e-7, 1e-9};

    /** For subclasses. */
    protected BackboneContract() {}

    /**
     * The backbone.
     *
     * @return a new one
     */
    protected abstract Backbone<S> plugin();

    @Override
    final Object made() {
        return plugin();
    }

    @Override
    final Class<S> type(Object plugin) {
        return backbone(plugin).settings();
    }

    @SuppressWarnings("unchecked")
    private Backbone<S> backbone(Object plugin) {
        return (Backbone<S>) plugin;
    }

    @Override
    final Done work(Object plugin, S settings, Object kept) throws Exception {
        Backbone<S> backbone = backbone(plugin);
        try (Rig rig = new Rig(backbone.trunk(settings, backbone.input(settings)))) {
            Map<String, float[]> half = weights(kept);
            if (half == null) {
                rig.step(0, 1);
                half = rig.weights.copy();
            } else {
                rig.weights.restore(half);
                rig.step = 1;
            }
            rig.step(2, 3);
            Map<String, Object> out = new LinkedHashMap<>();
            rig.weights.copy().forEach((path, values) -> out.put("'" + path + "'", values));
            rig.features(0, 1).forEach((stage, rows) -> out.put("stage '" + stage + "'", rows));
            return new Done(half, out);
        }
    }

    @SuppressWarnings("unchecked")
    private static Map<String, float[]> weights(Object kept) {
        return (Map<String, float[]>) kept;
    }

    @Override
    final long arrays() {
        return Engine.start().arrays();
    }

    @Override
    final void open(S settings) {
        trunk(settings);
    }

    private Trunk trunk(S settings) {
        Backbone<S> plugin = plugin();
        return plugin.trunk(settings, plugin.input(settings));
    }

    /** A trunk with weights. */
    private static final class Rig implements AutoCloseable {
        private final Torch torch = Engine.start();
        private final Trunk trunk;
        private final DataType type;
        private final Weights weights;
        private final Optimizer optimizer;
        private final Map<String, Float> scales = new HashMap<>();
        private int step;

        Rig(Trunk trunk) {
            this(trunk, DataType.FLOAT32);
        }

        Rig(Trunk trunk, DataType type) {
            this.trunk = trunk;
            this.type = type;
            weights = new Weights(Device.cpu(), type);
            weights.add("backbone", trunk);
            weights.entries().values().forEach(this::draw);
            weights.fill(1);
            List<String> trained =
                    weights.entries().values().stream()
                            .filter(entry -> entry.var().trained())
                            .map(Weights.Entry::path)
                            .toList();
            optimizer = new Optimizer(SGD, weights, List.of(new Optimizer.Group(trained, 1, 0)));
        }

        /** Draws a weight as the platform would, but in a fraction of the time. */
        private void draw(Weights.Entry entry) {
            Var var = entry.var();
            boolean drawn =
                    switch (var.init()) {
                        case KAIMING, FAN_IN, XAVIER, TRUNCATED_NORMAL -> true;
                        default -> false;
                    };
            if (drawn) {
                long inputs = Math.max(1, var.size() / var.shape()[0]);
                float bound = (float) Math.sqrt(3.0 / inputs);
                float[] values = new float[(int) var.size()];
                Counter random = Counter.of(1, entry.path());
                for (int i = 0; i < values.length; i++) {
                    values[i] = bound * (2 * random.nextFloat() - 1);
                }
                weights.set(entry.path(), values, var.shape());
            }
        }

        private NDArray image(Scope scope, int... rows) {
            Faces faces = Faces.rows(trunk.input(), List.of("face"), 2, rows);
            return BenchBatch.image(scope.manager(), trunk.input(), faces.views.get("face"))
                    .toType(type, false);
        }

        /** How far the last feature is from noise. */
        private NDArray loss(Scope scope, TorchPass pass, int... rows) {
            NDArray x = trunk.run(pass, image(scope, rows));
            List<Feature> features = trunk.features();
            check(features.get(features.size() - 1), x, type, rows.length);
            float[] noise = new float[(int) x.size()];
            Counter random = Counter.of(1, "noise");
            for (int i = 0; i < noise.length; i++) {
                noise[i] = random.nextFloat();
            }
            NDArray target = scope.manager().create(noise, x.getShape()).toType(type, false);
            return x.sub(target).square().mean();
        }

        private TorchPass begin(Scope scope) {
            TorchPass pass = TorchPass.training(weights, scope, new TorchPass.Clock(1, 0, step));
            Set<String> moved = new LinkedHashSet<>(weights.entries().keySet());
            moved.removeIf(path -> weights.isHeld(weights.entries().get(path).var()));
            pass.begin("train", moved);
            return pass;
        }

        /** The loss in training, of four rows; nothing moves. */
        double loss() {
            try (Scope scope = torch.training(Device.cpu())) {
                TorchPass pass = begin(scope);
                return pass.quiet(() -> loss(scope, pass, 0, 1, 2, 3).getDouble());
            }
        }

        private static float largest(NDArray array) {
            float most = 0;
            for (float value : Weights.elements(array)) {
                most = Math.max(most, Math.abs(value));
            }
            return most == 0 ? 1 : most;
        }

        /** A direction for the elements of a weight, as large as the largest one was at first. */
        private NDArray direction(NDManager owner, String path) {
            NDArray array = weights.array(path);
            float scale = scales.computeIfAbsent(path, first -> largest(array));
            float[] values = new float[(int) array.size()];
            Counter random = Counter.of(1, "direction", path);
            for (int i = 0; i < values.length; i++) {
                values[i] = scale * (2 * random.nextFloat() - 1);
            }
            return owner.create(values, array.getShape()).toType(type, false);
        }

        /** The slopes of the loss along the direction of each weight. */
        Map<String, Double> slopes() {
            Map<String, Double> slopes = new LinkedHashMap<>();
            try (Scope scope = torch.training(Device.cpu())) {
                TorchPass pass = begin(scope);
                Map<String, NDArray> gradients = pass.gradients(loss(scope, pass, 0, 1, 2, 3));
                scope.quiet(
                        () ->
                                gradients.forEach(
                                        (path, gradient) -> {
                                            try (NDManager own = scope.manager().newSubManager()) {
                                                NDArray along = direction(own, path);
                                                along.attach(own);
                                                NDArray slope = along.mul(gradient).sum();
                                                slopes.put(path, slope.getDouble());
                                            }
                                        }));
            }
            return slopes;
        }

        /** Moves weights along their directions. */
        void move(Set<String> paths, double by) {
            try (Scope scope = torch.inference(Device.cpu())) {
                for (String path : paths) {
                    try (NDManager own = scope.manager().newSubManager()) {
                        weights.array(path).addi(direction(own, path).mul(by));
                    }
                }
            }
        }

        /** The features of each stage, by name, a row for each row asked. */
        Map<String, float[][]> features(int... rows) {
            Map<String, float[][]> features = new LinkedHashMap<>();
            try (Scope scope = torch.inference(Device.cpu())) {
                TorchPass pass = TorchPass.inference(weights, scope);
                NDArray x = image(scope, rows);
                Feature from = null;
                for (Feature feature : trunk.features()) {
                    x = trunk.run(pass, x, from, feature);
                    check(feature, x, type, rows.length);
                    features.put(feature.name(), Trial.rows(x, rows.length));
                    from = feature;
                }
            }
            return features;
        }

        /** The gradients of the loss in training, by path; nothing moves. */
        Map<String, float[]> gradients(int... rows) {
            try (Scope scope = torch.training(Device.cpu())) {
                TorchPass pass = begin(scope);
                Map<String, float[]> gradients = new LinkedHashMap<>();
                pass.gradients(loss(scope, pass, rows))
                        .forEach(
                                (path, gradient) ->
                                        gradients.put(path, Weights.elements(gradient)));
                return gradients;
            }
        }

        /** Runs it with everything that may be looked at asked for. */
        void look(int... rows) {
            try (Scope scope = torch.training(Device.cpu())) {
                TorchPass pass = TorchPass.looking(weights, scope);
                pass.ask(Trunk.OUTPUT);
                NDArray last = trunk.run(pass, image(scope, rows));
                List<Tap> taps = pass.tapped(Trunk.OUTPUT);
                assertEquals(
                        trunk.features(), taps.stream().map(Tap::grid).toList(), "stages tapped");
                List<NDArray> gradients = pass.gradients(last.square().sum(), taps);
                for (int i = 0; i < taps.size(); i++) {
                    Tap tap = taps.get(i);
                    check(tap.grid(), tap.value(), type, rows.length);
                    assertEquals("backbone." + tap.grid().name(), tap.layer(), "where it lies");
                    float most = 0;
                    for (float value : Weights.elements(gradients.get(i))) {
                        assertTrue(Float.isFinite(value), "gradient of " + tap.layer());
                        most = Math.max(most, Math.abs(value));
                    }
                    assertTrue(most > 0, "no gradient leads from the last stage to " + tap.layer());
                }
            }
        }

        /** Some stages of one run, as {@link #features} gives those of each. */
        Map<String, float[][]> several(List<String> stages, int... rows) {
            Map<String, float[][]> features = new LinkedHashMap<>();
            try (Scope scope = torch.inference(Device.cpu())) {
                TorchPass pass = TorchPass.inference(weights, scope);
                List<NDArray> found =
                        trunk.run(pass, image(scope, rows), stages.toArray(String[]::new));
                for (int i = 0; i < found.size(); i++) {
                    features.put(stages.get(i), Trial.rows(found.get(i), rows.length));
                }
            }
            return features;
        }

        /** Records a forward, runs the recording on other rows, and compares with those. */
        void record(int[] rows, int... others) {
            String last = trunk.features().get(trunk.features().size() - 1).name();
            try (Scope scope = torch.training(Device.cpu())) {
                Recorder recorder = new Recorder(begin(scope), weights);
                trunk.run(recorder.pass(), recorder.view("face", image(scope, rows)));
            }
            try (Scope scope = torch.inference(Device.cpu())) {
                TorchPass pass = TorchPass.inference(weights, scope);
                Recorder recorder = new Recorder(pass, weights);
                NDArray y = trunk.run(recorder.pass(), recorder.view("face", image(scope, rows)));
                Recording recording = recorder.recording(Map.of(last, y));
                NDArray again = recording.run(pass, null, input -> image(scope, others)).get(last);
                float[][] found = Trial.rows(again, others.length);
                float[][] expected = features(others).get(last);
                for (int i = 0; i < others.length; i++) {
                    Engine.close(expected[i], found[i], "recorded and run on row " + others[i]);
                }
            }
        }

        /** A step that draws the last feature towards noise; what gradients reached. */
        Set<String> step(int... rows) {
            Set<String> reached = new LinkedHashSet<>();
            try (Scope scope = torch.training(Device.cpu())) {
                TorchPass pass = begin(scope);
                step++;
                Map<String, NDArray> gradients = pass.gradients(loss(scope, pass, rows));
                gradients.forEach(
                        (path, gradient) -> {
                            boolean any = false;
                            for (float value : Weights.elements(gradient)) {
                                assertTrue(Float.isFinite(value), path);
                                any |= value != 0;
                            }
                            if (any) {
                                reached.add(path);
                            }
                        });
                scope.quiet(() -> optimizer.update(gradients, 0.01));
                pass.commit();
            }
            return reached;
        }

        long arrays() {
            weights.unprepare();
            return torch.arrays();
        }

        @Override
        public void close() {
            optimizer.close();
            weights.close();
        }
    }

    private static void check(Feature feature, NDArray x, DataType type, int n) {
        long[] shape =
                switch (feature.kind()) {
                    case VECTOR -> new long[] {n, feature.channels()};
                    case MAP ->
                            new long[] {n, feature.channels(), feature.rows(), feature.columns()};
                    case TOKENS -> new long[] {n, feature.tokens(), feature.channels()};
                };
        assertEquals(
                new Shape(shape),
                x.getShape(),
                "stage '" + feature.name() + "' says " + feature.words() + "; its shape");
        assertEquals(type, x.getDataType(), "type of stage '" + feature.name() + "'");
    }

    private Rig rig() throws Exception {
        return new Rig(trunk(settings()));
    }

    /** It reads what it says, it has weights, and a start value for each. */
    @Test
    public void itHasWeights() throws Exception {
        InputSpec input = plugin().input(settings());
        Trunk trunk = trunk(settings());
        assertEquals(input, trunk.input(), "input of the trunk");
        assertTrue(trunk.parameters() > 0, "it has no weights");
        try (Rig rig = new Rig(trunk)) {
            rig.weights
                    .copy()
                    .forEach(
                            (path, values) -> {
                                for (float value : values) {
                                    assertTrue(Float.isFinite(value), path);
                                }
                            });
        }
    }

    /** Every stage gives the kind and the shape that it declares, whatever the batch. */
    @Test
    public void stagesGiveWhatTheyDeclare() throws Exception {
        try (Rig rig = rig()) {
            rig.features(0);
            rig.features(0, 1, 2);
            rig.step(0, 1);
            rig.step(0, 1, 2);
        }
    }

    /** The chain cut after a stage gives what the whole gives there. */
    @Test
    public void cutAfterAStageItGivesTheSame() throws Exception {
        try (Rig whole = rig()) {
            Map<String, float[][]> expected = whole.features(0, 1);
            for (Feature feature : whole.trunk.features()) {
                try (Rig cut = new Rig(trunk(settings()).upTo(feature))) {
                    float[][] rows = cut.features(0, 1).get(feature.name());
                    for (int i = 0; i < rows.length; i++) {
                        Engine.close(
                                expected.get(feature.name())[i],
                                rows[i],
                                "cut after '" + feature.name() + "'");
                    }
                }
            }
        }
    }

    /** A gradient reaches every weight from the last stage. */
    @Test
    public void gradientsReachEveryWeight() throws Exception {
        try (Rig rig = rig()) {
            Set<String> reached = new LinkedHashSet<>();
            for (int i = 0; i < 3; i++) {
                reached.addAll(rig.step(i, i + 1, i + 2));
            }
            Set<String> missed = new LinkedHashSet<>();
            rig.weights
                    .entries()
                    .forEach(
                            (path, entry) -> {
                                if (entry.var().trained() && !reached.contains(path)) {
                                    missed.add(path);
                                }
                            });
            assertEquals(Set.of(), missed, "weights that no gradient reaches");
        }
    }

    /**
     * In training and in 64 bits, gradients are what the loss does when weights are moved a little:
     * some by themselves, and all together.
     */
    @Test
    public void gradientsAreWhatTheLossDoes() throws Exception {
        try (Rig rig = new Rig(trunk(settings()), DataType.FLOAT64)) {
            Map<String, Double> slopes = rig.slopes();
            List<String> paths = List.copyOf(slopes.keySet());
            double loss = rig.loss();
            for (int i = 0; i < SAMPLED; i++) {
                String path = paths.get(i * (paths.size() - 1) / (SAMPLED - 1));
                compare(rig, Set.of(path), slopes.get(path), loss, "of '" + path + "'");
            }
            double sum = slopes.values().stream().mapToDouble(Double::doubleValue).sum();
            compare(rig, slopes.keySet(), sum, loss, "of all weights");
            Runnable end = Shapes.doubt((shape, direction) -> true);
            try {
                rig.slopes()
                        .forEach(
                                (path, slope) ->
                                        assertEquals(
                                                slopes.get(path),
                                                slope,
                                                1e-6 * Math.abs(slope) + 1e-9 * Math.abs(loss),
                                                "slope without oneDNN of '" + path + "'"));
            } finally {
                end.run();
            }
        }
    }

    /** Where oneDNN computes some shapes wrongly, in one direction, nothing else comes out. */
    @Test
    public void whereOneDnnIsWrongItIsTheSame() throws Exception {
        try (Rig rig = rig()) {
            Map<String, float[]> gradients = rig.gradients(0, 1, 2, 3);
            Map<String, float[][]> features = rig.features(0, 1);
            for (Shapes.Direction direction : Shapes.Direction.values()) {
                int odd = direction.ordinal() % 2;
                Runnable end =
                        Shapes.doubt(
                                (shape, way) -> way == direction && (shape.hashCode() & 1) == odd);
                rig.weights.unprepare();
                try {
                    rig.gradients(0, 1, 2, 3)
                            .forEach(
                                    (path, found) ->
                                            alike(
                                                    gradients.get(path),
                                                    found,
                                                    direction + " " + path));
                    rig.features(0, 1)
                            .forEach(
                                    (stage, rows) ->
                                            Engine.close(
                                                    features.get(stage)[1],
                                                    rows[1],
                                                    direction + " of stage '" + stage + "'"));
                } finally {
                    end.run();
                }
            }
        }
    }

    /**
     * A gradient whose sums were added in another order, and not another gradient: in a deep
     * network that is percents, where a ReLU falls on the other side of zero.
     */
    private static void alike(float[] expected, float[] found, String what) {
        assertEquals(expected.length, found.length, what);
        double length = 1e-12;
        double off = 0;
        for (int i = 0; i < found.length; i++) {
            length += Math.pow(expected[i], 2);
            off += Math.pow(expected[i] - found[i], 2);
        }
        assertTrue(off <= 0.01 * length, what + ": off by " + Math.sqrt(off / length));
    }

    private static void compare(
            Rig rig, Set<String> paths, double slope, double loss, String what) {
        double expected = Double.NaN;
        for (double step : STEPS) {
            rig.move(paths, step);
            double above = rig.loss();
            rig.move(paths, -2 * step);
            double below = rig.loss();
            rig.move(paths, step);
            expected = (above - below) / (2 * step);
            if (Math.abs(expected - slope) <= 1e-4 * Math.abs(expected) + 1e-6 * Math.abs(loss)) {
                return;
            }
        }
        assertEquals(expected, slope, "slope of the loss along a direction " + what);
    }

    /** The same seed gives the same bytes, at the start and after steps. */
    @Test
    public void theSameSeedGivesTheSameBytes() throws Exception {
        try (Rig one = rig();
                Rig two = rig()) {
            Engine.same(one.weights.copy(), two.weights.copy(), "start values");
            for (int i = 0; i < 2; i++) {
                assertEquals(one.step(0, 1, 2), two.step(0, 1, 2), "weights with a gradient");
            }
            Engine.same(one.weights.copy(), two.weights.copy(), "after the same steps");
        }
    }

    /** A row's features are the same alone, among others and in another order. */
    @Test
    public void inferenceDoesNotDependOnTheRestOfTheBatch() throws Exception {
        try (Rig rig = rig()) {
            rig.step(0, 1, 2, 3);
            Map<String, float[][]> together = rig.features(0, 1, 2);
            Map<String, float[][]> backwards = rig.features(2, 1, 0);
            for (int i = 0; i < 3; i++) {
                Map<String, float[][]> alone = rig.features(i);
                int row = i;
                together.forEach(
                        (stage, rows) -> {
                            String what = "stage '" + stage + "', row " + row;
                            Engine.close(rows[row], alone.get(stage)[0], what + " alone");
                            Engine.close(
                                    rows[row], backwards.get(stage)[2 - row], what + " backwards");
                        });
            }
        }
    }

    /** Inference moves nothing; training goes on after it, and inference follows the weights. */
    @Test
    public void fromTrainingToInferenceAndBack() throws Exception {
        try (Rig rig = rig();
                Rig fresh = rig()) {
            rig.step(0, 1, 2);
            Map<String, float[]> before = rig.weights.copy();
            Map<String, float[][]> early = rig.features(0, 1);
            Engine.same(before, rig.weights.copy(), "after inference");
            rig.step(1, 2, 3);
            Map<String, float[][]> late = rig.features(0, 1);
            assertFalse(
                    early.keySet().stream()
                            .allMatch(s -> Arrays.deepEquals(early.get(s), late.get(s))),
                    "inference does not follow training");
            fresh.weights.restore(rig.weights.copy());
            fresh.features(0, 1)
                    .forEach(
                            (stage, rows) ->
                                    assertArrayEquals(
                                            rows,
                                            late.get(stage),
                                            "stage '" + stage + "' with the same weights"));
        }
    }

    /**
     * Each stage can be tapped, says where it lies, and a gradient leads to it from the last; what
     * several stages give comes out of one run.
     */
    @Test
    public void itCanBeLookedInto() throws Exception {
        try (Rig rig = rig()) {
            rig.step(0, 1);
            rig.look(0, 1);
            Map<String, float[][]> each = rig.features(0, 1);
            List<Feature> features = rig.trunk.features();
            List<String> asked =
                    List.of(
                            features.get(features.size() - 1).name(),
                            features.get(0).name(),
                            features.get(features.size() / 2).name());
            rig.several(asked, 0, 1)
                    .forEach(
                            (stage, rows) -> {
                                for (int i = 0; i < rows.length; i++) {
                                    Engine.close(
                                            each.get(stage)[i],
                                            rows[i],
                                            "stage '" + stage + "' of several in one run");
                                }
                            });
        }
    }

    /**
     * A stage that the pipeline freezes has no gradient, does not move, and gives in training what
     * it gives in inference.
     */
    @Test
    public void aFrozenStageStands() throws Exception {
        try (Rig rig = rig()) {
            String first = rig.trunk.features().get(0).name();
            rig.weights.hold(rig.trunk.parts().get(first));
            Map<String, float[]> before = rig.weights.copy();
            float[][] expected = rig.features(0, 1).get(first);
            try (Scope scope = rig.torch.training(Device.cpu())) {
                NDArray x = rig.trunk.run(rig.begin(scope), rig.image(scope, 0, 1), first).get(0);
                float[][] trained = Trial.rows(x, 2);
                for (int i = 0; i < trained.length; i++) {
                    Engine.close(expected[i], trained[i], "stage '" + first + "' in training");
                }
            }
            Set<String> reached = rig.step(0, 1);
            rig.weights
                    .copy()
                    .forEach(
                            (path, values) -> {
                                if (path.startsWith("backbone." + first + ".")) {
                                    assertArrayEquals(before.get(path), values, path);
                                    assertFalse(reached.contains(path), path);
                                }
                            });
        }
    }

    /**
     * It is written in the vocabulary of networks alone, reads no element out, and so its forward
     * can be recorded and run again on other pictures.
     */
    @Test
    public void itsForwardCanBeRecorded() throws Exception {
        try (Rig rig = rig()) {
            rig.step(0, 1);
            rig.record(new int[] {0, 1}, 2, 3);
        }
    }

    /** No native array outlives a step. */
    @Test
    public void noNativeArrayIsLeft() throws Exception {
        try (Rig rig = rig()) {
            rig.step(0, 1);
            rig.features(0, 1);
            long before = rig.arrays();
            rig.step(0, 1);
            rig.step(2, 3);
            rig.features(0, 1);
            assertEquals(0, rig.arrays() - before, "native arrays left by two steps and a look");
        }
    }
}
