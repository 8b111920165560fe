// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.sweep;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.mien.api.run.RunEvent;
import org.mien.core.MienException;
import org.mien.core.Sweeps;
import org.mien.core.Value;
import org.mien.core.internal.pipeline.BoundPipeline;
import org.mien.core.internal.pipeline.Configurations;
import org.mien.core.internal.pipeline.Names;
import org.mien.core.internal.pipeline.PlatformKeys;
import org.mien.core.internal.pipeline.Recipes;
import org.mien.core.internal.pipeline.Shipped;
import org.mien.core.internal.plugin.Border;
import org.mien.core.internal.plugin.Kind;
import org.mien.core.internal.plugin.Leases;
import org.mien.core.internal.plugin.OwnThread;
import org.mien.core.internal.plugin.Registry;
import org.mien.core.internal.plugin.Words;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sweeps: those that bundles bring, those of the user, and those that were begun, each a folder
 * below {@code work/sweeps}.
 */
public final class KnownSweeps implements Sweeps, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(KnownSweeps.class);

    /** How long stopping waits for the step or the evaluation under way. */
    private static final long PATIENCE_SECONDS = 30;

    private final Shipped shipped;
    private final SweepFiles files;
    private final Recipes recipes;
    private final Registry registry;
    private final Leases leases;
    private final SweepRun.Trains trains;
    private final Path folder;
    private final Map<String, SweepRun> active = new ConcurrentHashMap<>();

    /**
     * Sweeps.
     *
     * @param trains trains and evaluates runs
     * @param folder where they lie
     */
    public KnownSweeps(
            Shipped shipped,
            SweepFiles files,
            Recipes recipes,
            Registry registry,
            Leases leases,
            SweepRun.Trains trains,
            Path folder) {
        this.shipped = shipped;
        this.files = files;
        this.recipes = recipes;
        this.registry = registry;
        this.leases = leases;
        this.trains = trains;
        this.folder = folder;
    }

    @Override
    public Sweeps.Sweep run(
            Sweeps.Order order,
            Consumer<RunEvent> watch,
            Consumer<String> say,
            BooleanSupplier stop) {
        SweepRun run = begin(order, watch, say, stop);
        try {
            run.run();
        } finally {
            end(run);
        }
        return get(run.name());
    }

    @Override
    public Sweeps.Sweep submit(Sweeps.Order order) {
        SweepRun run = begin(order, event -> {}, text -> {}, () -> false);
        OwnThread.start(
                "sweep " + run.name(),
                () -> {
                    try {
                        Border.act("sweep '" + run.name() + "'", List.of(), run::run);
                    } catch (MienException e) {
                        LOG.error("{}", e.getMessage());
                    } finally {
                        end(run);
                    }
                });
        return get(run.name());
    }

    private SweepRun begin(
            Sweeps.Order order,
            Consumer<RunEvent> watch,
            Consumer<String> say,
            BooleanSupplier stop) {
        String name = order.name().isEmpty() ? order.what() : order.name();
        Names.check("sweep", name);
        SweepPlan plan = order.resume() ? stored(name).plan() : plan(order);
        SweepRun run = new SweepRun(name, folder.resolve(name), plan, trains, watch, say, stop);
        if (active.putIfAbsent(name, run) != null) {
            throw new MienException(
                    "sweep '"
                            + name
                            + "' is under way already; fer:sweep-show shows how it stands");
        }
        try {
            check(plan);
            run.open();
        } catch (RuntimeException e) {
            end(run);
            throw e;
        }
        return run;
    }

    private void end(SweepRun run) {
        active.remove(run.name(), run);
        run.end();
    }

    private SweepPlan plan(Sweeps.Order order) {
        try {
            Optional<SweepPlan> plan = written(order.what());
            if (plan.isPresent()) {
                return plan.get()
                        .with(order.base(), order.seeds(), order.split())
                        .with(order.keys());
            }
            if (!recipes.knows(order.what())) {
                Set<String> known = names();
                throw new MienException(
                        "'"
                                + order.what()
                                + "' is no sweep, no pipeline and no recipe."
                                + Words.hint(order.what(), known)
                                + " A sweep is a file etc/"
                                + SweepFiles.PID
                                + "-NAME.cfg, or comes with the plugin of its method.");
            }
            if (!order.base().isEmpty()) {
                throw new MienException(
                        "'"
                                + order.what()
                                + "' is a pipeline or recipe, which the sweep starts from; give"
                                + " --base with the name of a sweep only");
            }
            return SweepPlan.product("command line", order.what(), order.keys(), types())
                    .with("", order.seeds(), order.split());
        } catch (IllegalArgumentException e) {
            throw new MienException("sweep " + order.what() + ": " + e.getMessage());
        }
    }

    /** The types of keys, in words, where all who have a key of that name agree. */
    private Map<String, String> types() {
        Map<String, String> types = new LinkedHashMap<>();
        Stream.concat(
                        PlatformKeys.all().stream(),
                        registry.plugins().stream().flatMap(plugin -> plugin.keys().stream()))
                .forEach(
                        key -> types.merge(key.name(), key.type(), (a, b) -> a.equals(b) ? a : ""));
        return types;
    }

    private Set<String> names() {
        Set<String> names = new TreeSet<>(files.all().keySet());
        shipped.all(Shipped.Kind.SWEEP).forEach(text -> names.add(text.name()));
        return names;
    }

    /**
     * The sweep of a file, the user's before that of a bundle.
     *
     * @throws IllegalArgumentException when it is broken
     */
    private Optional<SweepPlan> written(String name) {
        Optional<Configurations.Configured> own = files.find(name);
        if (own.isPresent()) {
            if (!own.get().problem().isEmpty()) {
                throw new IllegalArgumentException(own.get().problem());
            }
            Map<String, String> values = new LinkedHashMap<>();
            own.get().values().forEach((key, value) -> values.put(key, value.value()));
            return Optional.of(SweepPlan.parse(own.get().source(), values));
        }
        Optional<Shipped.Text> text =
                shipped.all(Shipped.Kind.SWEEP).stream()
                        .filter(one -> one.name().equals(name))
                        .findFirst();
        if (text.isPresent() && !text.get().problem().isEmpty()) {
            throw new IllegalArgumentException(text.get().problem());
        }
        return text.map(one -> SweepPlan.parse(one.origin(), one.values()));
    }

    /**
     * Refuses a sweep none of whose cells can train: a wrong key is told at once. What only some
     * cells cannot do is told when their turn comes.
     */
    private void check(SweepPlan plan) {
        try {
            plan.readable(types());
        } catch (IllegalArgumentException e) {
            throw new MienException(plan.source() + ": " + e.getMessage());
        }
        MienException first = null;
        for (SweepPlan.Cell cell : plan.cells()) {
            try {
                Map<String, Value> values =
                        recipes.values(plan.base(), plan.values(cell, 1, plan.source()));
                if (values.getOrDefault("evaluators", new Value("", "")).value().isEmpty()) {
                    throw new MienException(
                            plan.base()
                                    + " names no evaluators, without which there is no table. Give"
                                    + " evaluators="
                                    + String.join(",", registry.ids(Kind.EVALUATOR)));
                }
                leases.run(
                        "the check of '" + plan.base() + "'",
                        lease -> BoundPipeline.of(registry, plan.base(), values).pipeline(),
                        () -> {});
                return;
            } catch (MienException e) {
                first = first == null ? e : first;
            }
        }
        throw first;
    }

    @Override
    public Sweeps.Sweep cancel(String name) {
        SweepRun run = active.get(name);
        if (run == null) {
            Sweeps.Sweep sweep = get(name);
            throw new MienException(
                    "sweep '"
                            + name
                            + "' is not under way: "
                            + sweep.state()
                            + "; nothing to stop");
        }
        run.stop();
        try {
            if (!run.await(2 * PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new MienException(
                        "sweep '"
                                + name
                                + "' will stop after the step or the evaluation under way, which"
                                + " takes long; fer:sweep-show shows when");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return get(name);
    }

    @Override
    public List<Sweeps.Sweep> all() {
        Map<String, Sweeps.Sweep> all = new TreeMap<>();
        for (Shipped.Text text : shipped.all(Shipped.Kind.SWEEP)) {
            all.putIfAbsent(text.name(), of(text.name(), text.origin()));
        }
        files.all().forEach((name, file) -> all.put(name, of(name, file.source())));
        for (String name : begun()) {
            all.put(name, of(name, ""));
        }
        return List.copyOf(all.values());
    }

    private List<String> begun() {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> folders = Files.list(folder)) {
            return folders.filter(path -> Files.exists(path.resolve(SweepRun.FILE)))
                    .map(path -> path.getFileName().toString())
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new MienException(
                    "the sweeps in " + folder + " cannot be listed: " + e.getMessage());
        }
    }

    @Override
    public Sweeps.Sweep get(String name) {
        if (begun().contains(name)
                || files.find(name).isPresent()
                || shipped.all(Shipped.Kind.SWEEP).stream()
                        .anyMatch(text -> text.name().equals(name))) {
            return of(name, "");
        }
        Set<String> known = names();
        known.addAll(begun());
        throw new MienException(
                "sweep '"
                        + name
                        + "' does not exist."
                        + Words.hint(name, known)
                        + " fer:sweep-list shows them all.");
    }

    private SweepRun.Stored stored(String name) {
        if (!begun().contains(name)) {
            throw new MienException(
                    "sweep '"
                            + name
                            + "' was not begun."
                            + Words.hint(name, begun())
                            + " fer:sweep begins one.");
        }
        return SweepRun.Stored.read(folder.resolve(name));
    }

    /** A sweep as it stands; one that cannot be read is told with the reason. */
    private Sweeps.Sweep of(String name, String source) {
        try {
            boolean begun = begun().contains(name);
            SweepRun.Stored stored =
                    begun ? stored(name) : SweepRun.Stored.fresh(written(name).orElseThrow());
            return stored.sweep(name, folder.resolve(name), trains, active.containsKey(name));
        } catch (IllegalArgumentException | MienException e) {
            return new Sweeps.Sweep(
                    name,
                    source,
                    "",
                    "",
                    "",
                    "FAILED",
                    e.getMessage(),
                    "",
                    "",
                    List.of(),
                    Map.of(),
                    List.of(),
                    folder.resolve(name));
        }
    }

    /** No sweep begins another run; {@link #close} waits for them. */
    public void stop() {
        active.values().forEach(SweepRun::stop);
    }

    /** Waits for the sweeps that were stopped. */
    @Override
    public void close() {
        stop();
        List<SweepRun> left = new ArrayList<>(active.values());
        try {
            for (SweepRun run : left) {
                if (!run.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                    LOG.warn("sweep {} is still at work, since {} s", run.name(), PATIENCE_SECONDS);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
