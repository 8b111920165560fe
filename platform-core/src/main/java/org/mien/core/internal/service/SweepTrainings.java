// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.service;

import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.mien.api.run.RunEvent;
import org.mien.core.Evaluations;
import org.mien.core.Runs;
import org.mien.core.Value;
import org.mien.core.internal.job.JobQueue;
import org.mien.core.internal.pipeline.Recipes;
import org.mien.core.internal.run.RunFolders;
import org.mien.core.internal.sweep.SweepRun;

/** How sweeps train: through the queue, as everybody. */
final class SweepTrainings implements SweepRun.Trains {
    private final TrainingOrders orders;
    private final Recipes recipes;
    private final RunFolders runs;
    private final JobQueue jobs;
    private final Evaluations evaluations;

    SweepTrainings(
            TrainingOrders orders,
            Recipes recipes,
            RunFolders runs,
            JobQueue jobs,
            Evaluations evaluations) {
        this.orders = orders;
        this.recipes = recipes;
        this.runs = runs;
        this.jobs = jobs;
        this.evaluations = evaluations;
    }

    @Override
    public Map<String, Value> values(String base, Map<String, Value> over) {
        return recipes.merged(base, over);
    }

    @Override
    public Runs.Run train(
            String base,
            Map<String, Value> over,
            Consumer<String> made,
            Consumer<RunEvent> watch,
            BooleanSupplier stop) {
        return orders.finish(orders.begin(base, over, made, watch, stop));
    }

    @Override
    public Runs.Run resume(String run, Consumer<RunEvent> watch, BooleanSupplier stop) {
        return orders.finish(orders.goOn(run, watch, stop));
    }

    @Override
    public Evaluations.Evaluation evaluate(String run, String split) {
        return evaluations.evaluate(run, split, Map.of());
    }

    @Override
    public Optional<Runs.Run> run(String id) {
        return runs.exists(id) ? Optional.of(runs.info(id, jobs.active())) : Optional.empty();
    }
}
