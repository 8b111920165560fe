// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.fdrl;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mien.api.Batch;
import org.mien.api.Feature;
import org.mien.api.InputSpec;
import org.mien.api.data.Sample;
import org.mien.api.method.Build;
import org.mien.api.method.Loss;
import org.mien.api.method.Model;
import org.mien.api.method.Phase;
import org.mien.api.net.Net;
import org.mien.api.net.Trunk;
import org.mien.engine.Scope;
import org.mien.engine.Torch;
import org.mien.nn.Fn;
import org.mien.nn.Linear;
import org.mien.nn.Sequence;
import org.mien.nn.spi.Counter;
import org.mien.nn.spi.TorchPass;
import org.mien.nn.spi.Weights;
import org.mien.plugin.fdrl.FdrlMethod.Settings;

/** A model of 3 classes on a backbone of one linear layer, 6 pixels to a vector of 5. */
final class Rig implements AutoCloseable {
    static final int N = 3;
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
            return face;
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
        InputSpec input = new InputSpec(1, 2, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f));
        Trunk trunk =
                new Trunk(
                        input,
                        List.of(
                                new Trunk.Stage(
                                        Feature.vector("vector", 5),
                                        () ->
                                                new Sequence(
                                                        new Fn((ops, x) -> x.reshape(-1, 6)),
                                                        new Linear(6, 5)))));
        parts = Parts.on(trunk, 3);
        model = new FdrlMethod().build(parts, settings);
        phase = model.phases(parts).get(0);
        parts.parts().forEach(weights::add);
        weights.fill(1);
        // Draws for everything, biases and centres too; large enough that no ReLU is always off.
        Counter random = Counter.of(5L, "rig");
        weights.entries()
                .forEach(
                        (path, entry) -> {
                            float[] values = new float[(int) entry.var().size()];
                            for (int i = 0; i < values.length; i++) {
                                values[i] = 1.4f * random.nextFloat() - 0.5f;
                            }
                            weights.set(path, values, entry.var().shape());
                        });
        for (double[] row : image) {
            for (int c = 0; c < 6; c++) {
                row[c] = random.nextFloat();
            }
        }
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

    /** What a training step computes: terms and gradients; then the centres move. */
    record Step(Map<String, Double> terms, Map<String, float[]> gradients) {}

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
            Map<String, float[]> gradients = new LinkedHashMap<>();
            pass.gradients(total).forEach((path, g) -> gradients.put(path, g.toFloatArray()));
            scope.quiet(() -> loss.rules().forEach(Runnable::run));
            pass.commit();
            return new Step(terms, gradients);
        }
    }

    @Override
    public void close() {
        weights.close();
    }
}
