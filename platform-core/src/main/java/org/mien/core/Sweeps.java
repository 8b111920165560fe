// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.mien.api.run.RunEvent;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Sweeps, as a service: the same training in several cells, each with several seeds. Every call
 * throws {@link MienException} for what a user can put right.
 */
@ProviderType
public interface Sweeps {
    /**
     * What is to be done of a sweep.
     *
     * @param what name of a sweep; or of a pipeline or recipe, over which {@code keys} span a
     *     product: {@code key=a,b} gives two cells, a key with one value counts for all
     * @param name under which it is kept; empty for {@code what}
     * @param base pipeline or recipe to start from instead of the sweep's own, or empty
     * @param keys that count for all cells
     * @param seeds as {@code 1..5} or {@code 1,2,7}; empty for the sweep's own
     * @param split on which runs are evaluated; empty for the sweep's own
     * @param resume true to go on with the sweep {@code what} as it was begun; then all else is
     *     empty
     */
    record Order(
            String what,
            String name,
            String base,
            Map<String, String> keys,
            String seeds,
            String split,
            boolean resume) {}

    /**
     * A cell of a sweep with one seed.
     *
     * @param seed the seed
     * @param run id of its run, or empty
     * @param state OPEN before it was begun, TRAINED but not evaluated on the sweep's split, DONE
     *     when it is evaluated, else as in {@link Runs.Run}
     * @param text why it is in its state, may be empty
     * @param metrics name to value on the sweep's split; none before it is DONE
     * @param shares names of the metrics that are shares, 0 to 1
     */
    record CellRun(
            long seed,
            String run,
            String state,
            String text,
            Map<String, Double> metrics,
            Set<String> shares) {
        /**
         * The same in another state.
         *
         * @param otherState the state
         * @param otherText why
         * @return the run
         */
        public CellRun as(String otherState, String otherText) {
            return new CellRun(seed, run, otherState, otherText, metrics, shares);
        }
    }

    /**
     * A cell of a sweep.
     *
     * @param name its name
     * @param keys what it varies
     * @param figures the paper's
     * @param runs one for each seed
     * @param metrics name to how it lies over the seeds that are done
     */
    record Cell(
            String name,
            Map<String, String> keys,
            List<Figure> figures,
            List<CellRun> runs,
            Map<String, Spread> metrics) {}

    /**
     * A sweep: the same training in several cells, each with several seeds.
     *
     * @param name its name
     * @param source where it comes from
     * @param what what it shows, may be empty
     * @param paper where its figures come from, may be empty
     * @param note what else there is to know, may be empty
     * @param state OPEN before it was begun, RUNNING, STOPPED, DONE, or FAILED when it is broken
     * @param why why it failed, or empty
     * @param base pipeline or recipe that every cell starts from
     * @param split on which runs are evaluated
     * @param seeds each cell is trained with each
     * @param keys of every cell, with their origin
     * @param cells the cells
     * @param folder where it lies once it was begun
     */
    record Sweep(
            String name,
            String source,
            String what,
            String paper,
            String note,
            String state,
            String why,
            String base,
            String split,
            List<Long> seeds,
            Map<String, Value> keys,
            List<Cell> cells,
            Path folder) {
        /**
         * Runs in all.
         *
         * @return their number
         */
        public int all() {
            return cells.size() * seeds.size();
        }

        /**
         * Runs that are done.
         *
         * @return their number
         */
        public int done() {
            return (int)
                    cells.stream()
                            .flatMap(cell -> cell.runs().stream())
                            .filter(run -> run.state().equals("DONE"))
                            .count();
        }

        /**
         * The same in another state.
         *
         * @param other the state
         * @return the sweep
         */
        public Sweep with(String other) {
            return new Sweep(
                    name, source, what, paper, note, other, why, base, split, seeds, keys, cells,
                    folder);
        }

        /**
         * Names of the metrics that any run has.
         *
         * @return the names
         */
        public List<String> metrics() {
            return cells.stream()
                    .flatMap(cell -> cell.runs().stream())
                    .flatMap(run -> run.metrics().keySet().stream())
                    .distinct()
                    .toList();
        }

        /**
         * Names of the metrics that are shares, 0 to 1.
         *
         * @return the names
         */
        public Set<String> shares() {
            return cells.stream()
                    .flatMap(cell -> cell.runs().stream())
                    .flatMap(run -> run.shares().stream())
                    .collect(Collectors.toSet());
        }
    }

    /**
     * Every sweep, by name, with its state now: those of files, and those that were begun.
     *
     * @return the sweeps
     */
    List<Sweep> all();

    /**
     * A sweep as it stands.
     *
     * @param name its name
     * @return the sweep
     */
    Sweep get(String name);

    /**
     * Trains and evaluates what is left of a sweep, run after run, each through the queue; returns
     * when it is over. A run that is done is not done again, one that was stopped or killed goes
     * on. A run that fails does not stop the others.
     *
     * @param order what is to be done
     * @param watch told what happens in the run under way, on another thread
     * @param say told which run begins and how it ended, in words, on this thread
     * @param stop asked at each step; true ends it with the checkpoint of the run under way
     * @return the sweep
     */
    Sweep run(Order order, Consumer<RunEvent> watch, Consumer<String> say, BooleanSupplier stop);

    /**
     * As {@link #run}, but returns at once.
     *
     * @param order what is to be done
     * @return the sweep
     */
    Sweep submit(Order order);

    /**
     * Stops a sweep after the step under way of its run, with its checkpoint.
     *
     * @param name its name
     * @return the sweep
     */
    Sweep cancel(String name);
}
