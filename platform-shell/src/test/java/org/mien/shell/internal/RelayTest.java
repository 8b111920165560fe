// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class RelayTest {
    @Test
    void whatIsToldIsShownInOrderOnTheCallersThread() {
        List<Integer> shown = new ArrayList<>();
        Thread caller = Thread.currentThread();
        String result =
                Relay.<Integer, String>run(
                        tell -> {
                            for (int i = 0; i < 1000; i++) {
                                tell.accept(i);
                            }
                            return "done";
                        },
                        i -> {
                            assertSame(caller, Thread.currentThread());
                            shown.add(i);
                        },
                        () -> {},
                        "");
        assertEquals("done", result);
        assertEquals(1000, shown.size());
        assertEquals(shown.stream().sorted().toList(), shown);
    }

    @Test
    void aFailureOfTheJobIsTheCallers() {
        IllegalStateException thrown = new IllegalStateException("no");
        assertSame(
                thrown,
                assertThrows(
                        IllegalStateException.class,
                        () ->
                                Relay.<Integer, String>run(
                                        tell -> {
                                            throw thrown;
                                        },
                                        i -> {},
                                        () -> {},
                                        "")));
    }

    @Test
    void whatCannotBeShownStopsTheJob() {
        CountDownLatch stop = new CountDownLatch(1);
        List<Integer> shown = new ArrayList<>();
        boolean[] ended = {false};
        assertThrows(
                IllegalStateException.class,
                () ->
                        Relay.<Integer, String>run(
                                tell -> {
                                    tell.accept(1);
                                    tell.accept(2);
                                    awaited(stop);
                                    ended[0] = true;
                                    return "done";
                                },
                                i -> {
                                    shown.add(i);
                                    throw new IllegalStateException("no screen");
                                },
                                stop::countDown,
                                ""));
        assertEquals(List.of(1), shown);
        assertTrue(ended[0]);
    }

    @Test
    void anInterruptIsSpentAndTheJobWaitedFor() {
        CountDownLatch stop = new CountDownLatch(1);
        Thread caller = Thread.currentThread();
        String result =
                Relay.<Integer, String>run(
                        tell -> {
                            caller.interrupt();
                            awaited(stop);
                            return "stopped";
                        },
                        i -> {},
                        stop::countDown,
                        "");
        assertEquals("stopped", result);
        assertFalse(Thread.interrupted());
    }

    @Test
    void theLauncherInterruptsByItsMark() {
        CountDownLatch stop = new CountDownLatch(1);
        String result =
                Relay.<Integer, String>run(
                        tell -> {
                            assertFalse(Interrupts.interrupt("M2"));
                            while (!Interrupts.interrupt("M1")) {
                                Thread.onSpinWait();
                            }
                            awaited(stop);
                            return "stopped";
                        },
                        i -> {},
                        stop::countDown,
                        "M1");
        assertEquals("stopped", result);
        assertFalse(Interrupts.interrupt("M1"), "it is over");
    }

    private static void awaited(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }
}
