// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.felix.service.command.CommandSession;
import org.apache.karaf.shell.api.console.Session;
import org.apache.karaf.shell.support.CommandException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mien.api.run.RunEvent.Kind;
import org.mien.core.MienException;

@Timeout(60)
class TrainTest {
    private static final String SUMMARY =
            """
            run                  demo-1
            state                DONE
            seconds              12.3
            epochs               2
            best epoch           2
            validation accuracy  70.00 %
            folder               /runs/demo-1
            """;

    private Shell shell;

    @BeforeEach
    void open() {
        shell = new Shell();
    }

    @AfterEach
    void close() {
        shell.close();
    }

    /** Trained without labels it has no accuracy, and nothing to evaluate. */
    @Test
    void withoutAnAccuracyTheReportComesNext() {
        shell.mien.training =
                (watch, stop) -> FakePlatform.run("mae-1", "DONE", 2, 1, Double.NaN, "");
        String out = shell.launch(Map.of(), "train", "mae").out();
        assertTrue(out.contains("best epoch           1\n"), out);
        assertFalse(out.contains("accuracy"), out);
        assertTrue(out.endsWith("next                 ./mien report mae-1\n"), out);
    }

    @Test
    void outputAndMessagesAreApart() {
        Shell.Outcome outcome =
                shell.launch(Map.of(), "train", "demo", "train.epochs=2", "backbone=", "x=a b=c");
        assertNull(outcome.failure());
        assertEquals(SUMMARY + "next                 ./mien evaluate demo-1\n", outcome.out());
        String[] lines = outcome.messages().split("\n");
        assertEquals(3, lines.length, outcome.messages());
        assertEquals("run demo-1: 2 epochs, 20 steps", lines[0]);
        assertTrue(
                lines[1].matches(
                        "epoch 1/2  99\\.0 images/s  ETA \\d+ s  loss 1\\.0000  accuracy 50\\.00 %"
                                + "  validation accuracy 60\\.00 %"),
                lines[1]);
        assertTrue(
                lines[2].matches(
                        "epoch 2/2  99\\.0 images/s  took \\d+ s  loss 0\\.5000  accuracy 50\\.00 %"
                                + "  validation accuracy 70\\.00 %"),
                lines[2]);
        assertEquals(
                List.of("demo", Map.of("train.epochs", "2", "backbone", "", "x", "a b=c")),
                shell.mien.asked);
    }

    @Test
    void aTerminalHasABar() {
        Shell.Outcome launched = shell.launch(Map.of("MIEN_COLUMNS", "100"), "train", "demo");
        assertTrue(
                launched.messages().contains("\repoch 1/2 [##########----------]  99.0 images/s"),
                launched.messages());
        assertFalse(launched.out().contains("\r"));
        shell.columns = 100;
        Shell.Outcome typed = shell.type("fer:train demo");
        assertTrue(typed.out().contains("\repoch 2/2 [##########----------]"), typed.out());
        assertTrue(typed.out().endsWith("next                 fer:evaluate demo-1\n"), typed.out());
    }

    @Test
    void aPipeHasTheSummaryOnly() {
        Shell.Outcome outcome = shell.type("fer:train demo | grep folder");
        assertTrue(outcome.out().contains("/runs/demo-1\n"), outcome.out());
        assertFalse(outcome.out().contains("best epoch"), outcome.out());
        assertTrue(outcome.out().contains("epoch 2/2"), "progress goes past the pipe");
    }

    @Test
    void oneLineOfJson() {
        Shell.Outcome outcome = shell.launch(Map.of(), "train", "demo", "--json");
        assertNull(outcome.failure());
        assertEquals(1, outcome.out().lines().count());
        JsonObject json = JsonParser.parseString(outcome.out()).getAsJsonObject();
        assertEquals("run", json.keySet().iterator().next());
        assertEquals("demo-1", json.get("run").getAsString());
        assertEquals(12.34, json.get("seconds").getAsDouble());
        assertEquals(2, json.get("bestEpoch").getAsInt());
        assertEquals("/runs/demo-1", json.get("folder").getAsString());
        assertFalse(outcome.messages().isEmpty());
    }

    @Test
    void aRefusalIsSaidOnce() {
        shell.mien.refusal = new MienException("pipeline 'x' does not exist. Known: demo.");
        Shell.Outcome typed = shell.type("fer:train x");
        assertEquals("pipeline 'x' does not exist. Known: demo.\n", typed.out());
        Shell.Outcome launched = shell.launch(Map.of(), "train", "x", "--json");
        assertEquals("", launched.out());
        assertEquals("", launched.messages());
        assertEquals("pipeline 'x' does not exist. Known: demo.", launched.failure().strip());
    }

    @Test
    void aFaultIsOneLineAndHoldsNothing() throws Exception {
        shell.mien.fault = new NullPointerException("nothing there");
        Shell.Outcome launched = shell.launch(Map.of(), "train", "demo");
        assertEquals(
                "internal error: NullPointerException (nothing there); the log has more",
                launched.failure().strip());
        Session session = shell.session();
        AtomicReference<Exception> thrown = new AtomicReference<>();
        try {
            session.execute("fer:train demo");
        } catch (Exception e) {
            thrown.set(e);
        }
        assertEquals(CommandException.class, thrown.get().getClass());
        assertNull(thrown.get().getCause());
    }

    @Test
    void aRunThatDidNotEndFails() {
        shell.mien.training =
                (watch, stop) ->
                        FakePlatform.run(
                                "demo-1", "CANCELLED", 1, 0, Double.NaN, "stopped after step 7");
        Shell.Outcome outcome = shell.launch(Map.of(), "train", "demo", "--json");
        JsonObject json = JsonParser.parseString(outcome.out()).getAsJsonObject();
        assertEquals("CANCELLED", json.get("state").getAsString());
        assertTrue(json.get("chosenValue").isJsonNull());
        assertEquals(
                "run demo-1 did not come to its end: CANCELLED, stopped after step 7. To go on:"
                        + " ./mien train --resume=demo-1",
                outcome.failure().strip());
    }

    @Test
    void aRunGoesOnWithItsOwnKeys() {
        Shell.Outcome outcome = shell.launch(Map.of(), "train", "--resume=demo-1");
        assertNull(outcome.failure());
        assertTrue(outcome.out().startsWith(SUMMARY), outcome.out());
        assertEquals(List.of("demo-1"), shell.mien.asked);
        assertTrue(
                shell.launch(Map.of(), "train", "--resume=demo-1", "train.epochs=9")
                        .failure()
                        .contains("leave 'train.epochs=9' away"));
        assertTrue(
                shell.launch(Map.of(), "train")
                        .failure()
                        .contains("nothing to train: give the name"));
    }

    @Test
    void anInterruptStopsTheRunAndSaysSo() throws Exception {
        CountDownLatch training = new CountDownLatch(1);
        shell.mien.training =
                (watch, stop) -> {
                    watch.accept(FakePlatform.event(Kind.STARTED, 0, 0, Map.of()));
                    training.countDown();
                    while (!stop.getAsBoolean()) {
                        Thread.onSpinWait();
                    }
                    return FakePlatform.run(
                            "demo-1", "CANCELLED", 0, 0, Double.NaN, "stopped after step 7");
                };
        StringBuffer sent = new StringBuffer();
        CountDownLatch ended = new CountDownLatch(1);
        shell.wire =
                new OutputStream() {
                    @Override
                    public void write(int b) {
                        sent.append((char) b);
                        if (sent.toString().endsWith("fer:train --resume=demo-1\n")) {
                            ended.countDown();
                        }
                    }
                };
        Session session = shell.session();
        AtomicReference<Exception> thrown = new AtomicReference<>();
        Thread person =
                new Thread(
                        () -> {
                            try {
                                session.execute("fer:train demo");
                            } catch (Exception e) {
                                thrown.set(e);
                            }
                        });
        person.start();
        training.await();
        ((CommandSession) session.get(".commandSession")).foregroundJob().interrupt();
        // The shell no longer listens to the command, which must say for itself how it ended.
        person.join();
        assertEquals(InterruptedException.class, thrown.get().getClass());
        ended.await();
        assertTrue(sent.toString().contains("Stopping after this step"), sent.toString());
        assertTrue(sent.toString().contains("CANCELLED stopped after step 7\n"), sent.toString());
    }

    @Test
    void aLauncherThatIsGoneStopsTheRun() {
        long[] sent = {0};
        shell.wire =
                new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        if (++sent[0] > 300) {
                            throw new IOException("channel is closed");
                        }
                    }
                };
        shell.mien.training =
                (watch, stop) -> {
                    int step = 0;
                    while (!stop.getAsBoolean()) {
                        watch.accept(FakePlatform.event(Kind.STEP, 0, step++, Map.of()));
                        Thread.onSpinWait();
                    }
                    return FakePlatform.run("demo-1", "CANCELLED", 0, 0, Double.NaN, "stopped");
                };
        String failure = shell.send(Map.of(), "train", "demo");
        assertTrue(failure.contains("did not come to its end"), failure);
    }

    @Test
    void wrongFormsAreExplained() {
        assertEquals(
                "'epochs' is not a key with its value. Write epochs=3, without spaces around the"
                        + " '='.",
                shell.type("fer:train demo epochs 3").failure());
        assertEquals(
                "key 'a' is given twice, as '1' and as '2'. Give it once.",
                shell.type("fer:train demo a=1 b=3 a=2").failure());
        assertEquals(
                "option '--jason' is unknown. Known: --background, --continue, --json, --resume, --help.",
                shell.type("fer:train demo --jason").failure());
        assertTrue(shell.mien.asked.isEmpty());
    }

    @Test
    void everyCommandHasHelp() {
        for (String verb :
                List.of(
                        "plugin-list",
                        "pipeline-list",
                        "pipeline-show",
                        "train",
                        "evaluate",
                        "predict",
                        "run-list",
                        "method-info")) {
            Shell.Outcome outcome = shell.launch(Map.of(), verb, "--help");
            assertNull(outcome.failure(), verb);
            assertTrue(outcome.out().contains("--json"), outcome.out());
        }
    }

    @Test
    void aRunIsTrainedLonger() {
        for (String line :
                List.of(
                        "fer:train demo --continue demo-1 train.epochs=4",
                        "fer:train --continue=demo-1 demo train.epochs=4 --background")) {
            shell.type(line);
            assertEquals(
                    List.of("demo", "demo-1", Map.of("train.epochs", "4")), shell.mien.asked, line);
        }
        shell.type("fer:train --continue demo-1 train.epochs=4");
        assertEquals(List.of("", "demo-1", Map.of("train.epochs", "4")), shell.mien.asked);
        String both = shell.type("fer:train --resume=a --continue=b").failure();
        assertTrue(both.contains("give one of them"), both);
    }
}
