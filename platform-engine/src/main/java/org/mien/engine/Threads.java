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
 * How many native threads the operations of a Java thread have, and how they wait for each other.
 * The number decides in which order numbers are added, so results differ in their last bits with
 * it.
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

    private final int most;
    private final IntConsumer set;
    private final Supplier<OptionalDouble> neighbours;
    private final Runnable parallel;
    private final long pause;
    private final int patience;
    private final ThreadLocal<Integer> wanted = new ThreadLocal<>();
    private final ThreadLocal<Integer> adopted = new ThreadLocal<>();
    private final List<Thread> crowd = new ArrayList<>();
    private volatile int free;
    private int leases;
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
        this(most, set, neighbours, parallel, LOOK, IDLE);
    }

    /** With another pace for tests: milliseconds between looks, and idle looks before the last. */
    Threads(
            int most,
            IntConsumer set,
            Supplier<OptionalDouble> neighbours,
            Runnable parallel,
            long pause,
            int patience) {
        this.pause = pause;
        this.patience = patience;
        this.most = most;
        this.set = set;
        this.neighbours = neighbours;
        this.parallel = parallel;
        free = most;
    }

    /** The number of the thread that calls. */
    int now() {
        Integer number = wanted.get();
        return number == null ? most : number == FREE ? free : number;
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
     * Asks for a number for the thread that calls.
     *
     * @param number from 1, or {@link #FREE}
     */
    ThreadLease lease(int number) {
        Integer before = wanted.get();
        wanted.set(number);
        synchronized (this) {
            leases++;
            if (watch == null && most > 1) {
                watch = thread("mien-neighbours", this::watch);
            }
        }
        Thread mine = Thread.currentThread();
        return () -> {
            if (Thread.currentThread() != mine) {
                throw new IllegalStateException(
                        "threads of " + mine.getName() + " were given back on another thread");
            }
            if (before == null) {
                wanted.remove();
            } else {
                wanted.set(before);
            }
            synchronized (this) {
                leases--;
            }
        };
    }

    /**
     * Tells libtorch the number of the thread that calls, which knows that of whoever said last.
     */
    void adopt() {
        int number = now();
        Integer before = adopted.get();
        if (before == null || before != number) {
            set.accept(number);
            adopted.set(number);
        }
    }

    private void watch() {
        try {
            int idle = 0;
            do {
                Thread.sleep(pause);
                OptionalDouble taken = neighbours.get();
                synchronized (this) {
                    taken.ifPresent(this::look);
                    idle = leases == 0 ? idle + 1 : 0;
                    // Decided under the lock: whoever asks from here on finds nobody watching.
                    if (idle >= patience) {
                        watch = null;
                    }
                }
            } while (idle < patience);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            ended();
        }
    }

    /** Leaves all as it is without a watch, unless one is wanted again. */
    private synchronized void ended() {
        if (watch == Thread.currentThread()) {
            watch = null;
        }
        if (watch == null) {
            disperse();
            free = most;
            if (leases > 0) {
                watch = thread("mien-neighbours", this::watch);
            }
        }
    }

    /** What follows from how many processors others take. */
    synchronized void look(double taken) {
        free = (int) Math.max(1, Math.min(most, Math.floor(most - taken + CROWDED)));
        if (crowd.isEmpty() && taken > CROWDED && most > 1) {
            // libgomp counts its team of as many threads as there are processors, too.
            crowd.add(
                    thread(
                            "mien-crowd",
                            () -> {
                                adopt();
                                parallel.run();
                                rest();
                            }));
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
