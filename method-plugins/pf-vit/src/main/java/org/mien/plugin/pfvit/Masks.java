// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.pfvit;

import ai.djl.ndarray.NDArray;
import org.mien.api.Batch;
import org.mien.api.net.Pass;
import org.mien.nn.Masking;

/**
 * How many patches Multi-Task MAE hides.
 *
 * @param training share in a training step
 * @param testing share otherwise
 */
record Masks(double training, double testing) {
    /** Which patches of a batch are hidden. */
    Masking draw(Batch batch, Pass pass, int patches) {
        NDArray noise = Masking.Noise.uniform(batch, pass, patches);
        return Masking.of(pass, noise, pass.training() ? training : testing);
    }
}
