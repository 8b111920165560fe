// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.report;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mien.core.Evaluations;
import org.mien.core.Runs;
import org.mien.core.Value;
import org.mien.core.internal.data.DataFacts;
import org.mien.core.internal.evaluate.Answers;
import org.mien.core.internal.run.RunNotes;

/**
 * All that a report tells.
 *
 * @param details the run
 * @param data classes and people of its splits; null where they were not kept
 * @param curves how training went
 * @param gallery what the method drew of the same samples, in the order of the epochs
 * @param judged evaluations, the test split first
 * @param notes what cannot take effect in it, and what was left out
 */
public record Facts(
        Runs.Details details,
        DataFacts data,
        Curves curves,
        List<Facts.Strip> gallery,
        List<Facts.Judged> judged,
        RunNotes notes) {
    /**
     * What the method drew after an epoch.
     *
     * @param epoch from 1
     * @param columns names of the pictures
     * @param samples ids, a row each
     * @param png in base 64
     */
    public record Strip(int epoch, List<String> columns, List<String> samples, String png) {}

    /**
     * An evaluation.
     *
     * @param evaluation what the evaluators found
     * @param answers how the run answered; null where that was not kept
     * @param pictures sample id to PNG in base 64, for mistakes that may be shown
     * @param found name to PNG in base 64, what evaluators drew
     */
    public record Judged(
            Evaluations.Evaluation evaluation,
            Answers answers,
            Map<String, String> pictures,
            Map<String, String> found) {
        /** Keys other than the run's, under which it was made. */
        Map<String, String> keys() {
            return evaluation.keys();
        }

        /** Whether it was made with the run's keys and no name. */
        boolean isOwn() {
            return evaluation.name().isEmpty() && keys().isEmpty();
        }

        /** The split, and the name where it has one. */
        String words() {
            String name = evaluation.name();
            return evaluation.split() + (name.isEmpty() ? "" : ", evaluation " + name);
        }

        /** For an anchor and the name of a file, {@code test} or {@code NAME-test}. */
        String id() {
            String name = evaluation.name();
            return (name.isEmpty() ? "" : name + "-") + evaluation.split();
        }

        /** The file that has all of it, from the run's folder. */
        String file() {
            String name = evaluation.name();
            return (name.isEmpty() ? "" : "evaluations/" + name + "/")
                    + "evaluation-"
                    + evaluation.split()
                    + ".json";
        }
    }

    /** The run's own evaluation of a split, if there is one. */
    Optional<Judged> judged(String split) {
        return judged.stream()
                .filter(Judged::isOwn)
                .filter(one -> one.evaluation().split().equals(split))
                .findFirst();
    }

    /** Whether it names classes; what was trained without labels names none. */
    boolean labelled() {
        return !details.targets().classes().isEmpty();
    }

    Runs.Run run() {
        return details.run();
    }

    /** A key's value, empty when the run has none. */
    String value(String key) {
        Value value = details.values().get(key);
        return value == null || value.value() == null ? "" : value.value();
    }
}
