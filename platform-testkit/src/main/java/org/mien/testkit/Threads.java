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
import java.util.concurrent.Future;
import java.util.stream.Collectors;

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

    /** Names of threads that were not there before and do not end within two seconds. */
    static Set<String> after(Set<Thread> before) throws InterruptedException {
        Set<Thread> left = Set.of();
        for (int i = 0; i < 40; i++) {
            left =
                    alive().stream()
                            // The virtual machine's own come and go.
                            .filter(t -> !before.contains(t) && t.getThreadGroup() != null)
                            .filter(t -> !t.getThreadGroup().getName().equals("system"))
                            .filter(
                                    t ->
                                            !t.getThreadGroup()
                                                    .getName()
                                                    .equals("InnocuousThreadGroup"))
                            .collect(Collectors.toSet());
            if (left.isEmpty()) {
                break;
            }
            Thread.sleep(50);
        }
        return left.stream().map(Thread::getName).collect(Collectors.toCollection(TreeSet::new));
    }
}
