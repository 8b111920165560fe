// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.mien.core.MienException;
import org.mien.core.Runs;
import org.mien.core.internal.io.Atomic;
import org.mien.core.internal.pipeline.BoundPipeline;
import org.mien.core.internal.run.RunFolders;
import org.mien.weights.Npy;
import org.mien.weights.Npz;
import org.mien.weights.Safetensors;
import org.mien.weights.Tensor;
import org.mien.weights.WeightsFile;

/** Weights of a run for others, under the names that published files have. */
public final class WeightsOut {
    private WeightsOut() {}

    /**
     * Writes the chosen checkpoint.
     *
     * @param run folder of the run
     * @param file must not exist
     */
    public static void write(Path run, BoundPipeline bound, Runs.Format format, Path file) {
        RunFolders.free(file);
        Map<String, Safetensors.Values> arrays = new LinkedHashMap<>();
        try (WeightsFile best = WeightsFile.open(run.resolve(RunFolders.BEST))) {
            for (Tensor tensor : best.tensors().values()) {
                String name = StartValues.published(bound, tensor.name());
                Safetensors.Values values =
                        new Safetensors.Values(tensor.shape(), best.floats(tensor));
                if (arrays.put(name, values) != null) {
                    throw new MienException(
                            bound.method().who()
                                    + ": two of its arrays have the published name '"
                                    + name
                                    + "'. This is a fault of the plugin.");
                }
            }
            Map<String, String> metadata = ModelCard.of(run, bound);
            Map.Entry<String, Npy> named = Npz.metadata(metadata);
            Atomic.write(
                    file,
                    out -> {
                        if (format == Runs.Format.NPZ) {
                            Map<String, Npy> rows = new LinkedHashMap<>();
                            arrays.forEach(
                                    (name, one) ->
                                            rows.put(
                                                    name, Npy.floats(one.elements(), one.shape())));
                            rows.put(named.getKey(), named.getValue());
                            Npz.write(out, rows);
                        } else {
                            Safetensors.write(out, arrays, metadata);
                        }
                    });
        } catch (IOException e) {
            throw new MienException(
                    "run '" + run.getFileName() + "' cannot be exported: " + e.getMessage());
        }
    }
}
