// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.method;

import java.util.Collections;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.mien.api.Feature;
import org.mien.api.data.Target;

/**
 * What a method needs and how it trains, as data: checked, printed and compared before anything
 * runs.
 *
 * <p>May be held by anyone for ever.
 */
public final class Plan {
    /**
     * A second backbone that never moves.
     *
     * @param backbone its id
     * @param kind the kind of feature that is read
     */
    public record Frozen(String backbone, Feature.Kind kind) {}

    private final Set<Feature.Kind> kinds;
    private final Map<String, List<String>> phases = new LinkedHashMap<>();
    private final Map<String, Frozen> frozen = new LinkedHashMap<>();
    private List<String> training = List.of();
    private List<String> views = List.of("face");
    private Set<Target> learned = EnumSet.of(Target.CLASS);
    private Set<Target> used = EnumSet.of(Target.DISTRIBUTION);
    private String stage = "";
    private boolean mayRelabel;
    private boolean oriented;

    private Plan(Set<Feature.Kind> kinds) {
        this.kinds = Collections.unmodifiableSet(kinds);
    }

    /**
     * A method on a backbone that gives all of these kinds.
     *
     * @param kinds the kinds
     * @return the plan
     */
    public static Plan on(Feature.Kind... kinds) {
        Set<Feature.Kind> set = EnumSet.noneOf(Feature.Kind.class);
        Collections.addAll(set, kinds);
        return new Plan(set);
    }

    /**
     * Cuts the backbone after a stage: those behind it are never made, and the last feature of a
     * kind is the last up to there. A stage is named by a key of the method, since each backbone
     * has names of its own.
     *
     * @param stage name of the last stage that is read; empty for none in particular
     * @return this
     */
    public Plan upTo(String stage) {
        this.stage = stage;
        return this;
    }

    /**
     * Views of a face that it reads. Without this call, "face".
     *
     * @param first "face", "mirror", or a view of an installed step ("left", "right")
     * @param more more of them
     * @return this
     */
    public Plan views(String first, String... more) {
        views = Stream.concat(Stream.of(first), Stream.of(more)).toList();
        return this;
    }

    /**
     * Kinds of target that it learns: a dataset must offer all of them. Without this call, a class;
     * where there are votes they are read too.
     *
     * @param first a kind
     * @param more more of them
     * @return this
     */
    public Plan learns(Target first, Target... more) {
        learned = EnumSet.of(first, more);
        used = EnumSet.noneOf(Target.class);
        return this;
    }

    /**
     * Kinds of target that it reads where a dataset has them, and does without where not.
     *
     * @param first a kind
     * @param more more of them
     * @return this
     */
    public Plan mayUse(Target first, Target... more) {
        used = EnumSet.of(first, more);
        return this;
    }

    /**
     * Trains without labels; none are read.
     *
     * @return this
     */
    public Plan unlabelled() {
        learned = EnumSet.noneOf(Target.class);
        used = EnumSet.noneOf(Target.class);
        return this;
    }

    /**
     * May change labels of training samples.
     *
     * @return this
     */
    public Plan relabels() {
        mayRelabel = true;
        return this;
    }

    /**
     * Reads left and right apart: a pipeline whose steps may mirror a picture is refused.
     *
     * @return this
     */
    public Plan oriented() {
        oriented = true;
        return this;
    }

    /**
     * A phase and its defaults for {@code train.<phase>.*}; those of a phase named "train" are
     * defaults for {@code train.*}.
     *
     * @param name name of the phase
     * @param defaults as {@code key=value}, for example {@code lr=1e-4}
     * @return this
     */
    public Plan phase(String name, String... defaults) {
        phases.put(name, pairs("phase " + name, defaults));
        return this;
    }

    /**
     * Defaults for {@code train.*}, which hold for the loop and for all phases that do not say
     * otherwise.
     *
     * @param defaults as {@code key=value}, for example {@code epochs=100}
     * @return this
     */
    public Plan train(String... defaults) {
        training = pairs("plan", defaults);
        return this;
    }

    /**
     * Trains with the help of a second backbone that never moves, such as a network that knows
     * faces. Its keys are {@code <role>.*}, its weights come from {@code <role>.weights}; see
     * {@link Build#frozen}.
     *
     * @param role what it is for, one word that is no prefix of other keys, for example "teacher"
     * @param backbone id of the backbone
     * @param kind the kind of feature that is read
     * @return this
     */
    public Plan frozen(String role, String backbone, Feature.Kind kind) {
        if (!role.matches("[a-z][a-z-]*")) {
            throw new IllegalArgumentException(
                    "role '" + role + "': expected lower-case letters and dashes");
        }
        frozen.put(role, new Frozen(backbone, kind));
        return this;
    }

    private static List<String> pairs(String of, String... defaults) {
        for (String pair : defaults) {
            if (pair.indexOf('=') < 1) {
                throw new IllegalArgumentException(
                        of + ": default '" + pair + "' is not key=value");
            }
        }
        return List.of(defaults);
    }

    /**
     * Kinds needed.
     *
     * @return empty: no backbone
     */
    public Set<Feature.Kind> kinds() {
        return kinds;
    }

    /**
     * The last stage of the backbone that is read.
     *
     * @return its name, or empty when the kinds say it
     */
    public String stage() {
        return stage;
    }

    /**
     * Views needed.
     *
     * @return names, in order
     */
    public List<String> views() {
        return views;
    }

    /**
     * Kinds of target that it learns.
     *
     * @return the kinds; none: trains without labels
     */
    public Set<Target> learned() {
        return Collections.unmodifiableSet(learned);
    }

    /**
     * Kinds of target that it reads, those that it may do without included.
     *
     * @return the kinds
     */
    public Set<Target> read() {
        Set<Target> all = EnumSet.noneOf(Target.class);
        all.addAll(learned);
        all.addAll(used);
        return all;
    }

    /**
     * Whether labels of any kind are read.
     *
     * @return false: trains without labels
     */
    public boolean labelled() {
        return !learned.isEmpty();
    }

    /**
     * Whether labels may change.
     *
     * @return true: may change labels of training samples
     */
    public boolean mayRelabel() {
        return mayRelabel;
    }

    /**
     * Whether left and right are read apart.
     *
     * @return true: no step may mirror a picture
     */
    public boolean isOriented() {
        return oriented;
    }

    /**
     * Defaults for {@code train.*}.
     *
     * @return as {@code key=value}
     */
    public List<String> training() {
        return training;
    }

    /**
     * Backbones that never move.
     *
     * @return by role, in order
     */
    public Map<String, Frozen> frozen() {
        return Collections.unmodifiableMap(frozen);
    }

    /**
     * Phases with their defaults, in order.
     *
     * @return one named "train" when none was given
     */
    public Map<String, List<String>> phases() {
        return phases.isEmpty() ? Map.of("train", List.of()) : Collections.unmodifiableMap(phases);
    }
}
