// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn.spi;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
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
import org.mien.engine.Held;
import org.mien.engine.Script;

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
     */
    public record Norm(Var weight, Var bias, Var mean, Var variance, double eps) {}

    /**
     * A convolution with square stride.
     *
     * @param weight (O, C, h, w)
     * @param bias (O), or null
     * @param stride pixels
     * @param rows rows of zeros above and below
     * @param columns columns of zeros left and right
     * @param norm what normalises its result, or null
     */
    public record Convolution(Var weight, Var bias, int stride, int rows, int columns, Norm norm) {
        long[] padding() {
            return new long[] {rows, columns};
        }
    }

    /** What a form is made of: the weight of a layer and that of the normalisation, or null. */
    private record Key(Var weight, Var norm) {}

    /** Rows from which on a packed linear layer is faster than a plain one. */
    private static final int ROWS = 16;

    private static final Optional<Script> SCRIPT = load();

    private final Map<Key, Optional<Held>> forms = new ConcurrentHashMap<>();
    // Calls share it; who closes forms has it alone.
    private final ReadWriteLock lock = new ReentrantReadWriteLock();

    Prepared() {}

    /** Nothing where libtorch was built without oneDNN: it then refuses the whole script. */
    private static Optional<Script> load() {
        return attempt(() -> Operations.load("prepared.py"));
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
        Norm norm = conv.norm();
        if (norm != null && pass.training() && pass instanceof TorchPass torch) {
            return Optional.of(torch.train(x, conv, plus, relu));
        }
        Function<Script, Held> make =
                script ->
                        script.hold(
                                "convolution",
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
                                conv.stride(),
                                conv.padding(),
                                // Which one hardly matters, but without one the layout is a poor
                                // guess.
                                x.getShape().getShape());
        BiFunction<Script, Held, NDArray> use =
                (script, form) ->
                        plus == null
                                ? script.call(
                                        pass.scope(),
                                        "run_convolution",
                                        x,
                                        form,
                                        conv.stride(),
                                        conv.padding(),
                                        relu)
                                : script.call(
                                        pass.scope(),
                                        "run_convolution_plus",
                                        x,
                                        plus,
                                        form,
                                        conv.stride(),
                                        conv.padding(),
                                        relu);
        return of(pass, x)
                .flatMap(
                        prepared ->
                                prepared.with(
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
                .flatMap(
                        prepared ->
                                prepared.with(
                                        new Key(weight, null),
                                        script ->
                                                script.hold(
                                                        "linear",
                                                        pass.read(weight),
                                                        arrays(pass, bias)),
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

    private static Optional<Prepared> of(Pass pass, NDArray x) {
        return pass instanceof TorchPass torch && x.getDataType() == DataType.FLOAT32
                ? torch.prepared()
                : Optional.empty();
    }

    static NDArray[] arrays(Pass pass, Var... vars) {
        return Stream.of(vars).filter(var -> var != null).map(pass::read).toArray(NDArray[]::new);
    }

    private Optional<NDArray> with(
            Key key, Function<Script, Held> make, BiFunction<Script, Held, NDArray> use) {
        if (SCRIPT.isEmpty()) {
            return Optional.empty();
        }
        Script script = SCRIPT.get();
        lock.readLock().lock();
        try {
            return forms.computeIfAbsent(key, absent -> attempt(() -> make.apply(script)))
                    .flatMap(form -> attempt(() -> use.apply(script, form)));
        } finally {
            lock.readLock().unlock();
        }
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
