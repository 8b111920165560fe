// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.plugin;

import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.mien.core.MienException;
import org.mien.core.internal.plugin.Registry.Entry;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who works with plugins now, trainings aside: an evaluation, a prediction. When a plugin goes, the
 * answer to the framework waits until those that work with it have ended: at their next batch, with
 * words. So nothing runs in stopped code, and nobody gets an answer that half of a plugin gave.
 */
public final class Leases implements Registry.Watcher, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(Leases.class);

    private final Set<Lease> leases = ConcurrentHashMap.newKeySet();
    private final Registry registry;
    private final long seconds;

    /**
     * Nobody works yet.
     *
     * @param seconds how long a plugin that goes waits for those that work with it
     */
    public Leases(Registry registry, long seconds) {
        this.registry = registry;
        this.seconds = seconds;
        registry.watch(this);
    }

    /** A work that holds plugins until it is closed. */
    public final class Lease implements AutoCloseable {
        private final String what;
        private final List<Entry> plugins;
        private final CountDownLatch over = new CountDownLatch(1);
        private volatile Entry gone;

        private Lease(String what, Collection<Entry> plugins) {
            this.what = what;
            this.plugins = List.copyOf(plugins);
        }

        /** Whether to end: a plugin goes, and waits. To be asked at each batch. */
        public boolean isOver() {
            return gone != null;
        }

        /** Ends the work in words where a plugin goes. */
        public void check() {
            if (gone != null) {
                throw new MienException(
                        what
                                + " has ended: "
                                + gone.who()
                                + " was taken away or replaced while it was at work. Nothing was"
                                + " written; ask again when it is there");
            }
        }

        @Override
        public void close() {
            leases.remove(this);
            over.countDown();
        }
    }

    /**
     * Works with plugins.
     *
     * @param what for people, for example {@code the evaluation of run 'demo-1'}
     * @param plugins all that it calls
     * @param work asks its lease at each batch
     * @return what it gives
     * @throws MienException when a plugin was taken away meanwhile, whatever the work gave or threw
     */
    public <T> T with(String what, Collection<Entry> plugins, Function<Lease, T> work) {
        try (Lease lease = new Lease(what, plugins)) {
            leases.add(lease);
            // One may have gone before anybody could have told.
            for (Entry entry : plugins) {
                if (!registry.holds(entry)) {
                    lease.gone = entry;
                }
            }
            lease.check();
            T result;
            try {
                result = work.apply(lease);
            } catch (RuntimeException | Error e) {
                lease.check(); // a plugin that is stopped may throw anything
                throw e;
            }
            lease.check();
            return result;
        }
    }

    @Override
    public void came() {
        // Whoever works goes on with what it began with.
    }

    @Override
    public void going(Entry entry) {
        List<Lease> using =
                leases.stream()
                        .filter(lease -> lease.plugins.stream().anyMatch(one -> one == entry))
                        .toList();
        using.forEach(lease -> lease.gone = entry);
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        for (Lease lease : using) {
            try {
                if (!lease.over.await(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                    LOG.warn(
                            "{} still works with {} after {} s; it goes all the same",
                            lease.what,
                            entry.who(),
                            seconds);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    @Override
    public void close() {
        registry.unwatch(this);
    }
}
