// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.doctor;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.mien.api.net.Ops;
import org.mien.core.Doctor.Check;
import org.mien.core.Doctor.Level;
import org.mien.engine.Scope;
import org.mien.engine.Torch;
import org.mien.nn.Fn;
import org.mien.nn.Linear;
import org.mien.nn.Sequence;
import org.mien.nn.spi.Optimizer;
import org.mien.nn.spi.TorchPass;
import org.mien.nn.spi.Weights;

/** Trains a network of two layers on the exclusive or, by the same ways as a run. */
final class SelfTest {
    private static final int STEPS = 50;
    private static final float[] ROWS = {-1, -1, -1, 1, 1, -1, 1, 1};
    private static final float[] TRUTH = {0, 1, 1, 0};

    private SelfTest() {}

    /**
     * Trains.
     *
     * @param alone whether nobody else computes, so that native arrays can be counted
     */
    static Check run(Torch torch, boolean alone) {
        train(torch, 2); // loads what is loaded once
        long before = torch.arrays();
        long start = System.nanoTime();
        double[] losses = train(torch, STEPS);
        long milliseconds = (System.nanoTime() - start) / 1_000_000;
        return judge(losses[0], losses[1], alone ? torch.arrays() - before : 0, milliseconds);
    }

    static Check judge(double first, double last, long left, long milliseconds) {
        String found =
                "a small network: loss "
                        + number(first)
                        + " to "
                        + number(last)
                        + " in "
                        + STEPS
                        + " steps, "
                        + milliseconds
                        + " ms";
        if (!(last < first / 2)) {
            return new Check(
                    "training",
                    Level.PROBLEM,
                    found + "; it must fall to less than half",
                    "the natives compute wrongly on this machine: build the distribution again");
        }
        if (left != 0) {
            return new Check(
                    "training",
                    Level.PROBLEM,
                    found + "; " + left + " native arrays were not freed",
                    "report this; until then restart the platform now and then");
        }
        return new Check("training", Level.OK, found, "");
    }

    /** The first and the last loss. */
    private static double[] train(Torch torch, int steps) {
        double[] losses = new double[2];
        try (Weights weights = new Weights(Device.cpu())) {
            Sequence net = new Sequence(new Linear(2, 16), new Fn(Ops::relu), new Linear(16, 1));
            weights.add("net", net);
            weights.fill(1);
            Set<String> all = weights.entries().keySet();
            Optimizer.Settings adam =
                    new Optimizer.Settings(Optimizer.Rule.ADAM, 0, false, 0.9, 0.999, 1e-8);
            try (Optimizer optimizer =
                    new Optimizer(
                            adam, weights, List.of(new Optimizer.Group(List.copyOf(all), 1, 0)))) {
                for (int step = 0; step < steps; step++) {
                    double loss = step(torch, net, weights, optimizer, step);
                    losses[0] = step == 0 ? loss : losses[0];
                    losses[1] = loss;
                }
            }
        }
        return losses;
    }

    private static double step(
            Torch torch, Sequence net, Weights weights, Optimizer optimizer, int step) {
        try (Scope scope = torch.training(Device.cpu())) {
            TorchPass pass = TorchPass.training(weights, scope, new TorchPass.Clock(1, 0, step));
            pass.begin("train", weights.entries().keySet());
            NDArray x = scope.manager().create(ROWS, new Shape(4, 2));
            NDArray truth = scope.manager().create(TRUTH, new Shape(4, 1));
            NDArray loss = pass.binaryCrossEntropy(net.run(pass, x), truth);
            Map<String, NDArray> gradients = pass.gradients(loss);
            scope.quiet(() -> optimizer.update(gradients, 0.05));
            pass.commit();
            return loss.getFloat();
        }
    }

    private static String number(double value) {
        return String.format(Locale.ROOT, "%.3f", value);
    }
}
