// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.api.net.Var;

/** Reads a map off a picture, plane by plane, and adds a weight to it. */
final class GivenMap extends Net {
    private final int channels;
    private final int rows;
    private final int columns;
    private final Var shift;

    GivenMap(int channels, int rows, int columns) {
        this.channels = channels;
        this.rows = rows;
        this.columns = columns;
        shift = weight("shift", Var.Init.ZEROS, channels, rows, columns);
    }

    @Override
    public NDArray run(Pass pass, NDArray picture) {
        return picture.reshape(picture.getShape().get(0), -1, rows, columns)
                .get(new NDIndex(":, :" + channels))
                .add(pass.read(shift));
    }
}
