// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.ForkJoinWorkerThread;
import java.util.concurrent.Future;

/** Threads of a test. */
final class Threads {
    /** Work of one thread. */
    interface Work {
        void run(int thread) throws Exception;
    }

    private Threads() {}

    /** Runs a work on several threads at once; the first failure is thrown. */
    static void each(int threads, Work work) throws Exception {
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                int thread = i;
                all.add(
                        pool.submit(
                                () -> {
                                    work.run(thread);
                                    return null;
                                }));
            }
            for (Future<?> one : all) {
                one.get();
            }
        } catch (ExecutionException e) {
            throw e.getCause() instanceof AssertionError failed
                    ? failed
                    : new AssertionError(e.getCause());
        } finally {
            pool.shutdownNow();
        }
    }

    static Set<Thread> alive() {
        return Thread.getAllStackTraces().keySet();
    }

    /** Names of threads that were not there before and do not end within a second. */
    static Set<String> after(Set<Thread> before) throws InterruptedException {
        long end = System.nanoTime() + 1_000_000_000L;
        Set<String> left = new TreeSet<>();
        for (Thread thread : alive()) {
            ThreadGroup group = thread.getThreadGroup();
            // The virtual machine's own come and go.
            if (before.contains(thread)
                    || group == null
                    || thread instanceof ForkJoinWorkerThread worker
                            && worker.getPool() == ForkJoinPool.commonPool()
                    || Set.of("system", "InnocuousThreadGroup").contains(group.getName())) {
                continue;
            }
            thread.join(Math.max(1, (end - System.nanoTime()) / 1_000_000));
            if (thread.isAlive()) {
                left.add(thread.getName());
            }
        }
        return left;
    }
}
