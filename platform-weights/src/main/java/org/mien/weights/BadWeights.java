// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import java.io.IOException;

/**
 * Why a file of weights is refused: what was found, what was expected. The only exception that
 * reading one throws.
 */
public final class BadWeights extends IOException {
    private static final long serialVersionUID = 1L;

    /**
     * A reason.
     *
     * @param why in words
     */
    BadWeights(String why) {
        super(why);
    }
}
