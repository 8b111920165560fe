// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.resnet18;

import java.util.ArrayList;
import java.util.List;
import org.mien.api.Feature;
import org.mien.api.InputSpec;
import org.mien.api.Key;
import org.mien.api.method.Backbone;
import org.mien.api.net.Ops;
import org.mien.api.net.Trunk;
import org.mien.nn.Fn;
import org.mien.nn.Sequence;
import org.osgi.service.component.annotations.Component;

/**
 * ResNet-18 (He et al. 2016, Table 1), with the parameter names of torchvision behind the stage
 * names: maps of 64, 64, 128, 256, 512 channels at 1/4, 1/4, 1/8, 1/16, 1/32 of the input, and
 * their mean, a vector of 512. 11,176,512 parameters.
 */
@Component(property = "mien.id=resnet18")
public final class ResNet18 implements Backbone<ResNet18.Settings> {
    private static final List<Float> MEAN = List.of(0.485f, 0.456f, 0.406f);
    private static final List<Float> DEVIATION = List.of(0.229f, 0.224f, 0.225f);

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
                    "resnet18 halves its input five times; "
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
            int channels = 32 << i;
            int stride = i == 1 ? 1 : 2;
            if (stride == 2) {
                rows = half(rows);
                columns = half(columns);
            }
            int from = in;
            stages.add(
                    new Trunk.Stage(
                            Feature.map("layer" + i, channels, rows, columns),
                            () ->
                                    new Sequence(
                                            new BasicBlock(from, channels, stride),
                                            new BasicBlock(channels, channels, 1))));
            in = channels;
        }
        stages.add(
                new Trunk.Stage(Feature.vector("pool", 512), () -> new Fn(Ops::globalAveragePool)));
        return new Trunk(input, stages);
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
