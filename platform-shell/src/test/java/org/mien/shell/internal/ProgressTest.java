// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.mien.api.run.RunEvent;
import org.mien.api.run.RunEvent.Kind;

class ProgressTest {
    private final List<String> written = new ArrayList<>();
    private long seconds = 1000;

    private Progress progress(int columns) {
        return new Progress(written::add, columns, () -> seconds * 1_000_000_000);
    }

    /** Of 12 epochs with 100 steps each. */
    private static RunEvent event(Kind kind, int epoch, long step, Object... values) {
        return new RunEvent(
                "r-1",
                "r",
                kind,
                epoch,
                12,
                step,
                1200,
                FakePlatform.numbers(values),
                "",
                Set.of("accuracy", "validation.accuracy"));
    }

    @Test
    void aBarOfTheEpochAndTheTimeOfTheRun() {
        Progress progress = progress(120);
        progress.on(event(Kind.STARTED, 0, 0));
        seconds += 100;
        progress.on(
                event(
                        Kind.STEP,
                        2,
                        250,
                        "triplet",
                        0.25,
                        "loss",
                        12.5,
                        "gradient-norm",
                        3.0,
                        "lr",
                        1e-3,
                        "accuracy",
                        0.125,
                        "images/s",
                        812.04));
        assertEquals("run r-1: 12 epochs, 1200 steps\n", written.get(0));
        assertEquals(
                "\repoch  3/12 [##########----------]  812.0 images/s  ETA 6 min 20 s"
                        + "  triplet 0.2500  loss 12.5000  accuracy 12.50 %",
                written.get(1));
    }

    @Test
    void aShorterLineCoversTheOneBefore() {
        Progress progress = progress(120);
        progress.on(event(Kind.STARTED, 0, 0));
        written.clear();
        progress.on(event(Kind.STEP, 0, 1, "loss", 1234.5));
        progress.on(event(Kind.STEP, 0, 2, "loss", 0.5));
        int drawn = written.get(0).length();
        assertEquals(drawn, written.get(1).length());
        progress.clear();
        progress.clear();
        assertEquals(3, written.size());
        assertTrue(written.get(2).matches("\r +\r"));
    }

    /** Steps before somebody came to watch say nothing of the speed. */
    @Test
    void whoComesLateSeesTheTimeFromThenOn() {
        Progress progress = progress(120);
        progress.on(event(Kind.STEP, 5, 600, "loss", 0.5));
        seconds += 60;
        progress.on(event(Kind.STEP, 6, 700, "loss", 0.5));
        assertTrue(written.get(1).contains("ETA 5 min 00 s"), written.get(1));
    }

    @Test
    void anEpochLeavesALineBehind() {
        Progress progress = progress(120);
        progress.on(event(Kind.STARTED, 0, 0));
        seconds += 7260;
        progress.on(event(Kind.STEP, 0, 99, "loss", 0.5, "images/s", 80.0));
        progress.on(
                event(
                        Kind.EPOCH,
                        0,
                        100,
                        "loss",
                        0.5,
                        "validation.accuracy",
                        0.9,
                        "images/s",
                        80.0));
        progress.on(event(Kind.DONE, 12, 1200));
        String line = written.get(2);
        assertTrue(
                line.startsWith(
                        "\repoch  1/12  80.0 images/s  ETA 22 h 11 min  loss 0.5000"
                                + "  validation accuracy 90.00 %"),
                line);
        assertTrue(line.endsWith("\n"));
        assertEquals(3, written.size());
    }

    @Test
    void withoutATerminalThereAreEpochsOnly() {
        Progress progress = progress(0);
        progress.on(event(Kind.STEP, 0, 1, "loss", 0.5));
        assertEquals(List.of(), written);
        progress.on(event(Kind.EPOCH, 11, 1200, "train.loss", Double.NaN));
        assertEquals(List.of("epoch 12/12  took 0 s  train loss -\n"), written);
    }

    @Test
    void aNarrowTerminalIsNeverWrapped() {
        for (int columns = 1; columns < 120; columns++) {
            written.clear();
            progress(columns).on(event(Kind.STEP, 0, 50, "loss", 0.5, "images/s", 80.0));
            String line = written.get(0).substring(1);
            assertTrue(line.length() < columns, columns + ": " + line);
        }
        assertTrue(written.get(0).contains("[##########----------]"));
    }

    @Test
    void numbersAreTheSameEverywhere() {
        assertEquals("59 s", Text.duration(59.4));
        assertEquals("1 min 00 s", Text.duration(59.6));
        assertEquals("3 h 00 min", Text.duration(3 * 3600 - 1));
        assertEquals("1 d 00 h", Text.duration(24 * 3600 - 1));
        assertEquals("-", Text.percent(Double.NaN));
        assertEquals("1.000e-05", Text.number(1e-5));
        assertEquals("0.0000", Text.number(0));
        assertEquals("11,180,103", Text.count(11_180_103));
        assertEquals("0.5000", Text.metric(false, 0.5));
        assertEquals("50.00 %", Text.metric(true, 0.5));
        assertEquals(Map.of("a", "1", "b.c", "x=y"), KeyValues.parse(List.of("a=1", "b.c=x=y")));
    }
}
