// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mien.api.run.RunEvent;
import org.mien.api.run.RunEvent.Kind;

@Timeout(60)
class JobsTest {
    private Shell shell;

    @BeforeEach
    void open() {
        shell = new Shell();
    }

    @AfterEach
    void close() {
        shell.close();
    }

    @Test
    void aBackgroundTrainingReturnsAtOnce() {
        Shell.Outcome outcome = shell.launch(Map.of(), "train", "demo", "seed=2", "--background");
        assertNull(outcome.failure());
        assertEquals(
                "run    demo-2\nstate  QUEUED\nnext   ./mien job-watch demo-2\n", outcome.out());
        assertEquals(List.of("demo", Map.of("seed", "2")), shell.mien.asked);
        Shell.Outcome again = shell.type("fer:train --resume=raf-1 --background --json");
        assertEquals(
                "QUEUED",
                JsonParser.parseString(again.out()).getAsJsonObject().get("state").getAsString());
        assertEquals(List.of("raf-1"), shell.mien.asked);
    }

    @Test
    void jobsAreListed() {
        assertEquals(
                """
                run     pipeline  state    epochs   steps  why
                ------  --------  -------  ------  ------  ----------------------------
                demo-1  demo      RUNNING    1/10  12/100
                raf-1   raf       WAITING     3/8   30/80  method 'fdrl' was taken away
                demo-2  demo      QUEUED     0/10       -
                """,
                shell.type("fer:job-list").out());
        String json = shell.launch(Map.of(), "job-list", "--json").out();
        assertEquals(3, JsonParser.parseString(json).getAsJsonArray().size());
        shell.mien.jobs = List.of();
        assertTrue(
                shell.launch(Map.of(), "job-list")
                        .out()
                        .contains("./mien train PIPELINE --background"));
    }

    @Test
    void aJobIsWatchedThroughItsStates() {
        shell.mien.training =
                (watch, stop) -> {
                    watch.accept(event(Kind.QUEUED, 0, ""));
                    watch.accept(event(Kind.STARTED, 0, ""));
                    watch.accept(event(Kind.WAITING, 5, "method 'swap' was taken away"));
                    watch.accept(event(Kind.STARTED, 5, ""));
                    watch.accept(event(Kind.DONE, 20, ""));
                    return FakePlatform.run("demo-1", "DONE", 2, 2, 0.7, "");
                };
        Shell.Outcome outcome = shell.launch(Map.of(), "job-watch", "demo-1");
        assertNull(outcome.failure());
        assertEquals(
                """
                run demo-1 is QUEUED
                run demo-1: 2 epochs, 20 steps
                run demo-1 is WAITING: method 'swap' was taken away
                run demo-1: 2 epochs, 20 steps; from step 5 on
                """,
                outcome.messages());
        assertTrue(outcome.out().contains("state                DONE"), outcome.out());
        shell.mien.training =
                (watch, stop) -> FakePlatform.run("demo-1", "PAUSED", 1, 1, 0.7, "no 'head.bias'");
        assertEquals(
                "run demo-1 is not over: PAUSED, no 'head.bias'. To see more: ./mien job-watch"
                        + " demo-1",
                shell.launch(Map.of(), "job-watch", "demo-1").failure().strip());
    }

    private static RunEvent event(Kind kind, long step, String text) {
        return new RunEvent("demo-1", "demo", kind, 0, 2, step, 20, Map.of(), text);
    }

    @Test
    void jobsAreCancelled() {
        assertEquals(
                "run demo-1: CANCELLED stopped after step 12. To go on: ./mien train"
                        + " --resume=demo-1\n",
                shell.launch(Map.of(), "job-cancel", "demo-1").out());
    }
}
