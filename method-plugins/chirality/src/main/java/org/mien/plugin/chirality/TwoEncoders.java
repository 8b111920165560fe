// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.chirality;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import org.mien.api.Feature;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.nn.Conv2d;

/**
 * The full model between backbone and classifiers: a map (N, C, h, w) through a 1 x 1 convolution
 * is split in two halves of its channels; one goes through the emotion encoder T_E, the other
 * through the chirality encoder T_C. Gives class token and chirality token side by side, (N, 2 d).
 */
final class TwoEncoders extends Net {
    private final Conv2d mix;
    private final Encoder emotion;
    private final Encoder chirality;

    TwoEncoders(Feature map, Settings settings) {
        int half = map.channels() / 2;
        mix = part("mix", new Conv2d(map.channels(), map.channels(), 1, 1, 0, true));
        emotion = part("emotion", new Encoder(map, half, settings));
        chirality = part("chirality", new Encoder(map, half, settings));
    }

    @Override
    public NDArray run(Pass pass, NDArray map) {
        NDList halves = mix.run(pass, map).split(2, 1);
        NDArray cls = emotion.run(pass, halves.get(0));
        return cls.concat(chirality.run(pass, halves.get(1)), 1);
    }
}
