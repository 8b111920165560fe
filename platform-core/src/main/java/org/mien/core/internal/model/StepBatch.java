// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.mien.api.Batch;
import org.mien.api.InputSpec;
import org.mien.api.data.Sample;
import org.mien.api.data.Target;
import org.mien.api.data.Targets;
import org.mien.core.internal.data.Loader;
import org.mien.nn.spi.Images;
import org.mien.nn.spi.Relabelling;

/** A batch whose arrays are made when asked for and die with their owner. */
public final class StepBatch implements Batch {
    private final NDManager owner;
    private final InputSpec input;
    private final Loader.Loaded loaded;
    private final Targets named;
    private final Set<Target> learned;
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
     * @param loaded pictures, a row a sample
     * @param named what the method reads of the samples
     * @param learned kinds of target that the method learns
     * @param labels class of each sample as it stands now; -1 for none
     * @param smoothing share of each target that is spread over all classes
     * @param classWeights how much a sample of each class counts, or null
     */
    public StepBatch(
            NDManager owner,
            InputSpec input,
            Loader.Loaded loaded,
            Targets named,
            Set<Target> learned,
            long[] labels,
            boolean mayRelabel,
            double smoothing,
            float[] classWeights) {
        this.owner = owner;
        this.input = input;
        this.loaded = loaded;
        this.named = named;
        this.learned = learned;
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
            if (name.equals("mirror") && !loaded.views().containsKey(name)) {
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
            int classes = named.classes().size();
            float[] values = new float[labels.length * classes];
            for (int i = 0; i < labels.length; i++) {
                float[] votes = loaded.samples().get(i).votes();
                if (labels[i] < 0 && mayLack()) {
                    continue;
                }
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
                if (labels[i / classes] >= 0) {
                    values[i] = (float) ((1 - smoothing) * values[i] + smoothing / classes);
                }
            }
            targets = owner.create(values, new Shape(labels.length, classes));
        }
        return targets;
    }

    /** Whether a sample may lack a class: there is something else to learn of it. */
    private boolean mayLack() {
        return learned.size() > 1;
    }

    @Override
    public NDArray weights() {
        boolean all = Arrays.stream(labels).allMatch(label -> label >= 0) || !mayLack();
        if (classWeights == null && all) {
            return null;
        }
        float[] weights = new float[labels.length];
        for (int i = 0; i < weights.length; i++) {
            float of = classWeights == null || labels[i] < 0 ? 1 : classWeights[(int) labels[i]];
            weights[i] = labels[i] < 0 ? 0 : of;
        }
        return owner.create(weights);
    }

    @Override
    public NDArray multiLabel() {
        return numbers(Target.MULTI_LABEL, (i, answer) -> answer);
    }

    @Override
    public NDArray values() {
        return numbers(Target.VALUES, (i, answer) -> named.values().get(i).scaled(answer));
    }

    @Override
    public NDArray known(Target target) {
        return switch (target) {
            case MULTI_LABEL, VALUES -> numbers(target, (i, answer) -> 1);
            case CLASS, DISTRIBUTION -> {
                float[] known = new float[labels.length];
                for (int i = 0; i < known.length; i++) {
                    known[i] = labels[i] >= 0 ? 1 : 0;
                }
                yield owner.create(known);
            }
        };
    }

    /** What becomes of an answer of a sample, by its place among the names. */
    private interface Read {
        float of(int place, float answer);
    }

    /** A row a sample; 0 where an answer is not known. */
    private NDArray numbers(Target target, Read read) {
        boolean labels = target == Target.MULTI_LABEL;
        int width = labels ? named.multiLabel().size() : named.values().size();
        if (width == 0) {
            throw new IllegalArgumentException(
                    target.words() + " were read, but the plan does not say so");
        }
        List<Sample> samples = loaded.samples();
        float[] rows = new float[samples.size() * width];
        for (int i = 0; i < samples.size(); i++) {
            float[] row = labels ? samples.get(i).multiLabel() : samples.get(i).values();
            for (int k = 0; k < row.length; k++) {
                rows[i * width + k] = Float.isNaN(row[k]) ? 0 : read.of(k, row[k]);
            }
        }
        return owner.create(rows, new Shape(samples.size(), width));
    }

    @Override
    public List<Sample> samples() {
        return loaded.samples();
    }

    @Override
    public int repeat(int row) {
        return loaded.repeats()[row];
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
                        relabelled,
                        mayRelabel,
                        loaded.samples(),
                        named.classes().size(),
                        where,
                        newLabels);
    }

    /** What {@link #relabel} was given, or null. */
    public Relabelling relabelled() {
        return relabelled;
    }
}
