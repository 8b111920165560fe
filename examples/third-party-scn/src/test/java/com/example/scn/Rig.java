// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package com.example.scn;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiFunction;
import org.mien.api.Batch;
import org.mien.api.Feature;
import org.mien.api.InputSpec;
import org.mien.api.data.Sample;
import org.mien.api.method.Build;
import org.mien.api.method.Loss;
import org.mien.api.method.Model;
import org.mien.api.method.Phase;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.api.net.Trunk;
import org.mien.engine.Scope;
import org.mien.engine.Torch;
import org.mien.nn.Fn;
import org.mien.nn.Linear;
import org.mien.nn.Sequence;
import org.mien.nn.spi.TorchPass;
import org.mien.nn.spi.Weights;

/**
 * What the platform does around a method, as far as a test needs it: a backbone of one linear layer
 * (6 pixels to a vector of 5), drawn weights, one training step or one prediction.
 */
final class Rig implements AutoCloseable {
    static final List<String> CLASSES = List.of("a", "b", "c");

    final Weights weights = new Weights(Device.cpu());
    final Model model;
    final double[][] image;
    final int[] labels;
    private final Phase phase;

    Rig(ScnMethod.Settings settings, int... labels) {
        this.labels = labels;
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
        Map<String, Net> parts = new LinkedHashMap<>(Map.of("backbone", trunk));
        Build build = new Parts(trunk, parts);
        model = new ScnMethod().build(build, settings);
        phase = model.phases(build).get(0);
        parts.forEach(weights::add);
        weights.fill(1);
        Random random = new Random(3);
        weights.entries()
                .forEach(
                        (path, entry) -> {
                            float[] values = new float[(int) entry.var().size()];
                            for (int i = 0; i < values.length; i++) {
                                values[i] = 3 * random.nextFloat() - 1.5f;
                            }
                            weights.set(path, values, entry.var().shape());
                        });
        image = new double[labels.length][6];
        for (double[] row : image) {
            for (int c = 0; c < 6; c++) {
                row[c] = 2 * random.nextFloat() - 1;
            }
        }
    }

    /** Weights by path, in doubles. */
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

    /**
     * What a training step gives.
     *
     * @param labels the labels after it
     */
    record Step(
            Map<String, Double> terms,
            Map<String, Double> measures,
            Map<String, float[]> gradients,
            long[] labels) {}

    Step step(int epoch) {
        try (Scope scope = Torch.get().training(Device.cpu())) {
            TorchPass pass = TorchPass.training(weights, scope, new TorchPass.Clock(1, epoch, 0));
            pass.begin("train", weights.entries().keySet());
            Faces faces = faces(scope);
            Loss loss = phase.objective().loss(faces, pass);
            NDArray total = scope.manager().zeros(new Shape());
            for (Map.Entry<String, NDArray> term : loss.terms().entrySet()) {
                double weight = loss.weights().get(term.getKey());
                total = total.add(term.getValue().mul((float) weight));
            }
            Map<String, float[]> gradients = new LinkedHashMap<>();
            pass.gradients(total).forEach((path, g) -> gradients.put(path, g.toFloatArray()));
            scope.quiet(() -> loss.rules().forEach(Runnable::run));
            return new Step(
                    numbers(loss.terms()), numbers(loss.measures()), gradients, faces.changed());
        }
    }

    private static Map<String, Double> numbers(Map<String, NDArray> scalars) {
        Map<String, Double> numbers = new LinkedHashMap<>();
        scalars.forEach((name, value) -> numbers.put(name, (double) value.getFloat()));
        return numbers;
    }

    /** Something of a prediction. */
    <T> T predict(BiFunction<Batch, Pass, T> of) {
        try (Scope scope = Torch.get().inference(Device.cpu())) {
            return of.apply(faces(scope), TorchPass.inference(weights, scope));
        }
    }

    private Faces faces(Scope scope) {
        int n = labels.length;
        float[] pixels = new float[n * 6];
        long[] classes = new long[n];
        for (int i = 0; i < n; i++) {
            classes[i] = labels[i];
            for (int c = 0; c < 6; c++) {
                pixels[i * 6 + c] = (float) image[i][c];
            }
        }
        return new Faces(
                scope.manager().create(pixels, new Shape(n, 3, 1, 2)),
                scope.manager().create(classes),
                new ArrayList<>());
    }

    @Override
    public void close() {
        weights.close();
    }

    private record Parts(Trunk trunk, Map<String, Net> parts) implements Build {
        @Override
        public InputSpec input() {
            return trunk.input();
        }

        @Override
        public List<String> labels() {
            return CLASSES;
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
    }

    private record Faces(NDArray face, NDArray labels, List<long[]> relabelled) implements Batch {
        @Override
        public int size() {
            return (int) labels.size();
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
        public NDArray targets() {
            return labels.oneHot(CLASSES.size(), DataType.FLOAT32);
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
            boolean[] change = where.toBooleanArray();
            long[] now = labels().toLongArray();
            long[] to = labels.toLongArray();
            for (int i = 0; i < now.length; i++) {
                now[i] = change[i] ? to[i] : now[i];
            }
            relabelled.add(now);
        }

        long[] changed() {
            return relabelled.isEmpty() ? labels.toLongArray() : relabelled.get(0);
        }
    }
}
