// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn.spi;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.mien.api.Feature;
import org.mien.api.InputSpec;
import org.mien.api.net.Pass;
import org.mien.api.net.Trunk;
import org.mien.engine.Scope;
import org.mien.engine.Torch;

/**
 * What the stages of a backbone cost, found by running each of them, with weights of zero, one
 * after the other: no more than one stage has memory at a time.
 *
 * @param gives what the stage gives
 * @param multiplyAdds of one image: of convolutions, linear layers and both products of attention;
 *     normalisations, activations, pooling and sums are not counted
 * @param forward bytes of the arrays that a forward of one image makes; not all live at a time
 * @param training bytes of the arrays that a training step keeps of each image until its gradients
 *     are there
 */
public record Cost(Feature gives, long multiplyAdds, long forward, long training) {
    /** Normalisation by a batch needs two. */
    private static final int BATCH = 2;

    /**
     * Runs every stage.
     *
     * @param trunk a chain of fresh stages
     * @return one for each stage, in order
     */
    public static List<Cost> of(Trunk trunk) {
        List<Cost> costs = new ArrayList<>();
        Feature before = null;
        for (Feature gives : trunk.features()) {
            try (Weights weights = new Weights(Device.cpu())) {
                weights.add("stage", trunk.parts().get(gives.name()));
                for (Weights.Entry entry : weights.entries().values()) {
                    long[] shape = entry.var().shape();
                    weights.set(
                            entry.path(), new float[Math.toIntExact(entry.var().size())], shape);
                }
                costs.add(new Stage(trunk, weights, before, gives).cost());
            }
            before = gives;
        }
        return costs;
    }

    /** A stage that is run. */
    private record Stage(Trunk trunk, Weights weights, Feature before, Feature gives) {
        Cost cost() {
            Counting counting = new Counting();
            try (Scope scope = Torch.get().inference(Device.cpu())) {
                run(counting.around(TorchPass.inference(weights, scope)), input(scope, 1));
            }
            long forward;
            try (Scope scope = Torch.get().inference(Device.cpu())) {
                NDArray input = input(scope, 1);
                TorchPass pass = TorchPass.inference(weights, scope);
                pass.inParts();
                run(pass, input);
                forward = held(scope, input);
            }
            long training;
            try (Scope scope = Torch.get().training(Device.cpu())) {
                NDArray input = input(scope, BATCH);
                TorchPass pass = TorchPass.training(weights, scope, new TorchPass.Clock(0, 0, 0));
                pass.begin("train", weights.entries().keySet());
                pass.inParts();
                run(pass, input);
                training = held(scope, input) / BATCH;
            }
            return new Cost(gives, counting.multiplyAdds, forward, training + counting.unseen);
        }

        private NDArray input(Scope scope, int n) {
            InputSpec image = trunk.input();
            Shape shape =
                    before == null
                            ? new Shape(n, 3, image.height(), image.width())
                            : new Shape(n).addAll(axes(before));
            return scope.manager().zeros(shape);
        }

        private void run(Pass pass, NDArray input) {
            NDArray output = trunk.run(pass, input, before, gives);
            Shape expected = new Shape(input.getShape().get(0)).addAll(axes(gives));
            if (!output.getShape().equals(expected)) {
                throw new IllegalStateException(
                        "stage '"
                                + gives.name()
                                + "' says that it gives "
                                + expected
                                + ", and gives "
                                + output.getShape());
            }
        }

        /** Bytes of all arrays of a scope that are not the input of a later stage or weights. */
        private long held(Scope scope, NDArray input) {
            List<NDArray> known = new ArrayList<>();
            weights.entries().keySet().forEach(path -> known.add(weights.array(path)));
            if (before != null) {
                known.add(input); // an output of the stage before, counted there
            }
            List<NDArray> arrays = new ArrayList<>(scope.arrays());
            // Of those that share memory the largest counts.
            arrays.sort(Comparator.comparingLong((NDArray array) -> array.size()).reversed());
            long[] bytes = {0};
            scope.quiet(
                    () -> {
                        try (NDManager apart = Torch.get().store(Device.cpu())) {
                            for (NDArray array :
                                    Operations.list(
                                            apart,
                                            "distinct",
                                            known.toArray(new NDArray[0]),
                                            arrays.toArray(new NDArray[0]))) {
                                bytes[0] += array.size() * array.getDataType().getNumOfBytes();
                            }
                        }
                    });
            return bytes[0];
        }
    }

    /**
     * Axes of a feature without the batch.
     *
     * @param feature the feature
     * @return (P), (C, H, W) or (T, D)
     */
    public static Shape axes(Feature feature) {
        return switch (feature.kind()) {
            case VECTOR -> new Shape(feature.channels());
            case MAP -> new Shape(feature.channels(), feature.rows(), feature.columns());
            case TOKENS -> new Shape(feature.tokens(), feature.channels());
        };
    }

    /** Stands before a pass and counts what is asked of it, each layer for itself. */
    private static final class Counting {
        private final Set<NDArray> convolved = Collections.newSetFromMap(new IdentityHashMap<>());
        private long multiplyAdds;

        /** Bytes that a training step keeps of an image and that are no arrays of the scope. */
        private long unseen;

        Pass around(Pass pass) {
            InvocationHandler handler =
                    (proxy, method, arguments) -> counted(pass, method, arguments);
            return (Pass)
                    Proxy.newProxyInstance(
                            Cost.class.getClassLoader(), new Class<?>[] {Pass.class}, handler);
        }

        private Object counted(Pass pass, Method method, Object[] arguments) throws Throwable {
            Object result;
            try {
                result = method.invoke(pass, arguments);
            } catch (InvocationTargetException e) {
                throw e.getCause();
            }
            if (result instanceof Pass inner) {
                return around(inner);
            }
            if (result instanceof NDArray array) {
                count(method.getName(), arguments, array);
            }
            return result;
        }

        private void count(String operation, Object[] arguments, NDArray result) {
            switch (operation) {
                case "conv2d" -> {
                    Shape weight = ((NDArray) arguments[1]).getShape();
                    multiplyAdds += result.size() * (weight.size() / weight.get(0));
                    convolved.add(result);
                }
                case "linear" ->
                        multiplyAdds += result.size() * ((NDArray) arguments[1]).getShape().get(1);
                case "attention" ->
                        multiplyAdds +=
                                2 * result.size() * ((NDArray) arguments[1]).getShape().get(2);
                case "selfAttention" ->
                        multiplyAdds += 2 * result.size() * result.getShape().get(1);
                case "batchNorm" -> {
                    // A training step computes both in one call and shows the second only.
                    if (convolved.contains(arguments[0])) {
                        unseen += 4 * result.size();
                    }
                }
                case "maxPool" -> unseen += 8 * result.size(); // places of the largest
                default -> {
                    // Little against the others.
                }
            }
        }
    }
}
