// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.plugin;

import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
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

    /** A work that holds plugins until it has ended. */
    public final class Lease implements Holding {
        private final String what;
        private final Set<Entry> plugins = Collections.newSetFromMap(new IdentityHashMap<>());
        private final CountDownLatch over = new CountDownLatch(1);
        private final Thread thread = Thread.currentThread();
        private Entry gone;
        private boolean left;

        private Lease(String what) {
            this.what = what;
        }

        @Override
        public void hold(Collection<Entry> entries) {
            synchronized (this) {
                plugins.addAll(entries);
                for (Entry entry : entries) {
                    if (!registry.holds(entry)) {
                        gone = entry; // before anybody could have told
                    }
                }
            }
            check();
        }

        /** Whether to end: a plugin goes, and waits. To be asked at each batch. */
        public synchronized boolean isOver() {
            return gone != null;
        }

        @Override
        public synchronized void check() {
            if (gone != null) {
                throw new MienException(what + " has ended: " + Border.gone(gone).getMessage());
            }
        }

        private synchronized boolean revoke(Entry entry) {
            if (plugins.contains(entry)) {
                gone = entry;
            }
            return gone == entry;
        }

        /** A plugin waits no longer: what is found from now on may be half of an answer. */
        private synchronized void leave() {
            left = true;
        }

        private synchronized void complete() {
            if (left) {
                check();
            }
        }
    }

    /**
     * Works with plugins on a thread of its own, and waits for it.
     *
     * @param what for people, for example {@code the evaluation of run 'demo-1'}
     * @param work asks at each batch whether to end
     * @param interrupted told when the waiting thread is interrupted; the work is still waited for
     * @return what it gives
     * @throws MienException for whatever it throws, and when it was ended by a plugin that goes
     */
    public <T> T run(String what, Work<T> work, Runnable interrupted) {
        return OwnThread.run(what.replaceFirst("^the ", ""), () -> with(what, work), interrupted);
    }

    /**
     * Works with plugins. Those that are found on this thread meanwhile are held from that moment
     * on, before any of their code runs.
     *
     * @param what for people, for example {@code the evaluation of run 'demo-1'}
     * @param work asks at each batch whether to end
     * @return what it gives
     * @throws MienException when it was ended by a plugin that goes
     */
    public <T> T with(String what, Work<T> work) throws Exception {
        Lease lease = new Lease(what);
        leases.add(lease);
        try {
            T result = registry.watched(one -> lease.hold(List.of(one)), () -> work.with(lease));
            lease.complete();
            return result;
        } catch (Exception | Error e) {
            lease.check(); // a plugin that is stopped may throw anything
            throw e;
        } finally {
            leases.remove(lease);
            lease.over.countDown();
        }
    }

    /** What holds plugins. */
    @FunctionalInterface
    public interface Work<T> {
        T with(Lease lease) throws Exception;
    }

    @Override
    public void came() {
        // Whoever works goes on with what it began with.
    }

    @Override
    public void going(Entry entry) {
        List<Lease> using = leases.stream().filter(lease -> lease.revoke(entry)).toList();
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        for (Lease lease : using) {
            if (lease.thread == Thread.currentThread()) {
                continue; // a plugin that takes itself away
            }
            try {
                if (!lease.over.await(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                    lease.leave();
                    LOG.warn(
                            "{} still works with {} after {} s; it goes all the same",
                            lease.what,
                            entry.who(),
                            seconds);
                }
            } catch (InterruptedException e) {
                lease.leave();
                Thread.currentThread().interrupt();
            }
        }
    }

    @Override
    public void close() {
        registry.unwatch(this);
    }
}
