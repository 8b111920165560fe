// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.service;

import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.mien.api.run.RunEvent;
import org.mien.api.run.RunListener;
import org.mien.core.Datasets;
import org.mien.core.Evaluations;
import org.mien.core.Features;
import org.mien.core.Jobs;
import org.mien.core.MienException;
import org.mien.core.Pipelines;
import org.mien.core.Plugins;
import org.mien.core.Predictions;
import org.mien.core.Runs;
import org.mien.core.Sweeps;
import org.mien.core.WeightFiles;
import org.mien.core.internal.data.DataLook;
import org.mien.core.internal.job.JobQueue;
import org.mien.core.internal.pipeline.ConfiguredPipelines;
import org.mien.core.internal.pipeline.PlatformKeys;
import org.mien.core.internal.pipeline.Recipes;
import org.mien.core.internal.pipeline.Shipped;
import org.mien.core.internal.plugin.Border;
import org.mien.core.internal.plugin.Keys;
import org.mien.core.internal.plugin.Leases;
import org.mien.core.internal.plugin.Registry;
import org.mien.core.internal.predict.OpenRuns;
import org.mien.core.internal.report.Reports;
import org.mien.core.internal.run.RunFolders;
import org.mien.core.internal.sweep.KnownSweeps;
import org.mien.core.internal.sweep.SweepFiles;
import org.mien.engine.Torch;
import org.osgi.annotation.bundle.Capability;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes the parts of the platform, holds them together and publishes its services: one a noun. */
@Component(service = Platform.class, immediate = true, configurationPid = Platform.PID)
@Capability(
        namespace = "osgi.service",
        attribute =
                "objectClass:List<String>=\"org.mien.core.Plugins"
                        + ",org.mien.core.Pipelines"
                        + ",org.mien.core.Runs"
                        + ",org.mien.core.Jobs"
                        + ",org.mien.core.Sweeps"
                        + ",org.mien.core.Evaluations"
                        + ",org.mien.core.Predictions"
                        + ",org.mien.core.Datasets"
                        + ",org.mien.core.Features"
                        + ",org.mien.core.WeightFiles"
                        + "\"")
public final class Platform {
    /** Configuration of the queue. */
    static final String PID = "org.mien.jobs";

    /** Seconds that a plugin that goes waits for an evaluation or a prediction to end. */
    private static final long PATIENCE = 30;

    private static final Logger LOG = LoggerFactory.getLogger(Platform.class);

    private final List<RunListener> listeners = new CopyOnWriteArrayList<>();
    private final List<ServiceRegistration<?>> published = new ArrayList<>();
    private final JobQueue queue;
    private final TrainingOrders orders;
    private final OpenRuns open;
    private final Leases leases;
    private final KnownSweeps sweeps;
    private final PluginsService plugins;
    private final PipelinesService pipelines;
    private final RunsService runs;
    private final JobsService jobs;
    private final EvaluationsService evaluations;
    private final PredictionsService predictions;
    private final DatasetsService datasets;
    private final FeaturesService features;
    private final WeightFilesService weightFiles;
    private volatile boolean resume = true;

    /**
     * Made by Declarative Services.
     *
     * @param context where the services are published
     * @param registry the plugins
     * @param configured the pipelines
     * @param shipped the recipes and sweeps of bundles
     * @param files the sweeps of the user
     * @param torch the engine
     * @param properties the keys of {@code org.mien.jobs}
     */
    @Activate
    public Platform(
            BundleContext context,
            @Reference Registry registry,
            @Reference ConfiguredPipelines configured,
            @Reference Shipped shipped,
            @Reference SweepFiles files,
            @Reference Torch torch,
            Map<String, Object> properties) {
        this(
                registry,
                configured,
                shipped,
                files,
                torch,
                Path.of(System.getProperty("mien.work", "work")).toAbsolutePath().normalize(),
                Clock.systemUTC());
        configure(properties);
        publish(context);
        goOn();
    }

    public Platform(Registry registry, ConfiguredPipelines configured, Torch torch, Path work) {
        this(registry, configured, torch, work, Clock.systemUTC());
    }

    public Platform(
            Registry registry,
            ConfiguredPipelines configured,
            Torch torch,
            Path work,
            Clock clock) {
        this(registry, configured, new Shipped(null), new SweepFiles(), torch, work, clock);
    }

    public Platform(
            Registry registry,
            ConfiguredPipelines configured,
            Shipped shipped,
            SweepFiles files,
            Torch torch,
            Path work,
            Clock clock) {
        RunFolders folders = new RunFolders(work.resolve("runs"), clock);
        Recipes recipes = new Recipes(registry, configured, shipped);
        queue =
                new JobQueue(
                        registry,
                        torch,
                        event -> listeners.forEach(listener -> told(listener, event)),
                        this::report);
        open = new OpenRuns(registry, torch, System::nanoTime);
        leases = new Leases(registry, PATIENCE);
        DataLook look = new DataLook(leases);
        orders = new TrainingOrders(registry, leases, recipes, torch, folders, queue, look);
        plugins = new PluginsService(registry, leases, queue);
        pipelines =
                new PipelinesService(registry, leases, configured, recipes, queue, folders, look);
        runs = new RunsService(registry, leases, folders, queue, open);
        jobs = new JobsService(orders, queue);
        evaluations =
                new EvaluationsService(
                        registry, torch, folders, leases, this::report, this::sweeps);
        predictions = new PredictionsService(registry, torch, folders, open, leases);
        datasets = new DatasetsService(registry, recipes, leases);
        features = new FeaturesService(registry, recipes, torch, leases);
        weightFiles = new WeightFilesService(registry, leases);
        sweeps =
                new KnownSweeps(
                        shipped,
                        files,
                        recipes,
                        registry,
                        leases,
                        new SweepTrainings(orders, recipes, folders, queue, evaluations),
                        work.resolve("sweeps"));
        configured.judge(one -> pipelines.state(one, false).state() != Pipelines.State.FAILED);
    }

    /** Writes a run's report anew; what was done stands even if that fails. */
    private void report(String run) {
        Reports.afterwards(() -> runs.report(run));
    }

    /** Goes on with what was left to the platform before it was stopped or killed. */
    public void goOn() {
        orders.goOnWithAll(resume);
    }

    private void publish(BundleContext context) {
        published.add(context.registerService(Plugins.class, plugins, null));
        published.add(context.registerService(Pipelines.class, pipelines, null));
        published.add(context.registerService(Runs.class, runs, null));
        published.add(context.registerService(Sweeps.class, sweeps, null));
        published.add(context.registerService(Evaluations.class, evaluations, null));
        published.add(context.registerService(Predictions.class, predictions, null));
        published.add(context.registerService(Datasets.class, datasets, null));
        published.add(context.registerService(Features.class, features, null));
        published.add(context.registerService(WeightFiles.class, weightFiles, null));
        // The last: whoever sees it, as the launcher, has seen the others come.
        published.add(context.registerService(Jobs.class, jobs, null));
    }

    /** Takes the keys of {@code org.mien.jobs} over; with wrong ones those before stay. */
    @Modified
    public void configure(Map<String, Object> properties) {
        Map<String, String> values = new LinkedHashMap<>();
        properties.forEach((key, value) -> values.put(key, value.toString()));
        try {
            PlatformKeys.Queue keys = Keys.bind(PID, "", PlatformKeys.Queue.class, values);
            PlatformKeys.Open bounds = Keys.bind(PID, "", PlatformKeys.Open.class, values);
            queue.patience(keys.patience());
            queue.atOnce(keys.atOnce());
            resume = keys.resume();
            open.bounds(bounds);
        } catch (MienException e) {
            LOG.error("configuration {}: {} What was there before stays.", PID, e.getMessage());
        }
    }

    private static void told(RunListener listener, RunEvent event) {
        try {
            Border.act("a listener of runs", List.of(), () -> listener.on(event));
        } catch (MienException e) {
            LOG.warn("{}", e.getMessage());
        }
    }

    @Deactivate
    public void close() {
        published.forEach(ServiceRegistration::unregister);
        published.clear();
        sweeps.stop(); // before their runs end, or they would begin the next
        queue.close();
        sweeps.close();
        predictions.close();
        open.close();
        leases.close();
    }

    @Reference(
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            unbind = "unbindListener")
    void bindListener(RunListener listener) {
        listeners.add(listener);
    }

    void unbindListener(RunListener listener) {
        listeners.remove(listener);
    }

    public Plugins plugins() {
        return plugins;
    }

    public Pipelines pipelines() {
        return pipelines;
    }

    public Runs runs() {
        return runs;
    }

    public Jobs jobs() {
        return jobs;
    }

    public Sweeps sweeps() {
        return sweeps;
    }

    public Evaluations evaluations() {
        return evaluations;
    }

    public Predictions predictions() {
        return predictions;
    }

    public Datasets datasets() {
        return datasets;
    }

    public Features features() {
        return features;
    }

    public WeightFiles weightFiles() {
        return weightFiles;
    }
}
