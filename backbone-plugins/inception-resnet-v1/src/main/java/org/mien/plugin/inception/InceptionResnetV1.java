// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.inception;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.mien.api.Feature;
import org.mien.api.InputSpec;
import org.mien.api.Key;
import org.mien.api.method.Backbone;
import org.mien.api.net.Net;
import org.mien.api.net.Ops;
import org.mien.api.net.Trunk;
import org.mien.nn.Fn;
import org.mien.nn.Sequence;
import org.osgi.service.component.annotations.Component;

/**
 * Inception-ResNet-v1 (Szegedy et al. 2017, fig. 15) as published for face recognition in
 * facenet-pytorch: an embedding of 512 for faces of 160 x 160. 23,482,624 parameters. Stages have
 * the names of its modules.
 */
@Component(property = "mien.id=inception-resnet-v1")
public final class InceptionResnetV1 implements Backbone<InceptionResnetV1.Settings> {
    // (pixel - 127.5) / 128
    private static final float MEAN = 127.5f / 255;
    private static final float DEVIATION = 128f / 255;

    /**
     * Keys.
     *
     * @param size side of the input
     * @param dropout rate before the embedding
     * @param normalise whether embeddings have length 1
     */
    public record Settings(
            @Key(value = "160", min = 75, max = 1024, doc = "side of the square input, in pixels")
                    int size,
            @Key(
                            value = "0.6",
                            min = 0,
                            max = 0.99,
                            doc = "rate of zeroed elements before the embedding")
                    double dropout,
            @Key(
                            value = "true",
                            doc =
                                    "whether embeddings are scaled to Euclidean length 1, as for"
                                            + " comparing faces; facenet-pytorch's classifier reads"
                                            + " them unscaled")
                    boolean normalise) {}

    /** The chain as it grows. */
    private static final class Chain {
        private final List<Trunk.Stage> stages = new ArrayList<>();
        private int channels = 3;
        private int rows;
        private int columns;

        Chain(InputSpec input) {
            rows = input.height();
            columns = input.width();
        }

        private Chain map(String name, int out, Supplier<? extends Net> net) {
            channels = out;
            stages.add(new Trunk.Stage(Feature.map(name, out, rows, columns), net));
            return this;
        }

        private Chain smaller(int kernel, int stride, int padding) {
            rows = (rows + 2 * padding - kernel) / stride + 1;
            columns = (columns + 2 * padding - kernel) / stride + 1;
            return this;
        }

        Chain convolution(String name, int out, int kernel, int stride, int padding) {
            int in = channels;
            return smaller(kernel, stride, padding)
                    .map(name, out, () -> new Convolution(in, out, kernel, stride, padding));
        }

        Chain pool(String name) {
            return smaller(3, 2, 0)
                    .map(name, channels, () -> new Fn((ops, x) -> ops.maxPool(x, 3, 2, 0)));
        }

        Chain reduction(String name, int out, Supplier<Reduction> net) {
            return smaller(3, 2, 0).map(name, out, net);
        }

        Chain residual(String name, Supplier<Residual> net) {
            return map(name, channels, net);
        }

        Chain residuals(String name, int count, Supplier<Residual> net) {
            return map(
                    name,
                    channels,
                    () -> {
                        Net[] nets = new Net[count];
                        for (int i = 0; i < count; i++) {
                            nets[i] = net.get();
                        }
                        return new Sequence(nets);
                    });
        }

        Chain vector(String name, int width, Supplier<? extends Net> net) {
            stages.add(new Trunk.Stage(Feature.vector(name, width), net));
            return this;
        }
    }

    @Override
    public Class<Settings> settings() {
        return Settings.class;
    }

    @Override
    public InputSpec input(Settings settings) {
        return new InputSpec(
                settings.size(),
                settings.size(),
                List.of(MEAN, MEAN, MEAN),
                List.of(DEVIATION, DEVIATION, DEVIATION));
    }

    @Override
    public Trunk trunk(Settings settings, InputSpec input) {
        if (input.height() < 75 || input.width() < 75) {
            throw new IllegalArgumentException(
                    "inception-resnet-v1 has no pixel left of an input below 75 x 75; this one has "
                            + input.height()
                            + " x "
                            + input.width());
        }
        return new Trunk(
                input,
                new Chain(input)
                        .convolution("conv2d_1a", 32, 3, 2, 0)
                        .convolution("conv2d_2a", 32, 3, 1, 0)
                        .convolution("conv2d_2b", 64, 3, 1, 1)
                        .pool("maxpool_3a")
                        .convolution("conv2d_3b", 80, 1, 1, 0)
                        .convolution("conv2d_4a", 192, 3, 1, 0)
                        .convolution("conv2d_4b", 256, 3, 2, 0)
                        .residuals("repeat_1", 5, Residual::block35)
                        .reduction("mixed_6a", 896, Reduction::mixed6a)
                        .residuals("repeat_2", 10, Residual::block17)
                        .reduction("mixed_7a", 1792, Reduction::mixed7a)
                        .residuals("repeat_3", 5, () -> Residual.block8(0.20, true))
                        .residual("block8", () -> Residual.block8(1, false))
                        .vector("avgpool_1a", 1792, () -> new Fn(Ops::globalAveragePool))
                        .vector(
                                "embedding",
                                512,
                                () -> new Embedding(settings.dropout(), settings.normalise()))
                        .stages);
    }

    /** Names of facenet-pytorch: its modules are our stages, but for the last. */
    @Override
    public String published(String path) {
        return path.startsWith("embedding.") ? path.substring("embedding.".length()) : path;
    }
}
