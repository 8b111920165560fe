// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core;

import java.nio.file.Path;
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
     * @param shares names of the columns whose numbers are shares, 0 to 1
     */
    record Table(String name, List<String> columns, List<List<Object>> rows, Set<String> shares) {
        /** Fills in what a file may lack. */
        public Table {
            shares = shares == null ? Set.of() : shares;
        }

        /**
         * A table without shares.
         *
         * @param name its name
         * @param columns names of its columns
         * @param rows rows of text or numbers
         */
        public Table(String name, List<String> columns, List<List<Object>> rows) {
            this(name, columns, rows, Set.of());
        }
    }

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
     * @param name under which it is kept; empty for the run's own
     * @param keys other than the run's, under which it was made; none for the run's own
     */
    record Evaluation(
            String run,
            String split,
            int samples,
            Map<String, Double> metrics,
            Set<String> shares,
            List<Table> tables,
            List<HeatMap> heatMaps,
            List<String> notes,
            String name,
            Map<String, String> keys) {
        /** Fills in what a file may lack. */
        public Evaluation {
            shares = shares == null ? Set.of() : shares;
            heatMaps = heatMaps == null ? List.of() : heatMaps;
            name = name == null ? "" : name;
            keys = keys == null ? Map.of() : keys;
        }

        /**
         * The run's own.
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
        public Evaluation(
                String run,
                String split,
                int samples,
                Map<String, Double> metrics,
                Set<String> shares,
                List<Table> tables,
                List<HeatMap> heatMaps,
                List<String> notes) {
            this(run, split, samples, metrics, shares, tables, heatMaps, notes, "", Map.of());
        }

        /**
         * The same under a name.
         *
         * @param as the name
         * @param under other keys than the run's
         * @return the evaluation
         */
        public Evaluation as(String as, Map<String, String> under) {
            return new Evaluation(
                    run, split, samples, metrics, shares, tables, heatMaps, notes, as, under);
        }
    }

    /**
     * A run in a comparison.
     *
     * @param run its id; {@code RUN:NAME} for one of its named evaluations
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
     * A method against another, by all their runs: two groups whose runs are alike but for the
     * seed, paired by their seeds.
     *
     * @param first runs of a group
     * @param second runs of another group
     * @param metric what is compared
     * @param seeds seeds that both have
     * @param difference mean over these seeds of the first's metric less the second's
     * @param seedsP two-sided probability of so large a mean if at each seed the difference were as
     *     likely to be of the other sign; NaN for fewer than two seeds
     * @param seedsAdjusted that by Holm's rule over the pairs of groups
     * @param leastP the least that so few seeds can give
     * @param samples labelled samples that the pairs answered, each once
     * @param samplesP for the accuracy: the same with samples in place of seeds; NaN where answers
     *     were not kept
     * @param samplesAdjusted that by Holm's rule
     */
    record Versus(
            List<String> first,
            List<String> second,
            String metric,
            int seeds,
            double difference,
            double seedsP,
            double seedsAdjusted,
            double leastP,
            int samples,
            double samplesP,
            double samplesAdjusted) {}

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
     * @param shares names of the metrics that are shares, 0 to 1
     * @param methods groups against each other, over their seeds
     */
    record Comparison(
            String split,
            List<String> keys,
            List<String> metrics,
            List<Compared> runs,
            List<Group> groups,
            List<Paired> pairs,
            List<String> notes,
            Set<String> shares,
            List<Versus> methods) {}

    /**
     * Evaluates a run on a split with the evaluators of its pipeline.
     *
     * @param run its id
     * @param split train, validation or test
     * @param overrides keys that count for this evaluation only
     * @return what was found; also written to the run's folder: as the run's own without overrides
     *     that change a number, else under a name made of them
     */
    default Evaluation evaluate(String run, String split, Map<String, String> overrides) {
        return evaluate(run, "", split, overrides);
    }

    /**
     * Evaluates a run under a name.
     *
     * @param run its id
     * @param name under which it is kept beside the run's own; empty as in {@link #evaluate(String,
     *     String, Map)}
     * @param split train, validation or test
     * @param overrides keys that count for this evaluation only
     * @return what was found; also written to the folder {@code evaluations/NAME} of the run
     */
    Evaluation evaluate(String run, String name, String split, Map<String, String> overrides);

    /**
     * Outputs of a run that were written.
     *
     * @param run its id
     * @param split the split
     * @param samples number of rows
     * @param widths name of an output to the numbers of a row, in order
     * @param file of NumPy with an array for each, beside {@code labels}, {@code ids} and {@code
     *     classes}
     */
    record Outputs(String run, String split, int samples, Map<String, Integer> widths, Path file) {}

    /**
     * Writes what a run answers on a split, as arrays of NumPy: an array (N, M) for each output,
     * {@code NAME_names} with the names of its columns where they have names, {@code labels} (N)
     * with -1 for none, {@code ids} and {@code classes}.
     *
     * @param run its id
     * @param split train, validation or test
     * @param overrides keys that count for this call only
     * @param names of the outputs: {@code probabilities}, {@code multi_label}, {@code values}, or
     *     what the method gives beside them, such as {@code embedding}
     * @param file to write, which must not be there
     * @return what was written
     */
    Outputs outputs(
            String run, String split, Map<String, String> overrides, List<String> names, Path file);

    /**
     * Every evaluation of a run, its own first.
     *
     * @param run its id
     * @return the evaluations
     */
    List<Evaluation> all(String run);

    /**
     * Lays evaluations of runs side by side.
     *
     * @param runs two or more: ids of runs, {@code RUN:NAME} for a named evaluation, names of
     *     sweeps for all their runs that are done
     * @param split on which each of them was evaluated; empty for that of a sweep that is named,
     *     else the test split
     * @return what differs
     */
    Comparison compare(List<String> runs, String split);
}
