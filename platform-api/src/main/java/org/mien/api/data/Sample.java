// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.data;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * One image of a dataset, as data: no pixels, no open file, no object of the plugin. What it is
 * labelled with lies in the order of the dataset's {@link Targets}; whatever is not known is said
 * so.
 *
 * <pre>{@code
 * Sample.of("train/17.jpg", "17").split(TRAIN).label(3).subject("S005").build();
 * }</pre>
 *
 * <p>May be held by anyone for ever.
 */
public final class Sample {
    /** Official split. */
    public enum Split {
        /** To learn from. */
        TRAIN,
        /** To choose by. */
        VALIDATION,
        /** To report on. */
        TEST,
        /** Not said. */
        NONE
    }

    private static final float[] NOTHING = {};

    private final String id;
    private final String where;
    private final Split split;
    private final int label;
    private final float[] votes;
    private final float[] multiLabel;
    private final float[] values;
    private final String subject;
    private final Map<String, String> attributes;

    private Sample(Builder builder) {
        id = builder.id;
        where = builder.where;
        split = builder.split;
        label = builder.label;
        votes = builder.votes;
        multiLabel = builder.multiLabel;
        values = builder.values;
        subject = builder.subject;
        attributes = Collections.unmodifiableMap(new LinkedHashMap<>(builder.attributes));
    }

    /**
     * A sample in the making: of no split, with nothing known.
     *
     * @param id unique in its dataset, the same at every opening
     * @param where what the dataset reads it by: a path, a row number
     * @return what makes it
     */
    public static Builder of(String id, String where) {
        return new Builder(id, where);
    }

    /** Makes a sample. */
    public static final class Builder {
        private final String id;
        private final String where;
        private final Map<String, String> attributes = new LinkedHashMap<>();
        private Split split = Split.NONE;
        private int label = -1;
        private float[] votes;
        private float[] multiLabel = NOTHING;
        private float[] values = NOTHING;
        private String subject = "";

        private Builder(String id, String where) {
            this.id = Objects.requireNonNull(id, "id");
            this.where = where;
        }

        /**
         * The owners' split.
         *
         * @param owners the split
         * @return this
         */
        public Builder split(Split owners) {
            split = Objects.requireNonNull(owners, "split");
            return this;
        }

        /**
         * Its class.
         *
         * @param index into {@link Targets#classes}; -1 when it is not known
         * @return this
         */
        public Builder label(int index) {
            label = index;
            return this;
        }

        /**
         * What annotators said.
         *
         * @param counts a vote count or weight for each class, or null when they are not known
         * @return this
         */
        public Builder votes(float... counts) {
            votes = counts == null ? null : counts.clone();
            return this;
        }

        /**
         * Labels that hold several at once.
         *
         * @param held for each of {@link Targets#multiLabel}: 1 held, 0 not, between them how sure
         *     or how strong; NaN when it is not known
         * @return this
         */
        public Builder multiLabel(float... held) {
            multiLabel = held.clone();
            return this;
        }

        /**
         * Numbers.
         *
         * @param numbers one for each of {@link Targets#values}, in its range; NaN when it is not
         *     known
         * @return this
         */
        public Builder values(float... numbers) {
            values = numbers.clone();
            return this;
        }

        /**
         * The person.
         *
         * @param person a name or number; null or empty when not known
         * @return this
         */
        public Builder subject(String person) {
            subject = person == null ? "" : person;
            return this;
        }

        /**
         * One more thing that is known.
         *
         * @param name its name
         * @param value what is known, for example a parameter of a drawing
         * @return this
         */
        public Builder attribute(String name, String value) {
            attributes.put(name, value);
            return this;
        }

        /**
         * More things that are known.
         *
         * @param more name to value
         * @return this
         */
        public Builder attributes(Map<String, String> more) {
            attributes.putAll(more);
            return this;
        }

        /**
         * The sample.
         *
         * @return it
         */
        public Sample build() {
            return new Sample(this);
        }
    }

    /**
     * Its name.
     *
     * @return unique in its dataset, the same at every opening
     */
    public String id() {
        return id;
    }

    /**
     * What the dataset reads it by.
     *
     * @return a path, a row number
     */
    public String where() {
        return where;
    }

    /**
     * Its class.
     *
     * @return index into {@link Targets#classes}; -1 when it has none
     */
    public int label() {
        return label;
    }

    /**
     * Votes.
     *
     * @return a vote count or weight for each class, a copy; null when there are none
     */
    public float[] votes() {
        return votes == null ? null : votes.clone();
    }

    /**
     * Labels that hold several at once.
     *
     * @return for each of {@link Targets#multiLabel} 0 to 1, or NaN when it is not known, a copy;
     *     empty when none is known
     */
    public float[] multiLabel() {
        return multiLabel.clone();
    }

    /**
     * Numbers.
     *
     * @return one for each of {@link Targets#values}, or NaN when it is not known, a copy; empty
     *     when none is known
     */
    public float[] values() {
        return values.clone();
    }

    /**
     * The person.
     *
     * @return empty when not known
     */
    public String subject() {
        return subject;
    }

    /**
     * The owners' split.
     *
     * @return the split
     */
    public Split split() {
        return split;
    }

    /**
     * What else is known, for example parameters of a drawing.
     *
     * @return name to value, in order
     */
    public Map<String, String> attributes() {
        return attributes;
    }

    /**
     * Whether something of a kind is known of it.
     *
     * @param target the kind
     * @return true when at least one answer of the kind is known
     */
    public boolean knows(Target target) {
        return switch (target) {
            case CLASS -> label >= 0;
            case DISTRIBUTION -> votes != null;
            case MULTI_LABEL -> known(multiLabel);
            case VALUES -> known(values);
        };
    }

    private static boolean known(float[] answers) {
        for (float answer : answers) {
            if (!Float.isNaN(answer)) {
                return true;
            }
        }
        return false;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Sample s
                && id.equals(s.id)
                && Objects.equals(where, s.where)
                && split == s.split
                && label == s.label
                && Arrays.equals(votes, s.votes)
                && Arrays.equals(multiLabel, s.multiLabel)
                && Arrays.equals(values, s.values)
                && subject.equals(s.subject)
                && attributes.equals(s.attributes);
    }

    @Override
    public int hashCode() {
        return id.hashCode();
    }

    @Override
    public String toString() {
        return id + " (" + split + ", label " + label + ")";
    }
}
