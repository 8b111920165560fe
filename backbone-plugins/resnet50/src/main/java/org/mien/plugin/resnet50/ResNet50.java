// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.resnet50;

import java.util.ArrayList;
import java.util.List;
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
 * ResNet-50 (He et al. 2016, Table 1) as in torchvision, whose 3 x 3 convolutions have the stride
 * ("v1.5"), with its parameter names behind the stage names: maps of 64, 256, 512, 1024, 2048
 * channels at 1/4, 1/4, 1/8, 1/16, 1/32 of the input, and their mean, a vector of 2048. 23,508,032
 * parameters.
 */
@Component(property = "mien.id=resnet50")
public final class ResNet50 implements Backbone<ResNet50.Settings> {
    private static final List<Float> MEAN = List.of(0.485f, 0.456f, 0.406f);
    private static final List<Float> DEVIATION = List.of(0.229f, 0.224f, 0.225f);
    private static final int[] BLOCKS = {3, 4, 6, 3};

    /**
     * Keys.
     *
     * @param size side of the input
     */
    public record Settings(
            @Key(value = "224", min = 32, max = 1024, doc = "side of the square input, in pixels")
                    int size) {}

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
        if (input.height() < 32 || input.width() < 32) {
            throw new IllegalArgumentException(
                    "resnet50 halves its input five times; "
                            + input.height()
                            + " x "
                            + input.width()
                            + " is below 32 x 32");
        }
        int rows = half(half(input.height()));
        int columns = half(half(input.width()));
        List<Trunk.Stage> stages = new ArrayList<>();
        stages.add(new Trunk.Stage(Feature.map("stem", 64, rows, columns), Stem::new));
        int in = 64;
        for (int i = 1; i <= 4; i++) {
            int width = 32 << i;
            int blocks = BLOCKS[i - 1];
            int stride = i == 1 ? 1 : 2;
            if (stride == 2) {
                rows = half(rows);
                columns = half(columns);
            }
            int from = in;
            stages.add(
                    new Trunk.Stage(
                            Feature.map("layer" + i, 4 * width, rows, columns),
                            () -> layer(from, width, blocks, stride)));
            in = 4 * width;
        }
        stages.add(
                new Trunk.Stage(Feature.vector("pool", in), () -> new Fn(Ops::globalAveragePool)));
        return new Trunk(input, stages);
    }

    private static Sequence layer(int in, int width, int blocks, int stride) {
        Net[] nets = new Net[blocks];
        for (int i = 0; i < blocks; i++) {
            nets[i] = new Bottleneck(i == 0 ? in : 4 * width, width, i == 0 ? stride : 1);
        }
        return new Sequence(nets);
    }

    /** Torchvision's names: its modules are our stages, but for the first. */
    @Override
    public String published(String path) {
        return path.startsWith("stem.") ? path.substring("stem.".length()) : path;
    }

    /** What a 3 x 3 convolution or pooling of stride 2 and padding 1 leaves. */
    private static int half(int side) {
        return (side + 1) / 2;
    }
}
