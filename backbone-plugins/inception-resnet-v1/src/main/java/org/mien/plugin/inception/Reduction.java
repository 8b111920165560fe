// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.inception;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import java.util.ArrayList;
import java.util.List;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.nn.Sequence;

/** Branches that halve the map, and a pooling, side by side (Szegedy et al. 2017, figs. 7, 12). */
final class Reduction extends Net {
    private final List<Net> branches = new ArrayList<>();

    private Reduction(Net... nets) {
        for (Net net : nets) {
            branches.add(part("branch" + branches.size(), net));
        }
    }

    /** Reduction-A, 256 channels to 384 + 256 + 256. */
    static Reduction mixed6a() {
        return new Reduction(
                new Convolution(256, 384, 3, 2, 0),
                new Sequence(
                        new Convolution(256, 192, 1, 1, 0),
                        new Convolution(192, 192, 3, 1, 1),
                        new Convolution(192, 256, 3, 2, 0)));
    }

    /** Reduction-B, 896 channels to 384 + 256 + 256 + 896. */
    static Reduction mixed7a() {
        return new Reduction(
                new Sequence(
                        new Convolution(896, 256, 1, 1, 0), new Convolution(256, 384, 3, 2, 0)),
                new Sequence(
                        new Convolution(896, 256, 1, 1, 0), new Convolution(256, 256, 3, 2, 0)),
                new Sequence(
                        new Convolution(896, 256, 1, 1, 0),
                        new Convolution(256, 256, 3, 1, 1),
                        new Convolution(256, 256, 3, 2, 0)));
    }

    @Override
    public NDArray run(Pass pass, NDArray x) {
        NDList found = new NDList();
        branches.forEach(branch -> found.add(branch.run(pass, x)));
        found.add(pass.maxPool(x, 3, 2, 0));
        return NDArrays.concat(found, 1);
    }
}
