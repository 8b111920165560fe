// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.job;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mien.api.run.RunEvent;
import org.mien.core.Jobs;
import org.mien.core.Pipelines;
import org.mien.core.Plugins;
import org.mien.core.Runs;
import org.mien.core.Value;
import org.mien.core.internal.pipeline.BoundPipeline;
import org.mien.core.internal.plugin.Kind;
import org.mien.core.internal.run.JobState;
import org.mien.core.internal.run.RunFolders;
import org.mien.core.internal.service.Fakes;
import org.mien.core.internal.service.OnPlatform;
import org.mien.core.internal.service.Platform;

/** Jobs in the queue, at work, and while plugins come and go. */
class JobsTest extends OnPlatform {
    private Fakes.Head head;

    @BeforeEach
    void own() {
        head = new Fakes.Head();
        bind(Kind.METHOD, "swap", head);
    }

    private static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + 20_000_000_000L;
        while (!condition.getAsBoolean()) {
            assertTrue(System.nanoTime() < end, "not within 20 s: " + what);
            Thread.onSpinWait();
        }
    }

    private Jobs.Job job(String run) {
        return mien.jobs().all().stream()
                .filter(job -> job.run().equals(run))
                .findFirst()
                .orElseThrow();
    }

    private void await(String run, JobState state) {
        await(
                run + " is " + state + ", not " + mien.jobs().all(),
                () -> job(run).state().equals(state.name()));
    }

    /** A training on a thread of its own, held at a step until it is let go. */
    private final class Held {
        private final CountDownLatch arrived = new CountDownLatch(1);
        private final CountDownLatch go = new CountDownLatch(1);
        private final AtomicInteger asked = new AtomicInteger();
        private final AtomicReference<Object> result = new AtomicReference<>();
        private final List<RunEvent> events = Collections.synchronizedList(new ArrayList<>());
        private final Thread thread;

        Held(int step, String... keys) {
            thread =
                    new Thread(
                            () -> {
                                try {
                                    result.set(
                                            mien.jobs()
                                                    .train(
                                                            "demo",
                                                            map(keys),
                                                            events::add,
                                                            () -> hold(step)));
                                } catch (RuntimeException e) {
                                    result.set(e);
                                }
                            });
            thread.start();
            try {
                assertTrue(arrived.await(20, TimeUnit.SECONDS));
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        }

        private boolean hold(int step) {
            if (asked.getAndIncrement() == step) {
                arrived.countDown();
                try {
                    go.await();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
            return false;
        }

        Object end() throws InterruptedException {
            thread.join(20_000);
            assertFalse(thread.isAlive(), mien.jobs().all().toString());
            return result.get();
        }
    }

    /** Takes the method away as a bundle does that stops, while a job is held at a step. */
    private void takeAway(Held held, Object method) throws InterruptedException {
        Thread taking = new Thread(() -> registry.unbind(method));
        taking.start();
        taking.join(200);
        assertTrue(taking.isAlive(), "a plugin stays until the step is over");
        held.go.countDown();
        taking.join(20_000);
        assertFalse(taking.isAlive());
    }

    private Path folder(String run) {
        return work.resolve("runs").resolve(run);
    }

    private static List<String> steps(Path run) throws IOException {
        return Files.readAllLines(run.resolve("metrics.jsonl")).stream()
                .filter(line -> line.contains("\"event\":\"step\""))
                .toList();
    }

    @Test
    void jobsQueueAndTrainOneAfterTheOther() throws Exception {
        Held first = new Held(2, "method=swap");
        Runs.Run second = mien.jobs().submit("demo", map("seed=2"));
        Runs.Run third = mien.jobs().submit("demo", map("seed=3"));
        assertEquals("QUEUED", second.state());
        assertEquals(
                List.of("RUNNING", "QUEUED", "QUEUED"),
                mien.jobs().all().stream().map(Jobs.Job::state).toList());
        assertEquals("with run demo-1, demo-2, demo-3", pipeline("demo").why());
        assertEquals("CANCELLED", mien.jobs().cancel(third.id()).state());
        assertTrue(refused(() -> mien.jobs().cancel(third.id())).contains("is over: CANCELLED"));
        assertTrue(
                refused(() -> mien.jobs().resubmit(second.id()))
                        .contains("under way already: QUEUED"));
        List<RunEvent> seen = Collections.synchronizedList(new ArrayList<>());
        first.go.countDown();
        assertEquals("DONE", mien.jobs().watch(second.id(), seen::add, () -> false).state());
        assertEquals("DONE", ((Runs.Run) first.end()).state());
        assertEquals(RunEvent.Kind.QUEUED, seen.get(0).kind());
        assertEquals(RunEvent.Kind.DONE, seen.get(seen.size() - 1).kind());
        assertEquals(3, job(second.id()).epoch());
        assertEquals(3, seen.get(seen.size() - 1).epoch());
        assertEquals(
                List.of("DONE", "DONE", "CANCELLED"),
                mien.runs().all().stream().map(Runs.Run::state).toList());
        mien.jobs().resubmit(third.id());
        assertEquals("DONE", mien.jobs().watch(third.id(), event -> {}, () -> false).state());
    }

    @Test
    void asManyTrainAtOnceAsTheConfigurationSays() throws Exception {
        mien.configure(Map.of("at-once", "2"));
        Held first = new Held(1);
        Held second = new Held(1);
        Runs.Run third = mien.jobs().submit("demo", Map.of());
        assertEquals(
                List.of("RUNNING", "RUNNING", "QUEUED"),
                mien.jobs().all().stream().map(Jobs.Job::state).toList());
        mien.configure(Map.of("at-once", "none")); // logged; 2 stays
        assertEquals("QUEUED", job(third.id()).state());
        mien.configure(Map.of("at-once", "3"));
        assertEquals("DONE", mien.jobs().watch(third.id(), event -> {}, () -> false).state());
        first.go.countDown();
        second.go.countDown();
        first.end();
        second.end();
    }

    @Test
    void oneWhoStopsWatchingStopsNothing() throws Exception {
        Held held = new Held(2);
        assertEquals("RUNNING", mien.jobs().watch("demo-1", event -> {}, () -> true).state());
        held.go.countDown();
        assertEquals("DONE", ((Runs.Run) held.end()).state());
        assertTrue(
                refused(() -> mien.jobs().watch("demo-7", event -> {}, () -> false))
                        .contains("no job trains run 'demo-7'"));
    }

    @Test
    void aCancelledJobGoesOnToTheBytesOfAnUnbrokenOne() throws Exception {
        Path unbroken = train("demo").folder();
        Held held = new Held(3);
        Thread cancel = new Thread(() -> mien.jobs().cancel("demo-2"));
        cancel.start();
        // It waits for the checkpoint, so it has told the job.
        await("it is cancelled", () -> cancel.getState() == Thread.State.TIMED_WAITING);
        held.go.countDown();
        cancel.join();
        Runs.Run run = (Runs.Run) held.end();
        assertEquals("CANCELLED", run.state());
        mien.jobs().resubmit(run.id());
        assertEquals("DONE", mien.jobs().watch(run.id(), event -> {}, () -> false).state());
        sameRun(unbroken, run.folder());
    }

    @Test
    void aPluginThatGoesHaltsTheJobAndNewCodeGoesOn() throws Exception {
        Held held = new Held(6, "method=swap", "train.epochs=4");
        takeAway(held, head);
        // Whoever took it away can rely on it: it is let go, and the checkpoint is there.
        assertTrue(Files.exists(folder("demo-1").resolve(RunFolders.LAST)));
        await("demo-1", JobState.WAITING);
        assertTrue(
                job("demo-1").text().contains("method 'swap' was taken away after step "),
                job("demo-1").text());
        assertTrue(job("demo-1").text().contains("waits for method 'swap' (feature:install"));
        assertEquals("WAITING", mien.runs().all().get(0).state());
        assertEquals(Pipelines.State.WAITING, pipelineOf("swap").state());
        // While it waits its turn is free.
        assertEquals("DONE", train("demo").state());
        int before = steps(folder("demo-1")).size();
        bind(Kind.METHOD, "swap", new Fakes.Head().term("second"));
        assertEquals("DONE", ((Runs.Run) held.end()).state());
        List<String> steps = steps(folder("demo-1"));
        assertEquals(
                LongStream.range(0, 16).boxed().toList(),
                steps.stream()
                        .map(line -> Long.parseLong(line.replaceAll(".*\"step\":(\\d+).*", "$1")))
                        .toList());
        for (int i = 0; i < steps.size(); i++) {
            assertEquals(i >= before, steps.get(i).contains("\"second\""), steps.get(i));
        }
        assertTrue(before > 0 && before < 16);
        assertEquals(
                List.of(
                        RunEvent.Kind.STARTED,
                        RunEvent.Kind.WAITING,
                        RunEvent.Kind.QUEUED,
                        RunEvent.Kind.STARTED,
                        RunEvent.Kind.DONE),
                held.events.stream()
                        .map(RunEvent::kind)
                        .filter(k -> k != RunEvent.Kind.STEP && k != RunEvent.Kind.EPOCH)
                        .toList());
    }

    private Pipelines.Pipeline pipelineOf(String method) {
        configure("other", "dataset=colours", "backbone=small", "method=" + method);
        return pipeline("other");
    }

    @Test
    void theSameCodeBackEndsWithTheBytesOfAnUnbrokenRun() throws Exception {
        Path unbroken = train("demo", "method=swap").folder();
        Held held = new Held(4, "method=swap");
        takeAway(held, head);
        await("demo-2", JobState.WAITING);
        bind(Kind.METHOD, "swap", new Fakes.Head());
        assertEquals("DONE", ((Runs.Run) held.end()).state());
        sameRun(unbroken, folder("demo-2"));
    }

    @Test
    void codeThatDoesNotFitIsNamedAndWaitedOut() throws Exception {
        Path unbroken = train("demo", "method=swap").folder();
        Held held = new Held(4, "method=swap");
        takeAway(held, head);
        await("demo-2", JobState.WAITING);
        byte[] checkpoint = Files.readAllBytes(folder("demo-2").resolve(RunFolders.LAST));
        Fakes.Head wide = new Fakes.Head().outputs(2);
        bind(Kind.METHOD, "swap", wide);
        await("demo-2", JobState.PAUSED);
        String text = job("demo-2").text();
        assertTrue(text.contains("'head.weight' has shape [3, 6], the network needs [5, 6]"), text);
        assertEquals("PAUSED", RunFolders.state(folder("demo-2")).state().name());
        assertEquals(1, RunFolders.state(folder("demo-2")).epochs());
        assertArrayEquals(
                checkpoint, Files.readAllBytes(folder("demo-2").resolve(RunFolders.LAST)));
        // Other plugins that come do not make it try again; a fitting one does.
        bind(Kind.METHOD, "other", new Fakes.Head());
        Thread.sleep(50);
        assertEquals("PAUSED", job("demo-2").state());
        registry.unbind(wide);
        bind(Kind.METHOD, "swap", new Fakes.Head());
        assertEquals("DONE", ((Runs.Run) held.end()).state());
        sameRun(unbroken, folder("demo-2"));
    }

    @Test
    void aPausedOrWaitingJobCanBeCancelled() throws Exception {
        Held held = new Held(4, "method=swap");
        takeAway(held, head);
        await("demo-1", JobState.WAITING);
        assertEquals("stopped while it was WAITING", mien.jobs().cancel("demo-1").text());
        assertEquals("CANCELLED", ((Runs.Run) held.end()).state());
    }

    /** A plugin that breaks because it was taken away costs no step: the last checkpoint counts. */
    @Test
    void codeThatBreaksWhileItGoesIsNoFailure() throws Exception {
        Path unbroken = train("demo", "method=swap").folder();
        AtomicReference<Object> itself = new AtomicReference<>();
        Fakes.Head breaks =
                new Fakes.Head(
                        (batch, pass) -> {
                            registry.unbind(itself.get());
                            throw new NoClassDefFoundError("org/example/Gone");
                        },
                        "face");
        itself.set(breaks);
        registry.unbind(head);
        bind(Kind.METHOD, "swap", breaks);
        Runs.Run run = mien.jobs().submit("demo", map("method=swap"));
        await(run.id(), JobState.WAITING);
        assertTrue(job(run.id()).text().contains("was taken away in the middle of a step"));
        bind(Kind.METHOD, "swap", new Fakes.Head());
        assertEquals("DONE", mien.jobs().watch(run.id(), event -> {}, () -> false).state());
        sameRun(unbroken, run.folder());
    }

    @Test
    void aQueuedJobWhosePluginGoesWaitsForIt() throws Exception {
        Held held = new Held(2);
        Runs.Run run = mien.jobs().submit("demo", map("method=swap"));
        registry.unbind(head);
        held.go.countDown();
        held.end();
        await(run.id(), JobState.WAITING);
        bind(Kind.METHOD, "swap", head);
        assertEquals("DONE", mien.jobs().watch(run.id(), event -> {}, () -> false).state());
    }

    @Test
    void aPlatformThatStopsHaltsItsJobsWithTheirCheckpoints() throws Exception {
        Path unbroken = train("demo").folder();
        Held held = new Held(3);
        Runs.Run queued = mien.jobs().submit("demo", Map.of());
        Thread closing = new Thread(mien::close);
        closing.start();
        closing.join(100);
        assertTrue(closing.isAlive(), "it waits for the checkpoint");
        held.go.countDown();
        closing.join(20_000);
        assertEquals("CANCELLED", ((Runs.Run) held.end()).state());
        assertTrue(refused(() -> train("demo")).contains("the platform is stopping"));
        mien = new Platform(registry, pipelines, torch, work, clock);
        assertEquals("CANCELLED", mien.runs().all().get(2).state());
        assertEquals(
                "stopped with the platform while it was QUEUED", mien.runs().all().get(2).text());
        assertEquals("DONE", mien.jobs().resume("demo-2", event -> {}, () -> false).state());
        sameRun(unbroken, folder("demo-2"));
        assertEquals("DONE", mien.jobs().resume(queued.id(), event -> {}, () -> false).state());
    }

    /** A method that is still in its step when it is told to stop, until it is let go. */
    private final class Endless {
        private final CountDownLatch arrived = new CountDownLatch(1);
        private final CountDownLatch go = new CountDownLatch(1);
        private final CountDownLatch interrupted = new CountDownLatch(1);
        private final Fakes.Head method =
                new Fakes.Head(
                        (batch, pass) -> {
                            arrived.countDown();
                            while (go.getCount() > 0) {
                                try {
                                    go.await();
                                } catch (InterruptedException e) {
                                    interrupted.countDown();
                                }
                            }
                            throw new IllegalStateException("let go");
                        },
                        "face");

        Runs.Run train() throws InterruptedException {
            mien.configure(Map.of("patience", "1"));
            bind(Kind.METHOD, "endless", method);
            Runs.Run run = mien.jobs().submit("demo", map("method=endless"));
            assertTrue(arrived.await(20, TimeUnit.SECONDS));
            return run;
        }

        private Plugins.Plugin listed() {
            return mien.plugins().all().stream()
                    .filter(plugin -> plugin.id().equals("endless"))
                    .findFirst()
                    .orElse(null);
        }
    }

    @Test
    void aStepThatNeverReturnsIsGivenUpWhenItsJobIsCancelled() throws Exception {
        Endless endless = new Endless();
        Runs.Run run = endless.train();
        Runs.Run next = mien.jobs().submit("demo", Map.of());
        Runs.Run ended = mien.jobs().cancel(run.id());
        assertEquals("CANCELLED", ended.state());
        assertTrue(ended.text().contains("method 'endless' has not returned"), ended.text());
        assertTrue(ended.text().contains("1 s after it was told to stop"), ended.text());
        assertTrue(ended.text().contains("'mien-run " + run.id() + "'"), ended.text());
        assertEquals("DONE", mien.jobs().watch(next.id(), event -> {}, () -> false).state());
        assertTrue(endless.interrupted.await(20, TimeUnit.SECONDS));
        assertTrue(endless.listed().problem().contains("never returned from it"));
        // What the thread does when it comes back changes nothing.
        byte[] before = Files.readAllBytes(folder(run.id()).resolve("run.json"));
        endless.go.countDown();
        await("its thread ends", () -> endless.listed().problem().isEmpty());
        assertArrayEquals(before, Files.readAllBytes(folder(run.id()).resolve("run.json")));
        assertEquals("CANCELLED", job(run.id()).state());
        assertFalse(Files.exists(folder(run.id()).resolve(RunFolders.LAST)));
    }

    @Test
    void aStepThatNeverReturnsIsGivenUpWhenItsPluginGoes() throws Exception {
        Endless endless = new Endless();
        Runs.Run run = endless.train();
        registry.unbind(endless.method);
        assertEquals("FAILED", job(run.id()).state());
        assertTrue(job(run.id()).text().contains("method 'endless' was taken away"));
        assertEquals("DONE", train("demo").state());
        assertTrue(endless.listed().problem().startsWith("was removed, but thread 'mien-run "));
        endless.go.countDown();
        await("its thread ends", () -> endless.listed() == null);
        // Its run goes on from where it was with code that returns.
        bind(Kind.METHOD, "endless", new Fakes.Head());
        mien.jobs().resubmit(run.id());
        assertEquals("DONE", mien.jobs().watch(run.id(), event -> {}, () -> false).state());
    }

    @Test
    void arraysThatOutliveTheirStepAreNamed() {
        List<NDManager> own = new ArrayList<>();
        Fakes.Head leaks =
                new Fakes.Head(
                        (batch, pass) -> {
                            NDManager beside = NDManager.newBaseManager();
                            own.add(beside);
                            beside.zeros(new Shape(3));
                            return null; // and goes on as others do
                        },
                        "face");
        bind(Kind.METHOD, "leaks", leaks);
        assertEquals("DONE", train("demo", "method=leaks", "train.epochs=1").state());
        assertEquals("DONE", train("demo", "train.epochs=1").state());
        List<String> problems =
                mien.plugins().all().stream()
                        .filter(plugin -> !plugin.problem().isEmpty())
                        .map(plugin -> plugin.id() + ": " + plugin.problem())
                        .toList();
        assertEquals(1, problems.size(), problems.toString());
        assertTrue(problems.get(0).startsWith("leaks: 4 arrays were left"), problems.get(0));
        registry.unbind(leaks);
        own.forEach(NDManager::close);
        assertEquals(0, torch.strays());
    }

    @Test
    void aFailedJobHoldsNobodyUp() {
        Runs.Run bad = mien.jobs().submit("demo", map("dataset.bad=3"));
        Runs.Run good = mien.jobs().submit("demo", Map.of());
        assertEquals("DONE", mien.jobs().watch(good.id(), event -> {}, () -> false).state());
        assertEquals("FAILED", job(bad.id()).state());
        assertTrue(job(bad.id()).text().contains("row 3 has 2303 pixels"), job(bad.id()).text());
    }

    /** Keys that nobody chose and nobody knows any more do not keep a run from going on. */
    @Test
    void aDefaultThatNewCodeDoesNotKnowIsNone() {
        Map<String, Value> values =
                new LinkedHashMap<>(pipelines.find("demo").orElseThrow().values());
        values.put("method.old", new Value("3", "default of method 'head'"));
        assertFalse(BoundPipeline.of(registry, "demo", values).values().containsKey("method.old"));
        values.put("method.old", new Value("3", "command line"));
        assertTrue(
                refused(() -> BoundPipeline.of(registry, "demo", values))
                        .contains("unknown key 'method.old'"));
    }
}
