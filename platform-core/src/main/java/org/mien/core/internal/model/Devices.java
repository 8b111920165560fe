// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.model;

import ai.djl.Device;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.mien.core.MienException;
import org.mien.core.internal.pipeline.BoundPipeline;
import org.mien.engine.OneDnn;
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

    /**
     * Why this machine computes slowly at the moment, for people; empty when it does not, as far as
     * is known. The doctor says more.
     */
    public static String slow(Torch torch, Device device) {
        List<String> why = new ArrayList<>();
        if (!device.isGpu()) {
            if (torch.oneDnn() == OneDnn.WRONG) {
                why.add(
                        "its oneDNN convolves wrongly, so that some shapes are computed without it");
            }
            if (torch.oneDnn() == OneDnn.UNUSED) {
                why.add("oneDNN is not used");
            }
            if (lacksVectors(Path.of("/proc/cpuinfo"))) {
                why.add("its processor has no AVX2, for which libtorch has its fast code");
            }
            if (System.getenv("ATEN_CPU_CAPABILITY") != null) {
                why.add("ATEN_CPU_CAPABILITY=" + System.getenv("ATEN_CPU_CAPABILITY") + " is set");
            }
            if (torch.crowded()) {
                why.add("other processes use its processors, and threads wait for them");
            }
        }
        return why.isEmpty()
                ? ""
                : "this machine computes slowly: " + String.join("; ", why) + " (./mien doctor)";
    }

    /** Whether a processor of x86 lacks what libtorch's fast code needs. */
    static boolean lacksVectors(Path cpuinfo) {
        try (Stream<String> lines = Files.lines(cpuinfo)) {
            String flags = lines.filter(line -> line.startsWith("flags")).findFirst().orElse("");
            return !flags.isEmpty() && !(flags + " ").contains(" avx2 ");
        } catch (IOException | UncheckedIOException e) {
            return false; // no Linux, or nothing is told
        }
    }
}
