// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn.spi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.api.net.Var;
import org.mien.engine.Scope;
import org.mien.engine.Torch;
import org.mien.nn.BatchNorm;

/**
 * Twenty steps with a changing learning rate against PyTorch in float64:
 *
 * <pre>{@code
 * ps = [tensor([[.5,-.25,1.],[.75,.1,-.6]]), tensor([.3,-.9])]   # requires_grad
 * for t in range(20):
 *     opt.param_groups[0]['lr'] = 0.1 * (0.5 if t >= 10 else 1) / (1 + 0.1 * t)
 *     w, b = ps
 *     loss = (w.sin() * 1.5 + 0.3).pow(2).sum() + (b * b * 0.7 + b * w[:, 0]).sum()
 *     opt.zero_grad(); loss.backward(); opt.step()
 * SGD(ps, lr=0.1, weight_decay=0.01)                             # the five optimisers
 * SGD(ps, lr=0.1, momentum=0.9, weight_decay=0.01)
 * SGD(ps, lr=0.1, momentum=0.9, nesterov=True, weight_decay=0.01)
 * Adam(ps, lr=0.1, betas=(0.5, 0.999), weight_decay=0.01)
 * AdamW(ps, lr=0.1, weight_decay=0.05)
 * }</pre>
 */
class OptimizerTest {
    private static final class Two extends Net {
        private final Var w = weight("w", Var.Init.ZEROS, 2, 3);
        private final Var b = weight("b", Var.Init.ZEROS, 2);
        private final Var unread = weight("unread", 7, 2);

        @Override
        public NDArray run(Pass pass, NDArray none) {
            NDArray x = pass.read(w);
            NDArray y = pass.read(b);
            return x.sin()
                    .mul(1.5)
                    .add(0.3)
                    .pow(2)
                    .sum()
                    .add(y.mul(y).mul(0.7).add(y.mul(x.get(":, 0"))).sum());
        }
    }

    @BeforeAll
    static void start() {
        Torch.start(Path.of(System.getProperty("mien.torch")));
    }

    private static float[] train(Optimizer.Settings settings, double decay) {
        try (Weights weights = new Weights(Device.cpu())) {
            Two net = new Two();
            weights.add("", net);
            weights.fill(1);
            weights.set("w", new float[] {0.5f, -0.25f, 1, 0.75f, 0.1f, -0.6f}, 2, 3);
            weights.set("b", new float[] {0.3f, -0.9f}, 2);
            Set<String> all = weights.entries().keySet();
            Optimizer optimizer =
                    new Optimizer(
                            settings,
                            weights,
                            List.of(new Optimizer.Group(List.copyOf(all), 1, decay)));
            long arrays = 0;
            for (int t = 0; t < 20; t++) {
                try (Scope scope = Torch.get().training(Device.cpu())) {
                    TorchPass pass =
                            TorchPass.training(weights, scope, new TorchPass.Clock(1, 0, t));
                    pass.begin("train", all);
                    Map<String, NDArray> gradients = pass.gradients(net.run(pass, null));
                    assertFalse(gradients.containsKey("unread"));
                    double rate = 0.1 * (t >= 10 ? 0.5 : 1) / (1 + 0.1 * t);
                    scope.quiet(() -> optimizer.update(gradients, rate));
                    pass.commit();
                }
                if (t == 1) {
                    arrays = Torch.get().arrays();
                }
            }
            assertEquals(arrays, Torch.get().arrays(), "native arrays over steps");
            assertEquals(7, weights.array("unread").toFloatArray()[0]);
            float[] end = new float[8];
            System.arraycopy(weights.array("w").toFloatArray(), 0, end, 0, 6);
            System.arraycopy(weights.array("b").toFloatArray(), 0, end, 6, 2);
            return end;
        }
    }

    /** The kernel walks raw memory, where a filter and its gradient may lie in two orders. */
    @Test
    void aGradientInAnotherLayoutMovesTheSameElements() {
        Net net =
                new Net() {
                    {
                        weight("filter", Var.Init.ZEROS, 2, 3, 2, 2);
                        weight("flat", Var.Init.ZEROS, 24);
                    }

                    @Override
                    public NDArray run(Pass pass, NDArray x) {
                        return x;
                    }
                };
        try (Weights weights = new Weights(Device.cpu());
                Scope scope = Torch.get().inference(Device.cpu())) {
            weights.add("", net);
            weights.fill(1);
            Optimizer.Settings adamw =
                    new Optimizer.Settings(Optimizer.Rule.ADAMW, 0, false, 0.9, 0.999, 1e-8);
            List<String> paths = List.of("filter", "flat");
            try (Optimizer optimizer =
                    new Optimizer(adamw, weights, List.of(new Optimizer.Group(paths, 1, 0.1)))) {
                for (int t = 1; t < 4; t++) {
                    NDArray flat = scope.manager().arange(24f).sub(7).mul(t).sin();
                    NDArray filter = flat.reshape(2, 3, 2, 2);
                    optimizer.update(Map.of("filter", filter, "flat", flat), 0.1);
                }
                float[] moved = Weights.elements(weights.array("flat"));
                assertNotEquals(0, moved[5]);
                assertArrayEquals(moved, Weights.elements(weights.array("filter")));
                assertArrayEquals(
                        Weights.elements(optimizer.state().get("square/flat")),
                        Weights.elements(optimizer.state().get("square/filter")));
            }
        }
    }

    private static void same(double[] expected, float[] actual) {
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], actual[i], 1e-6, "element " + i);
        }
    }

    private static Optimizer.Settings sgd(double momentum, boolean nesterov) {
        return new Optimizer.Settings(Optimizer.Rule.SGD, momentum, nesterov, 0.9, 0.999, 1e-8);
    }

    @Test
    void sgd() {
        same(
                new double[] {
                    -0.225258177,
                    -0.201344367,
                    -0.183280655,
                    -0.097635221,
                    -0.198410363,
                    -0.205822009,
                    0.137223435,
                    -0.282815149
                },
                train(sgd(0, false), 0.01));
    }

    @Test
    void momentum() {
        same(
                new double[] {
                    -0.400832352,
                    -0.189227357,
                    0.026074907,
                    -0.421848303,
                    -0.272418751,
                    -0.123578367,
                    0.205362244,
                    0.404550444
                },
                train(sgd(0.9, false), 0.01));
    }

    @Test
    void nesterov() {
        same(
                new double[] {
                    -0.2662569,
                    -0.199547331,
                    -0.235183091,
                    -0.306176075,
                    -0.209653673,
                    -0.190106241,
                    0.178977002,
                    0.308760238
                },
                train(sgd(0.9, true), 0.01));
    }

    @Test
    void adam() {
        same(
                new double[] {
                    -0.132378377,
                    -0.200849877,
                    0.126713128,
                    -0.039761374,
                    -0.200885523,
                    -0.199552938,
                    0.022487022,
                    -0.103648975
                },
                train(
                        new Optimizer.Settings(Optimizer.Rule.ADAM, 0, false, 0.5, 0.999, 1e-8),
                        0.01));
    }

    @Test
    void adamw() {
        same(
                new double[] {
                    -0.233072667,
                    -0.210956072,
                    0.069939886,
                    -0.127995145,
                    -0.223451977,
                    -0.145820759,
                    -0.091980874,
                    -0.010209669
                },
                train(
                        new Optimizer.Settings(Optimizer.Rule.ADAMW, 0, false, 0.9, 0.999, 1e-8),
                        0.05));
    }

    @Test
    void groupsHaveTheirOwnRateAndDecay() {
        try (Weights weights = new Weights(Device.cpu())) {
            Two net = new Two();
            weights.add("", net);
            weights.fill(1);
            Optimizer optimizer =
                    new Optimizer(
                            sgd(0, false),
                            weights,
                            List.of(
                                    new Optimizer.Group(List.of("w"), 0, 0),
                                    new Optimizer.Group(List.of("b"), 2, 0.5)));
            weights.set("b", new float[] {1, 1}, 2);
            Map<String, NDArray> gradients = new LinkedHashMap<>();
            gradients.put("w", weights.store().ones(weights.array("w").getShape()));
            gradients.put("b", weights.store().ones(weights.array("b").getShape()));
            optimizer.update(gradients, 0.1);
            assertEquals(0, weights.array("w").toFloatArray()[0]);
            assertEquals(1 - 0.2 * 1.5, weights.array("b").toFloatArray()[0], 1e-6);
            // Each has its own rate in each update.
            gradients.replaceAll((path, g) -> weights.store().ones(g.getShape()));
            weights.set("b", new float[] {1, 1}, 2);
            optimizer.update(gradients, new double[] {0.5, 0.05});
            assertEquals(0, weights.array("w").toFloatArray()[0], "its factor is 0");
            assertEquals(1 - 0.1 * 1.5, weights.array("b").toFloatArray()[0], 1e-6);
            assertTrue(
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> optimizer.update(gradients, new double[] {1}))
                            .getMessage()
                            .startsWith("1 learning rates for 2 groups"));
        }
    }

    @Test
    void gradientsAreMeasuredAndScaledTogether() {
        try (Weights weights = new Weights(Device.cpu())) {
            Map<String, NDArray> gradients = new LinkedHashMap<>();
            gradients.put("a", weights.store().create(new float[] {3, 0}));
            gradients.put("b", weights.store().create(new float[] {4}));
            assertEquals(5, Optimizer.norm(gradients), 1e-6);
            Optimizer.scale(gradients, 0.5);
            assertEquals(2.5, Optimizer.norm(gradients), 1e-6);
            gradients.put("c", weights.store().create(new float[] {Float.NaN}));
            assertTrue(Double.isNaN(Optimizer.norm(gradients)));
        }
    }

    @Test
    void anAverageFollowsWeightsAndCopiesState() {
        try (Weights weights = new Weights(Device.cpu())) {
            BatchNorm norm = new BatchNorm(1);
            weights.add("bn", norm);
            weights.fill(1);
            try (Average average = new Average(weights, Map.of("bn", norm), 0.75)) {
                weights.set("bn.weight", new float[] {5}, 1);
                weights.set("bn.running_mean", new float[] {8}, 1);
                average.follow();
                average.follow();
                assertEquals(
                        5 - 4 * 0.75 * 0.75,
                        average.weights().array("bn.weight").toFloatArray()[0],
                        1e-6);
                assertEquals(8, average.weights().array("bn.running_mean").toFloatArray()[0]);
            }
        }
    }

    @Test
    void nesterovNeedsMomentum() {
        assertTrue(
                assertThrows(IllegalArgumentException.class, () -> sgd(0, true))
                        .getMessage()
                        .contains("momentum above 0"));
    }
}
