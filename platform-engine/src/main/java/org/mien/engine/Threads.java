// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.engine;

import ai.djl.pytorch.jni.JniUtils;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalDouble;
import java.util.function.IntConsumer;
import java.util.function.Supplier;

/**
 * How many native threads an operation has, and how they wait for each other. It is one number for
 * the process, for MKL knows no other; it decides in which order numbers are added, so results
 * differ in their last bits with it.
 *
 * <p>The threads of an operation spin while they wait, which is fastest as long as each has a
 * processor. Beside another busy process it is slowest by far: a thread spins away the time in
 * which the one it waits for could run. OpenMP (libgomp) yields instead where it has more threads
 * than there are processors, so while others take some, idle threads are kept for it to count.
 */
final class Threads {
    /** What a lease asks for who takes what is free, looked at again while it computes. */
    static final int FREE = 0;

    /** Milliseconds from one look at the neighbours to the next. */
    private static final long LOOK = 500;

    /**
     * Processors that others take, from which on threads yield, and below which they spin again.
     */
    private static final double CROWDED = 0.25;

    private static final double QUIET = 0.1;

    /** Looks without a lease after which nobody looks any more. */
    private static final int IDLE = 20;

    /** Somebody who computes for a while. */
    final class Lease implements ThreadLease {
        private final int wanted;
        private final boolean first;

        private Lease(int wanted, boolean first) {
            this.wanted = wanted;
            this.first = first;
        }

        @Override
        public void close() {
            synchronized (Threads.this) {
                leases.remove(this);
                settle();
            }
        }
    }

    private final int most;
    private final IntConsumer set;
    private final Supplier<OptionalDouble> neighbours;
    private final Runnable parallel;
    private final List<Lease> leases = new ArrayList<>();
    private final ThreadLocal<Integer> mine = new ThreadLocal<>();
    private final List<Thread> crowd = new ArrayList<>();
    private volatile int now;
    private volatile int last;
    private int free;
    private Thread watch;

    /**
     * Of this process.
     *
     * @param parallel an operation that is large enough for several threads
     */
    Threads(Runnable parallel) {
        this(JniUtils.getNumThreads(), JniUtils::setNumThreads, new Neighbours()::taken, parallel);
    }

    /** With seams for tests. */
    Threads(int most, IntConsumer set, Supplier<OptionalDouble> neighbours, Runnable parallel) {
        this.most = most;
        this.set = set;
        this.neighbours = neighbours;
        this.parallel = parallel;
        now = most;
        last = most;
        free = most;
    }

    /** The number in force. */
    int now() {
        return now;
    }

    /** The number without a wish. */
    int most() {
        return most;
    }

    /** Whether threads yield now. */
    synchronized boolean crowded() {
        return !crowd.isEmpty();
    }

    /**
     * Asks for a number. Of several the one of a training counts, and among equals the oldest.
     *
     * @param wanted from 1, or {@link #FREE}
     * @param training whether it must not change while it lasts
     */
    synchronized Lease lease(int wanted, boolean training) {
        Lease lease = new Lease(wanted, training);
        leases.add(lease);
        settle();
        if (watch == null && most > 1) {
            watch = thread("mien-neighbours", this::watch);
        }
        return lease;
    }

    /** The thread that calls computes with the number in force from now on. */
    void adopt() {
        int number = now;
        Integer before = mine.get();
        if (before == null ? number != most || last != most : before != number || last != number) {
            // Of this thread for OpenMP, of the process for MKL.
            set.accept(number);
            last = number;
        }
        if (before == null || before != number) {
            mine.set(number);
        }
    }

    private void settle() {
        Lease counts = null;
        for (Lease lease : leases) {
            if (counts == null || lease.first && !counts.first) {
                counts = lease;
            }
        }
        now = counts == null ? most : counts.wanted == FREE ? free : counts.wanted;
    }

    private void watch() {
        int idle = 0;
        while (idle < IDLE) {
            try {
                Thread.sleep(LOOK);
            } catch (InterruptedException e) {
                break;
            }
            OptionalDouble taken = neighbours.get();
            synchronized (this) {
                idle = leases.isEmpty() ? idle + 1 : 0;
                taken.ifPresent(this::look);
            }
        }
        synchronized (this) {
            disperse();
            free = most;
            watch = null;
        }
    }

    /** What follows from how many processors others take. */
    synchronized void look(double taken) {
        free = (int) Math.max(1, Math.min(most, Math.floor(most - taken + CROWDED)));
        settle();
        if (crowd.isEmpty() && taken > CROWDED && now > 1) {
            // libgomp counts this thread's team and each of these; one team suffices where a team
            // has a thread for each processor.
            int teams = (most - now) / (now - 1) + 1;
            for (int i = 0; i < teams; i++) {
                crowd.add(
                        thread(
                                "mien-crowd",
                                () -> {
                                    adopt();
                                    parallel.run();
                                    rest();
                                }));
            }
        } else if (taken < QUIET) {
            disperse();
        }
    }

    private void disperse() {
        crowd.forEach(Thread::interrupt);
        crowd.clear();
    }

    /** Does nothing: the idle team of a thread lives as long as the thread. */
    private static void rest() {
        try {
            Thread.sleep(Long.MAX_VALUE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static Thread thread(String name, Runnable work) {
        Thread thread = new Thread(work, name);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }
}
