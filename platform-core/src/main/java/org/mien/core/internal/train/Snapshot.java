// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.train;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.mien.core.internal.run.Checkpoint;
import org.mien.core.internal.run.Progress;
import org.mien.nn.spi.Average;
import org.mien.nn.spi.Weights;

/** The arrays of a run under way: into checkpoints, and back from the last one. */
final class Snapshot {
    /** Beginning of the averaged weights' names in a checkpoint. */
    private static final String AVERAGE = "average/";

    /** Where changed labels lie in a checkpoint. */
    private static final String LABELS = "labels";

    private final Weights weights;
    private final Average average;
    private final List<PhaseUpdate> phases;
    private final long[] labels;

    /**
     * Of a run.
     *
     * @param average of the weights, or null
     * @param labels of the training samples, changed in place; null when nobody may change them
     */
    Snapshot(Weights weights, Average average, List<PhaseUpdate> phases, long[] labels) {
        this.weights = weights;
        this.average = average;
        this.phases = phases;
        this.labels = labels;
    }

    private static Map<String, Checkpoint.Values> arrays(Weights weights, String prefix) {
        Map<String, Checkpoint.Values> arrays = new LinkedHashMap<>();
        weights.entries()
                .forEach(
                        (path, entry) ->
                                PhaseUpdate.put(arrays, prefix + path, weights.array(path)));
        return arrays;
    }

    /** What is used afterwards: the average where there is one. */
    Checkpoint best(Progress progress) {
        Map<String, Checkpoint.Values> used = arrays(weights, "");
        if (average != null) {
            used.putAll(arrays(average.weights(), ""));
        }
        return new Checkpoint(used, progress.metadata());
    }

    /** All that the run goes on from. */
    Checkpoint last(Progress progress) {
        Map<String, Checkpoint.Values> arrays = arrays(weights, "");
        if (average != null) {
            arrays.putAll(arrays(average.weights(), AVERAGE));
        }
        phases.forEach(one -> one.saveState(arrays));
        phases.forEach(one -> one.saveGathered(arrays));
        if (labels != null) {
            float[] now = new float[labels.length];
            for (int i = 0; i < now.length; i++) {
                now[i] = labels[i];
            }
            arrays.put(LABELS, new Checkpoint.Values(new long[] {now.length}, now));
        }
        return new Checkpoint(arrays, progress.metadata());
    }

    /**
     * Puts everything back as it was when a checkpoint was written.
     *
     * @param otherwise beginning of the message when it does not fit
     * @return where the run stands
     */
    Progress restore(Path file, String otherwise) {
        try (Checkpoint.Opened opened = Checkpoint.open(file)) {
            restore(opened.checkpoint(), otherwise);
            return Progress.of(file, opened.checkpoint().metadata());
        }
    }

    private void restore(Checkpoint checkpoint, String otherwise) {
        checkpoint.into(weights, "", otherwise);
        if (average != null) {
            checkpoint.into(average.weights(), AVERAGE, otherwise);
        }
        Set<String> left = new LinkedHashSet<>(checkpoint.arrays().keySet());
        left.removeAll(weights.entries().keySet());
        left.remove(LABELS);
        left.removeIf(name -> name.startsWith(AVERAGE));
        for (String name : left) {
            Checkpoint.Values values = checkpoint.arrays().get(name);
            if (phases.stream().noneMatch(one -> one.restore(name, values))) {
                throw Checkpoint.misfit(
                        otherwise,
                        "its '"
                                + name
                                + "' of shape "
                                + Arrays.toString(values.shape())
                                + " has no place in the network");
            }
        }
        Checkpoint.Values changed = checkpoint.arrays().get(LABELS);
        if (changed != null && labels != null) {
            float[] elements = changed.elements();
            for (int i = 0; i < labels.length; i++) {
                labels[i] = (long) elements[i];
            }
        }
    }
}
