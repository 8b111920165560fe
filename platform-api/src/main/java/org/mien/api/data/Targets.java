// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.data;

import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.IntToDoubleFunction;

/**
 * What the samples of a dataset are labelled with: names of classes, of labels that hold several at
 * once, and of values with their ranges. What is here may be unknown for some of the samples. Names
 * of classes and labels are kept in Unicode's NFC: two that look the same are the same, and another
 * run, file or dataset is held against them by name, never by place.
 *
 * <pre>{@code
 * Targets.classes(List.of("anger", "joy")).withVotes();
 * Targets.none()
 *         .withMultiLabel(List.of("AU1", "AU12"))
 *         .withValues(new Targets.Value("valence", -1, 1), new Targets.Value("arousal", -1, 1));
 * }</pre>
 *
 * <p>May be held by anyone for ever.
 */
public final class Targets {
    /**
     * A number that is told of each sample.
     *
     * @param name its name, for example {@code valence}
     * @param least lower end of its range
     * @param most upper end of its range, more than {@code least}
     */
    public record Value(String name, double least, double most) {
        /** Checks that it is a range. */
        public Value {
            named("value", name);
            if (!Double.isFinite(least) || !Double.isFinite(most) || least >= most) {
                throw new IllegalArgumentException(
                        "value '"
                                + name
                                + "' has the range "
                                + least
                                + " to "
                                + most
                                + "; expected two finite numbers, the smaller one first");
            }
        }

        /**
         * As networks read it.
         *
         * @param number in its range
         * @return -1 for the lower end, 1 for the upper; NaN stays
         */
        public float scaled(float number) {
            return (float) ((number - least) / (most - least) * 2 - 1);
        }

        /**
         * As people read it.
         *
         * @param scaled what a network gives
         * @return in its range, or outside where the network went outside
         */
        public float unscaled(float scaled) {
            return (float) (least + (scaled + 1) / 2.0 * (most - least));
        }
    }

    private static final Targets NONE = new Targets(List.of(), false, List.of(), List.of());

    private final List<String> classes;
    private final boolean votes;
    private final List<String> multiLabel;
    private final List<Value> values;

    private Targets(
            List<String> classes, boolean votes, List<String> multiLabel, List<Value> values) {
        this.classes = distinct("class", classes);
        this.votes = votes;
        this.multiLabel = distinct("label", multiLabel);
        this.values = List.copyOf(values);
        distinct("value", values.stream().map(Value::name).toList());
    }

    /**
     * Nothing: pictures alone.
     *
     * @return no targets
     */
    public static Targets none() {
        return NONE;
    }

    /**
     * One class of several.
     *
     * @param names of the classes in their order, without doubles
     * @return the targets
     */
    public static Targets classes(List<String> names) {
        return NONE.withClasses(names);
    }

    /**
     * With one class of several.
     *
     * @param names of the classes in their order, without doubles
     * @return the targets
     */
    public Targets withClasses(List<String> names) {
        return new Targets(names, votes, multiLabel, values);
    }

    /**
     * With votes of annotators for each class.
     *
     * @return the targets
     */
    public Targets withVotes() {
        if (classes.isEmpty()) {
            throw new IllegalArgumentException("votes need classes; name the classes first");
        }
        return new Targets(classes, true, multiLabel, values);
    }

    /**
     * With labels that hold several at once.
     *
     * @param names of the labels in their order, without doubles
     * @return the targets
     */
    public Targets withMultiLabel(List<String> names) {
        return new Targets(classes, votes, names, values);
    }

    /**
     * With numbers.
     *
     * @param ranges the numbers in their order, no two of one name
     * @return the targets
     */
    public Targets withValues(Value... ranges) {
        return new Targets(classes, votes, multiLabel, List.of(ranges));
    }

    /**
     * Those of some kinds.
     *
     * @param kinds the kinds that stay; votes stay only with the classes
     * @return the targets
     */
    public Targets only(Collection<Target> kinds) {
        return new Targets(
                kinds.contains(Target.CLASS) ? classes : List.of(),
                votes && kinds.contains(Target.CLASS) && kinds.contains(Target.DISTRIBUTION),
                kinds.contains(Target.MULTI_LABEL) ? multiLabel : List.of(),
                kinds.contains(Target.VALUES) ? values : List.of());
    }

    /**
     * Names of the classes.
     *
     * @return K names in order; empty when samples have no class
     */
    public List<String> classes() {
        return classes;
    }

    /**
     * Names of the labels that hold several at once.
     *
     * @return L names in order; empty when samples have none
     */
    public List<String> multiLabel() {
        return multiLabel;
    }

    /**
     * The numbers with their ranges.
     *
     * @return V values in order; empty when samples have none
     */
    public List<Value> values() {
        return values;
    }

    /**
     * The kinds that are here.
     *
     * @return a new set
     */
    public Set<Target> kinds() {
        Set<Target> kinds = EnumSet.noneOf(Target.class);
        if (!classes.isEmpty()) {
            kinds.add(Target.CLASS);
        }
        if (votes) {
            kinds.add(Target.DISTRIBUTION);
        }
        if (!multiLabel.isEmpty()) {
            kinds.add(Target.MULTI_LABEL);
        }
        if (!values.isEmpty()) {
            kinds.add(Target.VALUES);
        }
        return kinds;
    }

    /**
     * Checks that a sample fits.
     *
     * @param sample one of the dataset
     * @throws IllegalArgumentException in words, for a class, votes, labels or values that there
     *     are not, or out of their range
     */
    public void check(Sample sample) {
        if (sample.label() < -1 || sample.label() >= classes.size()) {
            throw wrong(
                    sample,
                    "label " + sample.label(),
                    classes.isEmpty()
                            ? "-1 (none): the dataset names no classes"
                            : "-1 (none) or 0 to " + (classes.size() - 1));
        }
        float[] counts = sample.votes();
        if (counts != null) {
            float sum = 0;
            for (float count : counts) {
                sum += count >= 0 ? count : Float.NaN;
            }
            if (!votes || counts.length != classes.size() || !(sum > 0) || Float.isInfinite(sum)) {
                throw wrong(
                        sample,
                        "votes " + Arrays.toString(counts),
                        votes
                                ? classes.size()
                                        + " numbers, one for each class, none below 0, not all 0"
                                : "none: the dataset names no votes");
            }
        }
        inside(sample, "labels at once", sample.multiLabel(), multiLabel, i -> 0, i -> 1);
        inside(
                sample,
                "values",
                sample.values(),
                values.stream().map(Value::name).toList(),
                i -> values.get(i).least(),
                i -> values.get(i).most());
    }

    private static void inside(
            Sample sample,
            String what,
            float[] found,
            List<String> names,
            IntToDoubleFunction least,
            IntToDoubleFunction most) {
        if (found.length != 0 && found.length != names.size()) {
            throw wrong(
                    sample,
                    what + " " + Arrays.toString(found),
                    names.isEmpty()
                            ? "none: the dataset names none"
                            : names.size() + " numbers: " + String.join(", ", names));
        }
        for (int i = 0; i < found.length; i++) {
            // What is not known is NaN, which is neither below nor above.
            if (found[i] < least.applyAsDouble(i) || found[i] > most.applyAsDouble(i)) {
                throw wrong(
                        sample,
                        names.get(i) + " " + found[i],
                        least.applyAsDouble(i)
                                + " to "
                                + most.applyAsDouble(i)
                                + ", or NaN when it is not known");
            }
        }
    }

    private static IllegalArgumentException wrong(Sample sample, String what, String expected) {
        return new IllegalArgumentException(
                "sample '" + sample.id() + "' has " + what + "; expected " + expected);
    }

    private static List<String> distinct(String what, List<String> names) {
        Set<String> seen = new LinkedHashSet<>();
        for (String name : names) {
            named(what, name);
            if (!seen.add(Normalizer.normalize(name, Normalizer.Form.NFC))) {
                throw new IllegalArgumentException(
                        "two of the "
                                + what
                                + " names are '"
                                + name
                                + "', however they are written in Unicode; names must differ");
            }
        }
        return List.copyOf(seen);
    }

    private static void named(String what, String name) {
        if (name == null || name.isBlank()) {
            throw new IllegalArgumentException("a " + what + " has no name; give it one");
        }
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Targets t
                && classes.equals(t.classes)
                && votes == t.votes
                && multiLabel.equals(t.multiLabel)
                && values.equals(t.values);
    }

    @Override
    public int hashCode() {
        return Objects.hash(classes, votes, multiLabel, values);
    }

    /** In words, for example {@code 7 classes with votes, 12 labels at once, valence, arousal}. */
    @Override
    public String toString() {
        List<String> words = new ArrayList<>();
        if (!classes.isEmpty()) {
            words.add(classes.size() + " classes" + (votes ? " with votes" : ""));
        }
        if (!multiLabel.isEmpty()) {
            words.add(multiLabel.size() + " labels at once");
        }
        values.forEach(value -> words.add(value.name()));
        return words.isEmpty() ? "nothing" : String.join(", ", words);
    }
}
