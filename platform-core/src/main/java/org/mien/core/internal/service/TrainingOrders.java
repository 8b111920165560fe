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
import org.mien.core.internal.job.JobQueue;
import org.mien.core.internal.job.Training;
import org.mien.core.internal.model.Devices;
import org.mien.core.internal.model.StartValues;
import org.mien.core.internal.pipeline.BoundPipeline;
import org.mien.core.internal.pipeline.DryBuild;
import org.mien.core.internal.pipeline.Recipes;
import org.mien.core.internal.plugin.OwnThread;
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

    private final Registry registry;
    private final Recipes recipes;
    private final Torch torch;
    private final RunFolders runs;
    private final JobQueue jobs;

    TrainingOrders(
            Registry registry, Recipes recipes, Torch torch, RunFolders runs, JobQueue jobs) {
        this.registry = registry;
        this.recipes = recipes;
        this.torch = torch;
        this.runs = runs;
        this.jobs = jobs;
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
        RunFolders.Config config =
                OwnThread.run(
                        "run of " + pipeline,
                        () -> {
                            BoundPipeline bound = BoundPipeline.of(registry, pipeline, values);
                            bound.selection();
                            DryBuild.of(bound, 7);
                            Devices.device(torch, bound);
                            StartValues.check(bound, runs.folder());
                            return RunFolders.Config.of(bound, Devices.words(torch));
                        },
                        () -> {});
        Path run = runs.create(pipeline);
        try {
            RunFolders.write(run, config);
            RunFolders.write(run, RunFolders.State.fresh(pipeline, runs.now()));
        } catch (IOException e) {
            throw new MienException(
                    "run '" + run.getFileName() + "' cannot be written: " + e.getMessage());
        }
        made.accept(run.getFileName().toString());
        return jobs.add(run, pipeline, config.values(), watch, stop);
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
                            + "' is done; there is nothing to go on with. To train longer, train"
                            + " anew with train.epochs");
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
