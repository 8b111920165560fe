// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.run;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Something happened in a run. May be held by anyone for ever.
 *
 * @param run id of the run
 * @param pipeline name of its pipeline
 * @param kind what happened
 * @param epoch from 0; epochs done when it ended
 * @param epochs epochs in all
 * @param step steps done over the run
 * @param steps steps in all
 * @param values numbers by name: losses, images/s, accuracy
 * @param text a sentence, may be empty
 * @param shares names of the values that are shares, 0 to 1
 */
public record RunEvent(
        String run,
        String pipeline,
        Kind kind,
        int epoch,
        int epochs,
        long step,
        long steps,
        Map<String, Double> values,
        String text,
        Set<String> shares) {
    /** What happened. More may come: switches need a default branch. */
    public enum Kind {
        /** It waits for its turn. */
        QUEUED,
        /** Training begins, or goes on. */
        STARTED,
        /** A step was done; sent some times a second at most. */
        STEP,
        /** An epoch and its validation were done. */
        EPOCH,
        /** A plugin it uses went away; the text says which. It goes on when it is back. */
        WAITING,
        /** A plugin came back that does not fit; the text says why. It goes on when one fits. */
        PAUSED,
        /** The last epoch was done. */
        DONE,
        /** Somebody stopped it; the text says when. */
        CANCELLED,
        /** It ended before that; the text says why. */
        FAILED
    }

    /** Copies the values. */
    public RunEvent {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
        shares = Set.copyOf(shares);
    }

    /**
     * An event without shares among its values.
     *
     * @param run id of the run
     * @param pipeline name of its pipeline
     * @param kind what happened
     * @param epoch from 0; epochs done when it ended
     * @param epochs epochs in all
     * @param step steps done over the run
     * @param steps steps in all
     * @param values numbers by name: losses, images/s, accuracy
     * @param text a sentence, may be empty
     */
    public RunEvent(
            String run,
            String pipeline,
            Kind kind,
            int epoch,
            int epochs,
            long step,
            long steps,
            Map<String, Double> values,
            String text) {
        this(run, pipeline, kind, epoch, epochs, step, steps, values, text, Set.of());
    }
}
