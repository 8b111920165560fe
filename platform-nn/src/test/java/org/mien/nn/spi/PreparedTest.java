// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn.spi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.api.net.Var;
import org.mien.api.net.Window;
import org.mien.engine.Scope;
import org.mien.engine.Torch;
import org.mien.nn.BatchNorm;
import org.mien.nn.Conv2d;
import org.mien.nn.Linear;
import org.mien.nn.Relu;
import org.mien.nn.Sequence;
import org.mien.nn.TransformerBlock;

/** Prepared layers against the same layers computed one after another. */
class PreparedTest {
    /** Everything that can be prepared, with and without bias, normalisation, ReLU and shortcut. */
    private static final class Small extends Net {
        private final Sequence stem =
                part(
                        "stem",
                        new Sequence(
                                new Conv2d(3, 16, 5, 2, 2),
                                new BatchNorm(16),
                                new Relu(),
                                new Conv2d(16, 16, 3, 1, 1, true),
                                new Relu(),
                                new Conv2d(16, 8, 1, 1, 0, true)));
        private final Conv2d conv1 = part("conv1", new Conv2d(8, 8, 3, 1, 1));
        private final Conv2d wide =
                part(
                        "wide",
                        new Conv2d(
                                8,
                                8,
                                new int[] {1, 7},
                                1,
                                new int[] {0, 3},
                                false,
                                Var.Init.FAN_IN));
        private final BatchNorm bn2 = part("bn2", new BatchNorm(8, 1e-3));
        private final Conv2d conv2 = part("conv2", new Conv2d(8, 8, 3, 1, 1, true));
        private final BatchNorm bn = part("bn", new BatchNorm(8));
        private final Linear tokens = part("tokens", new Linear(8, 8, false));
        private final TransformerBlock block = part("block", new TransformerBlock(8, 2, 12));
        private final Linear head = part("head", new Linear(8, 7));

        @Override
        public NDArray run(Pass pass, NDArray x) {
            NDArray y = stem.run(pass, x);
            y = conv2.relu(pass, conv1.run(pass, y), bn, y);
            y = wide.plus(pass, y, bn2, y);
            NDArray all = tokens.run(pass, y.transpose(0, 2, 3, 1)); // (N, H, W, 8)
            all = block.run(pass, all.reshape(all.getShape().get(0), -1, 8));
            return head.run(pass, all.mean(new int[] {1}));
        }
    }

    /** Six convolutions and five linear layers; the head has too few rows below a batch of 16. */
    private static final int FORMS = 11;

    /** None where oneDNN is wrong on this machine: layers compute as in training. */
    private static int forms(int made) {
        return Torch.get().oneDnn().trusted() ? made : 0;
    }

    private final Small net = new Small();
    private Weights weights;

    @BeforeAll
    static void start() {
        Torch.start(Path.of(System.getProperty("mien.torch")));
    }

    @BeforeEach
    void fill() {
        weights = new Weights(Device.cpu());
        weights.add("net", net);
        weights.fill(3);
        for (Weights.Entry entry : weights.entries().values()) {
            String path = entry.path();
            if (entry.var().shape().length == 1) {
                float[] values = new float[(int) entry.var().size()];
                for (int i = 0; i < values.length; i++) {
                    float wave = (float) Math.sin(i + path.length());
                    values[i] = path.contains("running_var") ? 1 + wave * wave : wave;
                }
                weights.set(path, values, entry.var().shape());
            }
        }
    }

    @AfterEach
    void close() {
        weights.close();
    }

    private static NDArray image(Scope scope, int n, int height, int width) {
        Shape shape = new Shape(n, 3, height, width);
        float[] values = new float[(int) shape.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.sin(0.37 * i);
        }
        return scope.manager().create(values, shape);
    }

    private float[] prepared(int n, int height, int width) {
        try (Scope scope = Torch.get().inference(Device.cpu())) {
            return net.run(TorchPass.inference(weights, scope), image(scope, n, height, width))
                    .toFloatArray();
        }
    }

    /** The pass of a training step without its statistics: never prepared. */
    private float[] plain(int n, int height, int width) {
        try (Scope scope = Torch.get().training(Device.cpu())) {
            Pass pass = TorchPass.training(weights, scope, new TorchPass.Clock(1, 0, 0)).still();
            return net.run(pass, image(scope, n, height, width)).toFloatArray();
        }
    }

    private static void near(float[] expected, float[] actual) {
        float largest = 0;
        for (float value : expected) {
            largest = Math.max(largest, Math.abs(value));
        }
        assertArrayEquals(expected, actual, 1e-4f * largest);
    }

    @Test
    void givesWhatTheLayersGiveForEverySizeWithTheSameForms() {
        int[][] sizes = {{1, 32, 32}, {3, 32, 32}, {2, 17, 29}, {1, 5, 3}, {2, 2, 1}, {16, 32, 32}};
        for (int round = 0; round < 2; round++) {
            for (int[] s : sizes) {
                near(plain(s[0], s[1], s[2]), prepared(s[0], s[1], s[2]));
                int made = FORMS + (round == 0 && s[0] < 16 ? 0 : 1);
                assertEquals(forms(made), weights.prepared().size());
            }
        }
    }

    /** Where oneDNN refuses, layers compute as usual and are right too, but slower. */
    @Test
    void nothingIsRefused() {
        assumeTrue(Torch.get().oneDnn().trusted(), "oneDNN is wrong on this machine");
        Var w = weights.entries().get("net.block.mlp.fc1.weight").var();
        Var kernel = weights.entries().get("net.wide.weight").var();
        try (Scope scope = Torch.get().inference(Device.cpu())) {
            Pass pass = TorchPass.inference(weights, scope);
            NDArray x = scope.manager().ones(new Shape(2, 20, 8));
            NDArray plus = scope.manager().ones(new Shape(2, 20, 12));
            assertTrue(Prepared.linear(pass, x, w, null, false, null).isPresent());
            assertTrue(Prepared.linear(pass, x, w, null, true, null).isPresent());
            assertTrue(Prepared.linear(pass, x, w, null, false, plus).isPresent());
            NDArray map = scope.manager().ones(new Shape(2, 8, 5, 5));
            Prepared.Convolution conv =
                    new Prepared.Convolution(kernel, null, Window.by(1).pad(0, 3), 1, null);
            assertTrue(Prepared.convolution(pass, map, conv, null, true).isPresent());
            assertTrue(Prepared.convolution(pass, map, conv, map, true).isPresent());
            assertTrue(Prepared.convolution(pass, map, conv, map, false).isPresent());
        }
    }

    /** A prediction holds what it has packed once, and reads it again when that is dropped. */
    @Test
    void whatIsPackedIsLetGoWhereItCanBeReadAgain() {
        float[] expected = prepared(16, 16, 16);
        Map<String, float[]> values = weights.copy();
        weights.close();
        weights = new Weights(Device.cpu());
        weights.add("net", net);
        List<String> read = new ArrayList<>();
        weights.from(
                (entry, from, into) -> {
                    if (from == 0) {
                        read.add(entry.path());
                    }
                    System.arraycopy(values.get(entry.path()), (int) from, into, 0, into.length);
                });
        long before = Torch.get().arrays();
        assertArrayEquals(expected, prepared(16, 16, 16));
        assertEquals(values.size(), read.size(), "each is read once");
        long forms = weights.prepared().size();
        assertEquals(forms(FORMS + 1), forms);
        assertEquals(before + values.size(), Torch.get().arrays(), "a form for each array let go");
        assertArrayEquals(expected, prepared(16, 16, 16));
        assertEquals(values.size(), read.size());
        weights.unprepare();
        assertArrayEquals(expected, prepared(16, 16, 16));
        assertEquals(values.size() + forms, read.size(), "what was let go is read again");
        weights.copy().forEach((path, found) -> assertArrayEquals(values.get(path), found, path));
    }

    /** Large ones are read in stretches of whole rows, and those of convolutions turned. */
    @Test
    void elementsThatAreReadLieWhereTheyBelong() {
        try (Weights large = new Weights(Device.cpu())) {
            large.add("conv", new Conv2d(300, 130, 3, 1, 1));
            large.add("linear", new Linear(1021, 301));
            large.from(
                    (entry, from, into) -> {
                        for (int i = 0; i < into.length; i++) {
                            into[i] = from + i;
                        }
                    });
            for (Weights.Entry entry : large.entries().values()) {
                NDArray array = large.array(entry.path());
                assertEquals(new Shape(entry.var().shape()), array.getShape());
                float[] found = Weights.elements(array);
                for (int i = 0; i < found.length; i++) {
                    assertEquals(i, found[i], entry.path());
                }
            }
        }
    }

    @Test
    void aTrainingStepDropsTheForms() {
        float[] before = prepared(2, 16, 16);
        Set<String> all = weights.entries().keySet();
        Optimizer.Settings sgd =
                new Optimizer.Settings(Optimizer.Rule.SGD, 0, false, 0.9, 0.999, 1e-8);
        List<String> trained = new ArrayList<>();
        for (Weights.Entry entry : weights.entries().values()) {
            if (entry.var().trained()) {
                trained.add(entry.path());
            }
        }
        try (Scope scope = Torch.get().training(Device.cpu());
                Optimizer optimizer =
                        new Optimizer(sgd, weights, List.of(new Optimizer.Group(trained, 1, 0)))) {
            TorchPass pass = TorchPass.training(weights, scope, new TorchPass.Clock(1, 0, 0));
            pass.begin("train", all);
            NDArray loss = net.run(pass, image(scope, 2, 16, 16)).square().mean();
            Map<String, NDArray> gradients = pass.gradients(loss);
            assertEquals(trained.size(), gradients.size());
            assertEquals(forms(FORMS), weights.prepared().size());
            scope.quiet(() -> optimizer.update(gradients, 0.05));
            assertEquals(0, weights.prepared().size());
            pass.commit();
        }
        float[] after = prepared(2, 16, 16);
        assertNotEquals(before[0], after[0], 1e-3f * Math.abs(before[0]));
        near(plain(2, 16, 16), after);
    }

    @Test
    void newValuesAndWrittenStateDropTheForms() {
        prepared(1, 16, 16);
        weights.set("net.head.bias", new float[7], 7);
        near(plain(1, 16, 16), prepared(1, 16, 16));
        assertEquals(forms(FORMS), weights.prepared().size());
        // Running statistics alone: nothing is updated.
        try (Scope scope = Torch.get().training(Device.cpu())) {
            TorchPass pass = TorchPass.training(weights, scope, new TorchPass.Clock(1, 0, 0));
            pass.begin("train", weights.entries().keySet());
            net.run(pass, image(scope, 2, 16, 16));
            pass.commit();
        }
        assertEquals(0, weights.prepared().size());
        near(plain(1, 16, 16), prepared(1, 16, 16));
    }

    @Test
    void arraysStayTheSameInNumberAndAreFreed() {
        long before = Torch.get().arrays();
        prepared(1, 16, 16);
        long with = Torch.get().arrays();
        assertEquals(before + forms(FORMS), with);
        for (int i = 0; i < 30; i++) {
            prepared(1 + i % 3, 16 + i, 20);
        }
        assertEquals(with, Torch.get().arrays());
        weights.unprepare();
        assertEquals(before, Torch.get().arrays());
        prepared(1, 16, 16);
        weights.close();
        assertEquals(before - weights.entries().size(), Torch.get().arrays());
    }

    @Test
    void severalThreadsShareTheFormsWhileTheyAreDropped() throws Exception {
        float[] expected = plain(1, 16, 16);
        ExecutorService pool = Executors.newFixedThreadPool(3);
        try {
            List<Callable<Void>> work = new ArrayList<>();
            for (int i = 0; i < 3; i++) {
                boolean drops = i == 0;
                work.add(
                        () -> {
                            for (int j = 0; j < 40; j++) {
                                near(expected, prepared(1, 16, 16));
                                if (drops) {
                                    weights.unprepare();
                                }
                            }
                            return null;
                        });
            }
            for (Future<Void> done : pool.invokeAll(work)) {
                done.get();
            }
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void gradientsGoThroughTheLayersAndNotThroughForms() {
        try (Scope scope = Torch.get().training(Device.cpu())) {
            NDArray x = image(scope, 1, 16, 16);
            x.setRequiresGradient(true);
            Pass pass = TorchPass.inference(weights, scope);
            NDArray gradient = pass.gradient(net.run(pass, x).sum(), x);
            assertTrue(gradient.abs().sum().getFloat() > 0);
            assertEquals(0, weights.prepared().size());
        }
    }

    /** The one call of training against its operations, with gradients and running statistics. */
    @Test
    void trainingInOneCallIsTrainingStepByStep() {
        List<float[]> found = new ArrayList<>();
        for (boolean once : new boolean[] {true, false}) {
            Conv2d conv = new Conv2d(3, 3, 3, 1, 1, true);
            BatchNorm norm = new BatchNorm(3);
            try (Weights own = new Weights(Device.cpu());
                    Scope scope = Torch.get().training(Device.cpu())) {
                own.add("conv", conv);
                own.add("norm", norm);
                own.fill(1);
                TorchPass pass = TorchPass.training(own, scope, new TorchPass.Clock(1, 0, 0));
                pass.begin("train", own.entries().keySet());
                NDArray x = image(scope, 4, 8, 8);
                x.setRequiresGradient(true);
                NDArray y =
                        once
                                ? conv.relu(pass, x, norm, x)
                                : pass.relu(norm.run(pass, conv.run(pass, x)).add(x));
                NDArray loss = y.square().mean();
                found.add(y.toFloatArray());
                found.add(pass.gradient(loss, x).toFloatArray());
                pass.gradients(loss).values().forEach(g -> found.add(Weights.elements(g)));
                pass.commit();
                own.copy().values().forEach(found::add);
            }
        }
        int half = found.size() / 2;
        assertEquals(2 + 4 + 6, half);
        for (int i = 0; i < half; i++) {
            assertArrayEquals(found.get(half + i), found.get(i), 1e-6f, "" + i);
        }
    }

    @Test
    void whatIsAddedMustHaveTheShapeOfTheResult() {
        Conv2d conv = new Conv2d(3, 4, 3, 2, 1);
        try (Scope scope = Torch.get().inference(Device.cpu());
                Weights own = new Weights(Device.cpu())) {
            own.add("conv", conv);
            own.fill(1);
            Pass pass = TorchPass.inference(own, scope);
            NDArray one = scope.manager().ones(new Shape(1, 4, 1, 1));
            NDArray x = image(scope, 1, 8, 8);
            assertEquals(
                    "a convolution gives (1, 4, 4, 4) here; what is added has (1, 4, 1, 1)",
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> conv.relu(pass, x, null, one))
                            .getMessage());
        }
    }
}
