// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.net;

import ai.djl.ndarray.NDArray;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.mien.api.Feature;
import org.mien.api.InputSpec;

/**
 * A backbone as a chain of named stages. From the chain alone follow: features of several kinds, a
 * network cut after the last feature wanted, activations by name, freezing up to a stage.
 *
 * <p>May be held by the platform while one attempt at a run lasts, or while a run is open to
 * predict and the plugin is there.
 */
public final class Trunk extends Net {
    /** The name under which each stage offers what it gives; see {@link Pass#tap}. */
    public static final String OUTPUT = "output";

    /**
     * A stage: what it gives, and how to make it (again, for a copy).
     *
     * @param gives its feature, whose name is the stage's
     * @param net makes the stage with fresh weights
     * @param shortcut a cheaper way to it, or null
     */
    public record Stage(Feature gives, Supplier<? extends Net> net, Shortcut shortcut) {
        /**
         * A stage that is computed from the one before it.
         *
         * @param gives its feature, whose name is the stage's
         * @param net makes the stage with fresh weights
         */
        public Stage(Feature gives, Supplier<? extends Net> net) {
            this(gives, net, null);
        }
    }

    /**
     * A cheaper way to what a stage gives, taken when nobody wants what the stages on the way give:
     * of the last block of a transformer, for example, only what becomes the [CLS] token.
     *
     * @param after the stage that it starts from, not the one just before
     * @param way computes
     */
    public record Shortcut(String after, Way way) {}

    /** Computes several stages as one, with their weights. */
    @FunctionalInterface
    public interface Way {
        /**
         * The output of the last of some stages.
         *
         * @param pass where it computes
         * @param stages the stages on the way, the last one included
         * @param x the output of the stage before the first of them
         * @return what running one after the other would give, to rounding; or nothing, when they
         *     shall be run so
         */
        Optional<NDArray> run(Pass pass, List<Net> stages, NDArray x);
    }

    private final InputSpec input;
    private final List<Stage> stages;
    private final List<Net> nets;

    /**
     * A trunk of fresh stages.
     *
     * @param input what it reads
     * @param stages the chain, in order, names unique
     */
    public Trunk(InputSpec input, List<Stage> stages) {
        if (stages.isEmpty()) {
            throw new IllegalArgumentException("a trunk needs at least one stage");
        }
        this.input = input;
        this.stages = List.copyOf(stages);
        this.nets =
                this.stages.stream()
                        .<Net>map(stage -> part(stage.gives().name(), stage.net().get()))
                        .toList();
    }

    /**
     * What it reads.
     *
     * @return the specification of the image tensor
     */
    public InputSpec input() {
        return input;
    }

    /**
     * What its stages give, in order.
     *
     * @return one feature a stage
     */
    public List<Feature> features() {
        return stages.stream().map(Stage::gives).toList();
    }

    /**
     * The last feature of a kind.
     *
     * @param kind the kind
     * @return the feature
     * @throws IllegalArgumentException when no stage gives it
     */
    public Feature feature(Feature.Kind kind) {
        Feature found = null;
        for (Stage stage : stages) {
            if (stage.gives().kind() == kind) {
                found = stage.gives();
            }
        }
        if (found == null) {
            throw new IllegalArgumentException("no stage gives a " + kind + "; they give " + all());
        }
        return found;
    }

    /**
     * The feature of a stage.
     *
     * @param stage its name
     * @return the feature
     * @throws IllegalArgumentException when there is no such stage
     */
    public Feature feature(String stage) {
        return stages.get(at(stage)).gives();
    }

    /**
     * Image (N, 3, H, W) to the feature of the last stage; a {@link #tail} begins with the output
     * of the stage that it follows.
     */
    @Override
    public NDArray run(Pass pass, NDArray image) {
        return through(pass, image, 0, nets.size() - 1);
    }

    /**
     * Image to the last feature of a kind.
     *
     * @param pass where it computes
     * @param image (N, 3, H, W), or for a {@link #tail} the output of the stage that it follows
     * @param kind the kind
     * @return the feature
     */
    public NDArray run(Pass pass, NDArray image, Feature.Kind kind) {
        return through(pass, image, 0, at(feature(kind).name()));
    }

    /**
     * From the output of a stage to the output of a later one.
     *
     * @param pass where it computes
     * @param x the output of {@code from}
     * @param from a feature of this trunk, or null when {@code x} is what its first stage reads
     * @param to the same feature, which gives {@code x} back, or a later one of this trunk
     * @return the output of {@code to}
     */
    public NDArray run(Pass pass, NDArray x, Feature from, Feature to) {
        int first = from == null ? 0 : at(from.name()) + 1;
        int last = at(to.name());
        if (last < first - 1) {
            throw new IllegalArgumentException(
                    "stage '" + to.name() + "' comes before '" + from.name() + "'");
        }
        return through(pass, x, first, last);
    }

    /**
     * What several stages give, in one run.
     *
     * @param pass where it computes
     * @param image (N, 3, H, W), or for a {@link #tail} the output of the stage that it follows
     * @param stages their names, in any order
     * @return an array for each name, in the order of the names
     * @throws IllegalArgumentException when there is no such stage
     */
    public List<NDArray> run(Pass pass, NDArray image, String... stages) {
        SortedMap<Integer, NDArray> found = new TreeMap<>();
        for (String stage : stages) {
            found.put(at(stage), null);
        }
        NDArray y = image;
        int next = 0;
        for (Map.Entry<Integer, NDArray> stage : found.entrySet()) {
            y = through(pass, y, next, stage.getKey());
            next = stage.getKey() + 1;
            stage.setValue(y);
        }
        return Arrays.stream(stages).map(stage -> found.get(at(stage))).toList();
    }

    private NDArray through(Pass pass, NDArray x, int first, int last) {
        NDArray y = x;
        for (int i = first; i <= last; i++) {
            NDArray before = y;
            Net net = nets.get(i);
            if (isShort(pass, i, last)) {
                Way way = stages.get(last).shortcut().way();
                List<Net> passed = nets.subList(i, last + 1);
                Pass inner = pass.in(net);
                NDArray end = pass.brief(() -> way.run(inner, passed, before).orElse(null));
                if (end != null) {
                    return offered(pass, nets.get(last), end);
                }
            }
            Pass inner = pass.in(net);
            y =
                    i == first
                            ? pass.brief(() -> net.run(inner, before))
                            : pass.brief(() -> net.run(inner, before), before);
            y = offered(pass, net, y);
        }
        return y;
    }

    private static NDArray offered(Pass pass, Net net, NDArray y) {
        return pass.tap(net, OUTPUT, () -> y).orElse(y);
    }

    /**
     * Whether the shortcut to the last stage starts from the output of the one before the first,
     * and may be taken: nobody asks for what the stages on the way give, and none of them runs in
     * another pass than the others.
     */
    private boolean isShort(Pass pass, int first, int last) {
        Shortcut shortcut = stages.get(last).shortcut();
        if (shortcut == null
                || first == 0
                || !stages.get(first - 1).gives().name().equals(shortcut.after())) {
            return false;
        }
        boolean training = pass.in(nets.get(first)).training();
        for (int i = first; i <= last; i++) {
            if (i < last && pass.asks(nets.get(i), OUTPUT)
                    || pass.in(nets.get(i)).training() != training) {
                return false;
            }
        }
        return true;
    }

    /**
     * The same chain without the stages after one: weights that nobody reads are never made.
     *
     * @param last the last feature wanted
     * @return a trunk of fresh stages
     */
    public Trunk upTo(Feature last) {
        return new Trunk(input, stages.subList(0, at(last.name()) + 1));
    }

    /**
     * The same chain without the stages after one.
     *
     * @param last name of the last stage wanted
     * @return a trunk of fresh stages, whose last feature is that stage's
     * @throws IllegalArgumentException when there is no such stage
     */
    public Trunk upTo(String last) {
        return upTo(feature(last));
    }

    /**
     * The last map of each size, from the largest to the smallest: what reads a face at several
     * scales takes its maps from here, whatever the backbone calls them.
     *
     * @return features, of the maps of a backbone that has any
     */
    public List<Feature> scales() {
        List<Feature> scales = new ArrayList<>();
        for (Feature feature : features()) {
            if (feature.kind() == Feature.Kind.MAP) {
                Feature before = scales.isEmpty() ? null : scales.get(scales.size() - 1);
                if (before != null
                        && before.rows() == feature.rows()
                        && before.columns() == feature.columns()) {
                    scales.remove(before);
                }
                scales.add(feature);
            }
        }
        return List.copyOf(scales);
    }

    /**
     * A second set of the stages after one, with weights of its own: several tails on a shared
     * stem. Hang it on the build as a part; {@code tail.run(pass, x)} goes from the output of
     * {@code from} to that of the last stage. What its stages give has the names and shapes that it
     * has in this trunk. It starts from {@code "backbone"} (see {@link #startsFrom}): a file of
     * weights gives it the values that it gives the pipeline's backbone.
     *
     * @param from the last stage that is shared, not the last of all
     * @return a trunk of fresh stages, whose first reads the output of {@code from}
     * @throws IllegalArgumentException when there is no such stage, or none after it
     */
    public Trunk tail(Feature from) {
        int first = at(from.name()) + 1;
        if (first == stages.size()) {
            throw new IllegalArgumentException(
                    "no stage comes after '" + from.name() + "'; the stages are " + all());
        }
        Trunk tail = new Trunk(input, stages.subList(first, stages.size()));
        tail.startsFrom("backbone");
        return tail;
    }

    private int at(String name) {
        for (int i = 0; i < stages.size(); i++) {
            if (stages.get(i).gives().name().equals(name)) {
                return i;
            }
        }
        throw new IllegalArgumentException(
                "no stage is named '" + name + "'; the stages are " + all());
    }

    private String all() {
        return String.join(
                ", ",
                stages.stream().map(s -> s.gives().name() + ": " + s.gives().words()).toList());
    }
}
