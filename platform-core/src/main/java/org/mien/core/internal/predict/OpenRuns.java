// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.predict;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.mien.core.Value;
import org.mien.core.internal.model.TrainedRun;
import org.mien.core.internal.pipeline.BoundPipeline;
import org.mien.core.internal.pipeline.PlatformKeys;
import org.mien.core.internal.plugin.Registry;
import org.mien.core.internal.plugin.Registry.Entry;
import org.mien.core.internal.run.RunFolders;
import org.mien.engine.Torch;

/**
 * Runs that stay open for a while after a prediction, so that the next one begins at once: a few,
 * within some memory, until nobody has asked for some minutes. A run is opened anew when a file it
 * was read from has changed or a plugin has a successor, and let go as soon as a plugin it holds
 * goes, so that nothing of a plugin is kept; a call under way keeps it until its end.
 */
public final class OpenRuns implements Registry.Watcher, AutoCloseable {
    /** What an answer depends on, but for files and plugins. */
    private record Wanted(Path run, Map<String, String> keys) {}

    /** One that is kept, with when it was last let go. */
    private record Kept(OpenRun run, long since) {}

    private static final long MINUTE = 60_000_000_000L;

    private final Registry registry;
    private final Torch torch;
    private final LongSupplier nanos;
    private final Map<Wanted, Kept> kept = new LinkedHashMap<>(); // the one used last comes last
    private final ScheduledThreadPoolExecutor clock;
    private PlatformKeys.Open bounds = new PlatformKeys.Open(2, 1024, 10);
    private Future<?> next = CompletableFuture.completedFuture(null);
    private boolean closed;

    /**
     * None is open.
     *
     * @param nanos a clock
     */
    public OpenRuns(Registry registry, Torch torch, LongSupplier nanos) {
        this.registry = registry;
        this.torch = torch;
        this.nanos = nanos;
        clock =
                new ScheduledThreadPoolExecutor(
                        1,
                        work -> {
                            Thread thread = new Thread(work, "mien-open-runs");
                            thread.setDaemon(true);
                            thread.setContextClassLoader(OpenRuns.class.getClassLoader());
                            return thread;
                        });
        clock.setRemoveOnCancelPolicy(true);
        clock.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
        registry.watch(this);
    }

    /** How many stay open, how much memory they may have, and how long. */
    public void bounds(PlatformKeys.Open open) {
        synchronized (this) {
            bounds = open;
        }
        tidy();
    }

    /** A run in use; closing lets it go. */
    public final class Use implements AutoCloseable {
        private final Wanted asked;
        private final OpenRun run;

        private Use(Wanted asked, OpenRun run) {
            this.asked = asked;
            this.run = run;
        }

        public OpenRun run() {
            return run;
        }

        /** Keeps it open for the next one: to be said when all went well. */
        public void keep() {
            OpenRuns.this.keep(asked, run);
        }

        @Override
        public void close() {
            run.leave();
        }
    }

    /**
     * Opens a run, if it is not.
     *
     * @param folder of the run
     * @param keys that count for this use only
     */
    public Use use(Path folder, Map<String, String> keys) {
        Wanted asked = new Wanted(folder, Map.copyOf(keys));
        OpenRun before = find(asked);
        if (before != null) {
            if (before.isCurrent(registry)) {
                return new Use(asked, before);
            }
            drop(one -> one == before);
            before.leave();
        }
        OpenRun opened =
                new OpenRun(
                        folder, run -> TrainedRun.forPictures(registry, torch, run, keys, false));
        try {
            opened.trained().predictor().warm();
        } catch (RuntimeException | Error e) {
            opened.leave();
            throw e;
        }
        return new Use(asked, opened);
    }

    /** Whether a run cannot be opened for want of a plugin. */
    boolean waits(Path folder, Map<String, String> keys) {
        Map<String, Value> values = TrainedRun.values(RunFolders.config(folder), keys);
        return !BoundPipeline.missing(registry, BoundPipeline.needed(registry, values)).isEmpty();
    }

    private synchronized OpenRun find(Wanted asked) {
        Kept one = kept.get(asked);
        return one != null && one.run().use() ? one.run() : null;
    }

    /** Keeps a run that is in use, if it is still what the next one would ask for. */
    private void keep(Wanted asked, OpenRun run) {
        OpenRun other = null;
        synchronized (this) {
            Kept before = kept.remove(asked);
            if (before == null || before.run() != run) {
                run.use(); // ours
                other = before == null ? null : before.run();
            }
            kept.put(asked, new Kept(run, nanos.getAsLong()));
            if (!closed) {
                next.cancel(false);
                next = clock.schedule(this::tidy, bounds.openMinutes(), TimeUnit.MINUTES);
            }
        }
        if (other != null) {
            other.leave();
        }
        // A plugin may have gone before it was kept, when nobody looked here.
        drop(one -> one == run && !run.isCurrent(registry));
        tidy();
    }

    /** Closes what is over the bounds: those that were not used for the longest time. */
    void tidy() {
        List<OpenRun> over = new ArrayList<>();
        synchronized (this) {
            int most = closed ? 0 : bounds.openRuns();
            long room = (long) bounds.openMib() << 20;
            long memory =
                    kept.values().stream().mapToLong(one -> one.run().trained().bytes()).sum();
            long now = nanos.getAsLong();
            for (Iterator<Kept> all = kept.values().iterator(); all.hasNext(); ) {
                Kept one = all.next();
                boolean old = now - one.since() >= bounds.openMinutes() * MINUTE;
                if (old || kept.size() > most || memory > room) {
                    memory -= one.run().trained().bytes();
                    all.remove();
                    over.add(one.run());
                }
            }
        }
        over.forEach(OpenRun::leave);
    }

    private void drop(Predicate<OpenRun> which) {
        List<OpenRun> dropped = new ArrayList<>();
        synchronized (this) {
            for (Iterator<Kept> all = kept.values().iterator(); all.hasNext(); ) {
                OpenRun run = all.next().run();
                if (which.test(run)) {
                    all.remove();
                    dropped.add(run);
                }
            }
        }
        dropped.forEach(OpenRun::leave);
    }

    /** Forgets a run whose folder goes. */
    public void drop(Path folder) {
        drop(run -> run.trained().folder().equals(folder));
    }

    /** Runs that are kept open. */
    synchronized int size() {
        return kept.size();
    }

    @Override
    public void came() {
        // Whether a run's plugins are still the ones that count is asked when it is used again.
    }

    @Override
    public void going(Entry entry) {
        drop(run -> run.holds(entry));
    }

    @Override
    public void close() {
        registry.unwatch(this);
        synchronized (this) {
            closed = true;
        }
        clock.shutdown();
        tidy();
    }
}
