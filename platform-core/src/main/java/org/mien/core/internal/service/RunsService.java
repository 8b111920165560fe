// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.service;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.mien.core.MienException;
import org.mien.core.Runs;
import org.mien.core.Value;
import org.mien.core.internal.job.JobQueue;
import org.mien.core.internal.model.WeightsOut;
import org.mien.core.internal.pipeline.BoundPipeline;
import org.mien.core.internal.plugin.Leases;
import org.mien.core.internal.plugin.Registry;
import org.mien.core.internal.predict.OpenRuns;
import org.mien.core.internal.report.Reports;
import org.mien.core.internal.run.Packages;
import org.mien.core.internal.run.RunFolders;
import org.mien.core.internal.run.StartedFrom;
import org.mien.core.internal.train.Gallery;
import org.mien.core.internal.train.TrainingLoop;

/** {@link Runs}. */
final class RunsService implements Runs {
    private final Registry registry;
    private final Leases leases;
    private final RunFolders runs;
    private final JobQueue jobs;
    private final OpenRuns open;

    RunsService(Registry registry, Leases leases, RunFolders runs, JobQueue jobs, OpenRuns open) {
        this.registry = registry;
        this.leases = leases;
        this.runs = runs;
        this.jobs = jobs;
        this.open = open;
    }

    @Override
    public List<Run> all() {
        return runs.all(jobs.active());
    }

    @Override
    public Details details(String run) {
        Path folder = runs.find(run);
        RunFolders.Config config = RunFolders.config(folder);
        return new Details(
                runs.info(run, jobs.active()),
                config.values(),
                config.targets(),
                config.splits(),
                config.validation(),
                Stream.concat(
                                config.plugins().stream().map(RunFolders.Part::words),
                                config.swaps().stream()
                                        .map(
                                                swap ->
                                                        swap.by().words()
                                                                + " from step "
                                                                + swap.step()))
                        .toList(),
                config.starts().stream().map(StartedFrom::words).toList(),
                Gallery.files(folder),
                config.engine(),
                config.java(),
                epoch(config));
    }

    /** How long an epoch is; empty before the data were looked at. */
    private static String epoch(RunFolders.Config config) {
        Value batch = config.values().get("train.batch");
        if (config.epoch() == null || batch == null || !batch.value().matches("[1-9]\\d{0,8}")) {
            return "";
        }
        int samples = config.epoch().samples();
        long steps = TrainingLoop.steps(samples, Integer.parseInt(batch.value()));
        return samples + " samples, " + steps + " steps (" + config.epoch().sampler() + ")";
    }

    @Override
    public Path report(String run) {
        return Reports.write(runs.find(run), details(run));
    }

    @Override
    public void export(String run, Format format, Path file) {
        Path folder = runs.find(run);
        if (format == Format.ZIP) {
            RunFolders.export(folder, file);
            return;
        }
        leases.run(
                "the export of run '" + run + "'",
                lease -> {
                    RunFolders.Config config = RunFolders.config(folder);
                    BoundPipeline bound =
                            BoundPipeline.predicting(registry, config.pipeline(), config.values());
                    WeightsOut.write(folder, bound, format, file);
                    return null;
                },
                () -> {});
    }

    @Override
    public void delete(String run) {
        delete(run, false);
    }

    @Override
    public void delete(String run, boolean force) {
        Path folder = runs.find(run);
        String id = folder.getFileName().toString();
        if (!id.equals(run)) {
            throw new MienException(
                    "'"
                            + run
                            + "' is an alias of run '"
                            + id
                            + "'; name the run to delete it, or take the alias back");
        }
        if (jobs.active().contains(id)) {
            throw new MienException("run '" + run + "' is under way; stop it first");
        }
        List<String> names =
                aliases().entrySet().stream()
                        .filter(one -> one.getValue().equals(id))
                        .map(Map.Entry::getKey)
                        .toList();
        if (!names.isEmpty() && !force) {
            throw new MienException(
                    "run '"
                            + id
                            + "' has the alias "
                            + String.join(", ", names)
                            + ", by which others may ask for it. Give that to another run, or take"
                            + " it back with the run: --force");
        }
        runs.aliases().removeAll(id);
        open.drop(folder);
        RunFolders.delete(folder);
    }

    @Override
    public Map<String, String> aliases() {
        return runs.aliases().all();
    }

    @Override
    public String alias(String name, String run) {
        String id = runs.find(run).getFileName().toString();
        runs.aliases().set(name, id);
        return id;
    }

    @Override
    public void removeAlias(String name) {
        runs.aliases().remove(name);
    }

    @Override
    public String id(String name) {
        return runs.find(name).getFileName().toString();
    }

    @Override
    public Run add(Path zip, String as) {
        String id = Packages.unpack(zip, runs.folder(), as).getFileName().toString();
        Reports.afterwards(() -> report(id));
        return runs.info(id, jobs.active());
    }
}
