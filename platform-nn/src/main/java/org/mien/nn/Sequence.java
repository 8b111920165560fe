// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn;

import ai.djl.ndarray.NDArray;
import java.util.List;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;

/** Nets one after another; their names are "0", "1", .. */
public final class Sequence extends Net {
    private final List<Net> nets;

    /**
     * A sequence.
     *
     * @param nets in order
     */
    public Sequence(Net... nets) {
        this.nets = List.of(nets);
        for (int i = 0; i < nets.length; i++) {
            part(Integer.toString(i), nets[i]);
        }
    }

    @Override
    public NDArray run(Pass pass, NDArray x) {
        NDArray y = x;
        for (Net net : nets) {
            y = net.run(pass, y);
        }
        return y;
    }
}
