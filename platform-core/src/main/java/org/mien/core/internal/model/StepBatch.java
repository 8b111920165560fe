// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mien.api.Batch;
import org.mien.api.InputSpec;
import org.mien.api.data.Sample;
import org.mien.core.internal.data.Loader;
import org.mien.nn.spi.Images;
import org.mien.nn.spi.Relabelling;

/** A batch whose arrays are made when asked for and die with their owner. */
public final class StepBatch implements Batch {
    private final NDManager owner;
    private final InputSpec input;
    private final Loader.Loaded loaded;
    private final List<String> names;
    private final long[] labels;
    private final boolean mayRelabel;
    private final double smoothing;
    private final float[] classWeights;
    private final Map<String, NDArray> views = new LinkedHashMap<>();
    private NDArray targets;
    private Relabelling relabelled;

    /**
     * A batch.
     *
     * @param labels class of each sample as it stands now; -1 for none
     * @param smoothing share of each target that is spread over all classes
     * @param classWeights how much a sample of each class counts, or null
     */
    public StepBatch(
            NDManager owner,
            InputSpec input,
            Loader.Loaded loaded,
            List<String> names,
            long[] labels,
            boolean mayRelabel,
            double smoothing,
            float[] classWeights) {
        this.owner = owner;
        this.input = input;
        this.loaded = loaded;
        this.names = names;
        this.labels = labels.clone();
        this.mayRelabel = mayRelabel;
        this.smoothing = smoothing;
        this.classWeights = classWeights;
    }

    @Override
    public int size() {
        return loaded.height();
    }

    @Override
    public NDArray view(String name) {
        NDArray found = views.get(name);
        if (found == null) {
            if (name.equals("mirror")) {
                found = view("face").flip(3);
            } else {
                ByteBuffer pixels = loaded.views().get(name);
                if (pixels == null) {
                    throw new IllegalArgumentException(
                            "view '"
                                    + name
                                    + "' was not asked for in the plan; it asked for "
                                    + loaded.views().keySet());
                }
                found = Images.tensor(owner, pixels, size(), input);
            }
            views.put(name, found);
        }
        return found;
    }

    @Override
    public InputSpec input() {
        return input;
    }

    @Override
    public NDArray labels() {
        return owner.create(labels);
    }

    @Override
    public NDArray targets() {
        if (targets == null) {
            int classes = names.size();
            float[] values = new float[labels.length * classes];
            for (int i = 0; i < labels.length; i++) {
                float[] votes = loaded.samples().get(i).votes();
                if (labels[i] < 0) {
                    throw new IllegalArgumentException(
                            "sample '"
                                    + loaded.samples().get(i).id()
                                    + "' has no label; the method trains with labels");
                }
                // Votes count as long as the label is the dataset's own.
                if (votes != null && labels[i] == loaded.samples().get(i).label()) {
                    float sum = 0;
                    for (float vote : votes) {
                        sum += vote;
                    }
                    for (int k = 0; k < classes; k++) {
                        values[i * classes + k] = votes[k] / sum;
                    }
                } else {
                    values[i * classes + (int) labels[i]] = 1;
                }
            }
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) ((1 - smoothing) * values[i] + smoothing / classes);
            }
            targets = owner.create(values, new Shape(labels.length, classes));
        }
        return targets;
    }

    @Override
    public NDArray weights() {
        if (classWeights == null) {
            return null;
        }
        float[] weights = new float[labels.length];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = labels[i] < 0 ? 0 : classWeights[(int) labels[i]];
        }
        return owner.create(weights);
    }

    @Override
    public List<Sample> samples() {
        return loaded.samples();
    }

    @Override
    public NDArray index() {
        long[] index = new long[loaded.positions().length];
        for (int i = 0; i < index.length; i++) {
            index[i] = loaded.positions()[i];
        }
        return owner.create(index);
    }

    @Override
    public void relabel(NDArray where, NDArray newLabels) {
        relabelled =
                Relabelling.of(
                        relabelled, mayRelabel, loaded.samples(), names.size(), where, newLabels);
    }

    /** What {@link #relabel} was given, or null. */
    public Relabelling relabelled() {
        return relabelled;
    }
}
