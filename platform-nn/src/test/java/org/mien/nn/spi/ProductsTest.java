// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.mien.engine.Scope;
import org.mien.engine.Script;
import org.mien.engine.Torch;

/** What computes products of matrices and convolutions, against the same in 64 bits. */
class ProductsTest {
    @BeforeAll
    static void start() {
        Torch.start(Path.of(System.getProperty("mien.torch")));
    }

    private static NDArray waves(Scope scope, DataType type, double step, long... shape) {
        return scope.manager()
                .arange((int) new Shape(shape).size())
                .toType(DataType.FLOAT64, false)
                .mul(step)
                .sin()
                .toType(type, false)
                .reshape(shape);
    }

    /**
     * The product, the gradients of its squares, and the gradients of the squares of the first of
     * those, which a penalty on gradients needs.
     */
    private static List<double[]> all(boolean oneDnn, DataType type, int n, int t, int in) {
        int out = in + 5;
        Script script = Operations.load();
        try (Scope scope = Torch.get().training(Device.cpu())) {
            NDArray[] leaves = {
                scope.leaf(waves(scope, type, 0.7, n, t, in), true),
                scope.leaf(waves(scope, type, 0.3, out, in), true),
                scope.leaf(waves(scope, type, 0.9, out), true)
            };
            NDArray y =
                    script.call(
                            scope.manager(),
                            "linear_bias",
                            leaves[0],
                            leaves[1],
                            leaves[2],
                            oneDnn);
            assertEquals(new Shape(n, t, out), y.getShape());
            NDArray loss = y.square().mean();
            NDArray slope = script.call(scope.manager(), "gradient", loss, leaves[0]);
            NDArray[] second =
                    script.list(
                            scope.manager(),
                            "gradients",
                            slope.square().sum().add(loss),
                            leaves,
                            false);
            List<double[]> found = new ArrayList<>();
            found.add(doubles(y));
            found.add(doubles(slope));
            for (NDArray array : second) {
                found.add(doubles(array));
            }
            return found;
        }
    }

    private static double[] doubles(NDArray array) {
        return array.stopGradient().toType(DataType.FLOAT64, true).toDoubleArray();
    }

    private static void same(List<double[]> expected, List<double[]> found) {
        assertEquals(expected.size(), found.size());
        for (int i = 0; i < expected.size(); i++) {
            double largest = 0;
            double off = 0;
            for (int j = 0; j < expected.get(i).length; j++) {
                largest = Math.max(largest, Math.abs(expected.get(i)[j]));
                off = Math.max(off, Math.abs(expected.get(i)[j] - found.get(i)[j]));
            }
            assertTrue(off <= 2e-5 * largest, i + ": off by " + off + " of " + largest);
        }
    }

    /** Large ones, odd ones, and those that are too small, too short or alone. */
    @ParameterizedTest
    @CsvSource({"16, 50, 192", "2, 197, 160", "3, 11, 515", "1, 64, 400", "64, 2, 300", "2, 9, 8"})
    void bothWaysGiveTheProductAndItsGradients(int n, int t, int in) {
        List<double[]> exact = all(false, DataType.FLOAT64, n, t, in);
        same(exact, all(false, DataType.FLOAT32, n, t, in));
        assumeTrue(Torch.get().oneDnn().trusted(), "oneDNN is wrong on this machine");
        same(exact, all(true, DataType.FLOAT32, n, t, in));
    }

    /** A part of the tokens, as attention and blocks of one token read it, is no array in rows. */
    @Test
    void tokensThatAreNotInRows() {
        Script script = Operations.load();
        for (boolean oneDnn : new boolean[] {false, true}) {
            assumeTrue(
                    !oneDnn || Torch.get().oneDnn().trusted(), "oneDNN is wrong on this machine");
            try (Scope scope = Torch.get().inference(Device.cpu())) {
                NDArray x = waves(scope, DataType.FLOAT32, 0.7, 4, 60, 192);
                NDArray w = waves(scope, DataType.FLOAT32, 0.3, 192, 192);
                NDArray part = x.get(":, 3:");
                NDArray turned = x.transpose(1, 0, 2);
                for (NDArray some : List.of(part, turned)) {
                    NDArray y = script.call(scope.manager(), "linear", some, w, oneDnn);
                    NDArray expected = some.reshape(-1, 192).matMul(w.transpose());
                    same(
                            List.of(doubles(expected)),
                            List.of(doubles(y.reshape(expected.getShape()))));
                }
            }
        }
    }

    /** A convolution without oneDNN against one in 64 bits, in both layouts, in pieces or whole. */
    @ParameterizedTest
    @CsvSource({
        "3, 8, 5, 2, 2",
        "24, 40, 1, 1, 0",
        "24, 40, 1, 2, 0",
        "5, 4, 1, 1, 1",
        "1, 6, 1, 1, 0",
        "16, 10, 3, 1, 1"
    })
    void aConvolutionWithoutOneDnn(int in, int out, int side, long stride, long padding) {
        List<double[]> exact =
                convolved(DataType.FLOAT64, false, 0, in, out, side, stride, padding);
        for (boolean last : new boolean[] {false, true}) {
            for (int piece = 1; piece <= 3; piece++) {
                same(
                        exact,
                        convolved(DataType.FLOAT32, last, piece, in, out, side, stride, padding));
            }
        }
    }

    private static List<double[]> convolved(
            DataType type,
            boolean last,
            int piece,
            int in,
            int out,
            int side,
            long stride,
            long padding) {
        Script script = Operations.load();
        try (Scope scope = Torch.get().training(Device.cpu())) {
            NDArray[] leaves = {
                scope.leaf(waves(scope, type, 0.7, 3, in, 9, 11), true),
                scope.leaf(waves(scope, type, 0.3, out, in, side, side), true),
                scope.leaf(waves(scope, type, 0.9, out), true)
            };
            NDArray x = last ? script.call(scope.manager(), "channels_last", leaves[0]) : leaves[0];
            NDArray w = last ? script.call(scope.manager(), "channels_last", leaves[1]) : leaves[1];
            NDArray y =
                    script.call(
                            scope.manager(),
                            "conv2d_bias",
                            x,
                            w,
                            leaves[2],
                            stride,
                            new long[] {padding, padding},
                            1L,
                            piece);
            List<double[]> found = new ArrayList<>(List.of(doubles(y)));
            for (NDArray array :
                    script.list(scope.manager(), "gradients", y.square().mean(), leaves, false)) {
                found.add(doubles(array));
            }
            return found;
        }
    }

    /** The same numbers twice: threads and pieces of memory do not matter. */
    @Test
    void theSameBytesTwice() {
        assumeTrue(Torch.get().oneDnn().trusted(), "oneDNN is wrong on this machine");
        List<double[]> once = all(true, DataType.FLOAT32, 16, 50, 192);
        List<double[]> again = all(true, DataType.FLOAT32, 16, 50, 192);
        for (int i = 0; i < once.size(); i++) {
            assertTrue(Arrays.equals(once.get(i), again.get(i)), "array " + i);
        }
    }
}
