// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.service;

import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.mien.api.run.RunEvent;
import org.mien.core.Jobs;
import org.mien.core.MienException;
import org.mien.core.Runs;
import org.mien.core.internal.job.JobQueue;
import org.mien.core.internal.job.Training;
import org.mien.core.internal.pipeline.Recipes;
import org.mien.core.internal.run.JobState;

/** {@link Jobs}. */
final class JobsService implements Jobs {
    private final TrainingOrders orders;
    private final JobQueue jobs;

    JobsService(TrainingOrders orders, JobQueue jobs) {
        this.orders = orders;
        this.jobs = jobs;
    }

    @Override
    public Runs.Run train(
            String pipeline,
            Map<String, String> overrides,
            Consumer<RunEvent> watch,
            BooleanSupplier stop) {
        return orders.train(pipeline, Recipes.typed(overrides), watch, stop);
    }

    @Override
    public Runs.Run trainOn(
            String pipeline,
            String from,
            Map<String, String> overrides,
            Consumer<RunEvent> watch,
            BooleanSupplier stop) {
        return orders.finish(orders.longer(pipeline, from, Recipes.typed(overrides), watch, stop));
    }

    @Override
    public Runs.Run submitOn(String pipeline, String from, Map<String, String> overrides) {
        return orders.info(
                orders.longer(pipeline, from, Recipes.typed(overrides), event -> {}, () -> false));
    }

    @Override
    public Runs.Run resume(String run, Consumer<RunEvent> watch, BooleanSupplier stop) {
        return orders.finish(orders.goOn(run, watch, stop));
    }

    @Override
    public Runs.Run submit(String pipeline, Map<String, String> overrides) {
        return orders.leave(
                orders.begin(
                        pipeline, Recipes.typed(overrides), made -> {}, event -> {}, () -> false));
    }

    @Override
    public Runs.Run resubmit(String run) {
        return orders.leave(orders.goOn(run, event -> {}, () -> false));
    }

    @Override
    public List<Jobs.Job> all() {
        return jobs.all().stream().map(JobsService::words).toList();
    }

    private static Jobs.Job words(Training job) {
        RunEvent last = job.last();
        return new Jobs.Job(
                job.id(),
                job.pipeline(),
                job.state().name(),
                job.epochsDone(),
                last.epochs(),
                last.step(),
                last.steps(),
                job.text());
    }

    @Override
    public Runs.Run watch(String run, Consumer<RunEvent> watch, BooleanSupplier stop) {
        Training job = jobs.get(run);
        job.watch(watch);
        try {
            while (!stop.getAsBoolean() && !job.await(100)) {
                continue;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            job.unwatch(watch);
        }
        return orders.info(job);
    }

    @Override
    public Runs.Run cancel(String run) {
        Training job = jobs.get(run);
        if (job.state().over()) {
            throw new MienException(
                    "run '" + run + "' is over: " + job.state() + "; there is nothing to stop");
        }
        jobs.cancel(job);
        try {
            if (!job.await(jobs.patience() * 1_000L)) {
                jobs.giveUp(job, JobState.CANCELLED, TrainingOrders.STOPPED);
                job.await(1_000);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return orders.info(job);
    }
}
