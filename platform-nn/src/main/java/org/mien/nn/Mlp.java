// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn;

import ai.djl.ndarray.NDArray;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.api.net.Var;

/** Two linear layers with GELU between them, (.., D) to (.., D); parts {@code fc1, fc2}. */
public final class Mlp extends Net {
    final Linear fc1;
    final Linear fc2;
    private final double dropout;

    /**
     * Layers.
     *
     * @param width D
     * @param hidden width between the layers
     * @param dropout probability of a zero between the layers
     * @param start how its weights start; its biases start at zero
     */
    public Mlp(int width, int hidden, double dropout, Var.Init start) {
        fc1 = part("fc1", new Linear(width, hidden, true, start));
        fc2 = part("fc2", new Linear(hidden, width, true, start));
        this.dropout = dropout;
    }

    @Override
    public NDArray run(Pass pass, NDArray x) {
        return fc2.run(pass, hidden(pass, x));
    }

    /**
     * mlp(x) + plus, the end of a residual branch.
     *
     * @param pass where it computes
     * @param x (.., D)
     * @param plus (.., D)
     * @return (.., D)
     */
    public NDArray plus(Pass pass, NDArray x, NDArray plus) {
        return fc2.plus(pass, hidden(pass, x), plus);
    }

    private NDArray hidden(Pass pass, NDArray x) {
        return pass.dropout(fc1.gelu(pass, x), dropout);
    }
}
