// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn.spi;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.mien.api.net.Pass;
import org.mien.api.net.Var;
import org.mien.api.net.Window;
import org.mien.engine.Held;
import org.mien.engine.OneDnn;
import org.mien.engine.Script;
import org.mien.engine.Torch;

/**
 * Weights as inference on a CPU reads them: a batch normalisation folded into the convolution
 * before it, packed in the layout that oneDNN computes with. A form is made when it is first read,
 * serves every size of input, and is dropped when the weights change. Layers ask here first and
 * compute as usual where there is nothing: in training, on a GPU, in a libtorch without oneDNN.
 * Safe for several threads.
 */
public final class Prepared {
    /**
     * A batch normalisation.
     *
     * @param weight (C)
     * @param bias (C)
     * @param mean running mean (C)
     * @param variance running variance (C)
     * @param eps added to the variance
     * @param momentum share of the batch in the running statistics
     */
    public record Norm(Var weight, Var bias, Var mean, Var variance, double eps, double momentum) {}

    /**
     * A convolution.
     *
     * @param weight (O, C / groups, h, w)
     * @param bias (O), or null
     * @param window stride and zeros around the map
     * @param groups divisor of C and O
     * @param norm what normalises its result, or null
     */
    public record Convolution(Var weight, Var bias, Window window, int groups, Norm norm) {}

    /**
     * An encoder block of a transformer.
     *
     * @param norm1 weight and bias (D) of the first normalisation
     * @param qkv weight (3 D, D) and bias of queries, keys and values
     * @param proj weight (D, D) and bias after attention
     * @param norm2 weight and bias of the second normalisation
     * @param fc1 weight (hidden, D) and bias before GELU
     * @param fc2 weight (D, hidden) and bias after it
     * @param heads number of heads
     * @param eps added to the variance in the normalisations
     * @param first whether normalisations stand before what they belong to
     */
    public record Block(
            List<Var> norm1,
            List<Var> qkv,
            List<Var> proj,
            List<Var> norm2,
            List<Var> fc1,
            List<Var> fc2,
            int heads,
            double eps,
            boolean first) {}

    /** What a form is made of: the weight of a layer and that of the normalisation, or null. */
    private record Key(Var weight, Var norm) {}

    /** Rows from which on a packed linear layer is faster than a plain one. */
    private static final int ROWS = 16;

    private static final Optional<Script> SCRIPT = load();

    private final Map<Key, Optional<Held>> forms = new ConcurrentHashMap<>();
    // Calls share it; who closes forms has it alone.
    private final ReadWriteLock lock = new ReentrantReadWriteLock();

    private final Weights weights;

    /**
     * None yet.
     *
     * @param weights of what; a weight of which a form was made is let go where it can be read
     *     again
     */
    Prepared(Weights weights) {
        this.weights = weights;
    }

    /** Nothing where oneDNN is missing or not wanted. */
    private static Optional<Script> load() {
        return Torch.get().oneDnn() != OneDnn.UNUSED
                ? attempt(() -> Operations.load("prepared.py"))
                : Optional.empty();
    }

    /**
     * A convolution and what follows it, as one operation in inference and one call in training.
     *
     * @param pass where it computes
     * @param x (N, C, H, W)
     * @param conv the convolution
     * @param plus added before the ReLU, of the result's shape; or null
     * @param relu whether a ReLU ends it
     * @return (N, O, H', W'), or nothing where it is to be computed as usual
     */
    public static Optional<NDArray> convolution(
            Pass pass, NDArray x, Convolution conv, NDArray plus, boolean relu) {
        if (!(pass instanceof TorchPass torch)) {
            return Optional.empty();
        }
        Norm norm = conv.norm();
        if (norm != null && torch.learns(norm.mean())) {
            return Optional.of(torch.train(x, conv, plus, relu));
        }
        int stride = conv.window().stride();
        long[] w = conv.weight().shape();
        long[] size = x.getShape().getShape().clone();
        Window.Padding sides = conv.window().padding(size[2], size[3], w[2], w[3]);
        long[] padding = {0, 0};
        if (sides.isEven()) {
            padding = new long[] {sides.top(), sides.left()};
        } else {
            size[2] += sides.top() + sides.bottom();
            size[3] += sides.left() + sides.right();
        }
        long[] even = padding;
        Function<Script, Held> make =
                script ->
                        script.hold(
                                "pack_convolution",
                                pass.read(conv.weight()),
                                arrays(pass, conv.bias()),
                                norm == null
                                        ? arrays(pass)
                                        : arrays(
                                                pass,
                                                norm.weight(),
                                                norm.bias(),
                                                norm.mean(),
                                                norm.variance()),
                                norm == null ? 0.0 : norm.eps(),
                                torch.mayChange(),
                                stride,
                                even,
                                conv.groups(),
                                // Which one hardly matters, but without one the layout is a poor
                                // guess.
                                Shapes.packing(size, w));
        BiFunction<Script, Held, NDArray> use =
                (script, form) -> {
                    NDArray wide = torch.around(x, conv.window(), w[2], w[3], new long[2], 0);
                    return plus == null
                            ? script.call(
                                    pass.scope(),
                                    "run_convolution",
                                    wide,
                                    form,
                                    stride,
                                    even,
                                    conv.groups(),
                                    relu)
                            : script.call(
                                    pass.scope(),
                                    "run_convolution_plus",
                                    wide,
                                    plus,
                                    form,
                                    stride,
                                    even,
                                    conv.groups(),
                                    relu);
                };
        return of(pass, x)
                .filter(
                        prepared ->
                                size[1] == w[1] * conv.groups()
                                        && Shapes.packedConvolution(
                                                x,
                                                size,
                                                w,
                                                stride,
                                                even,
                                                conv.groups(),
                                                plus != null,
                                                relu))
                .flatMap(
                        prepared ->
                                prepared.with(
                                        pass,
                                        new Key(conv.weight(), norm == null ? null : norm.weight()),
                                        make,
                                        use));
    }

    /**
     * A linear layer and what follows it, as one operation.
     *
     * @param pass where it computes
     * @param x (.., in)
     * @param weight (out, in)
     * @param bias (out), or null
     * @param gelu whether GELU follows
     * @param plus added, of the result's shape; or null, and null with {@code gelu}
     * @return (.., out), or nothing where it is to be computed as usual
     */
    public static Optional<NDArray> linear(
            Pass pass, NDArray x, Var weight, Var bias, boolean gelu, NDArray plus) {
        if (x.size() < ROWS * weight.shape()[1]) {
            return Optional.empty();
        }
        return of(pass, x)
                .filter(prepared -> Shapes.packedLinear(x, weight.shape()[0], gelu, plus != null))
                .flatMap(
                        prepared ->
                                prepared.with(
                                        pass,
                                        new Key(weight, null),
                                        script -> linear(script, pass, weight, bias),
                                        (script, form) ->
                                                plus == null
                                                        ? script.call(
                                                                pass.scope(),
                                                                gelu
                                                                        ? "run_linear_gelu"
                                                                        : "run_linear",
                                                                x,
                                                                form)
                                                        : script.call(
                                                                pass.scope(),
                                                                "run_linear_plus",
                                                                x,
                                                                plus,
                                                                form)));
    }

    private static Held linear(Script script, Pass pass, Var weight, Var bias) {
        return script.hold("pack_linear", pass.read(weight), arrays(pass, bias));
    }

    /**
     * An encoder block as one call, which keeps nothing that is not needed later.
     *
     * @param pass where it computes
     * @param x (N, T, D)
     * @param block the block
     * @return (N, T, D), or nothing where the pass is none of ours
     */
    public static Optional<NDArray> block(Pass pass, NDArray x, Block block) {
        if (!(pass instanceof TorchPass torch) || torch.isInParts()) {
            return Optional.empty();
        }
        Optional<Prepared> prepared =
                x.size() < ROWS * block.norm1().get(0).shape()[0] ? Optional.empty() : of(pass, x);
        return Optional.of(
                prepared.filter(ready -> packed(x, block))
                        .flatMap(ready -> ready.run(pass, x, block))
                        .orElseGet(() -> torch.block("block", x, x.getShape().get(1), block)));
    }

    /**
     * The first token of what {@link #block} gives, and no other: only keys and values are needed
     * of all tokens.
     *
     * @param pass where it computes
     * @param x (N, T, D)
     * @param block the block
     * @return (N, 1, D), or nothing where {@link #block} gives nothing
     */
    public static Optional<NDArray> firstToken(Pass pass, NDArray x, Block block) {
        return pass instanceof TorchPass torch && !torch.isInParts()
                ? Optional.of(torch.block("block_of_first", x, 1, block))
                : Optional.empty();
    }

    /**
     * Some tokens of what {@link #block} gives: only keys and values are needed of all.
     *
     * @param pass where it computes
     * @param x (N, T, D)
     * @param block the block
     * @param places which tokens (N, S) int64
     * @return (N, S, D), or nothing where {@link #block} gives nothing
     */
    public static Optional<NDArray> someTokens(Pass pass, NDArray x, Block block, NDArray places) {
        return pass instanceof TorchPass torch && !torch.isInParts()
                ? Optional.of(
                        torch.block("block_of_some", x, places.getShape().get(1), block, places))
                : Optional.empty();
    }

    /** Whether all four products of a block may be computed from packed weights. */
    private static boolean packed(NDArray x, Block block) {
        long d = x.getShape().get(2);
        long rows = x.size() / d;
        long hidden = block.fc1().get(0).shape()[0];
        return Shapes.packedLinear(x, rows, d, 3 * d, false, false)
                && Shapes.packedLinear(x, rows, d, d, false, true)
                && Shapes.packedLinear(x, rows, d, hidden, true, false)
                && Shapes.packedLinear(x, rows, hidden, d, false, true);
    }

    private Optional<NDArray> run(Pass pass, NDArray x, Block block) {
        return locked(
                script -> {
                    List<Held> linears = new ArrayList<>();
                    for (List<Var> linear :
                            List.of(block.qkv(), block.proj(), block.fc1(), block.fc2())) {
                        form(
                                        script,
                                        pass,
                                        new Key(linear.get(0), null),
                                        ours -> linear(ours, pass, linear.get(0), linear.get(1)))
                                .ifPresent(linears::add);
                    }
                    return linears.size() < 4
                            ? Optional.empty()
                            : attempt(
                                    () ->
                                            script.call(
                                                    pass.scope(),
                                                    "run_block",
                                                    x,
                                                    arrays(pass, block.norm1()),
                                                    linears.get(0),
                                                    linears.get(1),
                                                    arrays(pass, block.norm2()),
                                                    linears.get(2),
                                                    linears.get(3),
                                                    block.heads(),
                                                    block.eps(),
                                                    block.first()));
                });
    }

    private static Optional<Prepared> of(Pass pass, NDArray x) {
        return pass instanceof TorchPass torch && x.getDataType() == DataType.FLOAT32
                ? torch.prepared()
                : Optional.empty();
    }

    static NDArray[] arrays(Pass pass, List<Var> vars) {
        return arrays(pass, vars.toArray(new Var[0]));
    }

    static NDArray[] arrays(Pass pass, Var... vars) {
        return Stream.of(vars).filter(var -> var != null).map(pass::read).toArray(NDArray[]::new);
    }

    private Optional<NDArray> with(
            Pass pass,
            Key key,
            Function<Script, Held> make,
            BiFunction<Script, Held, NDArray> use) {
        return locked(
                script ->
                        form(script, pass, key, make)
                                .flatMap(form -> attempt(() -> use.apply(script, form))));
    }

    private Optional<NDArray> locked(Function<Script, Optional<NDArray>> work) {
        if (SCRIPT.isEmpty()) {
            return Optional.empty();
        }
        lock.readLock().lock();
        try {
            return work.apply(SCRIPT.get());
        } finally {
            lock.readLock().unlock();
        }
    }

    private Optional<Held> form(Script script, Pass pass, Key key, Function<Script, Held> make) {
        return forms.computeIfAbsent(
                key,
                absent -> {
                    Optional<Held> form = attempt(() -> make.apply(script));
                    if (weights.canRead()) {
                        // Packed, or half changed on the way.
                        ((TorchPass) pass).forget(key.weight());
                        weights.letGo(key.weight());
                    }
                    return form;
                });
    }

    /**
     * Nothing where oneDNN does not take a layer or an input; if it is wrong, the layer says so.
     */
    private static <T> Optional<T> attempt(Supplier<T> work) {
        try {
            return Optional.of(work.get());
        } catch (RuntimeException e) {
            return Optional.empty();
        }
    }

    /** Drops every form: the weights have changed. */
    void drop() {
        lock.writeLock().lock();
        try {
            forms.values().forEach(form -> form.ifPresent(Held::close));
            forms.clear();
        } finally {
            lock.writeLock().unlock();
        }
    }

    /** Number of forms alive. */
    int size() {
        return forms.size();
    }
}
