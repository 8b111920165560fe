// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.job;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.mien.api.run.RunEvent;
import org.mien.core.MienException;
import org.mien.core.Value;
import org.mien.core.internal.pipeline.BoundPipeline;
import org.mien.core.internal.plugin.OwnThread;
import org.mien.core.internal.plugin.Registry;
import org.mien.core.internal.plugin.Registry.Entry;
import org.mien.core.internal.plugin.Words;
import org.mien.core.internal.run.Ending;
import org.mien.core.internal.run.InBackground;
import org.mien.core.internal.run.JobState;
import org.mien.core.internal.run.RunFolders;
import org.mien.engine.Torch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The jobs: a queue, some of them at work at a time, and those that wait for a plugin. A job that
 * waits takes no turn from others.
 */
public final class JobQueue implements Registry.Watcher, AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(JobQueue.class);

    /** How long the platform waits at most for its jobs when it stops. */
    private static final int CLOSE_SECONDS = 30;

    /** Jobs that are over and still listed. */
    private static final int REMEMBERED = 100;

    private final Registry registry;
    private final Torch torch;
    private final Consumer<RunEvent> listener;
    private final Consumer<String> done;
    private final Map<String, Training> jobs = new LinkedHashMap<>();
    private final Deque<Training> queue = new ArrayDeque<>();
    private final ExecutorService waker =
            Executors.newSingleThreadExecutor(
                    work -> {
                        Thread thread = new Thread(work, "mien-jobs");
                        thread.setDaemon(true);
                        thread.setContextClassLoader(JobQueue.class.getClassLoader());
                        return thread;
                    });
    private final List<Stuck> stuck = new CopyOnWriteArrayList<>();
    private final Map<Entry, Long> leaks = new ConcurrentHashMap<>();
    private volatile int patience = 60;
    private int atOnce = 1;
    private int working;
    private boolean closing;

    /**
     * No jobs yet.
     *
     * @param listener told what happens in any of them
     * @param done told the run of each that came to its end, before anybody else hears of it
     */
    public JobQueue(
            Registry registry, Torch torch, Consumer<RunEvent> listener, Consumer<String> done) {
        this.registry = registry;
        this.torch = torch;
        this.listener = listener;
        this.done = done;
        registry.watch(this);
    }

    /** How many may train at once; those at work go on. */
    public synchronized void atOnce(int most) {
        atOnce = most;
        schedule();
    }

    /**
     * How long a job that is to stop may take for the step under way and its checkpoint.
     *
     * @param seconds after them it is given up, if a plugin does not return
     */
    public void patience(int seconds) {
        patience = seconds;
    }

    /** How long a job that is to stop may take, in seconds. */
    public int patience() {
        return patience;
    }

    /** While several train nobody can tell whose arrays they are. */
    private synchronized void leaked(Entry method, long arrays) {
        if (working == 1 && registry.holds(method)) {
            leaks.merge(method, arrays, Long::sum);
        }
    }

    /** Plugins in whose steps arrays were left behind, with their number. */
    public Map<Entry, Long> leaks() {
        return leaks;
    }

    /** Threads of plugins that never returned. */
    public List<Stuck> stuck() {
        stuck.removeIf(one -> !one.still());
        return List.copyOf(stuck);
    }

    /**
     * Ends a job whose step does not return, so that it holds up nobody else.
     *
     * @param why what it was told, for example {@code it was stopped}
     */
    public void giveUp(Training job, JobState state, String why) {
        Attempt attempt = job.attempt();
        Stuck where = attempt == null ? null : attempt.abandon();
        if (where == null) {
            return; // it is about to end by itself
        }
        stuck.add(where);
        String text =
                where.who()
                        + " has not returned"
                        + where.where()
                        + ", "
                        + patience
                        + " s after "
                        + why
                        + ". Its thread '"
                        + where.thread().getName()
                        + "' was interrupted and is left behind; what was done since the last"
                        + " checkpoint is lost. If it goes on computing, restart the platform";
        LOG.warn("run {}: {}", job.id(), text);
        Ending ending = new Ending(state, text);
        job.is(ending);
        save(job);
        ended(job, attempt, ending);
    }

    /**
     * Queues a run.
     *
     * @param run its folder, with configuration and state
     * @param watch told what happens
     * @param stop asked at each step; true cancels it
     */
    public synchronized Training add(
            Path run,
            String pipeline,
            Map<String, Value> values,
            Consumer<RunEvent> watch,
            BooleanSupplier stop) {
        if (closing) {
            throw new MienException("the platform is stopping; no training can begin");
        }
        Training job = new Training(run, pipeline, values, watch, stop);
        Training before = jobs.get(job.id());
        if (before != null && !before.state().over()) {
            throw new MienException(
                    "run '"
                            + job.id()
                            + "' is under way already: "
                            + before.state()
                            + ". fer:job-watch "
                            + job.id()
                            + " shows how it goes");
        }
        jobs.remove(job.id());
        jobs.put(job.id(), job);
        forget();
        queue.add(job);
        save(job);
        schedule();
        if (job.state() == JobState.QUEUED) {
            announce(job);
        }
        return job;
    }

    private void forget() {
        List<Training> over = jobs.values().stream().filter(job -> job.state().over()).toList();
        for (Training job : over.subList(0, Math.max(0, over.size() - REMEMBERED))) {
            jobs.remove(job.id());
        }
    }

    public synchronized List<Training> all() {
        return List.copyOf(jobs.values());
    }

    /** Runs that are not over. */
    public Set<String> active() {
        return all().stream()
                .filter(job -> !job.state().over())
                .map(Training::id)
                .collect(Collectors.toSet());
    }

    /** The job of a run, or an error. */
    public Training get(String run) {
        List<Training> all = all();
        return all.stream()
                .filter(job -> job.id().equals(run))
                .findFirst()
                .orElseThrow(
                        () ->
                                new MienException(
                                        "no job trains run '"
                                                + run
                                                + "'."
                                                + Words.hint(
                                                        run,
                                                        all.stream().map(Training::id).toList())
                                                + " fer:run-list shows the runs."));
    }

    /** Ends a job; one at work ends after its step. */
    public synchronized void cancel(Training job) {
        job.cancel();
        if (job.attempt() == null && !job.state().over()) {
            queue.remove(job);
            become(job, new Ending(JobState.CANCELLED, "stopped while it was " + job.state()));
        }
    }

    private void schedule() {
        while (!closing && working < atOnce && !queue.isEmpty()) {
            Training job = queue.remove();
            if (awaits(job, "")) {
                announce(job);
                continue;
            }
            working++;
            job.is(new Ending(JobState.RUNNING, ""));
            Attempt attempt =
                    new Attempt(
                            job.run(),
                            job.pipeline(),
                            job.values(),
                            job::swapped,
                            registry,
                            torch,
                            () -> halt(job),
                            this::leaked);
            job.attempt(attempt);
            OwnThread.start(
                    "run " + job.id(),
                    () -> {
                        Ending ending =
                                attempt.run(
                                        event -> {
                                            job.tell(event);
                                            listener.accept(event);
                                        });
                        if (ending != null && ending.state() == JobState.DONE) {
                            done.accept(job.id());
                        }
                        ended(job, attempt, ending);
                    });
        }
    }

    private Ending halt(Training job) {
        if (job.cancelled()) {
            return new Ending(JobState.CANCELLED, "stopped");
        }
        return isClosing() ? new Ending(JobState.CANCELLED, "stopped with the platform") : null;
    }

    private synchronized boolean isClosing() {
        return closing;
    }

    private synchronized void ended(Training job, Attempt attempt, Ending ending) {
        if (ending == null || job.attempt() != attempt) {
            return; // it was given up
        }
        working--;
        job.attempt(null);
        job.is(ending);
        if (ending.state() == JobState.WAITING) {
            job.swap();
            awaits(job, ending.text() + "; ");
        } else if (ending.state() == JobState.PAUSED) {
            job.unfit(BoundPipeline.registrations(registry, job.values()));
        }
        if (closing && !job.state().over()) {
            stopped(job); // its plugins went first
        } else {
            announce(job);
        }
        wake();
    }

    /** A job that will not go on, since the platform stops. */
    private void stopped(Training job) {
        String text = "stopped with the platform while it was " + job.state();
        become(job, new Ending(JobState.CANCELLED, text));
    }

    /** Whether a plugin of a job is away; then the job waits for it. */
    private boolean awaits(Training job, String before) {
        List<String> missing = BoundPipeline.missing(registry, job.values());
        if (missing.isEmpty()) {
            return false;
        }
        job.swap();
        job.is(new Ending(JobState.WAITING, before + "waits for " + String.join("; ", missing)));
        save(job);
        return true;
    }

    /** Queues the jobs whose plugins are back. */
    private synchronized void wake() {
        if (closing) {
            return;
        }
        Deque<Training> back = new ArrayDeque<>();
        for (Training job : List.copyOf(jobs.values())) {
            boolean ready =
                    switch (job.state()) {
                        case WAITING -> BoundPipeline.missing(registry, job.values()).isEmpty();
                        case PAUSED ->
                                BoundPipeline.missing(registry, job.values()).isEmpty()
                                        && !BoundPipeline.registrations(registry, job.values())
                                                .equals(job.unfit());
                        default -> false;
                    };
            if (job.attempt() == null && !job.state().over() && job.cancelled()) {
                cancel(job);
            } else if (ready) {
                become(job, new Ending(JobState.QUEUED, "its plugins are back"));
                back.push(job);
            }
        }
        // Before those that never began, and among each other in the order in which they came.
        back.forEach(queue::addFirst);
        schedule();
    }

    private void become(Training job, Ending ending) {
        job.is(ending);
        save(job);
        announce(job);
    }

    private void save(Training job) {
        try {
            RunFolders.write(
                    job.run(),
                    RunFolders.state(job.run()).with(new Ending(job.state(), job.text())));
        } catch (IOException | MienException e) {
            LOG.warn(
                    "run {} is {}, and cannot be told so: {}",
                    job.id(),
                    job.state(),
                    e.getMessage());
        }
    }

    /** Tells the state as it is now, later and without the lock: listeners may take their time. */
    private void announce(Training job) {
        Ending now = new Ending(job.state(), job.text());
        // What only the platform's stop has ended goes on with the next start.
        boolean put = closing && now.state() == JobState.CANCELLED && !job.cancelled();
        if (now.state().over() && !put) {
            InBackground.end(job.run());
        }
        later(
                () -> {
                    job.tell(RunEvent.Kind.valueOf(now.state().name()), now.text());
                    listener.accept(job.last());
                    if (now.state().over()) {
                        job.end();
                    }
                });
    }

    private void later(Runnable work) {
        try {
            waker.execute(work);
        } catch (RejectedExecutionException e) {
            work.run(); // closed already
        }
    }

    @Override
    public void came() {
        later(this::wake);
    }

    @Override
    public void going(Entry entry) {
        leaks.remove(entry);
        for (Training job : all()) {
            Attempt attempt = job.attempt();
            if (attempt != null && attempt.uses(entry) && !attempt.letsGo(patience)) {
                giveUp(job, JobState.FAILED, entry.who() + " was taken away");
            }
        }
    }

    /** Halts every job at its next step; its checkpoint is written when this returns. */
    @Override
    public void close() {
        registry.unwatch(this);
        Map<Training, Attempt> attempts = new LinkedHashMap<>();
        synchronized (this) {
            closing = true;
            for (Training job : jobs.values()) {
                if (job.attempt() != null) {
                    attempts.put(job, job.attempt());
                } else if (!job.state().over()) {
                    stopped(job);
                }
            }
            queue.clear();
        }
        attempts.forEach(
                (job, attempt) -> {
                    if (!attempt.letsGo(Math.min(patience, CLOSE_SECONDS))) {
                        giveUp(job, JobState.CANCELLED, "the platform began to stop");
                    }
                });
        waker.shutdown();
    }
}
