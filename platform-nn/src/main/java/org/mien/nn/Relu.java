// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn;

import ai.djl.ndarray.NDArray;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;

/** max(x, 0), any shape. */
public final class Relu extends Net {
    /** A ReLU. */
    public Relu() {}

    @Override
    public NDArray run(Pass pass, NDArray x) {
        return pass.relu(x);
    }
}
