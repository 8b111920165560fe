// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.recorded;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.api.net.Vocabulary;
import org.mien.api.net.Window;
import org.mien.engine.Scope;
import org.mien.engine.Torch;
import org.mien.nn.BatchNorm;
import org.mien.nn.Conv2d;
import org.mien.nn.Linear;
import org.mien.nn.Relu;
import org.mien.nn.Sequence;
import org.mien.nn.TransformerBlock;
import org.mien.nn.spi.Recorder;
import org.mien.nn.spi.Recording;
import org.mien.nn.spi.TorchPass;
import org.mien.nn.spi.Weights;

/** What is recorded can be run again, and what a network may not do is refused. */
class RecorderTest {
    private Weights weights;
    private Scope scope;

    @BeforeAll
    static void start() {
        Torch.start(Path.of(System.getProperty("mien.torch")));
    }

    @BeforeEach
    void open() {
        weights = new Weights(Device.cpu());
        scope = Torch.get().inference(Device.cpu());
    }

    @AfterEach
    void close() {
        scope.close();
        weights.close();
    }

    private NDArray x(double shift) {
        return scope.manager().arange(24f).mul(0.37f).add((float) shift).sin().reshape(2, 3, 4);
    }

    private static float[] numbers(NDArray array) {
        return array.toType(DataType.FLOAT32, true).toFloatArray();
    }

    /** Every operation of the vocabulary, in one way of using it or another. */
    private static Map<String, UnaryOperator<NDArray>> uses() {
        Map<String, UnaryOperator<NDArray>> uses = new LinkedHashMap<>();
        for (String name :
                List.of(
                        "neg",
                        "abs",
                        "sign",
                        "square",
                        "sqrt",
                        "exp",
                        "log",
                        "tanh",
                        "sin",
                        "cos",
                        "erf",
                        "floor",
                        "ceil",
                        "round",
                        "logicalNot",
                        "sum",
                        "mean",
                        "max",
                        "min",
                        "prod",
                        "flatten",
                        "squeeze",
                        "transpose",
                        "zerosLike",
                        "onesLike",
                        "stopGradient")) {
            uses.put(name + "()", x -> (NDArray) call(x, name));
        }
        for (String name :
                List.of(
                        "add", "sub", "mul", "div", "pow", "maximum", "minimum", "eq", "neq", "gt",
                        "gte", "lt", "lte")) {
            uses.put(name + "(Number)", x -> (NDArray) call(x, name, (Number) 0.5f));
            uses.put(name + "(NDArray)", x -> (NDArray) call(x, name, x.mul(0.5f)));
        }
        for (String name : List.of("logicalAnd", "logicalOr", "logicalXor")) {
            uses.put(name + "(NDArray)", x -> (NDArray) call(x.gt(0), name, x.lt(0.5f)));
        }
        for (String name : List.of("sum", "mean", "max", "min", "prod")) {
            uses.put(name + "(int[])", x -> (NDArray) call(x, name, new int[] {1}));
            uses.put(name + "(int[],boolean)", x -> (NDArray) call(x, name, new int[] {1}, true));
        }
        for (String name :
                List.of("softmax", "logSoftmax", "argMax", "argMin", "argSort", "sort", "cumSum")) {
            uses.put(name + "(int)", x -> (NDArray) call(x, name, 2));
        }
        uses.put("clip(Number,Number)", x -> x.clip(-0.2f, 0.4f));
        uses.put("argSort(int,boolean)", x -> x.argSort(2, false));
        uses.put("topK(int,int)", x -> x.topK(2, 2).get(0));
        uses.put("topK(int,int,boolean,boolean)", x -> x.topK(2, 2, true, true).get(1));
        uses.put("matMul(NDArray)", x -> x.matMul(x.transpose(0, 2, 1)));
        uses.put("batchMatMul(NDArray)", x -> x.batchMatMul(x.transpose(0, 2, 1)));
        uses.put("reshape(long[])", x -> x.reshape(2, -1));
        uses.put("reshape(Shape)", x -> x.reshape(new Shape(6, 4)));
        uses.put("flatten(int,int)", x -> x.flatten(1, 2));
        uses.put("expandDims(int)", x -> x.expandDims(1));
        uses.put("squeeze(int)", x -> x.expandDims(1).squeeze(1));
        uses.put("squeeze(int[])", x -> x.expandDims(1).squeeze(new int[] {1}));
        uses.put("transpose(int[])", x -> x.transpose(2, 0, 1));
        uses.put("swapAxes(int,int)", x -> x.swapAxes(0, 2));
        uses.put("flip(int[])", x -> x.flip(2));
        uses.put("broadcast(long[])", x -> x.expandDims(0).broadcast(2, 2, 3, 4));
        uses.put("broadcast(Shape)", x -> x.broadcast(new Shape(3, 2, 3, 4)));
        uses.put("repeat(int,long)", x -> x.repeat(0, 2));
        uses.put("repeat(long)", x -> x.repeat(2));
        uses.put("repeat(long[])", x -> x.repeat(new long[] {1, 2, 1}));
        uses.put("tile(long)", x -> x.tile(2));
        uses.put("tile(long[])", x -> x.tile(new long[] {1, 2, 1}));
        uses.put("split(long)", x -> x.split(2).get(1));
        uses.put("split(long,int)", x -> x.split(3, 1).get(2));
        uses.put("split(long[])", x -> x.split(new long[] {1}).get(1));
        uses.put("split(long[],int)", x -> x.split(new long[] {1}, 1).get(1));
        uses.put("concat(NDArray)", x -> x.concat(x));
        uses.put("concat(NDArray,int)", x -> x.concat(x.neg(), 1));
        uses.put("stack(NDArray)", x -> x.stack(x));
        uses.put("stack(NDArray,int)", x -> x.stack(x.neg(), 1));
        uses.put("get(NDIndex)", x -> x.get(new NDIndex(":, 1:, ::2")));
        uses.put("get(String,Object[])", x -> x.get(":, {}", 1));
        uses.put("get(long[])", x -> x.get(1));
        uses.put("gather(NDArray,int)", x -> x.gather(x.argSort(2), 2));
        uses.put("oneHot(int)", x -> x.argMax(2).oneHot(4));
        uses.put("oneHot(int,DataType)", x -> x.argMax(2).oneHot(4, DataType.FLOAT32));
        uses.put("concat(NDList,int)", x -> NDArrays.concat(new NDList(x, x.neg(), x.square()), 1));
        uses.put("stack(NDList,int)", x -> NDArrays.stack(new NDList(x, x.neg()), 1));
        uses.put("where(NDArray,NDArray)", x -> NDArrays.where(x.gt(0), x, x.mul(0.1f)));
        return uses;
    }

    private static Object call(NDArray x, String name, Object... arguments) {
        Class<?>[] types =
                Arrays.stream(arguments)
                        .map(
                                argument ->
                                        argument instanceof NDArray
                                                ? NDArray.class
                                                : argument instanceof Integer
                                                        ? int.class
                                                        : argument instanceof Boolean
                                                                ? boolean.class
                                                                : argument instanceof Number
                                                                        ? Number.class
                                                                        : argument.getClass())
                        .toArray(Class<?>[]::new);
        try {
            return NDArray.class.getMethod(name, types).invoke(x, arguments);
        } catch (ReflectiveOperationException e) {
            throw new AssertionError(name + " cannot be called", e);
        }
    }

    static Stream<String> operations() {
        return uses().keySet().stream();
    }

    /** The list is neither longer nor shorter than what is tried here. */
    @Test
    void everyOperationIsTried() {
        Set<String> all = new TreeSet<>(Vocabulary.operations());
        all.addAll(Vocabulary.joined());
        assertEquals(all, new TreeSet<>(uses().keySet()));
        Set<String> constants =
                Arrays.stream(NDManager.class.getMethods())
                        .filter(Vocabulary::allows)
                        .map(Vocabulary::signature)
                        .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(new TreeSet<>(Vocabulary.constants()), constants, "those that NDManager has");
        Set<String> questions =
                Arrays.stream(NDArray.class.getMethods())
                        .map(Vocabulary::signature)
                        .filter(Vocabulary.questions()::contains)
                        .collect(Collectors.toCollection(TreeSet::new));
        assertEquals(new TreeSet<>(Vocabulary.questions()), questions);
    }

    /** Recorded it gives what it gives, and run again on other numbers what it gives of those. */
    @ParameterizedTest
    @MethodSource("operations")
    void itIsRecordedAndRunAgain(String operation) {
        UnaryOperator<NDArray> use = uses().get(operation);
        Pass pass = TorchPass.inference(weights, scope);
        Recorder recorder = new Recorder(pass, weights);
        NDArray found = use.apply(recorder.view("x", x(0)));
        assertArrayEquals(numbers(use.apply(x(0))), numbers(recorder.real(found)));
        Recording recording = recorder.recording(Map.of("y", found));
        assertTrue(
                recording.steps().stream()
                        .anyMatch(step -> Vocabulary.signature(step.called()).equals(operation)),
                () -> recording.steps().toString());
        NDArray again = recording.run(pass, null, input -> x(1)).get("y");
        assertArrayEquals(numbers(use.apply(x(1))), numbers(again));
        assertEquals(
                recording.steps().get(recording.steps().size() - 1).gives().get(0).shape().size(),
                found.getShape().dimension());
    }

    /** Convolutions of all kinds, normalisation, tokens, a constant and a parameter. */
    private static final class Small extends Net {
        private final Sequence stem =
                part(
                        "stem",
                        new Sequence(
                                new Conv2d(3, 6, 3, 2, 1),
                                new BatchNorm(6),
                                new Relu(),
                                Conv2d.depthwise(6, 3, Window.by(2).same()),
                                new BatchNorm(6)));
        private final TransformerBlock block = part("block", new TransformerBlock(6, 2, 12));
        private final Linear head = part("head", new Linear(6, 4));

        @Override
        public NDArray run(Pass pass, NDArray x) {
            NDArray y = pass.maxPool(stem.run(pass, x), 2, 1, 0);
            NDArray tokens = y.reshape(x.getShape().get(0), 6, -1).transpose(0, 2, 1);
            NDArray scale = pass.scope().create(new float[] {1, 2, 1, 2, 1, 2});
            return head.run(pass, block.run(pass, tokens.mul(scale)).mean(new int[] {1}));
        }
    }

    private NDArray image(double shift) {
        return scope.manager()
                .arange(2 * 3 * 12 * 12f)
                .mul(0.37f)
                .add((float) shift)
                .sin()
                .reshape(2, 3, 12, 12);
    }

    @Test
    void aNetworkIsItsStepsItsWeightsAndItsInput() {
        Small net = new Small();
        weights.add("net", net);
        weights.fill(3);
        TorchPass pass = TorchPass.inference(weights, scope);
        Recorder recorder = new Recorder(pass, weights);
        NDArray y = net.run(recorder.pass(), recorder.view("face", image(0)));
        Recording recording = recorder.recording(Map.of("logits", y));
        assertEquals(
                weights.entries().keySet(),
                recording.inputs().stream()
                        .filter(input -> input.kind() == Recording.Kind.VAR)
                        .map(Recording.Input::name)
                        .collect(Collectors.toSet()));
        assertEquals(
                List.of("face"),
                recording.inputs().stream()
                        .filter(input -> input.kind() == Recording.Kind.VIEW)
                        .map(Recording.Input::name)
                        .toList());
        List<String> steps = recording.steps().stream().map(Recording.Step::operation).toList();
        assertEquals(
                List.of("ops.conv2d", "ops.batchNorm", "ops.relu", "ops.conv2d", "ops.batchNorm"),
                steps.subList(0, 5),
                "each layer by itself, none of several as one");
        assertTrue(steps.contains("constant.create"), steps::toString);
        assertTrue(steps.contains("ops.selfAttention"), steps::toString);
        Recording.Step deep = recording.steps().get(3);
        assertEquals(6, deep.arguments().get(4), "groups are among the arguments");
        assertEquals(Recording.Mark.NONE, deep.arguments().get(2), "there is no bias");
        assertEquals("RecorderTest.java", deep.line().split(":")[0]);
        assertArrayEquals(
                numbers(net.run(pass, image(1))),
                numbers(recording.run(pass, null, input -> image(1)).get("logits")),
                1e-5f);
    }

    static Stream<BiFunction<Pass, NDArray, Object>> refusals() {
        return Stream.of(
                (pass, x) -> x.toFloatArray(),
                (pass, x) -> x.getFloat(0, 0, 0),
                (pass, x) -> x.sum().getFloat(),
                (pass, x) -> x.addi(1),
                (pass, x) -> x.toType(DataType.FLOAT64, false),
                (pass, x) -> x.duplicate(),
                (pass, x) -> x.booleanMask(x.gt(0)),
                (pass, x) -> x.nonzero(),
                (pass, x) -> x.get(x.gt(0)),
                (pass, x) -> x.get(":, {}", x.argMax(2)),
                (pass, x) -> x.get(new NDIndex("{}", x.argMax(2))),
                (pass, x) -> x.contentEquals(x),
                (pass, x) -> x.toDebugString(),
                (pass, x) -> x.norm(),
                (pass, x) -> pass.scope().randomUniform(0, 1, new Shape(2)),
                (pass, x) -> pass.scope().newSubManager());
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void whatANetworkMayNotDoIsRefused(BiFunction<Pass, NDArray, Object> what) {
        Recorder recorder = new Recorder(TorchPass.inference(weights, scope), weights);
        NDArray x = recorder.view("x", x(0));
        String words =
                assertThrows(IllegalStateException.class, () -> what.apply(recorder.pass(), x))
                        .getMessage();
        assertTrue(words.contains("RecorderTest.java:"), words);
    }

    @Test
    void whatIsRefusedIsNamed() {
        Recorder recorder = new Recorder(TorchPass.inference(weights, scope), weights);
        NDArray x = recorder.view("x", x(0));
        String words =
                assertThrows(IllegalStateException.class, () -> x.getFloat(0, 0, 0)).getMessage();
        assertTrue(words.contains("NDArray.getFloat(long[]) at RecorderTest.java:"), words);
        assertTrue(words.contains("Vocabulary"), words);
        assertFalse(x.toString().contains("0."), "no elements in words");
        NDArray elsewhere = x(0);
        String foreign =
                assertThrows(IllegalArgumentException.class, () -> x.add(elsewhere)).getMessage();
        assertTrue(foreign.contains("comes from elsewhere"), foreign);
    }

    @Test
    void aMethodIsAllowedByItsWholeSignature() throws NoSuchMethodException {
        Method byNumbers = NDArray.class.getMethod("get", long[].class);
        Method byArray = NDArray.class.getMethod("get", NDArray.class);
        assertTrue(Vocabulary.allows(byNumbers));
        assertFalse(Vocabulary.allows(byArray));
    }
}
