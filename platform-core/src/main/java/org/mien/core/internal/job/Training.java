// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.job;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.mien.api.run.RunEvent;
import org.mien.core.MienException;
import org.mien.core.Value;
import org.mien.core.internal.plugin.Border;
import org.mien.core.internal.run.Ending;
import org.mien.core.internal.run.JobState;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A run that somebody wants trained. Between its goes nothing of a plugin is held: only keys, texts
 * and numbers. {@link JobQueue} moves it.
 */
public final class Training {
    private static final Logger LOG = LoggerFactory.getLogger(Training.class);

    private final Path run;
    private final String pipeline;
    private final Map<String, Value> values;
    private final BooleanSupplier stop;
    private final List<Consumer<RunEvent>> watchers = new CopyOnWriteArrayList<>();
    private final CountDownLatch over = new CountDownLatch(1);
    private volatile boolean cancelled;
    private volatile long asked = System.nanoTime();
    private volatile Ending ending = new Ending(JobState.QUEUED, "");
    private volatile RunEvent last;
    private volatile int epochsDone;
    private volatile Attempt attempt;
    private boolean swapped;
    private List<Long> unfit = List.of();

    /**
     * A job.
     *
     * @param run folder of its run
     * @param watch told what happens
     * @param stop asked at each step, too; true cancels it
     */
    Training(
            Path run,
            String pipeline,
            Map<String, Value> values,
            Consumer<RunEvent> watch,
            BooleanSupplier stop) {
        this.run = run;
        this.pipeline = pipeline;
        this.values = Map.copyOf(values);
        this.stop = stop;
        watchers.add(watch);
        last = new RunEvent(id(), pipeline, RunEvent.Kind.QUEUED, 0, epochs(), 0, 0, Map.of(), "");
    }

    private int epochs() {
        Value epochs = values.get("train.epochs");
        return epochs != null && epochs.value().matches("\\d{1,9}")
                ? Integer.parseInt(epochs.value())
                : 0;
    }

    Path run() {
        return run;
    }

    public String id() {
        return run.getFileName().toString();
    }

    public String pipeline() {
        return pipeline;
    }

    Map<String, Value> values() {
        return values;
    }

    public JobState state() {
        return ending.state();
    }

    /** Why it is in its state, or empty. */
    public String text() {
        return ending.text();
    }

    /** What it does from now on. */
    void is(Ending now) {
        ending = now;
    }

    /** The go under way, or null. */
    public Attempt attempt() {
        return attempt;
    }

    void attempt(Attempt now) {
        asked = System.nanoTime();
        attempt = now;
    }

    /** Whether somebody wants it to end. */
    public boolean cancelled() {
        asked = System.nanoTime();
        return cancelled || stop.getAsBoolean();
    }

    void cancel() {
        cancelled = true;
    }

    /** Whether nobody has asked for so long whether it is to end: it is in a long step. */
    public boolean silent(int seconds) {
        return System.nanoTime() - asked > seconds * 1_000_000_000L;
    }

    /** Whether a plugin was taken from it: what comes back may be other code. */
    boolean swapped() {
        return swapped;
    }

    /** A plugin was taken from it. */
    void swap() {
        swapped = true;
    }

    /** The registrations with which it cannot go on. */
    List<Long> unfit() {
        return unfit;
    }

    void unfit(List<Long> registrations) {
        unfit = registrations;
    }

    /** Epochs done. */
    public int epochsDone() {
        return epochsDone;
    }

    /** The last that happened. */
    public RunEvent last() {
        return last;
    }

    /** Tells what happens from now on, the state as it is first. */
    public void watch(Consumer<RunEvent> watcher) {
        tell(List.of(watcher), last);
        watchers.add(watcher);
    }

    public void unwatch(Consumer<RunEvent> watcher) {
        watchers.remove(watcher);
    }

    /** Something happened. */
    void tell(RunEvent event) {
        last = event;
        epochsDone = event.kind() == RunEvent.Kind.EPOCH ? event.epoch() + 1 : event.epoch();
        tell(watchers, event);
    }

    /** It has another state. */
    void tell(RunEvent.Kind kind, String text) {
        tell(
                new RunEvent(
                        last.run(),
                        last.pipeline(),
                        kind,
                        epochsDone,
                        last.epochs(),
                        last.step(),
                        last.steps(),
                        Map.of(),
                        text));
    }

    private static void tell(List<Consumer<RunEvent>> listeners, RunEvent event) {
        for (Consumer<RunEvent> listener : listeners) {
            try {
                Border.act("a listener of runs", List.of(), () -> listener.accept(event));
            } catch (MienException e) {
                LOG.warn("{}", e.getMessage());
            }
        }
    }

    /** It is over, and everybody was told. */
    void end() {
        over.countDown();
    }

    /** Waits until it is over and everybody was told, for a moment at most; gives whether it is. */
    public boolean await(long milliseconds) throws InterruptedException {
        return over.await(milliseconds, TimeUnit.MILLISECONDS);
    }
}
