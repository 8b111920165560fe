// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.alexnet;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.mien.api.Feature;
import org.mien.api.InputSpec;
import org.mien.api.Key;
import org.mien.api.method.Backbone;
import org.mien.api.net.Trunk;
import org.mien.api.net.Var;
import org.mien.nn.Conv2d;
import org.mien.nn.Fn;
import org.mien.nn.Relu;
import org.mien.nn.Sequence;
import org.osgi.service.component.annotations.Component;

/**
 * AlexNet as in torchvision, which is the one of "One weird trick" (Krizhevsky 2014): five
 * convolutions, the last map divided into 6 x 6 means, and two linear layers of 4096. 57,003,840
 * parameters.
 */
@Component(property = "mien.id=alexnet")
public final class AlexNet implements Backbone<AlexNet.Settings> {
    private static final int WIDTH = 4096;
    private static final List<Float> MEAN = List.of(0.485f, 0.456f, 0.406f);
    private static final List<Float> DEVIATION = List.of(0.229f, 0.224f, 0.225f);

    /** Number of torchvision's module by ours. */
    private static final Map<String, String> PUBLISHED =
            Map.of(
                    "conv1.0", "features.0",
                    "conv2.0", "features.3",
                    "conv3.0", "features.6",
                    "conv4.0", "features.8",
                    "conv5.0", "features.10",
                    "fc6.linear", "classifier.1",
                    "fc7.linear", "classifier.4");

    /**
     * Keys.
     *
     * @param size side of the input
     * @param dropout rate before each linear layer
     */
    public record Settings(
            @Key(value = "224", min = 63, max = 1024, doc = "side of the square input, in pixels")
                    int size,
            @Key(
                            value = "0.5",
                            min = 0,
                            max = 0.99,
                            doc = "rate of zeroed elements before each linear layer")
                    double dropout) {}

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

        private void size(int kernel, int stride, int padding) {
            rows = (rows + 2 * padding - kernel) / stride + 1;
            columns = (columns + 2 * padding - kernel) / stride + 1;
        }

        Chain convolution(String name, int out, int kernel, int stride, int padding) {
            int in = channels;
            size(kernel, stride, padding);
            channels = out;
            stages.add(
                    new Trunk.Stage(
                            Feature.map(name, out, rows, columns),
                            () ->
                                    new Sequence(
                                            new Conv2d(
                                                    in,
                                                    out,
                                                    new int[] {kernel, kernel},
                                                    stride,
                                                    new int[] {padding, padding},
                                                    true,
                                                    Var.Init.FAN_IN),
                                            new Relu())));
            return this;
        }

        Chain pool(String name) {
            size(3, 2, 0);
            stages.add(
                    new Trunk.Stage(
                            Feature.map(name, channels, rows, columns),
                            () -> new Fn((ops, x) -> ops.maxPool(x, 3, 2, 0))));
            return this;
        }

        Chain dense(String name, int in, double dropout) {
            stages.add(
                    new Trunk.Stage(
                            Feature.vector(name, WIDTH), () -> new Dense(in, WIDTH, dropout)));
            return this;
        }
    }

    @Override
    public Class<Settings> settings() {
        return Settings.class;
    }

    @Override
    public InputSpec input(Settings settings) {
        return new InputSpec(settings.size(), settings.size(), MEAN, DEVIATION);
    }

    @Override
    public Trunk trunk(Settings settings, InputSpec input) {
        if (input.height() < 63 || input.width() < 63) {
            throw new IllegalArgumentException(
                    "alexnet has no pixel left of an input below 63 x 63; this one has "
                            + input.height()
                            + " x "
                            + input.width());
        }
        return new Trunk(
                input,
                new Chain(input)
                        .convolution("conv1", 64, 11, 4, 2)
                        .pool("pool1")
                        .convolution("conv2", 192, 5, 1, 2)
                        .pool("pool2")
                        .convolution("conv3", 384, 3, 1, 1)
                        .convolution("conv4", 256, 3, 1, 1)
                        .convolution("conv5", 256, 3, 1, 1)
                        .pool("pool5")
                        .dense("fc6", 256 * Dense.PARTS * Dense.PARTS, settings.dropout())
                        .dense("fc7", WIDTH, settings.dropout())
                        .stages);
    }

    /** Torchvision's names, {@code features.N} and {@code classifier.N}. */
    @Override
    public String published(String path) {
        int end = path.lastIndexOf('.');
        return PUBLISHED.get(path.substring(0, end)) + path.substring(end);
    }
}
