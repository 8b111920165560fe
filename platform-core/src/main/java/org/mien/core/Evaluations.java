// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.osgi.annotation.versioning.ProviderType;

/**
 * How good runs are, as a service: by their evaluators, and beside each other. Every call throws
 * {@link MienException} for what a user can put right.
 */
@ProviderType
public interface Evaluations {
    /**
     * A table of an evaluation.
     *
     * @param name its name
     * @param columns names of its columns
     * @param rows rows of text or numbers
     */
    record Table(String name, List<String> columns, List<List<Object>> rows) {}

    /**
     * A matrix of an evaluation that is shown as colours.
     *
     * @param name its name
     * @param rows names of its rows
     * @param columns names of its columns
     * @param values rows x columns; NaN where there is none
     */
    record HeatMap(
            String name, List<String> rows, List<String> columns, List<List<Double>> values) {}

    /**
     * What the evaluators found.
     *
     * @param run the run
     * @param split the split
     * @param samples number of samples
     * @param metrics name to value
     * @param shares names of the metrics that are shares, 0 to 1
     * @param tables tables
     * @param heatMaps matrices that are shown as colours
     * @param notes sentences
     */
    record Evaluation(
            String run,
            String split,
            int samples,
            Map<String, Double> metrics,
            Set<String> shares,
            List<Table> tables,
            List<HeatMap> heatMaps,
            List<String> notes) {
        /** Fills in what a file may lack. */
        public Evaluation {
            shares = shares == null ? Set.of() : shares;
            heatMaps = heatMaps == null ? List.of() : heatMaps;
        }
    }

    /**
     * A run in a comparison.
     *
     * @param run its id
     * @param pipeline its pipeline
     * @param samples number of samples it was evaluated on
     * @param values of the keys that differ; a key that a run does not have is missing
     * @param metrics name to value
     */
    record Compared(
            String run,
            String pipeline,
            int samples,
            Map<String, String> values,
            Map<String, Double> metrics) {}

    /**
     * Runs that are alike but for their seed.
     *
     * @param runs their ids
     * @param metrics name to how it lies over them
     */
    record Group(List<String> runs, Map<String, Spread> metrics) {}

    /**
     * McNemar's exact test of two runs on the same samples.
     *
     * @param first id of a run
     * @param second id of a run of another group
     * @param samples labelled samples that both answered
     * @param onlyFirst samples that the first alone got right
     * @param onlySecond samples that the second alone got right
     * @param p two-sided probability of a difference so large, were both equally good
     * @param adjusted p by Holm's rule for the number of tests
     */
    record Paired(
            String first,
            String second,
            int samples,
            int onlyFirst,
            int onlySecond,
            double p,
            double adjusted) {}

    /**
     * Runs side by side.
     *
     * @param split on which they were evaluated
     * @param keys that differ between them
     * @param metrics that any of them has
     * @param runs the runs
     * @param groups runs folded over their seed, in the order of their first runs
     * @param pairs tests between runs of different groups
     * @param notes what a reader should know
     */
    record Comparison(
            String split,
            List<String> keys,
            List<String> metrics,
            List<Compared> runs,
            List<Group> groups,
            List<Paired> pairs,
            List<String> notes) {}

    /**
     * Evaluates a run on a split with the evaluators of its pipeline.
     *
     * @param run its id
     * @param split train, validation or test
     * @param overrides keys that count for this evaluation only
     * @return what was found; also written to the run's folder
     */
    Evaluation evaluate(String run, String split, Map<String, String> overrides);

    /**
     * Lays evaluations of runs side by side.
     *
     * @param runs ids of two runs or more
     * @param split on which each of them was evaluated
     * @return what differs
     */
    Comparison compare(List<String> runs, String split);
}
