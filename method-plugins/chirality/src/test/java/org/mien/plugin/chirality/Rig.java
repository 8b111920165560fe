// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.chirality;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
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
import org.mien.nn.Fn;
import org.mien.nn.Linear;
import org.mien.nn.Sequence;
import org.mien.nn.spi.Counter;
import org.mien.nn.spi.TorchPass;
import org.mien.nn.spi.Weights;
import org.mien.plugin.chirality.ChiralityMethod.Settings;

/** A model of 3 classes on a backbone of one linear layer, 6 pixels to a map (4, 2, 3). */
final class Rig implements AutoCloseable {
    static final int N = 3;
    static final int C = 4;
    static final int PLACES = 6;
    static final int[] LABELS = {2, 0, 2};

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

    /** Faces with labels. */
    record Faces(NDArray face, NDArray labels, NDArray targets) implements Batch {
        @Override
        public int size() {
            return (int) face.getShape().get(0);
        }

        @Override
        public NDArray view(String name) {
            return switch (name) {
                case "face" -> face;
                case "mirror" -> face.flip(3);
                default -> throw new IllegalArgumentException(name);
            };
        }

        @Override
        public InputSpec input() {
            throw new IllegalStateException();
        }

        @Override
        public NDArray weights() {
            return null;
        }

        @Override
        public List<Sample> samples() {
            throw new IllegalStateException();
        }

        @Override
        public NDArray index() {
            throw new IllegalStateException();
        }

        @Override
        public void relabel(NDArray where, NDArray labels) {
            throw new IllegalStateException();
        }
    }

    final Model model;
    final Phase phase;
    final Parts parts;
    final Weights weights = new Weights(Device.cpu());
    final double[][] image = new double[N][6];

    Rig(Settings settings) {
        this(settings, false);
    }

    Rig(Settings settings, boolean normalised) {
        InputSpec input = new InputSpec(1, 2, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f));
        Net map = new Fn((ops, x) -> x.reshape(-1, C, 2, 3));
        Trunk trunk =
                new Trunk(
                        input,
                        List.of(
                                new Trunk.Stage(
                                        Feature.map("map", C, 2, 3),
                                        () ->
                                                new Sequence(
                                                        new Fn((ops, x) -> x.reshape(-1, 6)),
                                                        new Linear(6, C * PLACES),
                                                        map,
                                                        normalised
                                                                ? new BatchNorm(C)
                                                                : new Fn((ops, x) -> x)))));
        parts = Parts.on(trunk, 3);
        model = new ChiralityMethod().build(parts, settings);
        phase = model.phases(parts).get(0);
        parts.parts().forEach(weights::add);
        weights.fill(1);
        draw(5);
    }

    /** Draws everything, biases and positions too; large enough that no ReLU is always off. */
    void draw(long seed) {
        Counter random = Counter.of(seed, "rig");
        weights.entries()
                .forEach(
                        (path, entry) -> {
                            if (entry.var().trained()) {
                                float[] values = new float[(int) entry.var().size()];
                                // Before the ReLU of a classifier.
                                float least = path.endsWith(".0.bias") ? 0.6f : -0.5f;
                                for (int i = 0; i < values.length; i++) {
                                    values[i] = 1.4f * random.nextFloat() + least;
                                }
                                weights.set(path, values, entry.var().shape());
                            }
                        });
        for (double[] row : image) {
            for (int c = 0; c < 6; c++) {
                row[c] = random.nextFloat();
            }
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

    Batch batch(Scope scope) {
        float[] pixels = new float[N * 6];
        float[] targets = new float[N * 3];
        long[] labels = new long[N];
        for (int i = 0; i < N; i++) {
            for (int c = 0; c < 6; c++) {
                pixels[i * 6 + c] = (float) image[i][c];
            }
            labels[i] = LABELS[i];
            targets[i * 3 + LABELS[i]] = 1;
        }
        return new Faces(
                scope.manager().create(pixels, new Shape(N, 3, 1, 2)),
                scope.manager().create(labels),
                scope.manager().create(targets, new Shape(N, 3)));
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
        try (Scope scope = Torch.get().training(Device.cpu())) {
            TorchPass pass = TorchPass.training(weights, scope, new TorchPass.Clock(1, 0, 0));
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
            pass.commit();
            return new Step(terms, sum, gradients);
        }
    }

    @Override
    public void close() {
        weights.close();
    }
}
