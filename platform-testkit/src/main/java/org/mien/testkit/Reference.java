// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.List;
import org.mien.api.Feature;
import org.mien.api.method.Backbone;
import org.mien.api.net.Trunk;
import org.mien.api.net.Var;
import org.mien.engine.Scope;
import org.mien.engine.Torch;
import org.mien.nn.spi.TorchPass;
import org.mien.nn.spi.Weights;

/**
 * A backbone whose weights and pixels are those of {@link Formula}, to compare what its stages give
 * with numbers of an implementation elsewhere. In Python these are, for an output y of PyTorch,
 *
 * <pre>{@code
 * d = y.double().flatten()
 * i = torch.arange(1, len(d) + 1).double()
 * print(d.sum(), d.abs().sum(), (d * i.sin()).sum(), [d[k * len(d) // 8] for k in range(8)])
 * }</pre>
 *
 * with the weights and pixels of
 *
 * <pre>{@code
 * def formula(model):
 *     j = 0
 *     for name, t in model.state_dict().items():
 *         if not t.is_floating_point(): continue
 *         i = np.arange(1, t.numel() + 1, dtype=np.float64)
 *         wave = 43758.5453 * np.sin(12.9898 * i + 78.233 * (j + 1))
 *         bound = np.sqrt(6 / (t.numel() / t.shape[0]))
 *         if name.endswith("running_mean"): v = 0.05 * np.sin(i)
 *         elif name.endswith("running_var"): v = 1 + 0.25 * np.cos(i) ** 2
 *         elif t.dim() > 1: v = bound * (2 * (wave - np.floor(wave)) - 1)
 *         elif name.endswith("weight"): v = 1 + 0.1 * np.sin(i)
 *         else: v = 0.02 * np.cos(i)
 *         t.copy_(torch.from_numpy(v).float().reshape(t.shape))
 *         j += 1
 *     return model.eval()
 *
 * def images(size):
 *     n, c, h, w = np.ogrid[:2, :3, :size, :size]
 *     return torch.from_numpy(np.sin(0.05 * h + 0.11 * w + 0.7 * c + 1.3 * n)).float()
 * }</pre>
 */
public final class Reference implements AutoCloseable {
    /** Of an element, by the largest; sums of n elements by its root of n. */
    private static final double ERROR = 1e-4;

    private static final int ELEMENTS = 8;

    private final Trunk trunk;
    private final Weights weights = new Weights(Device.cpu());

    /**
     * A backbone as its file would have it: j counts its arrays, also those that are no weights and
     * keep their values.
     *
     * @param backbone what is tested
     * @param settings its keys
     * @param <S> its settings
     */
    public <S extends Record> Reference(Backbone<S> backbone, S settings) {
        trunk = backbone.trunk(settings, backbone.input(settings));
        weights.add("", trunk);
        weights.fill(1);
        List<Weights.Entry> entries = new ArrayList<>(weights.entries().values());
        for (int j = 0; j < entries.size(); j++) {
            Weights.Entry entry = entries.get(j);
            if (entry.var().init() != Var.Init.FIXED) {
                long[] shape = entry.var().shape();
                weights.set(entry.path(), Formula.values(entry.path(), j, shape), shape);
            }
        }
    }

    /**
     * Compares what a stage gives for two images in inference, to 1e-4 of the largest element.
     *
     * @param stage name of the stage
     * @param shape of its output
     * @param sum of all elements
     * @param absolute sum of their absolute values
     * @param waves sum of y_i sin i, i from 1, which elements that changed places do not keep
     * @param elements eight, at i = k n / 8
     */
    public void gives(
            String stage,
            long[] shape,
            double sum,
            double absolute,
            double waves,
            double... elements) {
        try (Scope scope = Torch.get().inference(Device.cpu())) {
            TorchPass pass = TorchPass.inference(weights, scope);
            int height = trunk.input().height();
            int width = trunk.input().width();
            Shape images = new Shape(2, 3, height, width);
            NDArray x = scope.manager().create(Formula.images(2, height, width), images);
            Feature feature = trunk.feature(stage);
            NDArray y = trunk.run(pass, x, null, feature);
            assertArrayEquals(shape, y.getShape().getShape(), stage);
            compare(stage, y.toFloatArray(), sum, absolute, waves, elements);
        }
    }

    /**
     * Compares elements, where a network was filled otherwise.
     *
     * @param stage what they are
     * @param actual the elements, row by row
     * @param sum of all elements
     * @param absolute sum of their absolute values
     * @param waves sum of y_i sin i, i from 1
     * @param elements eight, at i = k n / 8
     */
    public static void compare(
            String stage,
            float[] actual,
            double sum,
            double absolute,
            double waves,
            double... elements) {
        double all = 0;
        double positive = 0;
        double moved = 0;
        double largest = 0;
        for (int i = 0; i < actual.length; i++) {
            all += actual[i];
            positive += Math.abs(actual[i]);
            moved += actual[i] * Math.sin(i + 1);
            largest = Math.max(largest, Math.abs(actual[i]));
        }
        assertEquals(ELEMENTS, elements.length);
        for (int k = 0; k < ELEMENTS; k++) {
            int i = (int) ((long) k * actual.length / ELEMENTS);
            assertEquals(elements[k], actual[i], ERROR * largest, stage + ", element " + i);
        }
        double error = ERROR * largest * Math.sqrt(actual.length);
        assertEquals(absolute, positive, error, stage + ", sum of absolute values");
        assertEquals(sum, all, error, stage + ", sum");
        assertEquals(waves, moved, error, stage + ", sum of y_i sin i");
    }

    @Override
    public void close() {
        weights.close();
    }
}
