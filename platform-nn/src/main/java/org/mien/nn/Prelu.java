// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn;

import ai.djl.ndarray.NDArray;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.api.net.Var;

/** A ReLU with a trained slope a channel (He et al. 2015), (N, C, ..). */
public final class Prelu extends Net {
    private final Var weight;

    /**
     * Slopes that start at 0.25.
     *
     * @param channels C
     */
    public Prelu(int channels) {
        weight = weight("weight", 0.25, channels);
    }

    @Override
    public NDArray run(Pass pass, NDArray x) {
        return pass.prelu(x, pass.read(weight));
    }
}
