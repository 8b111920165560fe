// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn.spi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.engine.OneDnn;
import org.mien.engine.Scope;
import org.mien.engine.Script;
import org.mien.engine.Torch;
import org.mien.nn.BatchNorm;
import org.mien.nn.Conv2d;
import org.mien.nn.Linear;
import org.mien.nn.Relu;
import org.mien.nn.Sequence;
import org.mien.nn.TransformerBlock;
import org.mien.nn.spi.Shapes.Direction;

/** A network whose shapes come out wrong, one at a time, as oneDNN would have it. */
class ShapesTest {
    /** Convolutions of both kinds, a shortcut, tokens that oneDNN multiplies, and a head. */
    private static final class Small extends Net {
        private final Conv2d stem = part("stem", new Conv2d(3, 16, 3, 2, 1, true));
        private final Sequence body =
                part(
                        "body",
                        new Sequence(
                                new Conv2d(16, 24, 3, 1, 1),
                                new BatchNorm(24),
                                new Relu(),
                                new Conv2d(24, 160, 1, 1, 0),
                                new BatchNorm(160)));
        private final TransformerBlock block = part("block", new TransformerBlock(160, 2, 200));
        private final Linear head = part("head", new Linear(160, 7));

        @Override
        public NDArray run(Pass pass, NDArray x) {
            NDArray y = body.run(pass, stem.run(pass, x));
            NDArray tokens = y.transpose(0, 2, 3, 1).reshape(x.getShape().get(0), -1, 160);
            return head.run(pass, block.run(pass, tokens).mean(new int[] {1}));
        }
    }

    private final Small net = new Small();
    private Weights weights;
    private Runnable end = () -> {};

    @BeforeAll
    static void start() {
        Torch.start(Path.of(System.getProperty("mien.torch")));
    }

    @BeforeEach
    void fill() {
        assumeTrue(Torch.get().oneDnn() != OneDnn.UNUSED, "there is no oneDNN");
        assumeTrue(Torch.get().oneDnn() != OneDnn.WRONG, "oneDNN is wrong on this machine");
        weights = new Weights(Device.cpu());
        weights.add("net", net);
        weights.fill(3);
    }

    @AfterEach
    void close() {
        end.run();
        if (weights != null) {
            weights.close();
        }
    }

    /** From now on shapes that have this in their words come out wrong. */
    private void wrong(String part, Direction... directions) {
        end.run();
        end =
                Shapes.doubt(
                        (shape, direction) ->
                                shape.contains(part)
                                        && Arrays.asList(directions).contains(direction));
        weights.unprepare();
    }

    private static NDArray input(NDManager manager, int n) {
        return manager.arange(n * 3 * 18 * 18).mul(0.37f).sin().reshape(n, 3, 18, 18);
    }

    private float[] predict(int n) {
        try (Scope scope = Torch.get().inference(Device.cpu())) {
            TorchPass pass = TorchPass.inference(weights, scope);
            return net.run(pass, input(scope.manager(), n)).toFloatArray();
        }
    }

    /** Gradients of a step, by path; the picture's is among them. */
    private List<float[]> step(int n) {
        try (Scope scope = Torch.get().training(Device.cpu())) {
            TorchPass pass = TorchPass.training(weights, scope, new TorchPass.Clock(1, 0, 0));
            pass.begin("train", weights.entries().keySet());
            NDArray x = scope.leaf(input(scope.manager(), n), true);
            NDArray y = net.run(pass, x);
            List<float[]> found = new ArrayList<>(List.of(y.toFloatArray()));
            NDArray loss = y.square().mean();
            for (Map.Entry<String, NDArray> gradient : pass.gradients(loss).entrySet()) {
                found.add(gradient.getValue().toFloatArray());
            }
            return found;
        }
    }

    private static void near(float[] expected, float[] found) {
        assertEquals(expected.length, found.length);
        double largest = 1e-6;
        double off = 0;
        for (int i = 0; i < found.length; i++) {
            largest = Math.max(largest, Math.abs(expected[i]));
            off = Math.max(off, Math.abs(expected[i] - found[i]));
        }
        assertTrue(off <= 1e-4 * largest, "off by " + off + " of " + largest);
    }

    private static void near(List<float[]> expected, List<float[]> found) {
        assertEquals(expected.size(), found.size());
        for (int i = 0; i < found.size(); i++) {
            near(expected.get(i), found.get(i));
        }
    }

    private static void same(List<float[]> expected, List<float[]> found) {
        assertEquals(expected.size(), found.size());
        for (int i = 0; i < found.size(); i++) {
            assertArrayEquals(expected.get(i), found.get(i), "array " + i);
        }
    }

    @Test
    void whatIsKnownToBeRightIsNotChecked() {
        step(4);
        predict(4);
        assertEquals(List.of(), Shapes.trusted());
        assertEquals(List.of(), Shapes.distrusted());
    }

    /** A doubt without a cause changes no byte of a step, and names each shape once. */
    @Test
    void whereAllIsRightTheBytesAreThoseOfNoDoubt() {
        List<float[]> sure = step(4);
        wrong("nothing");
        same(sure, step(4));
        assertEquals(List.of(), Shapes.distrusted());
        List<String> trusted = Shapes.trusted();
        assertTrue(
                trusted.stream()
                        .anyMatch(
                                shape ->
                                        shape.startsWith(
                                                "convolution 160 x 24 x 1 x 1 of 4 x 24 x 9 x 9,"
                                                        + " stride 1, padding 0 x 0, with"
                                                        + " gradients, ")),
                trusted::toString);
        same(sure, step(4));
        assertEquals(trusted, Shapes.trusted(), "no check is made twice");
    }

    /** Each kind of shape in each direction: the step is right, and goes the other way. */
    @ParameterizedTest
    @EnumSource(Direction.class)
    void aWrongShapeIsNotUsedInAStep(Direction direction) {
        List<float[]> sure = step(4);
        wrong("nothing");
        step(4);
        List<String> shapes = Shapes.trusted();
        assertTrue(shapes.size() >= 3, shapes::toString);
        for (String shape : shapes) {
            wrong(shape, direction);
            List<float[]> found = step(4);
            near(sure, found);
            assertEquals(List.of(shape), Shapes.distrusted());
            // Seen in the last bits: two ways of adding the same numbers.
            assertTrue(
                    IntStream.range(0, found.size())
                            .anyMatch(i -> !Arrays.equals(sure.get(i), found.get(i))),
                    shape);
            same(found, step(4));
        }
    }

    /** Prediction needs no gradients: a shape that is wrong in those alone is used there. */
    @ParameterizedTest
    @ValueSource(strings = {"INPUT", "WEIGHT"})
    void onlyWhatIsWantedCounts(String direction) {
        wrong("", Direction.valueOf(direction));
        predict(4);
        assertEquals(List.of(), Shapes.distrusted());
        assertFalse(Shapes.trusted().isEmpty());
        step(4);
        assertFalse(Shapes.distrusted().isEmpty());
    }

    /** Packed forms are shapes of their own; what is not packed may still be oneDNN's. */
    @Test
    void packedFormsAreCheckedByThemselves() {
        float[] sure = predict(4);
        wrong("packed", Direction.FORWARD);
        near(sure, predict(4));
        assertEquals(0, weights.prepared().size(), "nothing is packed");
        assertTrue(
                Shapes.distrusted().stream().allMatch(shape -> shape.startsWith("packed")),
                () -> Shapes.distrusted().toString());
        assertTrue(
                Shapes.trusted().stream().anyMatch(shape -> shape.startsWith("convolution")),
                () -> Shapes.trusted().toString());
        for (String kind : List.of("packed convolution", "packed product")) {
            wrong(kind, Direction.FORWARD);
            near(sure, predict(4));
            assertNotEquals(0, weights.prepared().size(), "the other kind is packed");
        }
    }

    /** Where all is wrong nothing is used, and the network is right. */
    @Test
    void withoutAnyShape() {
        List<float[]> sure = step(4);
        float[] predicted = predict(4);
        wrong("", Direction.values());
        near(sure, step(4));
        near(predicted, predict(4));
        assertEquals(List.of(), Shapes.trusted());
    }

    /** Packed for whom came first, an answer would depend on him. */
    @Test
    void theOrderOfUseChangesNothing() {
        wrong("nothing");
        float[] small = predict(2);
        float[] large = predict(4);
        wrong("nothing");
        assertArrayEquals(large, predict(4));
        assertArrayEquals(small, predict(2));
    }

    /** What compares must see a difference in each direction, and a NaN. */
    @Test
    void theCheckSeesEachDirection() {
        Script script = Operations.load("prepared.py", "check.py");
        try (Scope scope = Torch.get().training(Device.cpu())) {
            NDManager m = scope.manager();
            NDArray x = scope.leaf(m.arange(6f).sub(3).reshape(2, 3), true);
            NDArray w = scope.leaf(m.ones(new Shape(2, 3)).mul(2), true);
            NDArray g = m.ones(new Shape(2, 3));
            NDArray nan = m.zeros(new Shape(2, 3)).log().mul(0);
            List<UnaryOperator<NDArray>> others =
                    List.of(
                            a -> a.add(0),
                            a -> a.add(1),
                            a -> a.add(nan),
                            a -> a.add(x.sub(x.stopGradient())),
                            a -> a.add(w.sub(w.stopGradient())));
            float[][] wrong = {{0, 0, 0}, {1, 0, 0}, {1, 0, 0}, {0, 1, 0}, {0, 0, 1}};
            for (int i = 0; i < wrong.length; i++) {
                NDArray a = x.mul(w);
                NDArray b = others.get(i).apply(x.mul(w));
                NDArray found = script.call(m, "check", a, b, x, w, g, true, true);
                assertArrayEquals(wrong[i], found.toFloatArray(), "case " + i);
            }
        }
    }
}
