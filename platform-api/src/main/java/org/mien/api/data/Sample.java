// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.data;

import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/**
 * One image of a dataset, as data: no pixels, no open file, no object of the plugin. May be held by
 * anyone for ever.
 *
 * @param id unique in its dataset, the same at every opening
 * @param where what the dataset reads it by: a path, a row number
 * @param label class, index into the dataset's labels; -1 when it has none
 * @param votes a vote count or weight for each class, or null
 * @param subject the person, or empty when not known
 * @param split the owners' split
 * @param attributes what else is known, for example parameters of a drawing
 */
public record Sample(
        String id,
        String where,
        int label,
        float[] votes,
        String subject,
        Split split,
        Map<String, String> attributes) {
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

    /** Copies what could change. */
    public Sample {
        Objects.requireNonNull(id, "id");
        Objects.requireNonNull(split, "split");
        votes = votes == null ? null : votes.clone();
        attributes = Collections.unmodifiableMap(new LinkedHashMap<>(attributes));
    }

    /**
     * Votes.
     *
     * @return a vote count or weight for each class, a copy; null when there are none
     */
    @Override
    public float[] votes() {
        return votes == null ? null : votes.clone();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Sample s
                && id.equals(s.id)
                && Objects.equals(where, s.where)
                && label == s.label
                && Arrays.equals(votes, s.votes)
                && Objects.equals(subject, s.subject)
                && split == s.split
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
