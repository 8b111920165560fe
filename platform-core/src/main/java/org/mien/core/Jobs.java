// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core;

import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.mien.api.run.RunEvent;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Trainings, as a service: queued, under way and over. Every call throws {@link MienException} for
 * what a user can put right.
 */
@ProviderType
public interface Jobs {
    /**
     * A run that is trained, or was since the platform started.
     *
     * @param run id of the run
     * @param pipeline its pipeline
     * @param state as in {@link Runs.Run}
     * @param epoch epochs done
     * @param epochs epochs in all
     * @param step steps done
     * @param steps steps in all; 0 before it began
     * @param text why it is in its state, may be empty
     */
    record Job(
            String run,
            String pipeline,
            String state,
            int epoch,
            int epochs,
            long step,
            long steps,
            String text) {}

    /**
     * Trains a pipeline; returns when the run has ended. When others train already it is queued
     * behind them; while a plugin it uses is away it waits.
     *
     * @param pipeline its name, or that of a recipe
     * @param overrides keys that count for this run only
     * @param watch told what happens, on another thread
     * @param stop asked at each step; true ends the run with its checkpoint
     * @return the run
     */
    Runs.Run train(
            String pipeline,
            Map<String, String> overrides,
            Consumer<RunEvent> watch,
            BooleanSupplier stop);

    /**
     * Goes on with a run that was stopped, failed or was killed, from its last checkpoint, with the
     * keys it was started with. On a CPU it ends with the bytes of a run that was never stopped.
     *
     * @param run its id
     * @param watch told what happens, on another thread
     * @param stop asked at each step; true ends the run with its checkpoint
     * @return the run
     */
    Runs.Run resume(String run, Consumer<RunEvent> watch, BooleanSupplier stop);

    /**
     * Trains a run longer: another run begins where it ended, with its weights, its optimiser and
     * its keys, and goes on to the epochs that are given; a schedule that ends with the run is
     * stretched to them. It is written down what it was started from.
     *
     * @param pipeline the pipeline of that run, or empty
     * @param from the run's id
     * @param overrides keys that count over the run's, {@code train.epochs} above all
     * @param watch told what happens, on another thread
     * @param stop asked at each step; true ends the run with its checkpoint
     * @return the new run
     */
    Runs.Run trainOn(
            String pipeline,
            String from,
            Map<String, String> overrides,
            Consumer<RunEvent> watch,
            BooleanSupplier stop);

    /**
     * As {@link #trainOn}, but returns at once: the run is queued, or under way.
     *
     * @param pipeline the pipeline of that run, or empty
     * @param from the run's id
     * @param overrides keys that count over the run's
     * @return the new run
     */
    Runs.Run submitOn(String pipeline, String from, Map<String, String> overrides);

    /**
     * As {@link #train}, but returns at once: the run is queued, or under way.
     *
     * @param pipeline its name
     * @param overrides keys that count for this run only
     * @return the run
     */
    Runs.Run submit(String pipeline, Map<String, String> overrides);

    /**
     * As {@link #resume}, but returns at once: the run is queued, or under way.
     *
     * @param run its id
     * @return the run
     */
    Runs.Run resubmit(String run);

    /**
     * The jobs, oldest first: those to come, those under way, and the last that are over.
     *
     * @return the jobs
     */
    List<Job> all();

    /**
     * Watches a job until it is over.
     *
     * @param run id of its run
     * @param watch told how it stands, then what happens, on another thread
     * @param stop true ends watching; the job goes on
     * @return the run
     */
    Runs.Run watch(String run, Consumer<RunEvent> watch, BooleanSupplier stop);

    /**
     * Stops a job after the step under way, with its checkpoint.
     *
     * @param run id of its run
     * @return the run
     */
    Runs.Run cancel(String run);
}
