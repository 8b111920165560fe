// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.pfvit;

import ai.djl.ndarray.NDArray;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.nn.Linear;

/**
 * S: squeeze and excitation (Hu et al. 2018) over tokens. Tokens (N, T, D) to the mask of the
 * emotional features (N, 1, D), 0 to 1.
 */
final class Separator extends Net {
    private final Linear squeeze;
    private final Linear excite;

    Separator(int width, int reduction) {
        int narrow = Math.max(1, width / reduction);
        squeeze = part("squeeze", new Linear(width, narrow));
        excite = part("excite", new Linear(narrow, width));
    }

    @Override
    public NDArray run(Pass pass, NDArray tokens) {
        NDArray mean = tokens.mean(new int[] {1}, true);
        return pass.sigmoid(excite.run(pass, pass.relu(squeeze.run(pass, mean))));
    }
}
