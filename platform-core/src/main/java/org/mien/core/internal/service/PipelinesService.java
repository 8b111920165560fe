// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.service;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.mien.core.MienException;
import org.mien.core.Pipelines;
import org.mien.core.Value;
import org.mien.core.internal.data.DataLook;
import org.mien.core.internal.io.Atomic;
import org.mien.core.internal.job.JobQueue;
import org.mien.core.internal.job.Training;
import org.mien.core.internal.model.StartValues;
import org.mien.core.internal.pipeline.BoundPipeline;
import org.mien.core.internal.pipeline.Configurations;
import org.mien.core.internal.pipeline.ConfiguredPipelines;
import org.mien.core.internal.pipeline.DryBuild;
import org.mien.core.internal.pipeline.Names;
import org.mien.core.internal.pipeline.Recipes;
import org.mien.core.internal.plugin.Leases;
import org.mien.core.internal.plugin.Registry;
import org.mien.core.internal.plugin.Words;
import org.mien.core.internal.run.RunFolders;

/** {@link Pipelines}. */
final class PipelinesService implements Pipelines {
    /** How long a file of a pipeline may take to be seen. */
    private static final long SETTLE_NANOS = 20_000_000_000L;

    /** How long who asks for a state waits for the data to be opened. */
    private static final long LOOK_MILLIS = 1_500;

    private final Registry registry;
    private final Leases leases;
    private final ConfiguredPipelines pipelines;
    private final Recipes recipes;
    private final JobQueue jobs;
    private final RunFolders runs;
    private final DataLook data;

    PipelinesService(
            Registry registry,
            Leases leases,
            ConfiguredPipelines pipelines,
            Recipes recipes,
            JobQueue jobs,
            RunFolders runs,
            DataLook data) {
        this.registry = registry;
        this.leases = leases;
        this.pipelines = pipelines;
        this.recipes = recipes;
        this.jobs = jobs;
        this.runs = runs;
        this.data = data;
    }

    @Override
    public List<Pipeline> all() {
        List<Pipeline> all = new ArrayList<>();
        for (Configurations.Configured configured : pipelines.all()) {
            all.add(state(configured, true));
        }
        return all;
    }

    @Override
    public List<Published> recipes() {
        return leases.run("the list of recipes", lease -> recipes.all(), () -> {});
    }

    /**
     * A pipeline as it stands.
     *
     * @param withData whether its data are looked at, too
     */
    Pipeline state(Configurations.Configured configured, boolean withData) {
        String twin = pipelines.twin(configured);
        State state = State.READY;
        String why = "";
        Map<String, Value> values = configured.values();
        if (!configured.problem().isEmpty()) {
            state = State.FAILED;
            why = configured.problem();
        } else if (!twin.isEmpty()) {
            state = State.FAILED;
            why = "another configuration has the same name: " + twin;
        } else {
            List<String> missing = BoundPipeline.missing(registry, values);
            if (!missing.isEmpty()) {
                state = State.WAITING;
                why = "for " + String.join("; ", missing);
            } else {
                try {
                    Dry dry = dry(configured.name(), values, withData);
                    values = dry.values();
                    why = dry.data() == null ? "its data are still being looked at" : dry.data();
                    state = dry.data() == null || why.isEmpty() ? State.READY : State.FAILED;
                } catch (MienException e) {
                    // One of its plugins may have gone meanwhile.
                    missing = BoundPipeline.missing(registry, values);
                    state = missing.isEmpty() ? State.FAILED : State.WAITING;
                    why = missing.isEmpty() ? e.getMessage() : "for " + String.join("; ", missing);
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
        Configurations.Configured good = state == State.FAILED ? pipelines.good(configured) : null;
        return new Pipeline(
                configured.name(),
                state,
                why,
                configured.source(),
                values,
                good == null ? Map.of() : good.values());
    }

    /**
     * What can be said of a pipeline without training it.
     *
     * @param values all of its keys
     * @param data why its data cannot be opened; empty when they can, null while it is not known
     */
    private record Dry(Map<String, Value> values, String data) {}

    /** Builds a pipeline dry, where plugins may be called. */
    private Dry dry(String name, Map<String, Value> values, boolean withData) {
        return leases.run(
                "the look at pipeline '" + name + "'",
                lease -> {
                    BoundPipeline bound = BoundPipeline.of(registry, name, values);
                    bound.selection();
                    DryBuild.of(bound, 7);
                    StartValues.check(bound, runs.folder());
                    String problem = withData ? data.problem(bound, LOOK_MILLIS) : "";
                    return new Dry(bound.values(), problem);
                },
                () -> {});
    }

    @Override
    public Pipeline create(String name, Map<String, String> keys, boolean replace) {
        Names.check("pipeline", name);
        Path file = Configurations.etc().resolve(ConfiguredPipelines.file(name));
        String source = pipelines.find(name).map(Configurations.Configured::source).orElse(null);
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
        if (source != null && !source.equals(ConfiguredPipelines.file(name))) {
            throw new MienException(
                    "pipeline '"
                            + name
                            + "' comes from "
                            + source
                            + ", which is no file of that name; change it there");
        }
        Map<String, Value> values = new LinkedHashMap<>();
        keys.forEach(
                (key, value) -> values.put(key, new Value(value, ConfiguredPipelines.file(name))));
        String text = ConfiguredPipelines.text(keys);
        leases.run(
                "the check of pipeline '" + name + "'",
                lease -> {
                    if (BoundPipeline.missing(registry, values).isEmpty()) {
                        DryBuild.of(BoundPipeline.of(registry, name, values), 7);
                    } else {
                        BoundPipeline.check(registry, name, values);
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
        return state(pipelines.find(name).orElseThrow(), true);
    }

    @Override
    public void delete(String name) {
        Configurations.Configured configured =
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
                                                                                Configurations
                                                                                                .Configured
                                                                                        ::name)
                                                                        .toList())));
        Path file = Configurations.etc().resolve(configured.source());
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
}
