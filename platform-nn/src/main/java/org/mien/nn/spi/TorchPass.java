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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.mien.api.Batch;
import org.mien.api.data.Sample;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.api.net.Tap;
import org.mien.api.net.Var;
import org.mien.api.net.Window;
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

    /** The layers that were asked, none for all, and what they have offered. */
    private record Asked(Set<String> layers, List<Tap> taps) {
        boolean asks(String layer) {
            return layers.isEmpty() || layers.contains(layer);
        }
    }

    /** What a pass and its still twin share. */
    private static final class Shared {
        private final Weights weights;
        private final Scope scope;
        private final Clock clock;
        private final boolean inference;
        private final Map<Var, NDArray> leaves = new IdentityHashMap<>();
        private final Map<Var, NDArray> written = new IdentityHashMap<>();
        private final Map<String, NDArray> kept = new LinkedHashMap<>();
        private final Map<String, Asked> asked = new LinkedHashMap<>();
        private final boolean looking;
        private Set<String> moved = Set.of();
        private String phase = "";
        private boolean inParts;
        private NDManager owner;
        private int drops;

        Shared(Weights weights, Scope scope, Clock clock, boolean inference, boolean looking) {
            this.weights = weights;
            this.scope = scope;
            this.clock = clock;
            this.inference = inference;
            this.looking = looking;
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
        return new TorchPass(new Shared(weights, scope, new Clock(0, 0, 0), true, false), false);
    }

    /**
     * A pass that predicts and that gradients lead back through, to what was asked for: {@link
     * #ask}, the forward, {@link #tapped}, {@link #gradients(NDArray, List)}. Weights have none.
     *
     * @param weights the weights
     * @param scope a training scope, so that gradients are recorded
     * @return the pass
     */
    public static TorchPass looking(Weights weights, Scope scope) {
        return new TorchPass(new Shared(weights, scope, new Clock(0, 0, 0), true, true), false);
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
        return new TorchPass(new Shared(weights, scope, clock, false, false), true);
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
        NDArray[] found = list("gradients", loss, leaves, false);
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
     * @param what what they are, for example {@code attention} or {@code output}
     * @param layers paths of the nets that are asked, for example {@code backbone.layer4}; none for
     *     all
     * @throws IllegalArgumentException when no net has such a path
     */
    public void ask(String what, String... layers) {
        for (String layer : layers) {
            shared.weights.check(layer);
        }
        Asked before = shared.asked.get(what);
        Set<String> all = new LinkedHashSet<>(List.of(layers));
        if (before != null && !all.isEmpty()) {
            all.addAll(before.layers());
        }
        boolean every = layers.length == 0 || before != null && before.layers().isEmpty();
        shared.asked.put(
                what,
                new Asked(
                        every ? Set.of() : all, before == null ? new ArrayList<>() : before.taps));
    }

    /** From now on no block is one call, and no array is brief: who counts arrays sees them. */
    void inParts() {
        shared.inParts = true;
    }

    /** Whether what is between the parts of a layer has to be there. */
    boolean isInParts() {
        return shared.inParts;
    }

    /**
     * What nets have offered under a name since it was asked for, or last given.
     *
     * @param what what it is
     * @return the arrays in the order in which they were computed; they belong to the pass
     */
    public List<Tap> tapped(String what) {
        Asked asked = shared.asked.get(what);
        if (asked == null) {
            throw new IllegalArgumentException(
                    "'" + what + "' was not asked for; asked: " + shared.asked.keySet());
        }
        List<Tap> given = List.copyOf(asked.taps());
        asked.taps().clear();
        return given;
    }

    /**
     * How a number changes with what was tapped, in a pass that {@link #looking} gave; to be asked
     * of several numbers, one after the other.
     *
     * @param scalar a number that was computed in this pass from what was tapped, for example the
     *     sum of the scores of a class
     * @param taps what {@link #tapped} gave
     * @return a gradient for each, of its shape; zeros where the number does not depend on it
     * @throws IllegalArgumentException when it depends on none of them, or is no scalar
     */
    public List<NDArray> gradients(NDArray scalar, List<Tap> taps) {
        if (scalar.size() != 1) {
            throw new IllegalArgumentException(
                    "gradients of an array of shape "
                            + scalar.getShape()
                            + "; expected a scalar, a sum for example");
        }
        NDArray[] values = taps.stream().map(Tap::value).toArray(NDArray[]::new);
        NDArray[] found = list("gradients", scalar, values, true);
        List<NDArray> gradients = new ArrayList<>();
        boolean any = false;
        for (int i = 0; i < values.length; i++) {
            boolean there = i < found.length && found[i].size() > 0;
            any |= there;
            gradients.add(there ? found[i] : values[i].zerosLike());
        }
        if (!any) {
            throw new IllegalArgumentException(
                    "the scalar depends on none of what was tapped: "
                            + taps.stream().map(tap -> tap.layer() + " " + tap.what()).toList());
        }
        return gradients;
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
            String id = samples.get(i).id();
            int repeat = batch.repeat(i);
            Counter random =
                    repeat == 0
                            ? Counter.of(c.seed(), c.epoch(), id, stream)
                            : Counter.of(c.seed(), c.epoch(), id, stream, repeat);
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
    public Optional<NDArray> tap(Net layer, String what, Supplier<NDArray> value) {
        Asked asked = shared.asked.get(what);
        Weights.Place place = layer == null ? Weights.NOWHERE : shared.weights.place(layer);
        if (asked == null || !asked.asks(place.path())) {
            return Optional.empty();
        }
        NDArray array = value.get();
        if (shared.looking && shared.scope.records() && !traced(array)) {
            array = shared.scope.leaf(array, true);
        }
        asked.taps().add(new Tap(what, place.path(), place.grid(), array));
        return Optional.of(array);
    }

    @Override
    public boolean asks(Net layer, String what) {
        Asked asked = shared.asked.get(what);
        return asked != null && asked.asks(shared.weights.place(layer).path());
    }

    @Override
    public Pass in(Net part) {
        return training && shared.weights.isHeld(part) ? still() : this;
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
        if (!shared.inference || shared.inParts || !shared.asked.isEmpty()) {
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
    public NDArray conv2d(NDArray x, NDArray weight, NDArray bias, Window window, int groups) {
        long[] w = weight.getShape().getShape();
        grouped(x.getShape().get(1), w, groups);
        if (window.isCeil()) {
            throw new IllegalArgumentException(
                    "a convolution by " + window + ": ceil is for pooling alone");
        }
        long[] padding = {0, 0};
        NDArray wide = around(x, window, w[2], w[3], padding, 0);
        int stride = window.stride();
        int piece = piece(wide, weight, bias != null, stride, padding, groups);
        return bias == null
                ? call("conv2d", wide, weight, stride, padding, groups, piece)
                : call("conv2d_bias", wide, weight, bias, stride, padding, groups, piece);
    }

    private static void grouped(long channels, long[] w, int groups) {
        if (groups < 1 || channels != w[1] * groups || w[0] % groups != 0) {
            throw new IllegalArgumentException(
                    "a convolution in "
                            + groups
                            + " groups with a weight "
                            + Arrays.toString(w)
                            + " reads "
                            + w[1] * Math.max(1, groups)
                            + " channels and gives a multiple of "
                            + Math.max(1, groups)
                            + "; x has "
                            + channels);
        }
    }

    /**
     * What a window goes over: the map itself, and padding as even as libtorch wants it; or, where
     * that is not, the map with its surroundings, and none.
     *
     * @param padding filled with rows and columns
     */
    NDArray around(
            NDArray x, Window window, long rows, long columns, long[] padding, double value) {
        Window.Padding sides =
                window.padding(x.getShape().get(2), x.getShape().get(3), rows, columns);
        if (sides.isEven()) {
            padding[0] = sides.top();
            padding[1] = sides.left();
            return x;
        }
        long[] each = {sides.left(), sides.right(), sides.top(), sides.bottom()};
        return call("padded", x, each, value);
    }

    private int piece(
            NDArray x, NDArray weight, boolean bias, int stride, long[] padding, int groups) {
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
                groups,
                records && traced(x),
                records && traced(weight));
    }

    /** Whether a gradient leads to an array; DJL knows it of leaves alone. */
    private boolean traced(NDArray x) {
        return list("traced", x).length > 0;
    }

    @Override
    public NDArray batchNorm(
            NDArray x, Var weight, Var bias, Var mean, Var variance, double eps, double momentum) {
        if (!learns(mean)) {
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
                        eps,
                        momentum);
        write(mean, all[1]);
        write(variance, all[2]);
        return all[0];
    }

    /**
     * Whether a normalisation uses the batch: not one that is frozen, whoever runs it and how.
     *
     * @param mean its running mean
     */
    boolean learns(Var mean) {
        return training && !shared.weights.isHeld(mean);
    }

    /**
     * A convolution, its normalisation by the statistics of the batch, and what follows, in one
     * call: nothing between them outlives it that the gradient does not need.
     */
    NDArray train(NDArray x, Prepared.Convolution conv, NDArray plus, boolean relu) {
        Prepared.Norm norm = conv.norm();
        Shape shape = x.getShape();
        long[] kernel = conv.weight().shape();
        grouped(shape.get(1), kernel, conv.groups());
        Window window = conv.window();
        several(
                shape.get(0)
                        * window.rows(shape.get(2), kernel[2])
                        * window.columns(shape.get(3), kernel[3]));
        long[] padding = {0, 0};
        NDArray wide = around(x, window, kernel[2], kernel[3], padding, 0);
        NDArray weight = read(conv.weight());
        NDArray[] all =
                list(
                        "convolution_train",
                        wide,
                        weight,
                        Prepared.arrays(this, conv.bias()),
                        Prepared.arrays(
                                this, norm.weight(), norm.bias(), norm.mean(), norm.variance()),
                        norm.eps(),
                        norm.momentum(),
                        window.stride(),
                        padding,
                        conv.groups(),
                        piece(
                                wide,
                                weight,
                                conv.bias() != null,
                                window.stride(),
                                padding,
                                conv.groups()),
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
    public NDArray maxPool(NDArray x, int kernel, Window window) {
        long[] padding = {0, 0};
        NDArray wide = around(x, window, kernel, kernel, padding, Double.NEGATIVE_INFINITY);
        return call("max_pool", wide, kernel, window.stride(), padding, window.isCeil());
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
