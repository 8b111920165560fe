// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.model;

import ai.djl.Device;
import org.mien.core.MienException;
import org.mien.core.internal.pipeline.BoundPipeline;
import org.mien.engine.Torch;

/** Where runs compute. */
public final class Devices {
    private Devices() {}

    /** The device of a pipeline, or an error in words. */
    public static Device device(Torch torch, BoundPipeline bound) {
        try {
            return torch.device(bound.loop().device());
        } catch (IllegalArgumentException e) {
            throw new MienException("key 'train.device': " + e.getMessage() + ".");
        }
    }

    /** An engine and where it computes. */
    public static String words(Torch torch) {
        int gpus = torch.gpus();
        return "PyTorch "
                + torch.version()
                + ", "
                + (gpus == 0 ? "no GPU" : gpus + " GPU")
                + ", "
                + torch.threads()
                + " CPU threads";
    }
}
