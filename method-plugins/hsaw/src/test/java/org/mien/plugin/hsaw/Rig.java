// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.hsaw;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mien.api.Batch;
import org.mien.api.Feature;
import org.mien.api.InputSpec;
import org.mien.api.Output;
import org.mien.api.data.Sample;
import org.mien.api.method.Build;
import org.mien.api.method.Loss;
import org.mien.api.method.Model;
import org.mien.api.method.Phase;
import org.mien.api.net.Net;
import org.mien.api.net.Trunk;
import org.mien.engine.Scope;
import org.mien.engine.Torch;
import org.mien.nn.BatchNorm;
import org.mien.nn.Conv2d;
import org.mien.nn.Fn;
import org.mien.nn.Linear;
import org.mien.nn.Sequence;
import org.mien.nn.spi.Counter;
import org.mien.nn.spi.TorchPass;
import org.mien.nn.spi.Weights;
import org.mien.plugin.hsaw.HsawMethod.Settings;

/**
 * A model of 3 classes on a backbone that reads two pixels of an image of 112 x 112: one linear
 * layer to a map (2, 8, 8), which is laid out as (8, 4, 4) and convolved to (64, 4, 4).
 */
final class Rig implements AutoCloseable {
    static final int N = 3;
    static final int SIDE = 112;
    static final List<String> VIEWS = List.of("face", "left", "right");

    /** Collects parts. */
    record Parts(Trunk trunk, List<String> labels, Map<String, Net> parts) implements Build {
        static Parts on(Trunk trunk, int classes) {
            Map<String, Net> parts = new LinkedHashMap<>();
            parts.put("backbone", trunk);
            return new Parts(
                    trunk, List.of("a", "b", "c", "d", "e", "f", "g").subList(0, classes), parts);
        }

        @Override
        public InputSpec input() {
            return trunk.input();
        }

        @Override
        public long[] counts() {
            throw new IllegalStateException();
        }

        @Override
        public <T extends Net> T part(String name, T net) {
            parts.put(name, net);
            return net;
        }

        @Override
        public Trunk frozen(String role) {
            throw new IllegalStateException("no method here has a backbone that never moves");
        }

        @Override
        public void gallery(Gallery gallery) {
            throw new IllegalStateException("no method here draws pictures");
        }

        long parameters() {
            return parts.values().stream().mapToLong(Net::parameters).sum();
        }
    }

    /** Faces with labels; what was re-labelled. */
    static final class Faces implements Batch {
        private final Map<String, NDArray> views;
        private final NDArray labels;
        private final NDArray targets;
        boolean[] where;
        long[] changed;

        Faces(Map<String, NDArray> views, NDArray labels, NDArray targets) {
            this.views = views;
            this.labels = labels;
            this.targets = targets;
        }

        @Override
        public int size() {
            return N;
        }

        @Override
        public NDArray view(String name) {
            return name.equals("mirror") ? views.get("face").flip(3) : views.get(name);
        }

        @Override
        public InputSpec input() {
            throw new IllegalStateException();
        }

        @Override
        public NDArray labels() {
            return labels;
        }

        @Override
        public NDArray targets() {
            return targets;
        }

        @Override
        public NDArray weights() {
            return null;
        }

        /** The dataset's labels are all 1. */
        @Override
        public List<Sample> samples() {
            return Collections.nCopies(
                    N, new Sample("a", "a", 1, null, "", Sample.Split.TRAIN, Map.of()));
        }

        @Override
        public NDArray index() {
            throw new IllegalStateException();
        }

        @Override
        public void relabel(NDArray where, NDArray labels) {
            this.where = where.toBooleanArray();
            this.changed = labels.toLongArray();
        }
    }

    final Model model;
    final Phase phase;
    final Parts parts;
    final Weights weights = new Weights(Device.cpu());

    /** The six values of each view's two pixels, by view. */
    final Map<String, double[][]> image = new LinkedHashMap<>();

    long[] labels = {2, 0, 2};
    Faces last;

    static Trunk trunk(boolean normalised) {
        InputSpec input = new InputSpec(SIDE, SIDE, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f));
        return new Trunk(
                input,
                List.of(
                        new Trunk.Stage(
                                Feature.map("stem", 2, 8, 8),
                                () ->
                                        new Sequence(
                                                new Fn((ops, x) -> corners(x)),
                                                new Linear(6, 128),
                                                new Fn((ops, x) -> x.reshape(-1, 2, 8, 8)))),
                        new Trunk.Stage(
                                Feature.map("body", 64, 4, 4),
                                () ->
                                        new Sequence(
                                                new Fn((ops, x) -> x.reshape(-1, 8, 4, 4)),
                                                new Conv2d(8, 64, 1, 1, 0, true),
                                                normalised
                                                        ? new BatchNorm(64)
                                                        : new Fn((ops, x) -> x)))));
    }

    /** The first and the last pixel of the first row, (N, 6), by channel. */
    private static NDArray corners(NDArray x) {
        NDArray row = x.get(":, :, 0");
        return row.get(":, :, 0:1").concat(row.get(":, :, " + (SIDE - 1) + ":"), 2).reshape(-1, 6);
    }

    Rig(Settings settings) {
        this(settings, trunk(false));
    }

    Rig(Settings settings, Trunk trunk) {
        parts = Parts.on(trunk, 3);
        model = new HsawMethod().build(parts, settings);
        phase = model.phases(parts).get(0);
        parts.parts().forEach(weights::add);
        weights.fill(1);
        draw(5);
    }

    /** Draws everything, biases too. */
    void draw(long seed) {
        Counter random = Counter.of(seed, "rig");
        weights.entries()
                .forEach(
                        (path, entry) -> {
                            if (entry.var().trained()) {
                                float size =
                                        switch (path) {
                                            case "attention.weight" -> 12;
                                            case "classifier.weight" -> 2;
                                            default -> 0.2f;
                                        };
                                float[] values = new float[(int) entry.var().size()];
                                for (int i = 0; i < values.length; i++) {
                                    values[i] = size * (random.nextFloat() - 0.45f);
                                }
                                weights.set(path, values, entry.var().shape());
                            }
                        });
        for (String view : VIEWS) {
            double[][] rows = new double[N][6];
            for (double[] row : rows) {
                for (int c = 0; c < 6; c++) {
                    row[c] = random.nextFloat();
                }
            }
            image.put(view, rows);
        }
    }

    /** Pixels of a mirror image. */
    static double[] mirror(double[] row) {
        return new double[] {row[1], row[0], row[3], row[2], row[5], row[4]};
    }

    /** Everything by path, in doubles. */
    Map<String, double[]> values() {
        Map<String, double[]> values = new LinkedHashMap<>();
        weights.copy()
                .forEach(
                        (path, array) -> {
                            double[] wide = new double[array.length];
                            for (int i = 0; i < wide.length; i++) {
                                wide[i] = array[i];
                            }
                            values.put(path, wide);
                        });
        return values;
    }

    Faces batch(Scope scope) {
        Map<String, NDArray> views = new LinkedHashMap<>();
        image.forEach(
                (view, rows) -> {
                    float[] pixels = new float[N * 3 * SIDE * SIDE];
                    for (int i = 0; i < N * 3; i++) {
                        int at = i * SIDE * SIDE;
                        pixels[at] = (float) rows[i / 3][2 * (i % 3)];
                        pixels[at + SIDE - 1] = (float) rows[i / 3][2 * (i % 3) + 1];
                    }
                    Shape shape = new Shape(N, 3, SIDE, SIDE);
                    views.put(view, scope.manager().create(pixels, shape));
                });
        float[] targets = new float[N * 3];
        for (int i = 0; i < N; i++) {
            targets[i * 3 + (int) labels[i]] = 1;
        }
        last =
                new Faces(
                        views,
                        scope.manager().create(labels),
                        scope.manager().create(targets, new Shape(N, 3)));
        return last;
    }

    /** What inference answers: probabilities and extras by name, row by row. */
    Map<String, float[]> predict() {
        Map<String, float[]> answers = new LinkedHashMap<>();
        try (Scope scope = Torch.get().inference(Device.cpu())) {
            Output output = model.predict(batch(scope), TorchPass.inference(weights, scope));
            answers.put("probabilities", output.probabilities().toFloatArray());
            output.extras()
                    .forEach((name, extra) -> answers.put(name, extra.value().toFloatArray()));
        }
        return answers;
    }

    /** What a training step computes: terms, measures, their sum, and gradients. */
    record Step(Map<String, Double> terms, double loss, Map<String, float[]> gradients) {}

    Step step() {
        return step(0);
    }

    Step step(int epoch) {
        try (Scope scope = Torch.get().training(Device.cpu())) {
            TorchPass pass = TorchPass.training(weights, scope, new TorchPass.Clock(1, epoch, 0));
            pass.begin("train", weights.entries().keySet());
            Loss loss = phase.objective().loss(batch(scope), pass);
            Map<String, Double> terms = new LinkedHashMap<>();
            NDArray total = scope.manager().zeros(new Shape());
            for (Map.Entry<String, NDArray> term : loss.terms().entrySet()) {
                terms.put(term.getKey(), (double) term.getValue().getFloat());
                double weight = loss.weights().get(term.getKey());
                total = total.add(term.getValue().mul((float) weight));
            }
            loss.measures().forEach((name, value) -> terms.put(name, (double) value.getFloat()));
            double sum = total.getFloat();
            Map<String, float[]> gradients = new LinkedHashMap<>();
            pass.gradients(total).forEach((path, g) -> gradients.put(path, g.toFloatArray()));
            scope.quiet(() -> loss.rules().forEach(Runnable::run));
            pass.commit();
            return new Step(terms, sum, gradients);
        }
    }

    @Override
    public void close() {
        weights.close();
    }
}
