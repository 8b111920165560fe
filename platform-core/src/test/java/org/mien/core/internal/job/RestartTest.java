// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.mien.api.run.RunEvent;
import org.mien.core.Jobs;
import org.mien.core.Runs;
import org.mien.core.internal.run.Ending;
import org.mien.core.internal.run.InBackground;
import org.mien.core.internal.run.JobState;
import org.mien.core.internal.run.RunFolders;
import org.mien.core.internal.service.OnPlatform;
import org.mien.core.internal.service.Platform;

/** What becomes of jobs when the platform stops, or is killed, and starts again. */
class RestartTest extends OnPlatform {
    private Path folder(String run) {
        return work.resolve("runs").resolve(run);
    }

    /** Stops the platform while a job is held at its second step. */
    private void stopWithin(String run) throws InterruptedException {
        CountDownLatch arrived = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        Thread watching =
                new Thread(
                        () ->
                                mien.jobs()
                                        .watch(
                                                run,
                                                event -> {
                                                    if (event.kind() == RunEvent.Kind.STEP) {
                                                        arrived.countDown();
                                                        hold(go);
                                                    }
                                                },
                                                () -> false));
        watching.start();
        assertTrue(arrived.await(20, TimeUnit.SECONDS));
        Thread closing = new Thread(mien::close);
        closing.start();
        while (closing.getState() != Thread.State.TIMED_WAITING && closing.isAlive()) {
            Thread.onSpinWait();
        }
        go.countDown();
        closing.join(20_000);
        watching.join(20_000);
        assertFalse(closing.isAlive() || watching.isAlive());
    }

    private static void hold(CountDownLatch go) {
        try {
            go.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void restart(String... keys) {
        mien = new Platform(registry, pipelines, shipped, files, torch, work, clock);
        mien.configure(Map.copyOf(map(keys)));
        mien.goOn();
    }

    private String ends(String run) {
        return mien.jobs().watch(run, event -> {}, () -> false).state();
    }

    private List<String> jobs() {
        return mien.jobs().all().stream().map(Jobs.Job::run).toList();
    }

    @Test
    void whatWasLeftToThePlatformGoesOnAfterAStop() throws Exception {
        Path unbroken = train("demo", "train.epochs=20").folder();
        Runs.Run first = mien.jobs().submit("demo", map("train.epochs=20"));
        Runs.Run second = mien.jobs().submit("demo", map("seed=2"));
        Runs.Run third = mien.jobs().submit("demo", map("seed=3"));
        mien.jobs().cancel(third.id());
        stopWithin(first.id());
        assertEquals(JobState.CANCELLED, RunFolders.state(first.folder()).state());
        String text = RunFolders.state(first.folder()).text();
        assertTrue(text.startsWith("stopped with the platform after step "), text);

        restart();
        assertEquals(List.of(first.id(), second.id()), jobs());
        assertEquals("DONE", ends(first.id()));
        assertEquals("DONE", ends(second.id()));
        sameRun(unbroken, first.folder());
        mien.close();
        restart();
        assertEquals(List.of(), jobs(), "what has ended stays as it is");
    }

    /** As after a kill: the folder says that it runs, and nobody runs it. */
    private void killed(Path run) throws IOException {
        RunFolders.write(run, RunFolders.state(run).with(new Ending(JobState.RUNNING, "")));
    }

    @Test
    void andAfterAKillButNotForEver() throws Exception {
        Path run = mien.jobs().submit("demo", map("train.epochs=20")).folder();
        stopWithin("demo-1");
        for (int kills = 1; kills <= InBackground.MOST_KILLS; kills++) {
            killed(run);
            restart();
            assertEquals(List.of("demo-1"), jobs());
            assertEquals(kills, InBackground.kills(run));
            stopWithin("demo-1");
        }
        killed(run);
        restart();
        assertEquals(List.of(), jobs());
        Runs.Run failed = mien.runs().all().get(0);
        assertEquals("FAILED", failed.state());
        assertEquals(
                "the platform died 4 times in a row while it trained this run, which is not begun"
                        + " again by itself. To go on: fer:train --resume=demo-1",
                failed.text());
        mien.jobs().resubmit("demo-1");
        assertEquals("DONE", ends("demo-1"));
        assertFalse(Files.exists(run.resolve("background")));
    }

    @Test
    void unlessTheConfigurationSaysNo() throws Exception {
        mien.jobs().submit("demo", map("train.epochs=20"));
        stopWithin("demo-1");
        restart("resume=false");
        assertEquals(List.of(), jobs());
        Runs.Run left = mien.runs().all().get(0);
        assertEquals("FAILED", left.state());
        assertTrue(left.text().contains("resume = false. To go on: fer:train --resume=demo-1"));
        mien.close();
        restart();
        assertEquals(List.of(), jobs(), "it was said that it does not go on");
    }

    @Test
    void aRunInTheForegroundIsItsCallers() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        Thread caller =
                new Thread(
                        () ->
                                mien.jobs()
                                        .train(
                                                "demo",
                                                map("train.epochs=20"),
                                                event -> begun.countDown(),
                                                () -> false));
        caller.start();
        assertTrue(begun.await(20, TimeUnit.SECONDS));
        mien.close();
        caller.join(20_000);
        restart();
        assertEquals(List.of(), jobs());
    }

    @Test
    void aFolderThatCannotBeReadHoldsUpNobody() throws Exception {
        Path bad = Files.createDirectories(folder("bad-1"));
        Files.writeString(bad.resolve("run.json"), "{");
        InBackground.begin(bad, 0);
        mien.jobs().submit("demo", map("train.epochs=20"));
        stopWithin("demo-1");
        restart();
        assertEquals(List.of("demo-1"), jobs());
        assertEquals("DONE", ends("demo-1"));
    }
}
