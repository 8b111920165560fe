// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.service;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.mien.api.Feature;
import org.mien.api.InputSpec;
import org.mien.api.data.Sample.Split;
import org.mien.api.method.Phase;
import org.mien.api.net.Trunk;
import org.mien.api.run.RunEvent;
import org.mien.api.run.RunListener;
import org.mien.core.Mien;
import org.mien.core.MienException;
import org.mien.core.internal.data.DatasetChecker;
import org.mien.core.internal.data.Splits;
import org.mien.core.internal.evaluate.Comparer;
import org.mien.core.internal.evaluate.Evaluating;
import org.mien.core.internal.features.FeatureOrders;
import org.mien.core.internal.io.Atomic;
import org.mien.core.internal.job.Jobs;
import org.mien.core.internal.job.Stuck;
import org.mien.core.internal.job.Training;
import org.mien.core.internal.model.Devices;
import org.mien.core.internal.model.StartValues;
import org.mien.core.internal.model.TrainedRun;
import org.mien.core.internal.model.WeightsInfos;
import org.mien.core.internal.model.WeightsOut;
import org.mien.core.internal.pipeline.BoundBackbone;
import org.mien.core.internal.pipeline.Built;
import org.mien.core.internal.pipeline.Pipelines;
import org.mien.core.internal.pipeline.PlatformKeys;
import org.mien.core.internal.pipeline.Recipe;
import org.mien.core.internal.pipeline.Recipes;
import org.mien.core.internal.pipeline.Shipped;
import org.mien.core.internal.plugin.Keys;
import org.mien.core.internal.plugin.OwnThread;
import org.mien.core.internal.plugin.Registry;
import org.mien.core.internal.plugin.Registry.Kind;
import org.mien.core.internal.plugin.Words;
import org.mien.core.internal.predict.OpenRun;
import org.mien.core.internal.predict.OpenRuns;
import org.mien.core.internal.predict.Photographs;
import org.mien.core.internal.report.Reports;
import org.mien.core.internal.run.JobState;
import org.mien.core.internal.run.Runs;
import org.mien.core.internal.run.StartedFrom;
import org.mien.core.internal.sweep.SweepFiles;
import org.mien.core.internal.sweep.SweepRun;
import org.mien.core.internal.sweep.Sweeps;
import org.mien.core.internal.train.Gallery;
import org.mien.engine.Torch;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The platform's service. */
@Component(service = Mien.class, immediate = true, configurationPid = MienService.PID)
public final class MienService implements Mien {
    /** Configuration of the queue. */
    static final String PID = "org.mien.jobs";

    private static final Logger LOG = LoggerFactory.getLogger(MienService.class);

    /** How long a file of a pipeline may take to be seen. */
    private static final long SETTLE_NANOS = 20_000_000_000L;

    /** What a run that is given up had been told. */
    private static final String STOPPED = "it was told to stop";

    private final Registry registry;
    private final Pipelines pipelines;
    private final Recipes recipes;
    private final Sweeps sweeps;
    private final Torch torch;
    private final Runs runs;
    private final List<RunListener> listeners = new CopyOnWriteArrayList<>();
    private final Jobs jobs;
    private final OpenRuns open;

    /**
     * Made by Declarative Services.
     *
     * @param registry the plugins
     * @param pipelines the pipelines
     * @param shipped the recipes and sweeps of bundles
     * @param files the sweeps of the user
     * @param torch the engine
     */
    @Activate
    public MienService(
            @Reference Registry registry,
            @Reference Pipelines pipelines,
            @Reference Shipped shipped,
            @Reference SweepFiles files,
            @Reference Torch torch,
            Map<String, Object> properties) {
        this(
                registry,
                pipelines,
                shipped,
                files,
                torch,
                Path.of(System.getProperty("mien.work", "work")).toAbsolutePath().normalize(),
                Clock.systemUTC());
        configure(properties);
    }

    public MienService(Registry registry, Pipelines pipelines, Torch torch, Path work) {
        this(registry, pipelines, torch, work, Clock.systemUTC());
    }

    public MienService(
            Registry registry, Pipelines pipelines, Torch torch, Path work, Clock clock) {
        this(registry, pipelines, new Shipped(null), new SweepFiles(), torch, work, clock);
    }

    MienService(
            Registry registry,
            Pipelines pipelines,
            Shipped shipped,
            SweepFiles files,
            Torch torch,
            Path work,
            Clock clock) {
        this.registry = registry;
        this.pipelines = pipelines;
        this.recipes = new Recipes(registry, pipelines, shipped);
        this.torch = torch;
        this.runs = new Runs(work.resolve("runs"), clock);
        pipelines.judge(configured -> state(configured).state() != State.FAILED);
        this.jobs =
                new Jobs(
                        registry,
                        torch,
                        event -> listeners.forEach(listener -> told(listener, event)),
                        run -> Reports.afterwards(() -> report(run)));
        this.open = new OpenRuns(registry, torch, System::nanoTime);
        this.sweeps =
                new Sweeps(shipped, files, recipes, registry, new Swept(), work.resolve("sweeps"));
    }

    /** How sweeps train. */
    private final class Swept implements SweepRun.Trains {
        @Override
        public Map<String, Value> values(String base, Map<String, Value> over) {
            return recipes.merged(base, over);
        }

        @Override
        public Run train(
                String base,
                Map<String, Value> over,
                Consumer<String> made,
                Consumer<RunEvent> watch,
                BooleanSupplier stop) {
            return finish(begin(base, over, made, watch, stop));
        }

        @Override
        public Run resume(String run, Consumer<RunEvent> watch, BooleanSupplier stop) {
            return MienService.this.resume(run, watch, stop);
        }

        @Override
        public Evaluation evaluate(String run, String split) {
            return MienService.this.evaluate(run, split, Map.of());
        }

        @Override
        public Optional<Run> run(String id) {
            return runs.exists(id) ? Optional.of(runs.info(id, jobs.active())) : Optional.empty();
        }
    }

    /** Takes the keys of {@code org.mien.jobs} over; with wrong ones those before stay. */
    @Modified
    public void configure(Map<String, Object> properties) {
        Map<String, String> values = new LinkedHashMap<>();
        properties.forEach((key, value) -> values.put(key, value.toString()));
        try {
            PlatformKeys.Queue queue = Keys.bind(PID, "", PlatformKeys.Queue.class, values);
            PlatformKeys.Open bounds = Keys.bind(PID, "", PlatformKeys.Open.class, values);
            jobs.patience(queue.patience());
            jobs.atOnce(queue.atOnce());
            open.bounds(bounds);
        } catch (MienException e) {
            LOG.error("configuration {}: {} What was there before stays.", PID, e.getMessage());
        }
    }

    private static void told(RunListener listener, RunEvent event) {
        try {
            listener.on(event);
        } catch (RuntimeException | LinkageError e) {
            LOG.warn("a listener of runs failed: {}", e.toString());
        }
    }

    @Deactivate
    public void close() {
        sweeps.stop(); // before their runs end, or they would begin the next
        jobs.close();
        sweeps.close();
        open.close();
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

    @Override
    public List<Plugin> plugins() {
        List<Plugin> plugins = new ArrayList<>(registry.plugins());
        for (Stuck stuck : jobs.stuck()) {
            String problem =
                    "thread '"
                            + stuck.thread().getName()
                            + "' never returned from it"
                            + stuck.where();
            boolean there = false;
            for (int i = 0; i < plugins.size(); i++) {
                Plugin one = plugins.get(i);
                if (one.kind().equals(stuck.kind()) && one.id().equals(stuck.id())) {
                    plugins.set(i, with(one, problem));
                    there = true;
                }
            }
            if (!there) {
                plugins.add(
                        new Plugin(
                                stuck.kind(),
                                stuck.id(),
                                stuck.bundle(),
                                stuck.version(),
                                "was removed, but " + problem,
                                List.of()));
            }
        }
        jobs.leaks()
                .forEach(
                        (entry, arrays) ->
                                plugins.replaceAll(
                                        one ->
                                                one.kind().equals(entry.kind().word())
                                                                && one.id().equals(entry.id())
                                                                && one.bundle()
                                                                        .equals(entry.bundle())
                                                        ? with(one, leak(arrays))
                                                        : one));
        return plugins;
    }

    private static String leak(long arrays) {
        return arrays
                + " arrays were left behind by its steps: attached to what outlives them; their"
                + " memory is lost until the platform ends";
    }

    private static Plugin with(Plugin plugin, String problem) {
        return new Plugin(
                plugin.kind(),
                plugin.id(),
                plugin.bundle(),
                plugin.version(),
                plugin.problem().isEmpty() ? problem : plugin.problem() + "; " + problem,
                plugin.keys());
    }

    @Override
    public List<Key> platformKeys() {
        return PlatformKeys.all();
    }

    @Override
    public List<Pipeline> pipelines() {
        List<Pipeline> all = new ArrayList<>();
        for (Pipelines.Configured configured : pipelines.all()) {
            all.add(state(configured));
        }
        return all;
    }

    @Override
    public List<Published> recipes() {
        return recipes.all();
    }

    @Override
    public List<Sweep> sweeps() {
        return sweeps.all();
    }

    @Override
    public Sweep sweep(String name) {
        return sweeps.get(name);
    }

    @Override
    public Sweep sweep(
            SweepOrder order,
            Consumer<RunEvent> watch,
            Consumer<String> say,
            BooleanSupplier stop) {
        return sweeps.run(order, watch, say, stop);
    }

    @Override
    public Sweep submitSweep(SweepOrder order) {
        return sweeps.submit(order);
    }

    @Override
    public Sweep cancelSweep(String name) {
        return sweeps.cancel(name);
    }

    private Pipeline state(Pipelines.Configured configured) {
        String twin = pipelines.twin(configured);
        State state = State.READY;
        String why = "";
        Map<String, Value> values = configured.values();
        if (!twin.isEmpty()) {
            state = State.FAILED;
            why = "another configuration has the same name: " + twin;
        } else {
            List<String> missing = Recipe.missing(registry, values);
            if (!missing.isEmpty()) {
                state = State.WAITING;
                why = "for " + String.join("; ", missing);
            } else {
                try {
                    Recipe recipe = Recipe.of(registry, configured.name(), values);
                    dry(recipe, 7);
                    StartValues.check(recipe, runs.folder());
                    values = recipe.values();
                } catch (MienException e) {
                    state = State.FAILED;
                    why = e.getMessage();
                }
            }
        }
        List<String> at =
                jobs.all().stream()
                        .filter(job -> job.pipeline().equals(configured.name()))
                        .filter(job -> !job.state().over())
                        .map(Training::id)
                        .toList();
        if (!at.isEmpty() && state == State.READY) {
            state = State.BUSY;
            why = "with run " + String.join(", ", at);
        }
        Pipelines.Configured good = state == State.FAILED ? pipelines.good(configured) : null;
        return new Pipeline(
                configured.name(),
                state,
                why,
                configured.source(),
                values,
                good == null ? Map.of() : good.values());
    }

    @Override
    public Pipeline createPipeline(String name, Map<String, String> keys, boolean replace) {
        Recipe.checkName(name);
        Path file = etc().resolve(Pipelines.file(name));
        String source = pipelines.find(name).map(Pipelines.Configured::source).orElse(null);
        if (source != null && !replace) {
            throw new MienException(
                    "pipeline '"
                            + name
                            + "' exists already, from "
                            + source
                            + ". Take another name, or --replace to write it anew");
        }
        if (Files.exists(file) && !replace) {
            throw new MienException(file + " exists already; --replace writes it anew");
        }
        if (source != null && !source.equals(Pipelines.file(name))) {
            throw new MienException(
                    "pipeline '"
                            + name
                            + "' comes from "
                            + source
                            + ", which is no file of that name; change it there");
        }
        Map<String, Value> values = new LinkedHashMap<>();
        keys.forEach((key, value) -> values.put(key, new Value(value, Pipelines.file(name))));
        String text = Pipelines.text(keys);
        OwnThread.run(
                "pipeline " + name,
                () -> {
                    if (Recipe.missing(registry, values).isEmpty()) {
                        dry(Recipe.of(registry, name, values), 7);
                    } else {
                        Recipe.check(registry, name, values);
                    }
                    return null;
                },
                () -> {});
        try {
            Atomic.write(file, text);
        } catch (IOException e) {
            throw new MienException(file + " cannot be written: " + e.getMessage());
        }
        settle(
                "pipeline '" + name + "' is written, and was not taken over",
                () -> pipelines.find(name).filter(now -> now.has(keys)).isPresent());
        return state(pipelines.find(name).orElseThrow());
    }

    @Override
    public void deletePipeline(String name) {
        Pipelines.Configured configured =
                pipelines
                        .find(name)
                        .orElseThrow(
                                () ->
                                        new MienException(
                                                "pipeline '"
                                                        + name
                                                        + "' is not configured."
                                                        + Words.hint(
                                                                name,
                                                                pipelines.all().stream()
                                                                        .map(
                                                                                Pipelines.Configured
                                                                                        ::name)
                                                                        .toList())));
        Path file = etc().resolve(configured.source());
        if (!configured.source().endsWith(".cfg") || !Files.isRegularFile(file)) {
            throw new MienException(
                    "pipeline '"
                            + name
                            + "' is no file, but the configuration "
                            + configured.pid()
                            + ": config:delete "
                            + configured.pid());
        }
        try {
            Files.delete(file);
        } catch (IOException e) {
            throw new MienException(file + " cannot be deleted: " + e.getMessage());
        }
        settle(
                "the file of pipeline '" + name + "' is deleted, and it is still there",
                () -> pipelines.find(name).isEmpty());
    }

    private static Path etc() {
        return Path.of(System.getProperty("karaf.etc", "etc")).toAbsolutePath();
    }

    /** Waits until the framework has seen what became of a file, which takes a second or two. */
    private static void settle(String otherwise, BooleanSupplier seen) {
        long end = System.nanoTime() + SETTLE_NANOS;
        while (!seen.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new MienException(otherwise + "; the log may say why");
            }
            try {
                Thread.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** Builds without memory: shows what does not fit. */
    private static Built dry(Recipe recipe, int classes) {
        List<String> labels =
                IntStream.rangeClosed(1, recipe.plan().labelled() ? classes : 0)
                        .mapToObj(i -> "class " + i)
                        .toList();
        Built built = recipe.build(labels);
        long[] counts = new long[labels.size()];
        Arrays.fill(counts, 1);
        built.phases(counts);
        return built;
    }

    @Override
    public Run train(
            String pipeline,
            Map<String, String> overrides,
            Consumer<RunEvent> watch,
            BooleanSupplier stop) {
        return finish(begin(pipeline, typed(overrides), made -> {}, watch, stop));
    }

    @Override
    public Run resume(String run, Consumer<RunEvent> watch, BooleanSupplier stop) {
        return finish(goOn(run, watch, stop));
    }

    @Override
    public Run submit(String pipeline, Map<String, String> overrides) {
        return info(begin(pipeline, typed(overrides), made -> {}, event -> {}, () -> false));
    }

    @Override
    public Run resubmit(String run) {
        return info(goOn(run, event -> {}, () -> false));
    }

    private static Map<String, Value> typed(Map<String, String> overrides) {
        Map<String, Value> values = new LinkedHashMap<>();
        overrides.forEach((key, value) -> values.put(key, new Value(value, "command line")));
        return values;
    }

    /**
     * Makes the folder of a run whose keys can work, and queues it.
     *
     * @param over keys that count more than those of the pipeline
     * @param made told the run's id before it is queued
     */
    private Training begin(
            String pipeline,
            Map<String, Value> over,
            Consumer<String> made,
            Consumer<RunEvent> watch,
            BooleanSupplier stop) {
        Map<String, Value> values = recipes.values(pipeline, over);
        Runs.Config config =
                OwnThread.run(
                        "run of " + pipeline,
                        () -> {
                            Recipe recipe = Recipe.of(registry, pipeline, values);
                            Devices.device(torch, recipe);
                            StartValues.check(recipe, runs.folder());
                            return Runs.Config.of(recipe, engine());
                        },
                        () -> {});
        Path run = runs.create(pipeline);
        try {
            Runs.write(run, config);
            Runs.write(run, Runs.State.fresh(pipeline, runs.now()));
        } catch (IOException e) {
            throw new MienException(
                    "run '" + run.getFileName() + "' cannot be written: " + e.getMessage());
        }
        made.accept(run.getFileName().toString());
        return jobs.add(run, pipeline, config.values(), watch, stop);
    }

    private Training goOn(String run, Consumer<RunEvent> watch, BooleanSupplier stop) {
        Path folder = runs.find(run);
        if (Runs.state(folder).state() == JobState.DONE) {
            throw new MienException(
                    "run '"
                            + run
                            + "' is done; there is nothing to go on with. To train longer, train"
                            + " anew with train.epochs");
        }
        Runs.Config config = Runs.config(folder);
        List<String> missing = Recipe.missing(registry, config.values());
        if (!missing.isEmpty()) {
            throw new MienException("run '" + run + "' waits for " + String.join("; ", missing));
        }
        return jobs.add(folder, config.pipeline(), config.values(), watch, stop);
    }

    /** Waits until a job is over. */
    private Run finish(Training job) {
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

    private Run info(Training job) {
        return runs.info(job.id(), jobs.active());
    }

    @Override
    public List<Mien.Job> jobs() {
        return jobs.all().stream().map(MienService::words).toList();
    }

    private static Mien.Job words(Training job) {
        RunEvent last = job.last();
        return new Mien.Job(
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
    public Run watch(String run, Consumer<RunEvent> watch, BooleanSupplier stop) {
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
        return info(job);
    }

    @Override
    public Run cancel(String run) {
        Training job = jobs.get(run);
        if (job.state().over()) {
            throw new MienException(
                    "run '" + run + "' is over: " + job.state() + "; there is nothing to stop");
        }
        jobs.cancel(job);
        try {
            if (!job.await(jobs.patience() * 1_000L)) {
                jobs.giveUp(job, JobState.CANCELLED, STOPPED);
                job.await(1_000);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return info(job);
    }

    @Override
    public Evaluation evaluate(String run, String split, Map<String, String> overrides) {
        Split wanted = Splits.parse(split);
        Path folder = runs.find(run);
        return OwnThread.run(
                "evaluation of " + run,
                () -> {
                    try (TrainedRun trained = new TrainedRun(registry, torch, folder, overrides)) {
                        Evaluation evaluation =
                                Evaluating.evaluate(trained, registry, wanted, runs::find);
                        Runs.write(folder, evaluation, overrides);
                        Reports.afterwards(() -> report(run));
                        return evaluation;
                    }
                },
                () -> {});
    }

    @Override
    public void predict(
            String run,
            Map<String, String> overrides,
            List<Path> images,
            List<String> samples,
            Consumer<Prediction> answer,
            BooleanSupplier stop) {
        if (images.isEmpty() && samples.isEmpty()) {
            throw new MienException(
                    "nothing to predict: give image files, or --sample with the id of a sample");
        }
        Path folder = runs.find(run);
        AtomicBoolean interrupted = new AtomicBoolean();
        OwnThread.run(
                "prediction of " + run,
                () -> {
                    try (OpenRuns.Use use = open.use(folder, overrides)) {
                        try (Photographs photographs = new Photographs(use.run(), torch)) {
                            photographs.answer(
                                    images,
                                    samples,
                                    answer,
                                    () -> stop.getAsBoolean() || interrupted.get());
                        }
                        use.keep();
                    }
                    return null;
                },
                () -> interrupted.set(true));
    }

    @Override
    public void generate(
            String run,
            Map<String, String> overrides,
            List<Path> images,
            Consumer<Drawn> answer,
            BooleanSupplier stop) {
        Path folder = runs.find(run);
        AtomicBoolean interrupted = new AtomicBoolean();
        OwnThread.run(
                "drawing of " + run,
                () -> {
                    OpenRun drawing =
                            new OpenRun(
                                    folder,
                                    of -> new TrainedRun(registry, torch, of, overrides, true));
                    try (Photographs photographs = new Photographs(drawing, torch)) {
                        photographs.draw(
                                images, answer, () -> stop.getAsBoolean() || interrupted.get());
                    } finally {
                        drawing.leave();
                    }
                    return null;
                },
                () -> interrupted.set(true));
    }

    @Override
    public List<Run> runs() {
        return runs.all(jobs.active());
    }

    @Override
    public RunDetails run(String run) {
        Path folder = runs.find(run);
        Runs.Config config = Runs.config(folder);
        return new RunDetails(
                runs.info(run, jobs.active()),
                config.values(),
                config.labels(),
                config.splits(),
                config.validation(),
                Stream.concat(
                                config.plugins().stream().map(Runs.Part::words),
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
                config.java());
    }

    @Override
    public Path report(String run) {
        return Reports.write(runs.find(run), run(run));
    }

    @Override
    public Comparison compare(List<String> names, String split) {
        String wanted = Splits.word(Splits.parse(split));
        Map<String, Path> folders = new LinkedHashMap<>();
        names.forEach(name -> folders.put(name, runs.find(name)));
        return new Comparer(folders, wanted).compare();
    }

    @Override
    public void exportRun(String run, Format format, Path file) {
        Path folder = runs.find(run);
        if (format == Format.ZIP) {
            Runs.export(folder, file);
            return;
        }
        OwnThread.run(
                "export of " + run,
                () -> {
                    Runs.Config config = Runs.config(folder);
                    Recipe recipe = Recipe.of(registry, config.pipeline(), config.values());
                    WeightsOut.write(folder, recipe, format, file);
                    return null;
                },
                () -> {});
    }

    @Override
    public WeightsInfo weights(Path file) {
        return OwnThread.run("weights of " + file, () -> WeightsInfos.of(registry, file), () -> {});
    }

    @Override
    public void deleteRun(String run) {
        Path folder = runs.find(run);
        if (jobs.active().contains(run)) {
            throw new MienException("run '" + run + "' is under way; stop it first");
        }
        open.drop(folder);
        Runs.delete(folder);
    }

    @Override
    public DatasetCheck checkDataset(
            String pipeline,
            Map<String, String> overrides,
            BiConsumer<Integer, Integer> progress,
            BooleanSupplier stop) {
        Map<String, Value> values = recipes.values(pipeline, typed(overrides));
        AtomicBoolean interrupted = new AtomicBoolean();
        return OwnThread.run(
                "check of " + pipeline,
                () -> {
                    Recipe recipe = Recipe.of(registry, pipeline, values);
                    try (Splits splits = new Splits(recipe)) {
                        return new DatasetChecker(splits)
                                .check(
                                        recipe,
                                        progress,
                                        () -> stop.getAsBoolean() || interrupted.get());
                    }
                },
                () -> interrupted.set(true));
    }

    @Override
    public MethodInfo methodInfo(String method, Map<String, String> keys) {
        registry.get(Kind.METHOD, method);
        Map<String, Value> values = new LinkedHashMap<>();
        keys.forEach((key, value) -> values.put(key, new Value(value, "command line")));
        Value classes = values.remove("labels");
        values.put("method", new Value(method, "command line"));
        int labels = classes == null ? 7 : labels(classes.value());
        if (keys.containsKey("backbone")) {
            registry.get(Kind.BACKBONE, keys.get("backbone"));
        }
        return OwnThread.run(
                "method " + method,
                () -> {
                    Recipe recipe = Recipe.structure(registry, values);
                    Built built = dry(recipe, labels);
                    Trunk trunk = recipe.trunk();
                    InputSpec input = built.parts().input();
                    List<String> features =
                            trunk == null
                                    ? List.of()
                                    : recipe.plan().kinds().stream()
                                            .map(kind -> words(trunk.feature(kind)))
                                            .toList();
                    return new MethodInfo(
                            method,
                            recipe.parts().backbone(),
                            recipe.plan().kinds().stream().map(Feature.Kind::name).toList(),
                            features,
                            recipe.plan().views(),
                            "3 x " + input.height() + " x " + input.width(),
                            Built.parameters(built.parts().inference()),
                            Built.parameters(built.parts().training()),
                            built.pieces(),
                            recipe.unread(),
                            Built.fixed(built.parts().inference()),
                            Built.fixed(built.parts().training()),
                            built.made().stream().map(MienService::words).toList(),
                            Keys.describe("method.", Registry.settings(recipe.method())));
                },
                () -> {});
    }

    @Override
    public BackboneInfo backboneInfo(String backbone, Map<String, String> keys) {
        return OwnThread.run(
                "backbone " + backbone,
                () -> BoundBackbone.of(registry, backbone, keys).info(),
                () -> {});
    }

    @Override
    public Features features(
            FeatureOrder order, BiConsumer<Integer, Integer> progress, BooleanSupplier stop) {
        AtomicBoolean interrupted = new AtomicBoolean();
        return OwnThread.run(
                "features of " + order.backbone(),
                () ->
                        new FeatureOrders(registry, recipes, torch, FeatureOrders.FILE_BYTES)
                                .write(
                                        order,
                                        progress,
                                        () -> stop.getAsBoolean() || interrupted.get()),
                () -> interrupted.set(true));
    }

    private static int labels(String text) {
        if (!text.matches("[1-9]\\d{0,5}")) {
            throw new MienException(
                    "labels is '" + text + "'; expected a number of classes from 1");
        }
        return Integer.parseInt(text);
    }

    /** A phase, and when it does not run at every step. */
    private static String words(Phase phase) {
        return phase.name()
                + (phase.every() > 1 ? " each " + phase.every() + " steps" : "")
                + (phase.from() > 0 ? " from epoch " + phase.from() : "");
    }

    private static String words(Feature feature) {
        return feature.name() + ": " + feature.words();
    }

    @Override
    public String engine() {
        return Devices.words(torch);
    }
}
