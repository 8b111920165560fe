// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.ir50;

import java.util.ArrayList;
import java.util.List;
import org.mien.api.Feature;
import org.mien.api.InputSpec;
import org.mien.api.Key;
import org.mien.api.method.Backbone;
import org.mien.api.net.Ops;
import org.mien.api.net.Trunk;
import org.mien.nn.BatchNorm;
import org.mien.nn.Fn;
import org.mien.nn.Prelu;
import org.mien.nn.Sequence;
import org.osgi.service.component.annotations.Component;

/**
 * IR-50, the improved residual network of 50 layers of ArcFace (Deng et al. 2019) as published in
 * face.evoLVe: an input layer, 24 blocks, and an output layer that makes a face embedding of 512 of
 * the last map, (512, 7, 7) for faces of 112 x 112. Its parameters: 1,920 in the input layer,
 * 30,725,440 in the blocks, 12,847,616 in the output layer at 112 x 112.
 */
@Component(property = "mien.id=ir50")
public final class Ir50 implements Backbone<Ir50.Settings> {
    private static final int[] BLOCKS = {3, 4, 14, 3};
    private static final List<Float> HALF = List.of(0.5f, 0.5f, 0.5f);

    /**
     * Keys.
     *
     * @param size side of the input
     * @param output whether it has an output layer
     * @param dropout rate in the output layer
     */
    public record Settings(
            @Key(
                            value = "112",
                            min = 16,
                            max = 1024,
                            doc =
                                    "side of the square input, in pixels; published output layers"
                                            + " are for 112")
                    int size,
            @Key(
                            value = "true",
                            doc =
                                    "whether the vector is the embedding of the output layer; else"
                                            + " it is the mean over the map, without weights")
                    boolean output,
            @Key(
                            value = "0.5",
                            min = 0,
                            max = 0.99,
                            doc = "rate of zeroed elements of the map before the embedding")
                    double dropout) {}

    @Override
    public Class<Settings> settings() {
        return Settings.class;
    }

    @Override
    public InputSpec input(Settings settings) {
        return new InputSpec(settings.size(), settings.size(), HALF, HALF);
    }

    @Override
    public Trunk trunk(Settings settings, InputSpec input) {
        if (input.height() < 16 || input.width() < 16) {
            throw new IllegalArgumentException(
                    "ir50 halves its input four times; "
                            + input.height()
                            + " x "
                            + input.width()
                            + " is below 16 x 16");
        }
        List<Trunk.Stage> stages = new ArrayList<>();
        stages.add(
                new Trunk.Stage(
                        Feature.map("input", 64, input.height(), input.width()),
                        () ->
                                new Sequence(
                                        Residual.convolution(3, 64, 3, 1, 1),
                                        new BatchNorm(64),
                                        new Prelu(64))));
        int rows = input.height();
        int columns = input.width();
        int in = 64;
        int number = 0;
        for (int i = 0; i < BLOCKS.length; i++) {
            int out = 64 << i;
            rows = half(rows);
            columns = half(columns);
            for (int j = 0; j < BLOCKS[i]; j++) {
                int from = in;
                int stride = j == 0 ? 2 : 1;
                stages.add(
                        new Trunk.Stage(
                                Feature.map("block" + number++, out, rows, columns),
                                () -> new Block(from, out, stride)));
                in = out;
            }
        }
        int mapRows = rows;
        int mapColumns = columns;
        stages.add(
                settings.output()
                        ? new Trunk.Stage(
                                Feature.vector("output", Output.WIDTH),
                                () -> new Output(mapRows, mapColumns, settings.dropout()))
                        : new Trunk.Stage(
                                Feature.vector("pool", Output.WIDTH),
                                () -> new Fn(Ops::globalAveragePool)));
        return new Trunk(input, stages);
    }

    /** Names of face.evoLVe: {@code input_layer, body.0, .., body.23, output_layer}. */
    @Override
    public String published(String path) {
        if (path.startsWith("block")) {
            return "body." + path.substring("block".length());
        }
        return path.replaceFirst("^(input|output)[.]", "$1_layer.");
    }

    /** What a 3 x 3 convolution of stride 2 and padding 1, or every second pixel, leaves. */
    private static int half(int side) {
        return (side + 1) / 2;
    }
}
