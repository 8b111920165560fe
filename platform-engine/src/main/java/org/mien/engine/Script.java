// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.engine;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;
import ai.djl.pytorch.jni.ScriptCalls;
import java.util.Arrays;

/**
 * TorchScript methods that can be called; made by {@link Torch#script}. Safe for several threads.
 */
public final class Script {
    private final PtSymbolBlock module;

    Script(PtSymbolBlock module) {
        this.module = module;
    }

    /**
     * Calls a method that returns one tensor.
     *
     * @param owner owner of the result
     * @param method name of the method
     * @param arguments NDArray, NDArray[], Held, Boolean, Integer, Long, Double or long[]
     * @return its result
     */
    public NDArray call(NDManager owner, String method, Object... arguments) {
        return ScriptCalls.call(module, method, (PtNDManager) owner, plain(arguments))[0];
    }

    /**
     * Calls a method that returns a list of tensors, or nothing.
     *
     * @param owner owner of the results
     * @param method name of the method
     * @param arguments NDArray, NDArray[], Held, Boolean, Integer, Long, Double or long[]
     * @return its results
     */
    public NDArray[] list(NDManager owner, String method, Object... arguments) {
        return ScriptCalls.call(module, method, (PtNDManager) owner, plain(arguments));
    }

    /**
     * Calls a method and keeps its result for later calls, whatever it is.
     *
     * @param method name of the method
     * @param arguments NDArray, NDArray[], Held, Boolean, Integer, Long, Double or long[]
     * @return its result, which the caller closes
     */
    public Held hold(String method, Object... arguments) {
        return new Held(ScriptCalls.run(module, method, plain(arguments)));
    }

    private static Object[] plain(Object[] arguments) {
        Object[] plain = Arrays.copyOf(arguments, arguments.length, Object[].class);
        for (int i = 0; i < plain.length; i++) {
            if (plain[i] instanceof Held held) {
                plain[i] = held.value();
            }
        }
        return plain;
    }
}
