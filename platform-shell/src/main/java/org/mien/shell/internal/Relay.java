// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;

/**
 * Runs a job on another thread and shows what it tells on the thread of the command, whose output
 * streams are its own. The wait ends with the job only, so that nothing runs on unseen.
 */
final class Relay {
    /**
     * A job that tells what happens.
     *
     * @param <T> what it tells
     * @param <R> its result
     */
    @FunctionalInterface
    interface Job<T, R> {
        /** Runs; may tell from any thread. */
        R run(Consumer<T> tell);
    }

    private Relay() {}

    /** Runs a job whose things are shown one by one. */
    static <T, R> R run(Job<T, R> job, Consumer<T> show, Runnable interrupted, String mark) {
        return run(job, show, () -> {}, interrupted, mark);
    }

    /**
     * Runs a job.
     *
     * @param job the job
     * @param show called on this thread for each thing told, in order; when it throws, the job is
     *     treated as interrupted and the exception comes at the end
     * @param paused called on this thread when all that was told is shown, and at the end
     * @param interrupted called on this thread when it is interrupted, or the launcher asks for it.
     *     An interrupt is then spent: with it pending, the session's streams would close at the
     *     next write
     * @param mark of the launcher's call, or empty
     * @return the job's result
     */
    static <T, R> R run(
            Job<T, R> job, Consumer<T> show, Runnable paused, Runnable interrupted, String mark) {
        BlockingQueue<Optional<Runnable>> told = new LinkedBlockingQueue<>();
        AtomicReference<R> result = new AtomicReference<>();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread thread =
                new Thread(
                        () -> {
                            try {
                                result.set(
                                        job.run(
                                                thing ->
                                                        told.add(
                                                                Optional.of(
                                                                        () ->
                                                                                show.accept(
                                                                                        thing)))));
                            } catch (RuntimeException | Error e) {
                                failure.set(e);
                            } finally {
                                told.add(Optional.empty());
                            }
                        },
                        "mien-command");
        thread.setDaemon(true);
        thread.start();
        Interrupts.begin(mark, () -> told.add(Optional.of(interrupted)));
        try {
            await(told, paused, interrupted);
        } finally {
            Interrupts.end(mark);
        }
        if (failure.get() instanceof RuntimeException e) {
            throw e;
        }
        if (failure.get() instanceof Error e) {
            throw e;
        }
        return result.get();
    }

    private static void await(
            BlockingQueue<Optional<Runnable>> told, Runnable paused, Runnable interrupted) {
        RuntimeException unseen = null;
        while (true) {
            try {
                Optional<Runnable> next = told.take();
                if (unseen == null) {
                    next.ifPresent(Runnable::run);
                    if (next.isEmpty() || told.isEmpty()) {
                        paused.run();
                    }
                }
                if (next.isEmpty()) {
                    break;
                }
            } catch (InterruptedException e) {
                interrupted.run();
            } catch (RuntimeException e) {
                unseen = e;
                interrupted.run();
            }
        }
        if (unseen != null) {
            throw unseen;
        }
    }
}
