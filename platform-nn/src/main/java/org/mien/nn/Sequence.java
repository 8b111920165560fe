// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn;

import ai.djl.ndarray.NDArray;
import java.util.List;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;

/**
 * Nets one after another; their names are "0", "1", .. A {@link Conv2d}, the {@link BatchNorm} and
 * the {@link Relu} after it, or what there is of them, are computed as one where that is faster.
 */
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
        for (int i = 0; i < nets.size(); ) {
            NDArray before = y;
            NDArray[] consumed = i == 0 ? new NDArray[0] : new NDArray[] {before};
            Net net = nets.get(i++);
            if (net instanceof Conv2d conv) {
                BatchNorm norm = at(i) instanceof BatchNorm next ? next : null;
                i += norm == null ? 0 : 1;
                boolean relu = at(i) instanceof Relu;
                i += relu ? 1 : 0;
                y = pass.brief(() -> conv.run(pass, before, norm, null, relu), consumed);
            } else {
                y = pass.brief(() -> net.run(pass, before), consumed);
            }
        }
        return y;
    }

    private Net at(int i) {
        return i < nets.size() ? nets.get(i) : null;
    }
}
