// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn.spi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mien.api.Feature;
import org.mien.api.InputSpec;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.api.net.Trunk;
import org.mien.api.net.Var;
import org.mien.api.net.Window;
import org.mien.engine.Scope;
import org.mien.engine.Torch;
import org.mien.nn.BatchNorm;
import org.mien.nn.Conv2d;
import org.mien.nn.Relu;
import org.mien.nn.Sequence;

/** Windows, groups and momentum against plain loops over pixels in double precision. */
class ConvolutionTest {
    private record Case(int in, int out, int[] kernel, Window window, int groups, boolean bias) {
        @Override
        public String toString() {
            return in
                    + " to "
                    + out
                    + ", "
                    + kernel[0]
                    + " x "
                    + kernel[1]
                    + ", "
                    + window
                    + ", "
                    + groups
                    + " groups, bias "
                    + bias;
        }
    }

    private static final int N = 2;
    private static final int H = 7;
    private static final int W = 8;

    static Stream<Case> cases() {
        return Stream.of(
                new Case(4, 6, new int[] {3, 3}, Window.by(1).pad(1), 1, true),
                new Case(4, 6, new int[] {3, 3}, Window.by(2).pad(1), 2, false),
                new Case(6, 6, new int[] {3, 3}, Window.by(1).pad(1), 6, false),
                new Case(6, 6, new int[] {5, 5}, Window.by(2).same(), 6, true),
                new Case(4, 8, new int[] {3, 3}, Window.by(2).same(), 4, false),
                new Case(4, 4, new int[] {1, 1}, Window.by(1), 2, true),
                new Case(3, 5, new int[] {3, 3}, Window.by(2).same(), 1, false),
                new Case(4, 4, new int[] {1, 7}, Window.by(1).pad(0, 3), 4, false),
                new Case(4, 2, new int[] {2, 3}, Window.by(1).pad(0, 1, 2, 0), 2, true));
    }

    @BeforeAll
    static void start() {
        Torch.start(Path.of(System.getProperty("mien.torch")));
    }

    private static double wave(long i, double shift) {
        return Math.sin(0.7 * i + shift);
    }

    private static double[] waves(long size, double shift) {
        double[] values = new double[Math.toIntExact(size)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) wave(i, shift);
        }
        return values;
    }

    /** The definition, in loops. */
    private static double[] reference(Case c, double[] x, double[] w, double[] b) {
        Window.Padding around = c.window.padding(H, W, c.kernel[0], c.kernel[1]);
        int stride = c.window.stride();
        int rows = (H + around.top() + around.bottom() - c.kernel[0]) / stride + 1;
        int columns = (W + around.left() + around.right() - c.kernel[1]) / stride + 1;
        int perGroup = c.in / c.groups;
        double[] y = new double[N * c.out * rows * columns];
        int at = 0;
        for (int n = 0; n < N; n++) {
            for (int o = 0; o < c.out; o++) {
                int first = o / (c.out / c.groups) * perGroup;
                for (int row = 0; row < rows; row++) {
                    for (int column = 0; column < columns; column++) {
                        double sum = b == null ? 0 : b[o];
                        for (int k = 0; k < perGroup; k++) {
                            for (int i = 0; i < c.kernel[0]; i++) {
                                for (int j = 0; j < c.kernel[1]; j++) {
                                    int py = row * stride + i - around.top();
                                    int px = column * stride + j - around.left();
                                    if (py >= 0 && py < H && px >= 0 && px < W) {
                                        sum +=
                                                x[((n * c.in + first + k) * H + py) * W + px]
                                                        * w[
                                                                ((o * perGroup + k) * c.kernel[0]
                                                                                        + i)
                                                                                * c.kernel[1]
                                                                        + j];
                                    }
                                }
                            }
                        }
                        y[at++] = sum;
                    }
                }
            }
        }
        return y;
    }

    /** A convolution with weights that are waves. */
    private static final class Rig implements AutoCloseable {
        final Case c;
        final Net net;
        final Weights weights;

        Rig(Case c, DataType type, boolean norm) {
            this.c = c;
            Conv2d conv =
                    new Conv2d(c.in, c.out, c.kernel, c.window, c.groups, c.bias, Var.Init.KAIMING);
            net = norm ? new Sequence(conv, new BatchNorm(c.out), new Relu()) : conv;
            weights = new Weights(Device.cpu(), type);
            weights.add("net", net);
            weights.entries()
                    .forEach(
                            (path, entry) -> {
                                double[] waves = waves(entry.var().size(), path.length());
                                float[] values = new float[waves.length];
                                for (int i = 0; i < values.length; i++) {
                                    values[i] =
                                            (float)
                                                    (path.endsWith("var")
                                                            ? 1 + waves[i] * waves[i]
                                                            : waves[i]);
                                }
                                weights.set(path, values, entry.var().shape());
                            });
        }

        double[] values(String path) {
            if (!weights.entries().containsKey(path)) {
                return null;
            }
            float[] narrow = weights.copy().get(path);
            double[] wide = new double[narrow.length];
            for (int i = 0; i < wide.length; i++) {
                wide[i] = narrow[i];
            }
            return wide;
        }

        NDArray x(Scope scope, DataType type) {
            return scope.manager()
                    .create(waves(N * c.in * H * W, 0.1), new Shape(N, c.in, H, W))
                    .toType(type, false);
        }

        @Override
        public void close() {
            weights.close();
        }
    }

    private static double[] numbers(NDArray array) {
        return array.toType(DataType.FLOAT64, true).toDoubleArray();
    }

    @ParameterizedTest
    @MethodSource("cases")
    void itIsTheDefinition(Case c) {
        for (boolean doubted : new boolean[] {false, true}) {
            Runnable end = doubted ? Shapes.doubt((shape, direction) -> true) : () -> {};
            try (Rig rig = new Rig(c, DataType.FLOAT32, false);
                    Scope train = Torch.get().training(Device.cpu())) {
                double[] expected =
                        reference(
                                c,
                                waves(N * c.in * H * W, 0.1),
                                rig.values("net.weight"),
                                rig.values("net.bias"));
                TorchPass pass =
                        TorchPass.training(rig.weights, train, new TorchPass.Clock(0, 0, 0));
                NDArray y = rig.net.run(pass, rig.x(train, DataType.FLOAT32));
                assertEquals(c.window.rows(H, c.kernel[0]), y.getShape().get(2));
                assertEquals(c.window.columns(W, c.kernel[1]), y.getShape().get(3));
                assertArrayEquals(expected, numbers(y), 1e-5, "trained, doubted " + doubted);
                try (Scope scope = Torch.get().inference(Device.cpu())) {
                    NDArray packed =
                            rig.net.run(
                                    TorchPass.inference(rig.weights, scope),
                                    rig.x(scope, DataType.FLOAT32));
                    assertArrayEquals(expected, numbers(packed), 1e-5, "packed " + doubted);
                }
                assertEquals(
                        Torch.get().oneDnn().trusted() && !doubted ? 1 : 0,
                        rig.weights.prepared().size());
            } finally {
                end.run();
            }
        }
    }

    /** Gradients to the map, the weight and the bias against differences of the definition. */
    @ParameterizedTest
    @MethodSource("cases")
    void itsGradientsAreThoseOfTheDefinition(Case c) {
        for (boolean doubted : new boolean[] {false, true}) {
            Runnable end = doubted ? Shapes.doubt((shape, direction) -> true) : () -> {};
            try (Rig rig = new Rig(c, DataType.FLOAT64, false);
                    Scope scope = Torch.get().training(Device.cpu())) {
                TorchPass pass =
                        TorchPass.training(rig.weights, scope, new TorchPass.Clock(0, 0, 0));
                pass.begin("train", rig.weights.entries().keySet());
                NDArray x = scope.leaf(rig.x(scope, DataType.FLOAT64), true);
                NDArray y = rig.net.run(pass, x);
                NDArray noise = scope.manager().create(waves(y.size(), 0.5), y.getShape());
                NDArray loss = y.mul(noise).sum();
                double[] toMap = numbers(pass.gradient(loss, x));
                Map<String, NDArray> found = pass.gradients(loss);
                double[] map = numbers(x);
                double[] weight = rig.values("net.weight");
                double[] bias = rig.values("net.bias");
                double[] out = waves(y.size(), 0.5);
                compare(map, toMap, () -> sum(reference(c, map, weight, bias), out), "map");
                compare(
                        weight,
                        numbers(found.get("net.weight")),
                        () -> sum(reference(c, map, weight, bias), out),
                        "weight");
                if (c.bias) {
                    compare(
                            bias,
                            numbers(found.get("net.bias")),
                            () -> sum(reference(c, map, weight, bias), out),
                            "bias");
                }
            } finally {
                end.run();
            }
        }
    }

    private static double sum(double[] y, double[] by) {
        double sum = 0;
        for (int i = 0; i < y.length; i++) {
            sum += y[i] * by[i];
        }
        return sum;
    }

    private static void compare(double[] at, double[] gradient, DoubleSupplier loss, String what) {
        assertEquals(at.length, gradient.length, what);
        for (int i = 0; i < at.length; i += 1 + at.length / 40) {
            double here = at[i];
            at[i] = here + 1e-4;
            double above = loss.getAsDouble();
            at[i] = here - 1e-4;
            double below = loss.getAsDouble();
            at[i] = here;
            assertEquals((above - below) / 2e-4, gradient[i], 1e-6, what + " " + i);
        }
    }

    /** With a normalisation and a ReLU behind it: packed it is what it is in parts. */
    @ParameterizedTest
    @MethodSource("cases")
    void normalisationFoldsIntoIt(Case c) {
        try (Rig rig = new Rig(c, DataType.FLOAT32, true)) {
            double[] w = rig.values("net.0.weight");
            double[] gamma = rig.values("net.1.weight");
            double[] beta = rig.values("net.1.bias");
            double[] mean = rig.values("net.1.running_mean");
            double[] variance = rig.values("net.1.running_var");
            double[] y = reference(c, waves(N * c.in * H * W, 0.1), w, rig.values("net.0.bias"));
            int pixels = y.length / (N * c.out);
            for (int i = 0; i < y.length; i++) {
                int o = i / pixels % c.out;
                double normal = (y[i] - mean[o]) / Math.sqrt(variance[o] + 1e-5);
                y[i] = Math.max(0, gamma[o] * normal + beta[o]);
            }
            try (Scope scope = Torch.get().inference(Device.cpu())) {
                NDArray found =
                        rig.net.run(
                                TorchPass.inference(rig.weights, scope),
                                rig.x(scope, DataType.FLOAT32));
                assertArrayEquals(y, numbers(found), 2e-5);
            }
        }
    }

    /** Of TensorFlow's padding: an odd pixel more lies below and on the right. */
    @Test
    void sameIsTensorFlows() {
        Window same = Window.by(2).same();
        assertEquals(new Window.Padding(0, 1, 0, 1), same.padding(224, 224, 3, 3));
        assertEquals(new Window.Padding(1, 1, 1, 1), same.padding(7, 7, 3, 3));
        assertEquals(new Window.Padding(1, 2, 1, 2), same.padding(14, 14, 5, 5));
        assertEquals(new Window.Padding(0, 0, 0, 0), same.padding(8, 8, 1, 1));
        assertEquals(112, same.rows(224, 3));
        assertEquals(4, same.rows(7, 3));
        assertEquals(7, same.rows(14, 5));
        assertEquals(112, Window.by(2).pad(1).rows(224, 3));
    }

    @Test
    void poolingMayHangOver() {
        try (Weights weights = new Weights(Device.cpu());
                Scope scope = Torch.get().inference(Device.cpu())) {
            Pass pass = TorchPass.inference(weights, scope);
            NDArray x = scope.manager().arange(25f).mul(-1).add(0).reshape(1, 1, 5, 5);
            double[] floor = {0, -2, -10, -12};
            assertArrayEquals(floor, numbers(pass.maxPool(x, 2, Window.by(2))));
            double[] ceil = {0, -2, -4, -10, -12, -14, -20, -22, -24};
            assertArrayEquals(ceil, numbers(pass.maxPool(x, 2, Window.by(2).ceil())));
            assertEquals(3, Window.by(2).ceil().rows(5, 2));
            assertEquals(2, Window.by(2).rows(5, 2));
            // A window may not start behind the map: 3 + 1 rows, by 2, has no third.
            assertEquals(2, Window.by(2).pad(1).ceil().rows(3, 2));
            assertEquals(
                    2,
                    pass.maxPool(x.get(":, :, :3, :3"), 2, Window.by(2).pad(1).ceil())
                            .getShape()
                            .get(2));
            // Above and left nothing, below and right one: what lies there never wins.
            double[] around = {0, -2, -4, -10, -12, -14, -20, -22, -24};
            assertArrayEquals(around, numbers(pass.maxPool(x, 2, Window.by(2).pad(0, 1, 0, 1))));
        }
    }

    /** Running statistics go by the momentum's share towards the batch's, alone and folded. */
    @ParameterizedTest
    @MethodSource("momenta")
    void statisticsFollowByMomentum(double momentum) {
        for (boolean folded : new boolean[] {false, true}) {
            BatchNorm norm = new BatchNorm(1, 1e-3, momentum);
            Net net = folded ? new Sequence(new Conv2d(1, 1, 1, 1, 0), norm) : norm;
            try (Weights weights = new Weights(Device.cpu());
                    Scope scope = Torch.get().training(Device.cpu())) {
                weights.add("net", net);
                weights.fill(1);
                String at = folded ? "net.1." : "net.";
                if (folded) {
                    weights.set("net.0.weight", new float[] {1}, 1, 1, 1, 1);
                }
                TorchPass pass = TorchPass.training(weights, scope, new TorchPass.Clock(0, 0, 0));
                pass.begin("train", weights.entries().keySet());
                NDArray x = scope.manager().create(new float[] {1, 2, 3, 6}).reshape(4, 1, 1, 1);
                NDArray y = net.run(pass, x);
                pass.commit();
                // mean 3, variance 3.5 of the batch, 14 / 3 without bias
                assertEquals(-2 / Math.sqrt(3.5 + 1e-3), numbers(y)[0], 1e-5);
                assertEquals(3 * momentum, weights.copy().get(at + "running_mean")[0], 1e-5);
                assertEquals(
                        1 - momentum + momentum * 14 / 3,
                        weights.copy().get(at + "running_var")[0],
                        1e-5);
            }
        }
    }

    static Stream<Double> momenta() {
        return Stream.of(0.1, 0.01, 1.0);
    }

    @Test
    void whatDoesNotFitIsSaidInWords() {
        String groups =
                assertThrows(
                                IllegalArgumentException.class,
                                () ->
                                        new Conv2d(
                                                4,
                                                6,
                                                new int[] {3, 3},
                                                Window.by(1),
                                                4,
                                                false,
                                                Var.Init.KAIMING))
                        .getMessage();
        assertTrue(groups.contains("4 to 6 channels in 4 groups"), groups);
        assertThrows(IllegalArgumentException.class, () -> new BatchNorm(3, 1e-5, 1.5));
        assertThrows(IllegalArgumentException.class, () -> Window.by(0));
        assertThrows(IllegalArgumentException.class, () -> Window.by(1).pad(-1));
        assertThrows(
                IllegalArgumentException.class, () -> Conv2d.depthwise(3, 3, Window.by(2).ceil()));
        try (Rig rig =
                        new Rig(
                                new Case(6, 6, new int[] {3, 3}, Window.by(1).pad(1), 2, false),
                                DataType.FLOAT32,
                                false);
                Scope scope = Torch.get().inference(Device.cpu())) {
            Pass pass = TorchPass.inference(rig.weights, scope);
            NDArray x = scope.manager().ones(new Shape(1, 4, 5, 5));
            String channels =
                    assertThrows(IllegalArgumentException.class, () -> rig.net.run(pass, x))
                            .getMessage();
            assertTrue(channels.contains("reads 6 channels"), channels);
            assertTrue(channels.contains("x has 4"), channels);
        }
    }

    /** A depthwise convolution costs its own products, not those of one that reads all. */
    @Test
    void groupsCostLess() {
        InputSpec input = new InputSpec(8, 8, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f));
        Trunk trunk =
                new Trunk(
                        input,
                        List.of(
                                new Trunk.Stage(
                                        Feature.map("first", 6, 8, 8),
                                        () -> new Conv2d(3, 6, 1, 1, 0)),
                                new Trunk.Stage(
                                        Feature.map("deep", 6, 4, 4),
                                        () -> Conv2d.depthwise(6, 3, Window.by(2).same()))));
        List<Cost> costs = Cost.of(trunk);
        assertEquals(6 * 3 * 64, costs.get(0).multiplyAdds());
        assertEquals(6 * 9 * 16, costs.get(1).multiplyAdds());
    }
}
