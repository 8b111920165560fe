// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import org.mien.api.method.Phase;
import org.mien.engine.Scope;
import org.mien.nn.spi.Counter;
import org.mien.nn.spi.TorchPass;
import org.mien.nn.spi.TrainingStep;
import org.mien.nn.spi.Weights;

/** Gradients of a method against central differences, in 64 bits, on a copy of its weights. */
final class Slopes implements AutoCloseable {
    /** How far weights are moved, in units of the largest element; a ReLU that turns spoils one. */
    private static final double[] STEPS = {1e-5, 1e-6, 1e-7};

    private static final String SUM = "the sum";

    private final MethodBench bench;
    private final int epoch;
    private final Weights weights = new Weights(Device.cpu(), DataType.FLOAT64);
    private final Map<String, double[]> directions = new HashMap<>();

    /** Paths of the weights at which a term ends its gradient, by term. */
    private final Map<String, Set<String>> stopped;

    Slopes(MethodBench bench, int epoch, Map<String, Set<String>> stopped) {
        this.bench = bench;
        this.stopped = stopped;
        this.epoch = epoch;
        bench.parts.hang(weights);
        weights.restore(bench.weights.copy());
    }

    /** All phases in order, so that each finds what those before it have kept. */
    void compare(Faces faces) {
        try (Scope scope = bench.torch.training(Device.cpu())) {
            TorchPass.Clock clock = new TorchPass.Clock(1, epoch, bench.made);
            TorchPass pass = TorchPass.training(weights, scope, clock);
            for (Phase phase : bench.phases) {
                // A batch of its own for each forward: what one says to it the next would say
                // again.
                compare(phase, () -> forward(phase, faces, pass, scope), pass, scope);
            }
        }
    }

    private TrainingStep forward(Phase phase, Faces faces, TorchPass pass, Scope scope) {
        BenchBatch batch = bench.batch(scope, DataType.FLOAT64, faces);
        return TrainingStep.forward(phase, bench.moved.get(phase.name()), batch, pass);
    }

    private void compare(Phase phase, Supplier<TrainingStep> forward, TorchPass pass, Scope scope) {
        Set<String> moved = bench.moved.get(phase.name());
        Map<String, Map<String, Double>> slopes = new LinkedHashMap<>();
        TrainingStep first = forward.get();
        Set<String> terms = Set.copyOf(first.terms().keySet());
        Map<String, Double> factors = Map.copyOf(first.loss().weights());
        for (String term : first.terms().keySet()) {
            TrainingStep one = forward.get();
            Map<String, NDArray> gradients = pass.gradients(one.loss().terms().get(term));
            slopes.put(term, slopes(gradients, scope));
        }
        slopes.put(SUM, slopes(forward.get().gradients(), scope));
        List<String> paths =
                moved.stream().filter(path -> weights.entries().get(path).var().trained()).toList();
        Supplier<Map<String, Double>> losses = () -> losses(forward.get());
        for (String path : paths) {
            Set<String> ended = new TreeSet<>(terms);
            ended.removeIf(term -> !stopped.getOrDefault(term, Set.of()).contains(path));
            String what = "phase '" + phase.name() + "', along '" + path + "': ";
            new Compared(Set.of(path), ended, factors).with(slopes, losses, scope, what);
        }
        Set<String> all = new LinkedHashSet<>(paths);
        terms.forEach(term -> all.removeAll(stopped.getOrDefault(term, Set.of())));
        String what = "phase '" + phase.name() + "', along all weights: ";
        new Compared(all, Set.of(), factors).with(slopes, losses, scope, what);
    }

    private static Map<String, Double> losses(TrainingStep step) {
        Map<String, Double> losses = new LinkedHashMap<>(step.terms());
        losses.put(SUM, step.total());
        return losses;
    }

    /**
     * A comparison along some weights: terms in {@code ended} do not reach them on purpose; {@code
     * factors} are the weights of the terms in the sum.
     */
    private final class Compared {
        private final Set<String> paths;
        private final Set<String> ended;
        private final Map<String, Double> factors;

        Compared(Set<String> paths, Set<String> ended, Map<String, Double> factors) {
            this.paths = paths;
            this.ended = ended;
            this.factors = factors;
        }

        void with(
                Map<String, Map<String, Double>> slopes,
                Supplier<Map<String, Double>> losses,
                Scope scope,
                String what) {
            Map<String, Double> left = new LinkedHashMap<>();
            slopes.forEach(
                    (loss, of) ->
                            left.put(
                                    loss,
                                    paths.stream()
                                            .mapToDouble(p -> of.getOrDefault(p, 0.0))
                                            .sum()));
            for (String term : ended) {
                assertEquals(0, left.remove(term), what + named(term) + " says that it stops here");
            }
            Map<String, Double> expected = new LinkedHashMap<>();
            Set<String> idle = new TreeSet<>(ended);
            for (double step : STEPS) {
                move(paths, step, scope);
                Map<String, Double> above = losses.get();
                move(paths, -2 * step, scope);
                Map<String, Double> below = losses.get();
                move(paths, step, scope);
                idle.removeIf(term -> !above.get(term).equals(below.get(term)));
                for (String loss : List.copyOf(left.keySet())) {
                    double slope = (above.get(loss) - below.get(loss)) / (2 * step);
                    if (loss.equals(SUM)) {
                        for (String term : ended) {
                            slope -=
                                    factors.get(term)
                                            * (above.get(term) - below.get(term))
                                            / (2 * step);
                        }
                    }
                    double error = 1e-5 * Math.abs(slope) + 1e-7 * Math.abs(above.get(loss));
                    expected.put(loss, slope);
                    if (Math.abs(slope - left.get(loss)) <= error) {
                        left.remove(loss);
                    }
                }
                if (left.isEmpty()) {
                    break;
                }
            }
            left.forEach(
                    (loss, slope) ->
                            assertEquals(
                                    expected.get(loss),
                                    slope,
                                    what
                                            + named(loss)
                                            + " (of those that differ, "
                                            + left.keySet()
                                            + ")"));
            assertEquals(
                    Set.of(), idle, what + "they say that they stop here, and do not depend on it");
        }
    }

    private static String named(String loss) {
        return loss.equals(SUM) ? SUM : "term '" + loss + "'";
    }

    /** Slope along the direction of each weight. */
    private Map<String, Double> slopes(Map<String, NDArray> gradients, Scope scope) {
        Map<String, Double> slopes = new LinkedHashMap<>();
        scope.quiet(
                () ->
                        gradients.forEach(
                                (path, gradient) ->
                                        slopes.put(
                                                path,
                                                direction(path, scope)
                                                        .mul(gradient)
                                                        .sum()
                                                        .getDouble())));
        return slopes;
    }

    private void move(Set<String> paths, double by, Scope scope) {
        scope.quiet(
                () ->
                        paths.forEach(
                                path -> weights.array(path).addi(direction(path, scope).mul(by))));
    }

    /** As large as the largest element was at first. */
    private NDArray direction(String path, Scope scope) {
        NDArray array = weights.array(path);
        double[] values = directions.computeIfAbsent(path, first -> draw(path, array));
        return scope.manager().create(values, array.getShape());
    }

    private static double[] draw(String path, NDArray array) {
        float[] elements = Weights.elements(array);
        double largest = 0;
        for (float value : elements) {
            largest = Math.max(largest, Math.abs(value));
        }
        double[] values = new double[elements.length];
        Counter random = Counter.of(1, "direction", path);
        for (int i = 0; i < values.length; i++) {
            values[i] = (largest == 0 ? 1 : largest) * (2 * random.nextFloat() - 1);
        }
        return values;
    }

    @Override
    public void close() {
        weights.close();
    }
}
