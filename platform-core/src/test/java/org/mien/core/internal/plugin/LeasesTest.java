// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.plugin;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mien.api.evaluate.Evaluator;
import org.mien.api.evaluate.Findings;
import org.mien.api.evaluate.Results;
import org.mien.core.MienException;
import org.mien.core.internal.plugin.Registry.Entry;

@Timeout(60)
class LeasesTest {
    private record None() {}

    static final class Nothing implements Evaluator<None> {
        @Override
        public Class<None> settings() {
            return None.class;
        }

        @Override
        public void evaluate(Results results, None settings, Findings findings) {}
    }

    private final Registry registry = new Registry(null);
    private final Leases leases = new Leases(registry, 20);

    @AfterEach
    void close() {
        leases.close();
    }

    private Entry bind(String id) {
        registry.bind(Kind.EVALUATOR, new Nothing(), Map.of("mien.id", id));
        return registry.get(Kind.EVALUATOR, id);
    }

    @Test
    void whoTakesAPluginAwayWaitsUntilItsUsersHaveEndedInWords() throws Exception {
        Entry one = bind("one");
        Entry other = bind("other");
        CountDownLatch works = new CountDownLatch(1);
        AtomicBoolean ended = new AtomicBoolean();
        AtomicBoolean endedBeforeItWent = new AtomicBoolean();
        Thread takes =
                new Thread(
                        () -> {
                            try {
                                works.await();
                            } catch (InterruptedException e) {
                                return;
                            }
                            registry.unbind(other.service()); // nobody uses it: no wait
                            registry.unbind(one.service());
                            endedBeforeItWent.set(ended.get());
                        });
        takes.start();
        String text =
                assertThrows(
                                MienException.class,
                                () ->
                                        leases.with(
                                                "the evaluation of run 'x'",
                                                lease -> {
                                                    lease.hold(List.of(one));
                                                    works.countDown();
                                                    while (!lease.isOver()) {
                                                        Thread.onSpinWait();
                                                    }
                                                    ended.set(true);
                                                    lease.check();
                                                    return "half an answer";
                                                }))
                        .getMessage();
        takes.join(TimeUnit.SECONDS.toMillis(20));
        assertFalse(takes.isAlive());
        assertTrue(endedBeforeItWent.get());
        assertTrue(text.startsWith("the evaluation of run 'x' has ended: evaluator 'one'"), text);
    }

    /** All of it was found before the plugin went: it waits. */
    @Test
    void aWorkThatEndsByItselfWhileAPluginWaitsIsWhole() throws Exception {
        Entry one = bind("one");
        String found =
                leases.with(
                        "it",
                        lease -> {
                            lease.hold(List.of(one));
                            new Thread(() -> registry.unbind(one.service())).start();
                            while (!lease.isOver()) {
                                Thread.onSpinWait();
                            }
                            return "a whole answer";
                        });
        assertEquals("a whole answer", found);
    }

    @Test
    void whatAStoppedPluginThrowsIsNotTheReason() {
        Entry one = bind("one");
        String text =
                assertThrows(
                                MienException.class,
                                () ->
                                        leases.with(
                                                "it",
                                                lease -> {
                                                    lease.hold(List.of(one));
                                                    new Thread(() -> registry.unbind(one.service()))
                                                            .start();
                                                    while (!lease.isOver()) {
                                                        Thread.onSpinWait();
                                                    }
                                                    throw new NoClassDefFoundError("gone/With");
                                                }))
                        .getMessage();
        assertTrue(text.contains("was taken away"), text);
    }

    @Test
    void onePluginThatWentBeforeIsNotUsed() {
        Entry one = bind("one");
        registry.unbind(one.service());
        assertThrows(
                MienException.class,
                () ->
                        leases.with(
                                "it",
                                lease -> {
                                    lease.hold(List.of(one));
                                    throw new AssertionError("called");
                                }));
    }

    @Test
    void whoIsDoneHoldsNobody() throws Exception {
        Entry one = bind("one");
        String found =
                leases.with(
                        "it",
                        lease -> {
                            lease.hold(List.of(one));
                            return "found";
                        });
        assertEquals("found", found);
        long before = System.nanoTime();
        registry.unbind(one.service());
        assertTrue(System.nanoTime() - before < TimeUnit.SECONDS.toNanos(10));
    }
}
