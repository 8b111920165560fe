// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package ai.djl.pytorch.jni;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.engine.PtNDManager;
import ai.djl.pytorch.engine.PtSymbolBlock;

/**
 * Calls a method of a TorchScript module with typed arguments. It lies in DJL's package because the
 * only public way there passes every scalar as a tensor and every list by the names of its members,
 * or runs without gradients.
 */
public final class ScriptCalls {
    private ScriptCalls() {}

    /**
     * Runs a method in the gradient mode of this thread.
     *
     * @param module the module
     * @param method its method
     * @param owner owner of the result
     * @param arguments NDArray, NDArray[], IValue, Boolean, Long, Integer, Double or long[]
     * @return the method's tensors
     */
    public static PtNDArray[] call(
            PtSymbolBlock module, String method, PtNDManager owner, Object... arguments) {
        try (IValue value = run(module, method, arguments)) {
            if (value.isTensor()) {
                return new PtNDArray[] {value.toTensor(owner)};
            }
            if (value.isTensorList()) {
                return value.toTensorArray(owner);
            }
            return new PtNDArray[0];
        }
    }

    /**
     * Runs a method in the gradient mode of this thread and leaves its result as it is.
     *
     * @param module the module
     * @param method its method
     * @param arguments NDArray, NDArray[], IValue, Boolean, Long, Integer, Double or long[]
     * @return the result, which the caller closes
     */
    public static IValue run(PtSymbolBlock module, String method, Object... arguments) {
        // A flag of the thread. With it a method is compiled anew after its first run on a thread,
        // and
        // its gradients then differ in their last bits from those of the first run.
        JniUtils.setGraphExecutorOptimize(false);
        IValue[] values = new IValue[arguments.length];
        try {
            long[] handles = new long[arguments.length];
            for (int i = 0; i < values.length; i++) {
                values[i] = value(method, arguments[i]);
                handles[i] = values[i].getHandle();
            }
            return new IValue(
                    PyTorchLibrary.LIB.moduleRunMethod(
                            module.getHandle(), method, handles, true, false));
        } finally {
            for (int i = 0; i < values.length; i++) {
                if (values[i] != null && values[i] != arguments[i]) {
                    values[i].close();
                }
            }
        }
    }

    private static IValue value(String method, Object argument) {
        if (argument instanceof PtNDArray array) {
            return IValue.from(array);
        }
        if (argument instanceof NDArray[] list) {
            PtNDArray[] arrays = new PtNDArray[list.length];
            System.arraycopy(list, 0, arrays, 0, list.length);
            return IValue.listFrom(arrays);
        }
        if (argument instanceof IValue held) {
            return held;
        }
        if (argument instanceof Boolean flag) {
            return IValue.from(flag.booleanValue());
        }
        if (argument instanceof Long number) {
            return IValue.from(number.longValue());
        }
        if (argument instanceof Integer number) {
            return IValue.from(number.longValue());
        }
        if (argument instanceof Double number) {
            return IValue.from(number.doubleValue());
        }
        if (argument instanceof long[] list) {
            return IValue.listFrom(list);
        }
        throw new IllegalArgumentException(
                "script method "
                        + method
                        + ": an argument of type "
                        + (argument == null ? "null" : argument.getClass().getName())
                        + "; expected an array, a list of arrays, a number or a flag");
    }
}
