// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.chirality;

import ai.djl.ndarray.NDArray;
import org.mien.api.Feature;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.api.net.Var;
import org.mien.nn.LayerNorm;
import org.mien.nn.Linear;
import org.mien.nn.Positions;
import org.mien.nn.Sequence;
import org.mien.nn.TransformerBlock;
import org.mien.nn.TransformerBlock.Order;
import org.mien.plugin.chirality.Settings.Norm;
import org.mien.plugin.chirality.Settings.Tokens;

/**
 * A map (N, c, h, w) to the token that has gathered it, (N, d). Channels of h w values, or places
 * of c values, are projected to tokens d wide; a learned token stands before them, learned
 * positions are added, and all go through the layers of a transformer.
 */
final class Encoder extends Net {
    private static final double EPS = 1e-5;

    private final boolean channels;
    private final Linear project;
    private final Var token;
    private final Positions positions;
    private final Sequence layers;
    private final TransformerBlock last;
    private final LayerNorm norm;

    /**
     * An encoder.
     *
     * @param map the map that the backbone gives
     * @param depth c, channels of it that come in
     * @param settings the keys
     */
    Encoder(Feature map, int depth, Settings settings) {
        channels = settings.tokens() == Tokens.CHANNEL;
        int places = map.rows() * map.columns();
        int d = settings.width();
        project = part("project", new Linear(channels ? places : depth, d));
        token = weight("token", Var.Init.TRUNCATED_NORMAL, 1, 1, d);
        int count = 1 + (channels ? depth : places);
        positions = part("positions", Positions.learned(count, d, Var.Init.NORMAL));
        TransformerBlock[] blocks = new TransformerBlock[settings.layers() - 1];
        for (int i = 0; i < blocks.length; i++) {
            blocks[i] = layer(settings);
        }
        layers = part("layers", new Sequence(blocks));
        last = part("last", layer(settings));
        norm = settings.norm() == Norm.PRE ? part("norm", new LayerNorm(d, EPS)) : null;
    }

    private static TransformerBlock layer(Settings settings) {
        return new TransformerBlock(
                settings.width(),
                settings.heads(),
                settings.feedForward(),
                settings.norm() == Norm.PRE ? Order.NORM_FIRST : Order.NORM_LAST,
                EPS,
                settings.dropout(),
                Var.Init.XAVIER);
    }

    @Override
    public NDArray run(Pass pass, NDArray map) {
        long n = map.getShape().get(0);
        long depth = map.getShape().get(1);
        NDArray flat = map.reshape(n, depth, -1);
        NDArray x = project.run(pass, channels ? flat : flat.swapAxes(1, 2));
        NDArray first = pass.read(token).repeat(0, n);
        NDArray all = layers.run(pass, positions.run(pass, first.concat(x, 1)));
        x = last.first(pass, all).orElseGet(() -> last.run(pass, all)).get(":, 0");
        // Layer normalisation looks at one token at a time, so the others need none.
        return norm == null ? x : norm.run(pass, x);
    }
}
