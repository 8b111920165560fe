// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.sweep;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.mien.api.run.RunEvent;
import org.mien.core.Evaluations;
import org.mien.core.MienException;
import org.mien.core.Runs;
import org.mien.core.Spread;
import org.mien.core.SweepTable;
import org.mien.core.Sweeps;
import org.mien.core.Value;
import org.mien.core.internal.evaluate.Comparer;
import org.mien.core.internal.io.Atomic;
import org.mien.core.internal.io.Digests;
import org.mien.core.internal.io.Json;
import org.mien.core.internal.pipeline.PlatformKeys;
import org.mien.core.internal.run.RunFolders;

/**
 * One go at a sweep: trains and evaluates, run after run, what is left of it. All it knows lies in
 * {@code sweep.json}, which is written before and after each run, so that a sweep that was killed
 * goes on where it was.
 */
public final class SweepRun {
    /** What trains and evaluates. */
    public interface Trains {
        /** The keys of a run as they are given, whether or not it can train. */
        Map<String, Value> values(String base, Map<String, Value> over);

        /**
         * Trains.
         *
         * @param over keys that count more than those of the base
         * @param made told the run's id before it is queued
         */
        Runs.Run train(
                String base,
                Map<String, Value> over,
                Consumer<String> made,
                Consumer<RunEvent> watch,
                BooleanSupplier stop);

        /** Goes on with a run. */
        Runs.Run resume(String run, Consumer<RunEvent> watch, BooleanSupplier stop);

        /** Evaluates a run. */
        Evaluations.Evaluation evaluate(String run, String split);

        /** A run, if it is still there. */
        Optional<Runs.Run> run(String id);
    }

    /**
     * What became of a run of a sweep.
     *
     * @param id made of all its keys: another value is another run
     * @param run its run, or empty before there is one
     * @param state as of runs
     * @param text why it is in its state
     * @param metrics by split
     * @param shares names of the metrics that are shares, by split
     */
    record Entry(
            String id,
            String run,
            String state,
            String text,
            Map<String, Map<String, Double>> metrics,
            Map<String, Set<String>> shares) {
        /** Older ones do not say which are shares. */
        Entry {
            shares = shares == null ? Map.of() : shares;
        }

        /** The same run in a state. */
        Entry as(String made, String now, String why) {
            return new Entry(id, made, now, why, metrics, shares);
        }
    }

    /**
     * What {@code sweep.json} holds.
     *
     * @param plan as it was last begun
     * @param ids of the runs of each cell, one for each seed; they are written down, since nobody
     *     can work them out once the base is gone
     * @param entries every run, those of earlier plans too
     */
    record Stored(SweepPlan plan, List<List<String>> ids, List<Entry> entries) {
        /** Reads it; what is not ours is refused. */
        static Stored read(Path sweep) {
            Path file = sweep.resolve(FILE);
            Stored stored = RunFolders.read(file, Stored.class);
            SweepPlan plan = stored.plan;
            boolean fits =
                    plan != null
                            && plan.cells() != null
                            && plan.seeds() != null
                            && stored.ids != null
                            && stored.entries != null
                            && stored.ids.size() == plan.cells().size()
                            && stored.ids.stream()
                                    .allMatch(one -> one.size() == plan.seeds().size());
            if (!fits) {
                throw new MienException(file + " is not as this version writes it");
            }
            return stored;
        }

        /** A sweep that was not begun. */
        static Stored fresh(SweepPlan plan) {
            List<String> none = plan.seeds().stream().map(seed -> "").toList();
            return new Stored(plan, plan.cells().stream().map(cell -> none).toList(), List.of());
        }

        /** The sweep as it stands. */
        Sweeps.Sweep sweep(String name, Path folder, Trains trains, boolean running) {
            Map<String, Entry> byId = new LinkedHashMap<>();
            entries.forEach(entry -> byId.put(entry.id(), entry));
            List<Sweeps.Cell> cells = new ArrayList<>();
            for (int i = 0; i < plan.cells().size(); i++) {
                SweepPlan.Cell cell = plan.cells().get(i);
                List<Sweeps.CellRun> runs = new ArrayList<>();
                for (int j = 0; j < plan.seeds().size(); j++) {
                    Entry entry = byId.get(ids.get(i).get(j));
                    Sweeps.CellRun run = cellRun(plan.seeds().get(j), entry, plan.split(), trains);
                    // A run that was just made is not known to be under way yet.
                    boolean begins =
                            running
                                    && entry != null
                                    && entry.state().equals("RUNNING")
                                    && run.state().equals("FAILED");
                    runs.add(begins ? run.as("RUNNING", "") : run);
                }
                cells.add(
                        new Sweeps.Cell(
                                cell.name(), cell.keys(), cell.figures(), runs, spreads(runs)));
            }
            Sweeps.Sweep sweep =
                    new Sweeps.Sweep(
                            name,
                            plan.source(),
                            plan.what(),
                            plan.paper(),
                            plan.note(),
                            "",
                            "",
                            plan.base(),
                            plan.split(),
                            plan.seeds(),
                            plan.keys(),
                            cells,
                            folder);
            boolean begun = cells.stream().anyMatch(c -> c.runs().stream().anyMatch(Stored::begun));
            return sweep.with(
                    running
                            ? "RUNNING"
                            : sweep.done() == sweep.all() ? "DONE" : begun ? "STOPPED" : "OPEN");
        }

        private static boolean begun(Sweeps.CellRun run) {
            return !run.state().equals("OPEN");
        }

        private static Sweeps.CellRun cellRun(long seed, Entry entry, String split, Trains trains) {
            if (entry == null) {
                return new Sweeps.CellRun(seed, "", "OPEN", "", Map.of(), Set.of());
            }
            Map<String, Double> metrics = entry.metrics().get(split);
            if (metrics != null) {
                return new Sweeps.CellRun(
                        seed,
                        entry.run(),
                        "DONE",
                        "",
                        metrics,
                        entry.shares().getOrDefault(split, Set.of()));
            }
            Optional<Runs.Run> run =
                    entry.run().isEmpty() ? Optional.empty() : trains.run(entry.run());
            String state = entry.state();
            String text = entry.text();
            if (run.isEmpty()) {
                state = entry.run().isEmpty() ? state : "OPEN"; // a run that was deleted
            } else if (!run.get().state().equals("DONE")) {
                state = run.get().state();
                text = run.get().text();
            } else if (!state.equals("FAILED")) {
                state = "TRAINED";
            }
            return new Sweeps.CellRun(seed, entry.run(), state, text, Map.of(), Set.of());
        }

        private static Map<String, Spread> spreads(List<Sweeps.CellRun> runs) {
            Set<String> names = new LinkedHashSet<>();
            runs.forEach(run -> names.addAll(run.metrics().keySet()));
            Map<String, Spread> spreads = new LinkedHashMap<>();
            for (String name : names) {
                double[] found =
                        runs.stream()
                                .map(run -> run.metrics().get(name))
                                .filter(value -> value != null && Double.isFinite(value))
                                .mapToDouble(value -> value)
                                .toArray();
                if (found.length > 0) {
                    spreads.put(name, Comparer.spread(found));
                }
            }
            return spreads;
        }
    }

    /** The truth of a sweep, in its folder. */
    static final String FILE = "sweep.json";

    /** Its table, for programs. */
    static final String TABLE = "table.csv";

    private final String name;
    private final Path folder;
    private final SweepPlan plan;
    private final Trains trains;
    private final Consumer<RunEvent> watch;
    private final Consumer<String> say;
    private final BooleanSupplier stop;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private List<List<String>> ids = List.of();
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile boolean stopped;

    SweepRun(
            String name,
            Path folder,
            SweepPlan plan,
            Trains trains,
            Consumer<RunEvent> watch,
            Consumer<String> say,
            BooleanSupplier stop) {
        this.name = name;
        this.folder = folder;
        this.plan = plan;
        this.trains = trains;
        this.watch = watch;
        this.say = say;
        this.stop = stop;
    }

    String name() {
        return name;
    }

    /** It is to stop after the step under way. */
    void stop() {
        stopped = true;
    }

    private boolean stops() {
        return stopped || stop.getAsBoolean();
    }

    /** Nothing of it is under way any more. */
    void end() {
        over.countDown();
    }

    /** Waits until it is over; gives whether it is. */
    boolean await(long time, TimeUnit unit) throws InterruptedException {
        return over.await(time, unit);
    }

    /** Reads what was done before, and writes what is planned now. */
    void open() {
        if (Files.exists(folder.resolve(FILE))) {
            Stored.read(folder).entries().forEach(one -> entries.put(one.id(), one));
        }
        ids =
                plan.cells().stream()
                        .map(cell -> plan.seeds().stream().map(seed -> id(cell, seed)).toList())
                        .toList();
        save();
    }

    private void save() {
        Stored stored = new Stored(plan, ids, List.copyOf(entries.values()));
        try {
            Files.createDirectories(folder);
            Atomic.write(folder.resolve(FILE), Json.pretty(stored));
            Atomic.write(
                    folder.resolve(TABLE),
                    SweepTable.csv(stored.sweep(name, folder, trains, true)));
        } catch (IOException e) {
            throw new MienException(
                    "sweep '"
                            + name
                            + "' cannot be written: "
                            + e.getMessage()
                            + ". Check the disk of "
                            + folder);
        }
    }

    private void save(Entry entry) {
        entries.put(entry.id(), entry);
        save();
    }

    private Map<String, Value> over(SweepPlan.Cell cell, long seed) {
        return plan.values(cell, seed, "cell '" + cell.name() + "' of sweep " + name);
    }

    /**
     * Made of all keys that were given, but for those that change no number: another value, another
     * run.
     */
    private String id(SweepPlan.Cell cell, long seed) {
        Map<String, String> sorted = new TreeMap<>();
        trains.values(plan.base(), over(cell, seed))
                .forEach(
                        (key, value) -> {
                            if (!PlatformKeys.changesNothing(key)) {
                                sorted.put(key, value.value());
                            }
                        });
        return Digests.of(Json.line(sorted).getBytes(StandardCharsets.UTF_8)).substring(0, 32);
    }

    /** Trains and evaluates what is left. */
    void run() {
        int all = plan.cells().size() * plan.seeds().size();
        say.accept(
                String.format(
                        Locale.ROOT,
                        "sweep %s: runs %d, of cells %d with seeds %d; split %s",
                        name,
                        all,
                        plan.cells().size(),
                        plan.seeds().size(),
                        plan.split()));
        // Seed by seed: what is there when it is stopped early compares all cells.
        int number = 0;
        for (int j = 0; j < plan.seeds().size(); j++) {
            for (int i = 0; i < plan.cells().size() && !stops(); i++) {
                number++;
                String who =
                        String.format(
                                Locale.ROOT,
                                "%d/%d cell '%s', seed %d",
                                number,
                                all,
                                plan.cells().get(i).name(),
                                plan.seeds().get(j));
                one(who, ids.get(i).get(j), over(plan.cells().get(i), plan.seeds().get(j)));
            }
        }
    }

    private void one(String who, String id, Map<String, Value> keys) {
        Entry before = entries.getOrDefault(id, new Entry(id, "", "OPEN", "", Map.of(), Map.of()));
        if (before.metrics().containsKey(plan.split())) {
            say.accept(who + ": was done before, run " + before.run());
            return;
        }
        Entry after;
        try {
            after = done(who, before, keys);
        } catch (MienException e) {
            Entry now = entries.getOrDefault(id, before);
            after = now.as(now.run(), "FAILED", e.getMessage());
        }
        save(after);
        say.accept(
                who
                        + ": "
                        + (after.state() + " " + after.text()).strip()
                        + (after.run().isEmpty() ? "" : ", run " + after.run()));
    }

    private Entry done(String who, Entry before, Map<String, Value> keys) {
        Optional<Runs.Run> there =
                before.run().isEmpty() ? Optional.empty() : trains.run(before.run());
        Runs.Run run;
        if (there.isEmpty()) {
            say.accept(who + ": trains");
            run =
                    trains.train(
                            plan.base(),
                            keys,
                            made -> save(before.as(made, "RUNNING", "")),
                            watch,
                            this::stops);
        } else if (!there.get().state().equals("DONE")) {
            say.accept(who + ": goes on with run " + before.run());
            run = trains.resume(before.run(), watch, this::stops);
        } else {
            run = there.get();
        }
        if (!run.state().equals("DONE")) {
            return before.as(run.id(), run.state(), run.text());
        }
        Map<String, Double> found = run.evaluations().get(plan.split());
        Set<String> those = run.evaluationShares().getOrDefault(plan.split(), Set.of());
        if (found == null) {
            say.accept(who + ": is evaluated on the split " + plan.split());
            Evaluations.Evaluation evaluation = trains.evaluate(run.id(), plan.split());
            found = evaluation.metrics();
            those = evaluation.shares();
        }
        Map<String, Map<String, Double>> metrics = new LinkedHashMap<>(before.metrics());
        metrics.put(plan.split(), found);
        Map<String, Set<String>> shares = new LinkedHashMap<>(before.shares());
        shares.put(plan.split(), those);
        return new Entry(before.id(), run.id(), "DONE", "", metrics, shares);
    }
}
