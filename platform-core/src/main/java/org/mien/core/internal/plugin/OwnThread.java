// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.plugin;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicReference;
import org.mien.core.MienException;

/**
 * Runs what touches plugins on a thread of its own that ends with it: what a plugin leaves on a
 * thread dies there.
 */
public final class OwnThread {
    private OwnThread() {}

    /**
     * Starts a job.
     *
     * @param name name of the thread
     * @param job the job
     */
    public static Thread start(String name, Runnable job) {
        Thread thread = new Thread(job, "mien-" + name);
        thread.setDaemon(true);
        thread.setContextClassLoader(OwnThread.class.getClassLoader());
        thread.start();
        return thread;
    }

    /**
     * Runs a job and waits for it.
     *
     * @param name name of the thread
     * @param job the job
     * @param interrupted told when the waiting thread is interrupted; the job is still waited for
     */
    public static <T> T run(String name, Callable<T> job, Runnable interrupted) {
        AtomicReference<T> result = new AtomicReference<>();
        AtomicReference<MienException> failure = new AtomicReference<>();
        Thread thread =
                start(
                        name,
                        () -> {
                            try {
                                // Whatever is thrown: without an answer it would pass for a null.
                                result.set(Border.call(name, List.of(), job::call));
                            } catch (MienException e) {
                                failure.set(e);
                            }
                        });
        boolean wasInterrupted = false;
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                wasInterrupted = true;
                interrupted.run();
            }
        }
        if (wasInterrupted) {
            Thread.currentThread().interrupt();
        }
        if (failure.get() != null) {
            throw failure.get();
        }
        return result.get();
    }
}
