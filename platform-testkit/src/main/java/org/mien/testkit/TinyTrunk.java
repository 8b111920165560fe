// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import ai.djl.ndarray.NDArray;
import java.util.List;
import org.mien.api.Feature;
import org.mien.api.InputSpec;
import org.mien.api.net.Net;
import org.mien.api.net.Ops;
import org.mien.api.net.Pass;
import org.mien.api.net.Trunk;
import org.mien.api.net.Var;
import org.mien.nn.BatchNorm;
import org.mien.nn.Conv2d;
import org.mien.nn.Fn;
import org.mien.nn.LayerNorm;
import org.mien.nn.Linear;
import org.mien.nn.Sequence;

/** A backbone of some hundred weights that gives a feature of every kind. */
final class TinyTrunk {
    private static final int CHANNELS = 8;
    private static final int SIDE = 4;
    private static final int WIDTH = 12;

    private TinyTrunk() {}

    static Trunk make() {
        InputSpec input =
                new InputSpec(
                        2 * SIDE,
                        2 * SIDE,
                        List.of(0.5f, 0.5f, 0.5f),
                        List.of(0.25f, 0.25f, 0.25f));
        return new Trunk(
                input,
                List.of(
                        new Trunk.Stage(
                                Feature.map("map", CHANNELS, SIDE, SIDE),
                                () ->
                                        new Sequence(
                                                new Conv2d(3, CHANNELS, 3, 2, 1),
                                                new BatchNorm(CHANNELS),
                                                new Fn(Ops::gelu))),
                        new Trunk.Stage(
                                Feature.tokens("tokens", CHANNELS, SIDE, SIDE, 1), Tokens::new),
                        new Trunk.Stage(
                                Feature.vector("vector", WIDTH),
                                () ->
                                        new Sequence(
                                                new Fn((ops, x) -> x.mean(new int[] {1})),
                                                new Linear(CHANNELS, WIDTH)))));
    }

    /** A map (N, C, H, W) to a class token and a token a place, (N, 1 + H W, C). */
    private static final class Tokens extends Net {
        private final Var first = weight("class", Var.Init.TRUNCATED_NORMAL, 1, 1, CHANNELS);
        private final LayerNorm norm = part("norm", new LayerNorm(CHANNELS, 1e-5));

        @Override
        public NDArray run(Pass pass, NDArray x) {
            long n = x.getShape().get(0);
            NDArray places = x.reshape(n, CHANNELS, SIDE * SIDE).transpose(0, 2, 1);
            NDArray one = pass.read(first).repeat(0, n);
            return norm.run(pass, one.concat(places, 1));
        }
    }
}
