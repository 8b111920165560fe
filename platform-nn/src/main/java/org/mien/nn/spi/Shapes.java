// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn.spi;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.mien.engine.OneDnn;
import org.mien.engine.Scope;
import org.mien.engine.Script;
import org.mien.engine.Torch;

/**
 * Which shapes oneDNN computes rightly, where it is known to be wrong somewhere ({@link
 * OneDnn#WRONG}). A shape is all that its code may depend on: sizes, threads, and whether gradients
 * are wanted. Before its first use it is computed once with whole numbers, which are exact in
 * whatever order they are added, by oneDNN and by plain products of matrices; a shape that differs
 * anywhere goes the other way from then on. So the verdict depends on the shape alone, and is the
 * same in each process of a machine. Safe for several threads.
 */
public final class Shapes {
    /** What can come out wrong. */
    public enum Direction {
        /** The result. */
        FORWARD,
        /** The gradient to the input. */
        INPUT,
        /** The gradient to the weight. */
        WEIGHT
    }

    /** Makes right shapes wrong: the way to test this on a machine where oneDNN is right. */
    public interface Fault {
        /**
         * Whether it is to come out wrong.
         *
         * @param shape in words, as {@link Shapes#distrusted} has it
         * @param direction what of it
         * @return true to make it wrong
         */
        boolean wrong(String shape, Direction direction);
    }

    /** What is computed, and its numbers in a fixed order. */
    private record Shape(String words, boolean input, boolean weight, int threads) {
        @Override
        public String toString() {
            return words
                    + (input || weight ? ", with gradients" : "")
                    + (threads == 1 ? ", 1 thread" : ", " + threads + " threads");
        }
    }

    /** Bytes of unfolded maps that a convolution without oneDNN has at a time, if it can. */
    private static final long BUFFER = 16 << 20;

    /** Below so many products of numbers a layer's weights cost more to lay out than is won. */
    private static final long PRODUCTS = 8_000_000;

    /** Side of the map for which weights are packed by who is not sure. */
    private static final long PACKING = 28;

    /** MKL uses registers of 512 bits on Intel's processors alone, those of 256 on all. */
    private static final boolean MKL_IS_AS_FAST =
            processor("GenuineIntel") || !processor("avx512f");

    private static volatile Shapes current = new Shapes(Torch.get().oneDnn(), null);

    private final OneDnn state;
    private final Fault fault;
    private final Map<Shape, Boolean> verdicts = new ConcurrentHashMap<>();

    private Shapes(OneDnn state, Fault fault) {
        this.state = state;
        this.fault = fault;
    }

    /**
     * Doubts oneDNN from now on, as if the check at the start had found it wrong, for tests.
     *
     * @param fault what is to come out wrong
     * @return ends it
     */
    public static Runnable doubt(Fault fault) {
        Shapes before = current;
        current = new Shapes(before.state == OneDnn.UNUSED ? OneDnn.UNUSED : OneDnn.WRONG, fault);
        return () -> current = before;
    }

    /**
     * Shapes that oneDNN has computed wrongly here since the start, each checked once.
     *
     * @return in words, in alphabetical order
     */
    public static List<String> distrusted() {
        return list(false);
    }

    /**
     * Shapes that were checked and are left to oneDNN.
     *
     * @return in words, in alphabetical order
     */
    public static List<String> trusted() {
        return list(true);
    }

    private static List<String> list(boolean verdict) {
        Map<String, Boolean> all = new TreeMap<>();
        current.verdicts.forEach((shape, right) -> all.put(shape.toString(), right));
        all.values().removeIf(right -> right != verdict);
        return List.copyOf(all.keySet());
    }

    /** Whether nothing need be asked: packed weights, too, serve inputs of every size. */
    static boolean sure() {
        return current.state.trusted();
    }

    /**
     * How a convolution is computed.
     *
     * @param x (N, C, H, W)
     * @param w shape of the weight, (O, C, h, w)
     * @param bias whether there is one
     * @param stride pixels
     * @param padding rows and columns of zeros
     * @param groups of channels that are read apart
     * @param input whether the gradient to x will be wanted
     * @param weight whether the gradient to the weight will be
     * @return 0 for oneDNN, or cuDNN on a GPU; else how many images are unfolded at a time
     */
    static int piece(
            NDArray x,
            long[] w,
            boolean bias,
            int stride,
            long[] padding,
            int groups,
            boolean input,
            boolean weight) {
        Shapes shapes = current;
        if (shapes.state.trusted() || x.getDevice().isGpu()) {
            return 0;
        }
        long[] size = x.getShape().getShape();
        long[] out = out(size, w, stride, padding);
        int piece = piece(w, out);
        boolean right =
                shapes.mayAsk(x, w[2] * w[3] == 1)
                        && shapes.right(
                                convolution("convolution", size, w, bias, stride, padding, groups),
                                input,
                                weight,
                                check ->
                                        check.call(
                                                "check_convolution",
                                                size,
                                                w,
                                                out,
                                                stride,
                                                padding,
                                                groups,
                                                piece,
                                                bias,
                                                input,
                                                weight));
        return right ? 0 : piece;
    }

    /**
     * Whether a linear layer is computed by oneDNN, as a convolution of one pixel: for large
     * batches of tokens on processors with AVX-512 that are not Intel's, where MKL is slower.
     *
     * @param x what it reads, or an array of its kind and device
     * @param size (n, t, in), or another shape, which is left to MKL
     * @param out width of the result
     * @param bias whether there is one
     * @param gradients whether they will be wanted
     * @return false for MKL, or for cuBLAS on a GPU
     */
    static boolean product(NDArray x, long[] size, long out, boolean bias, boolean gradients) {
        Shapes shapes = current;
        if (MKL_IS_AS_FAST
                || shapes.state == OneDnn.UNUSED
                || size.length != 3
                || x.getDataType() != DataType.FLOAT32
                || x.getDevice().isGpu()
                || size[0] < 2
                || size[1] < 8
                || size[0] * size[1] * size[2] * out < PRODUCTS) {
            return false;
        }
        return shapes.state.trusted()
                || shapes.mayAsk(x, true)
                        && shapes.right(
                                "product of tokens " + by(size) + " to " + out + bias(bias),
                                gradients,
                                gradients,
                                check ->
                                        check.call(
                                                "check_product",
                                                size,
                                                new long[] {out, size[2]},
                                                new long[] {size[0], size[1], out},
                                                bias,
                                                gradients,
                                                gradients));
    }

    /**
     * Whether a convolution may be computed from packed weights.
     *
     * @param x of its kind
     * @param size what it reads, (N, C, H, W)
     * @param w shape of the weight, (O, C / groups, h, w)
     * @param stride pixels
     * @param padding rows and columns of zeros
     * @param groups of channels that are read apart
     * @param plus whether something is added
     * @param relu whether a ReLU ends it
     * @return false where it has to be computed as usual
     */
    static boolean packedConvolution(
            NDArray x,
            long[] size,
            long[] w,
            int stride,
            long[] padding,
            int groups,
            boolean plus,
            boolean relu) {
        Shapes shapes = current;
        if (shapes.state.trusted()) {
            return true;
        }
        long[] out = out(size, w, stride, padding);
        return shapes.mayAsk(x, w[2] * w[3] == 1)
                && shapes.right(
                        convolution("packed convolution", size, w, true, stride, padding, groups)
                                + (plus ? ", sum" : "")
                                + (relu ? ", ReLU" : ""),
                        false,
                        false,
                        check ->
                                check.call(
                                        "check_packed_convolution",
                                        size,
                                        w,
                                        out,
                                        stride,
                                        padding,
                                        groups,
                                        piece(w, out),
                                        plus,
                                        relu,
                                        packing(size, w)));
    }

    /**
     * Whether a linear layer may be computed from packed weights.
     *
     * @param x (.., in)
     * @param out width of the result
     * @param gelu whether GELU follows
     * @param plus whether something is added
     * @return false where it has to be computed as usual
     */
    static boolean packedLinear(NDArray x, long out, boolean gelu, boolean plus) {
        Shapes shapes = current;
        if (shapes.state.trusted()) {
            return true;
        }
        long in = x.getShape().get(x.getShape().dimension() - 1);
        return packedLinear(x, x.size() / in, in, out, gelu, plus);
    }

    /** As above, of so many rows. */
    static boolean packedLinear(
            NDArray x, long rows, long in, long out, boolean gelu, boolean plus) {
        Shapes shapes = current;
        return shapes.state.trusted()
                || shapes.mayAsk(x, true)
                        && shapes.right(
                                "packed product "
                                        + by(rows, in)
                                        + " to "
                                        + out
                                        + (gelu ? ", GELU" : "")
                                        + (plus ? ", sum" : ""),
                                false,
                                false,
                                check ->
                                        check.call(
                                                "check_packed_linear",
                                                new long[] {rows, in},
                                                new long[] {out, in},
                                                new long[] {rows, out},
                                                gelu,
                                                plus));
    }

    /**
     * The input for which weights are packed: who is not sure packs for one that is always alike.
     */
    static long[] packing(long[] size, long[] w) {
        return sure()
                ? size
                : new long[] {1, size[1], Math.max(PACKING, w[2]), Math.max(PACKING, w[3])};
    }

    /**
     * Whether a shape may be tried. Where oneDNN is wrong since it believes in caches of one byte,
     * and could not be mended, products of matrices may divide by such a size and end the process.
     */
    private boolean mayAsk(NDArray x, boolean product) {
        return state == OneDnn.WRONG
                && x.getDataType() == DataType.FLOAT32
                && !(product && fault == null);
    }

    private boolean right(
            String words, boolean input, boolean weight, Function<Check, float[]> check) {
        Shape shape = new Shape(words, input, weight, Torch.get().threads());
        return verdicts.computeIfAbsent(
                shape,
                absent -> {
                    float[] wrong = check.apply(new Check(input || weight));
                    for (Direction direction : Direction.values()) {
                        boolean wanted =
                                switch (direction) {
                                    case FORWARD -> true;
                                    case INPUT -> input;
                                    case WEIGHT -> weight;
                                };
                        if (wrong[direction.ordinal()] != 0
                                || wanted
                                        && fault != null
                                        && fault.wrong(shape.toString(), direction)) {
                            return false;
                        }
                    }
                    return true;
                });
    }

    /** Both ways of computing a shape, compared. */
    private record Check(boolean gradients) {
        private static final Script SCRIPT = Operations.load("prepared.py", "check.py");

        /** Whether each direction is wrong, 0 or 1; all are where oneDNN refuses. */
        float[] call(String method, long[] x, long[] w, long[] y, Object... more) {
            Torch torch = Torch.get();
            try (Scope scope =
                    gradients ? torch.training(Device.cpu()) : torch.inference(Device.cpu())) {
                NDManager manager = scope.manager();
                List<Object> arguments = new ArrayList<>();
                arguments.add(scope.leaf(numbers(manager, x), gradients));
                arguments.add(scope.leaf(numbers(manager, w), gradients));
                arguments.add(numbers(manager, new long[] {w[0]}));
                arguments.add(numbers(manager, y));
                arguments.addAll(List.of(more));
                return SCRIPT.call(manager, method, arguments.toArray()).toFloatArray();
            } catch (RuntimeException e) {
                return new float[] {1, 1, 1};
            }
        }

        /** -1, 0 and 1 in no regular order. */
        private static NDArray numbers(NDManager manager, long[] shape) {
            ai.djl.ndarray.types.Shape all = new ai.djl.ndarray.types.Shape(shape);
            float[] numbers = new float[Math.toIntExact(all.size())];
            long state = 88172645463325252L + numbers.length;
            for (int i = 0; i < numbers.length; i++) {
                state ^= state << 13;
                state ^= state >>> 7;
                state ^= state << 17;
                numbers[i] = (int) ((state >>> 33) % 3) - 1;
            }
            return manager.create(numbers, all);
        }
    }

    /** How many images are unfolded at a time. */
    private static int piece(long[] w, long[] out) {
        long unfolded = w[1] * w[2] * w[3] * out[2] * out[3] * Float.BYTES;
        return (int) Math.max(1, Math.min(out[0], BUFFER / Math.max(1, unfolded)));
    }

    private static long[] out(long[] size, long[] w, int stride, long[] padding) {
        return new long[] {
            size[0],
            w[0],
            (size[2] + 2 * padding[0] - w[2]) / stride + 1,
            (size[3] + 2 * padding[1] - w[3]) / stride + 1
        };
    }

    private static String convolution(
            String what,
            long[] size,
            long[] w,
            boolean bias,
            int stride,
            long[] padding,
            int groups) {
        return what
                + " "
                + by(w)
                + " of "
                + by(size)
                + ", stride "
                + stride
                + ", padding "
                + by(padding)
                + (groups == 1 ? "" : ", " + groups + " groups")
                + bias(bias);
    }

    private static String bias(boolean bias) {
        return bias ? ", bias" : "";
    }

    private static String by(long... sizes) {
        return LongStream.of(sizes).mapToObj(Long::toString).collect(Collectors.joining(" x "));
    }

    private static boolean processor(String word) {
        try (Stream<String> lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.anyMatch(line -> line.contains(word));
        } catch (IOException | UncheckedIOException e) {
            return false;
        }
    }
}
