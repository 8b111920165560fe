// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.service;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.mien.api.run.RunEvent;
import org.mien.core.MienException;
import org.mien.core.Runs;
import org.mien.core.Value;
import org.mien.core.internal.data.DataLook;
import org.mien.core.internal.job.JobQueue;
import org.mien.core.internal.job.Training;
import org.mien.core.internal.model.Devices;
import org.mien.core.internal.model.StartValues;
import org.mien.core.internal.pipeline.BoundPipeline;
import org.mien.core.internal.pipeline.DryBuild;
import org.mien.core.internal.pipeline.Overlay;
import org.mien.core.internal.pipeline.Recipes;
import org.mien.core.internal.plugin.Leases;
import org.mien.core.internal.plugin.Registry;
import org.mien.core.internal.run.Ending;
import org.mien.core.internal.run.InBackground;
import org.mien.core.internal.run.JobState;
import org.mien.core.internal.run.RunFolders;
import org.mien.engine.Torch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes runs, queues them, and waits for them. */
final class TrainingOrders {
    private static final Logger LOG = LoggerFactory.getLogger(TrainingOrders.class);

    /** What a run that is given up had been told. */
    static final String STOPPED = "it was told to stop";

    /** How long who wants to train waits to hear that the data cannot be opened. */
    private static final long LOOK_MILLIS = 5_000;

    private final Registry registry;
    private final Leases leases;
    private final Recipes recipes;
    private final Torch torch;
    private final RunFolders runs;
    private final JobQueue jobs;
    private final DataLook data;

    TrainingOrders(
            Registry registry,
            Leases leases,
            Recipes recipes,
            Torch torch,
            RunFolders runs,
            JobQueue jobs,
            DataLook data) {
        this.registry = registry;
        this.leases = leases;
        this.recipes = recipes;
        this.torch = torch;
        this.runs = runs;
        this.jobs = jobs;
        this.data = data;
    }

    /**
     * Makes the folder of a run whose keys can work, and queues it.
     *
     * @param over keys that count more than those of the pipeline
     * @param made told the run's id before it is queued
     */
    Training begin(
            String pipeline,
            Map<String, Value> over,
            Consumer<String> made,
            Consumer<RunEvent> watch,
            BooleanSupplier stop) {
        Map<String, Value> values = recipes.values(pipeline, over);
        RunFolders.Config config = checked(pipeline, values);
        Path run = runs.create(pipeline);
        try {
            RunFolders.write(run, config);
            RunFolders.write(run, RunFolders.State.fresh(pipeline, runs.now()));
        } catch (IOException e) {
            RunFolders.delete(run);
            throw new MienException(
                    "run '" + run.getFileName() + "' cannot be written: " + e.getMessage());
        }
        made.accept(run.getFileName().toString());
        return jobs.add(run, pipeline, config.values(), watch, stop);
    }

    /** What is known of a run before its data are read; refuses what cannot train. */
    private RunFolders.Config checked(String pipeline, Map<String, Value> values) {
        return leases.run(
                "the order of a run of '" + pipeline + "'",
                lease -> {
                    BoundPipeline bound = BoundPipeline.of(registry, pipeline, values);
                    bound.selection();
                    DryBuild.of(bound, 7);
                    Devices.device(torch, bound);
                    StartValues.check(bound, runs.folder());
                    // Data that open slowly are left to the run.
                    String problem = data.problem(bound, LOOK_MILLIS);
                    if (problem != null && !problem.isEmpty()) {
                        throw new MienException(problem);
                    }
                    return RunFolders.Config.of(bound, Devices.words(torch));
                },
                () -> {});
    }

    /**
     * Makes a run that begins where another ended, and queues it.
     *
     * @param pipeline that of the other run, or empty
     * @param from the other run's id
     * @param over keys that count over its own
     */
    Training longer(
            String pipeline,
            String from,
            Map<String, Value> over,
            Consumer<RunEvent> watch,
            BooleanSupplier stop) {
        Path other = runs.find(from);
        if (jobs.active().contains(from)) {
            throw new MienException(
                    "run '"
                            + from
                            + "' is still under way; it can be trained longer when it ended");
        }
        Continued continued = new Continued(other, pipeline);
        Map<String, Value> values = Overlay.of(continued.config().values(), over);
        RunFolders.Config config = checked(continued.config().pipeline(), values);
        continued.check(config);
        Path run = runs.create(config.pipeline());
        try {
            continued.write(run, config, runs.now());
        } catch (IOException e) {
            RunFolders.delete(run);
            throw new MienException(
                    "run '" + run.getFileName() + "' cannot be written: " + e.getMessage());
        }
        return jobs.add(run, config.pipeline(), config.values(), watch, stop);
    }

    /**
     * Trains in front of somebody. What fails before it begins is told, and leaves no run.
     *
     * @param over keys that count more than those of the pipeline
     */
    Runs.Run train(
            String pipeline,
            Map<String, Value> over,
            Consumer<RunEvent> watch,
            BooleanSupplier stop) {
        Training job = begin(pipeline, over, made -> {}, watch, stop);
        try {
            return finish(job);
        } catch (MienException e) {
            Path run = runs.folder().resolve(job.id());
            if (job.state() == JobState.FAILED && !RunFolders.begun(run)) {
                RunFolders.delete(run);
            }
            throw e;
        }
    }

    /**
     * Goes on with the runs that were left to the platform and have not ended, since it was stopped
     * or killed.
     *
     * @param wanted whether to; if not, each says how to go on
     */
    void goOnWithAll(boolean wanted) {
        for (Path run : InBackground.all(runs.folder())) {
            try {
                goOnAlone(run, wanted);
            } catch (IOException | MienException e) {
                LOG.warn("run {} cannot go on: {}", run.getFileName(), e.getMessage());
                InBackground.end(run);
            }
        }
    }

    private void goOnAlone(Path run, boolean wanted) throws IOException {
        RunFolders.State state = RunFolders.state(run);
        int kills = state.state() == JobState.RUNNING ? InBackground.kills(run) + 1 : 0;
        String why =
                !wanted
                        ? "the platform was stopped, and org.mien.jobs has resume = false"
                        : kills > InBackground.MOST_KILLS
                                ? "the platform died "
                                        + kills
                                        + " times in a row while it trained"
                                        + " this run, which is not begun again by itself"
                                : "";
        if (state.state() == JobState.DONE) {
            InBackground.end(run);
        } else if (why.isEmpty()) {
            RunFolders.Config config = RunFolders.config(run);
            InBackground.begin(run, kills);
            jobs.add(run, config.pipeline(), config.values(), event -> {}, () -> false);
            LOG.info("run {} goes on: it was left to the platform", run.getFileName());
        } else {
            String text = why + ". To go on: fer:train --resume=" + run.getFileName();
            RunFolders.write(run, state.with(new Ending(JobState.FAILED, text)));
            InBackground.end(run);
        }
    }

    /** Leaves a run to the platform, over its restarts too. */
    Runs.Run leave(Training job) {
        Path run = runs.find(job.id());
        InBackground.begin(run, 0);
        if (job.state().over()) {
            InBackground.end(run); // before it was marked
        }
        return info(job);
    }

    /** Queues a run that is not done, to go on from its last checkpoint. */
    Training goOn(String run, Consumer<RunEvent> watch, BooleanSupplier stop) {
        Path folder = runs.find(run);
        if (RunFolders.state(folder).state() == JobState.DONE) {
            throw new MienException(
                    "run '"
                            + run
                            + "' is done; there is nothing to go on with. To train it longer: train "
                            + RunFolders.state(folder).pipeline()
                            + " --continue "
                            + run
                            + " train.epochs="
                            + 2 * Math.max(1, RunFolders.state(folder).epochs()));
        }
        RunFolders.Config config = RunFolders.config(folder);
        List<String> missing = BoundPipeline.missing(registry, config.values());
        if (!missing.isEmpty()) {
            throw new MienException("run '" + run + "' waits for " + String.join("; ", missing));
        }
        return jobs.add(folder, config.pipeline(), config.values(), watch, stop);
    }

    /** Waits until a job is over. */
    Runs.Run finish(Training job) {
        boolean interrupted = false;
        while (true) {
            try {
                if (job.await(100)) {
                    break;
                }
                // Who stops is asked at each step; in a step that does not end nobody asks.
                if (job.attempt() != null && job.silent(jobs.patience()) && job.cancelled()) {
                    jobs.giveUp(job, JobState.CANCELLED, STOPPED);
                }
            } catch (InterruptedException e) {
                interrupted = true;
                jobs.cancel(job);
            }
            boolean waits = job.attempt() == null && !job.state().over();
            if (waits && job.cancelled()) {
                jobs.cancel(job); // nobody else asks it
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        if (job.state() == JobState.FAILED) {
            throw new MienException(job.text());
        }
        return info(job);
    }

    /** A run as it stands. */
    Runs.Run info(Training job) {
        return runs.info(job.id(), jobs.active());
    }
}
