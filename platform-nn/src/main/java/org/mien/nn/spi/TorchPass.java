// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn.spi;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.mien.api.Batch;
import org.mien.api.data.Sample;
import org.mien.api.net.Pass;
import org.mien.api.net.Var;
import org.mien.engine.Scope;

/**
 * A pass over weights in a scope. In a training scope the phases of a step follow one another:
 * {@link #begin}, the forward, {@link #gradients}, the optimiser's update, {@link #commit}.
 */
public final class TorchPass implements Pass {
    /**
     * Where in a run a pass stands.
     *
     * @param seed the run's seed
     * @param epoch from 0
     * @param step from 0, over the run
     */
    public record Clock(long seed, int epoch, long step) {}

    /** What a pass and its still twin share. */
    private static final class Shared {
        private final Weights weights;
        private final Scope scope;
        private final Clock clock;
        private final boolean inference;
        private final Map<Var, NDArray> leaves = new IdentityHashMap<>();
        private final Map<Var, NDArray> written = new IdentityHashMap<>();
        private final Map<String, NDArray> kept = new LinkedHashMap<>();
        private final Map<String, List<NDArray>> taps = new LinkedHashMap<>();
        private Set<String> moved = Set.of();
        private String phase = "";
        private boolean inParts;
        private NDManager owner;
        private int drops;

        Shared(Weights weights, Scope scope, Clock clock, boolean inference) {
            this.weights = weights;
            this.scope = scope;
            this.clock = clock;
            this.inference = inference;
            this.owner = scope.manager();
        }
    }

    private final Shared shared;
    private final boolean training;

    private TorchPass(Shared shared, boolean training) {
        this.shared = shared;
        this.training = training;
    }

    /**
     * A pass that predicts.
     *
     * @param weights the weights
     * @param scope an inference scope
     * @return the pass
     */
    public static TorchPass inference(Weights weights, Scope scope) {
        return new TorchPass(new Shared(weights, scope, new Clock(0, 0, 0), true), false);
    }

    /**
     * A pass that trains; call {@link #begin} before each phase.
     *
     * @param weights the weights
     * @param scope a training scope
     * @param clock where in the run
     * @return the pass
     */
    public static TorchPass training(Weights weights, Scope scope, Clock clock) {
        return new TorchPass(new Shared(weights, scope, clock, false), true);
    }

    /**
     * Begins a phase.
     *
     * @param phase its name
     * @param moved paths of the vars it moves, weights and state
     */
    public void begin(String phase, Set<String> moved) {
        shared.phase = phase;
        shared.moved = moved;
        shared.drops = 0;
        shared.leaves.clear();
        shared.written.clear();
    }

    /**
     * Gradients of the phase's loss.
     *
     * @param loss a scalar
     * @return path to gradient, in the order of the weights, for each weight that was read and that
     *     the loss depends on
     */
    public Map<String, NDArray> gradients(NDArray loss) {
        Map<String, NDArray> read = new LinkedHashMap<>();
        for (Weights.Entry entry : shared.weights.entries().values()) {
            NDArray leaf = shared.leaves.get(entry.var());
            if (leaf != null && moves(entry.var(), entry.path())) {
                read.put(entry.path(), leaf);
            }
        }
        Map<String, NDArray> gradients = new LinkedHashMap<>();
        if (read.isEmpty()) {
            return gradients;
        }
        NDArray[] leaves = read.values().toArray(new NDArray[0]);
        NDArray[] found = list("gradients", loss, leaves);
        int i = 0;
        for (String path : read.keySet()) {
            // No arrays at all: the loss has no graph; an empty one: it does not depend on this
            // leaf.
            if (i < found.length && found[i].size() > 0) {
                gradients.put(path, found[i]);
            }
            i++;
        }
        return gradients;
    }

    /**
     * Asks nets for the arrays that they offer under a name from now on; they may become slower.
     *
     * @param name what it is, for example {@code attention}
     */
    public void ask(String name) {
        shared.taps.putIfAbsent(name, new ArrayList<>());
    }

    /** Whether what nets offer under a name has to be computed. */
    boolean asks(String name) {
        return shared.inParts || shared.taps.containsKey(name);
    }

    /** From now on no block is one call, and no array is brief: who counts arrays sees them. */
    void inParts() {
        shared.inParts = true;
    }

    /**
     * What nets have offered under a name since it was asked for, or last given.
     *
     * @param name what it is
     * @return the arrays in the order in which they were computed; they belong to the pass
     */
    public List<NDArray> tapped(String name) {
        List<NDArray> arrays = shared.taps.get(name);
        if (arrays == null) {
            throw new IllegalArgumentException(
                    "'" + name + "' was not asked for; asked: " + shared.taps.keySet());
        }
        List<NDArray> given = List.copyOf(arrays);
        arrays.clear();
        return given;
    }

    /** Lets what was written take effect; call after the update. */
    public void commit() {
        if (!shared.written.isEmpty()) {
            shared.weights.unprepare();
        }
        shared.scope.quiet(
                () ->
                        shared.written.forEach(
                                (var, value) ->
                                        Operations.copy(
                                                shared.weights.array(shared.weights.path(var)),
                                                value)));
        shared.written.clear();
        shared.leaves.clear();
    }

    /** Forms of the weights that inference on a CPU reads; no gradient goes through them. */
    Optional<Prepared> prepared() {
        return shared.inference && !shared.weights.device().isGpu() && !shared.scope.records()
                ? Optional.of(shared.weights.prepared())
                : Optional.empty();
    }

    /** Whether a weight that was read may be changed, since it can be read again and is let go. */
    boolean mayChange() {
        return shared.weights.canRead();
    }

    /** Frees what was read of a var, which nobody needs any more who computes in this pass. */
    void forget(Var var) {
        NDArray leaf = shared.leaves.remove(var);
        if (leaf != null) {
            leaf.close();
        }
    }

    private boolean moves(Var var, String path) {
        return var.trained() && shared.moved.contains(path);
    }

    // ---------------------------------------------------------------- Pass

    @Override
    public boolean training() {
        return training;
    }

    @Override
    public int epoch() {
        return shared.clock.epoch();
    }

    @Override
    public long step() {
        return shared.clock.step();
    }

    @Override
    public NDManager scope() {
        return shared.owner;
    }

    @Override
    public NDArray read(Var var) {
        NDArray written = shared.written.get(var);
        if (written != null) {
            return written;
        }
        NDArray leaf = shared.leaves.get(var);
        if (leaf == null) {
            String path = shared.weights.path(var);
            leaf = shared.weights.leaf(path, shared.scope, moves(var, path));
            shared.leaves.put(var, leaf);
        }
        return leaf;
    }

    @Override
    public void write(Var state, NDArray value) {
        String path = shared.weights.path(state);
        if (state.trained()) {
            throw new IllegalArgumentException(
                    "'" + path + "' is a weight: only the optimiser moves it; declare it as state");
        }
        if (!Arrays.equals(value.getShape().getShape(), state.shape())) {
            throw new IllegalArgumentException(
                    "'"
                            + path
                            + "' was written with shape "
                            + value.getShape()
                            + "; expected "
                            + Arrays.toString(state.shape()));
        }
        if (training && shared.moved.contains(path)) {
            shared.written.put(state, value.stopGradient());
        }
    }

    @Override
    public NDArray uniform(String stream, Batch batch, long... shape) {
        List<Sample> samples = batch.samples();
        int row = Math.toIntExact(new Shape(shape).size());
        float[] draws = new float[Math.multiplyExact(samples.size(), row)];
        for (int i = 0; i < samples.size(); i++) {
            Clock c = shared.clock;
            Counter random = Counter.of(c.seed(), c.epoch(), samples.get(i).id(), stream);
            for (int j = 0; j < row; j++) {
                draws[i * row + j] = random.nextFloat();
            }
        }
        return scope().create(draws, new Shape(samples.size()).addAll(new Shape(shape)));
    }

    @Override
    public void keep(String name, NDArray value) {
        NDArray kept = value.stopGradient();
        kept.attach(shared.scope.manager());
        shared.kept.put(name, kept);
    }

    @Override
    public NDArray kept(String name) {
        NDArray value = shared.kept.get(name);
        if (value == null) {
            throw new IllegalArgumentException(
                    "phase '"
                            + shared.phase
                            + "': nothing was kept under '"
                            + name
                            + "' in this step; kept: "
                            + shared.kept.keySet());
        }
        return value;
    }

    @Override
    public Optional<NDArray> tap(String name, Supplier<NDArray> value) {
        List<NDArray> arrays = shared.taps.get(name);
        if (arrays == null) {
            return Optional.empty();
        }
        NDArray array = value.get();
        arrays.add(array);
        return Optional.of(array);
    }

    @Override
    public NDArray gradient(NDArray y, NDArray x) {
        return call("gradient", y, x);
    }

    @Override
    public Pass still() {
        return new TorchPass(shared, false);
    }

    @Override
    public <T> T quiet(Supplier<T> work) {
        AtomicReference<T> result = new AtomicReference<>();
        shared.scope.quiet(() -> result.set(work.get()));
        return result.get();
    }

    @Override
    public NDArray brief(Supplier<NDArray> work, NDArray... consumed) {
        // Arrays that are offered under a name live as long as the pass.
        if (!shared.inference || shared.inParts || !shared.taps.isEmpty()) {
            return work.get();
        }
        NDManager outer = shared.owner;
        try (NDManager inner = outer.newSubManager()) {
            shared.owner = inner;
            for (NDArray array : consumed) {
                if (!shared.leaves.containsValue(array)) {
                    array.attach(inner);
                }
            }
            NDArray result = work.get();
            if (result != null && result.getManager() == inner) {
                result.attach(outer);
            }
            return result;
        } finally {
            shared.owner = outer;
        }
    }

    // ---------------------------------------------------------------- Ops

    private NDArray call(String name, Object... arguments) {
        return Operations.call(scope(), name, arguments);
    }

    private NDArray[] list(String name, Object... arguments) {
        return Operations.list(scope(), name, arguments);
    }

    @Override
    public NDArray linear(NDArray x, NDArray weight, NDArray bias) {
        boolean oneDnn = oneDnn(x, weight, bias);
        return bias == null
                ? call("linear", x, weight, oneDnn)
                : call("linear_bias", x, weight, bias, oneDnn);
    }

    @Override
    public NDArray linear(NDArray x, NDArray weight, NDArray bias, NDArray plus) {
        boolean oneDnn = oneDnn(x, weight, bias);
        return bias == null
                ? call("linear_plus", x, weight, plus, oneDnn)
                : call("linear_bias_plus", x, weight, bias, plus, oneDnn);
    }

    private boolean oneDnn(NDArray x, NDArray weight, NDArray bias) {
        return Shapes.product(
                x,
                x.getShape().getShape(),
                weight.getShape().get(0),
                bias != null,
                shared.scope.records());
    }

    @Override
    public NDArray conv2d(
            NDArray x, NDArray weight, NDArray bias, int stride, int rows, int columns) {
        long[] padding = {rows, columns};
        int piece = piece(x, weight, bias != null, stride, padding);
        return bias == null
                ? call("conv2d", x, weight, stride, padding, piece)
                : call("conv2d_bias", x, weight, bias, stride, padding, piece);
    }

    private int piece(NDArray x, NDArray weight, boolean bias, int stride, long[] padding) {
        if (Shapes.sure()) {
            return 0;
        }
        boolean records = shared.scope.records();
        return Shapes.piece(
                x,
                weight.getShape().getShape(),
                bias,
                stride,
                padding,
                records && traced(x),
                records && traced(weight));
    }

    /** Whether a gradient leads to an array; DJL knows it of leaves alone. */
    private boolean traced(NDArray x) {
        return list("traced", x).length > 0;
    }

    @Override
    public NDArray batchNorm(NDArray x, Var weight, Var bias, Var mean, Var variance, double eps) {
        if (!training) {
            return call("batch_norm", x, read(weight), read(bias), read(mean), read(variance), eps);
        }
        Shape shape = x.getShape();
        several(shape.size() / shape.get(1));
        NDArray[] all =
                list(
                        "batch_norm_train",
                        x,
                        read(weight),
                        read(bias),
                        read(mean),
                        read(variance),
                        eps);
        write(mean, all[1]);
        write(variance, all[2]);
        return all[0];
    }

    /**
     * A convolution, its normalisation by the statistics of the batch, and what follows, in one
     * call: nothing between them outlives it that the gradient does not need.
     */
    NDArray train(NDArray x, Prepared.Convolution conv, NDArray plus, boolean relu) {
        Prepared.Norm norm = conv.norm();
        Shape shape = x.getShape();
        long[] kernel = conv.weight().shape();
        long rows = (shape.get(2) + 2L * conv.rows() - kernel[2]) / conv.stride() + 1;
        long columns = (shape.get(3) + 2L * conv.columns() - kernel[3]) / conv.stride() + 1;
        several(shape.get(0) * rows * columns);
        NDArray weight = read(conv.weight());
        NDArray[] all =
                list(
                        "convolution_train",
                        x,
                        weight,
                        Prepared.arrays(this, conv.bias()),
                        Prepared.arrays(
                                this, norm.weight(), norm.bias(), norm.mean(), norm.variance()),
                        norm.eps(),
                        conv.stride(),
                        conv.padding(),
                        piece(x, weight, conv.bias() != null, conv.stride(), conv.padding()),
                        plus == null ? new NDArray[0] : new NDArray[] {plus},
                        relu);
        write(norm.mean(), all[1]);
        write(norm.variance(), all[2]);
        return all[0];
    }

    /**
     * An encoder block in one call: nothing outlives it that the gradient does not need.
     *
     * @param some how many tokens it gives
     */
    NDArray block(String which, NDArray x, long some, Prepared.Block block, NDArray... more) {
        List<Object> arguments = new ArrayList<>(List.of(x));
        for (List<Var> vars :
                List.of(
                        block.norm1(),
                        block.qkv(),
                        block.proj(),
                        block.norm2(),
                        block.fc1(),
                        block.fc2())) {
            arguments.add(Prepared.arrays(this, vars));
        }
        arguments.addAll(List.of(block.heads(), block.eps(), block.first()));
        arguments.add(oneDnn(x, some, which.equals("block"), block));
        arguments.addAll(List.of(more));
        return call(which, arguments.toArray());
    }

    /** Which products of a block oneDNN computes, 1 or 0 each: q (or all), kv, proj, fc1, fc2. */
    private long[] oneDnn(NDArray x, long some, boolean all, Prepared.Block block) {
        long n = x.getShape().get(0);
        long t = x.getShape().get(1);
        long d = x.getShape().get(2);
        long hidden = block.fc1().get(0).shape()[0];
        return new long[] {
            oneDnn(x, n, some, d, all ? 3 * d : d),
            all ? 0 : oneDnn(x, n, t, d, 2 * d),
            oneDnn(x, n, some, d, d),
            oneDnn(x, n, some, d, hidden),
            oneDnn(x, n, some, hidden, d)
        };
    }

    private int oneDnn(NDArray x, long n, long t, long in, long out) {
        boolean yes = Shapes.product(x, new long[] {n, t, in}, out, true, shared.scope.records());
        return yes ? 1 : 0;
    }

    /** The variance of one value is no number, and would stay in the running one for good. */
    private void several(long values) {
        if (values == 1) {
            throw new IllegalArgumentException(
                    "phase '"
                            + shared.phase
                            + "': batch normalisation cannot train on one value of a channel, a"
                            + " single sample whose map is 1 x 1; choose train.batch so that two"
                            + " samples or more are left for the last batch");
        }
    }

    @Override
    public NDArray layerNorm(NDArray x, NDArray weight, NDArray bias, double eps) {
        return call("layer_norm", x, weight, bias, eps);
    }

    @Override
    public NDArray relu(NDArray x) {
        return call("relu", x);
    }

    @Override
    public NDArray sigmoid(NDArray x) {
        return call("sigmoid", x);
    }

    @Override
    public NDArray prelu(NDArray x, NDArray slope) {
        return call("prelu", x, slope);
    }

    @Override
    public NDArray gelu(NDArray x) {
        return call("gelu", x);
    }

    @Override
    public NDArray maxPool(NDArray x, int kernel, int stride, int padding) {
        return call("max_pool", x, kernel, stride, padding);
    }

    @Override
    public NDArray averagePool(NDArray x, int rows, int columns) {
        return call("average_pool", x, rows, columns);
    }

    @Override
    public NDArray globalAveragePool(NDArray x) {
        return call("global_average_pool", x);
    }

    @Override
    public NDArray pixelShuffle(NDArray x, int factor) {
        return call("pixel_shuffle", x, factor);
    }

    @Override
    public NDArray resize(NDArray x, int height, int width, boolean alignCorners) {
        return call("resize", x, height, width, alignCorners);
    }

    @Override
    public NDArray cast(NDArray x, DataType type) {
        int number =
                switch (type) {
                    case INT64 -> 4;
                    case FLOAT16 -> 5;
                    case FLOAT32 -> 6;
                    case FLOAT64 -> 7;
                    default ->
                            throw new IllegalArgumentException(
                                    "cast to "
                                            + type
                                            + " is not there; expected INT64, FLOAT16, FLOAT32 or"
                                            + " FLOAT64");
                };
        return call("cast", x, number);
    }

    @Override
    public NDArray attention(NDArray q, NDArray k, NDArray v) {
        return call("attention", q, k, v);
    }

    @Override
    public NDArray selfAttention(NDArray qkv, int heads) {
        return call("self_attention", qkv, heads);
    }

    @Override
    public NDArray dropout(NDArray x, double rate) {
        if (rate < 0 || rate >= 1) {
            throw new IllegalArgumentException("dropout rate " + rate + "; expected 0 to below 1");
        }
        if (!training || rate == 0) {
            return x;
        }
        Clock c = shared.clock;
        long key = Counter.key(c.seed(), c.step(), "dropout", shared.phase, shared.drops++);
        return call("dropout", x, rate, key);
    }

    @Override
    public NDArray pick(NDArray x, NDArray index) {
        return call("pick", x, index);
    }

    @Override
    public NDArray norm(NDArray x) {
        return call("norm", x);
    }

    @Override
    public NDArray distances(NDArray a, NDArray b) {
        return call("distances", a, b);
    }

    @Override
    public NDArray cosine(NDArray a, NDArray b) {
        return call("cosine", a, b);
    }

    @Override
    public NDArray crossEntropy(NDArray logits, Batch batch) {
        NDArray weights = batch.weights();
        return weights == null
                ? call("cross_entropy", logits, batch.targets())
                : call("cross_entropy_weighted", logits, batch.targets(), weights);
    }

    @Override
    public NDArray binaryCrossEntropy(NDArray logits, NDArray targets) {
        return call("binary_cross_entropy", logits, targets);
    }

    @Override
    public NDArray binaryCrossEntropy(NDArray logits, NDArray targets, NDArray counts) {
        return call("binary_cross_entropy_counted", logits, targets, counts);
    }

    @Override
    public NDArray concordance(NDArray a, NDArray b, NDArray counts) {
        return call("concordance", a, b, counts);
    }

    @Override
    public NDArray smoothL1(NDArray a, NDArray b, NDArray counts) {
        return call("smooth_l1_counted", a, b, counts);
    }

    @Override
    public NDArray smoothL1(NDArray a, NDArray b) {
        return call("smooth_l1", a, b);
    }
}
