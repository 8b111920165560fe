// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn;

import ai.djl.ndarray.NDArray;
import java.util.function.BiFunction;
import org.mien.api.net.Net;
import org.mien.api.net.Ops;
import org.mien.api.net.Pass;

/** A function without weights as a net, for example {@code new Fn(Ops::relu)}. */
public final class Fn extends Net {
    private final BiFunction<? super Ops, NDArray, NDArray> function;

    /**
     * A net.
     *
     * @param function from operations and input to output
     */
    public Fn(BiFunction<? super Ops, NDArray, NDArray> function) {
        this.function = function;
    }

    @Override
    public NDArray run(Pass pass, NDArray x) {
        return function.apply(pass, x);
    }
}
