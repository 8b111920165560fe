// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ThreadsTest {
    private static final int ROUNDS = 150;

    private final List<Integer> set = Collections.synchronizedList(new ArrayList<>());
    private final CountDownLatch teams = new CountDownLatch(1);
    private final Threads threads =
            new Threads(4, set::add, OptionalDouble::empty, teams::countDown);

    @Test
    void aWishCountsForItsThreadUntilItIsGivenBack() throws InterruptedException {
        threads.adopt();
        try (ThreadLease three = threads.lease(3)) {
            threads.adopt();
            try (ThreadLease one = threads.lease(1)) {
                assertEquals(1, threads.now());
                threads.adopt();
                threads.adopt();
            }
            Thread other = new Thread(threads::adopt);
            other.start();
            other.join();
            threads.adopt();
        }
        threads.adopt();
        // A new thread has whatever number was told last, so it tells its own.
        assertEquals(List.of(4, 3, 1, 4, 3, 4), set);
    }

    @Test
    void aLeaseEndsOnItsThread() throws InterruptedException {
        ThreadLease lease = threads.lease(2);
        List<String> told = new ArrayList<>();
        Thread other =
                new Thread(
                        () ->
                                told.add(
                                        assertThrows(IllegalStateException.class, lease::close)
                                                .getMessage()));
        other.start();
        other.join();
        assertTrue(told.get(0).endsWith("were given back on another thread"), told.toString());
        lease.close();
    }

    @Test
    void whatIsFreeFollowsTheNeighbours() {
        try (ThreadLease free = threads.lease(Threads.FREE)) {
            assertEquals(4, threads.now());
            threads.look(1.1);
            assertEquals(3, threads.now());
            threads.look(3.9);
            assertEquals(1, threads.now());
            threads.look(0.02);
            assertEquals(4, threads.now());
        }
    }

    /** A number that was asked for stays, whoever else computes; only the waiting changes. */
    @Test
    void besideOthersThreadsYieldAndTheNumberStays() throws InterruptedException {
        try (ThreadLease four = threads.lease(4)) {
            threads.look(0.1);
            assertFalse(threads.crowded());
            threads.look(1);
            assertTrue(threads.crowded());
            assertTrue(teams.await(10, TimeUnit.SECONDS), "an idle team is there to be counted");
            assertEquals(4, threads.now());
            threads.look(0.15);
            assertTrue(threads.crowded(), "not at every breath of the neighbours");
            threads.look(0.05);
            assertFalse(threads.crowded());
        }
    }

    /** Whoever asks just as the watch is about to end is watched over all the same. */
    @Test
    void aWishAtTheEndOfTheWatchIsWatchedOver() throws InterruptedException {
        AtomicInteger looks = new AtomicInteger();
        Supplier<OptionalDouble> look =
                () -> {
                    looks.incrementAndGet();
                    return OptionalDouble.empty();
                };
        Threads brisk = new Threads(4, set::add, look, () -> {}, 0, 1);
        for (int i = 0; i < ROUNDS; i++) {
            ThreadLease first = brisk.lease(2);
            first.close();
            int before = looks.get();
            long patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
            while (looks.get() == before && System.nanoTime() < patience) {
                Thread.onSpinWait(); // the last look, after which the watch ends
            }
            for (int spin = 0; spin < i % 400; spin++) {
                Thread.onSpinWait();
            }
            try (ThreadLease second = brisk.lease(2)) {
                int seen = looks.get() + 1; // one may be under way
                patience = System.nanoTime() + TimeUnit.SECONDS.toNanos(5);
                while (looks.get() <= seen) {
                    assertTrue(System.nanoTime() < patience, "nobody looks in round " + i);
                    Thread.yield();
                }
            }
        }
    }

    private static void tell(Path proc, String stat, long user, long system) throws IOException {
        Files.createDirectories(proc.resolve("self"));
        Files.writeString(proc.resolve("stat"), stat);
        Files.writeString(proc.resolve("self/status"), "Name:\tx\nCpus_allowed_list:\t0,2-3\n");
        String before = "1 (a (b) c) R 0 0 0 0 0 0 0 0 0 0 ";
        Files.writeString(proc.resolve("self/stat"), before + user + " " + system + " 0 0");
    }

    @Test
    void neighboursAreCountedOnTheProcessorsThatAreAllowed(@TempDir Path proc) throws IOException {
        Neighbours neighbours = new Neighbours(proc);
        assertTrue(neighbours.taken().isEmpty(), "no such folder");
        tell(
                proc,
                "cpu  9 9 9 9\n"
                        + "cpu0 0 0 0 0 0 0 0 0 0 0\n"
                        + "cpu1 0 0 0 0 0 0 0 0\n"
                        + "cpu2 0 0 0 0 0 0 0 0\n"
                        + "cpu3 0 0 0 0 0 0 0 0\n",
                5,
                5);
        assertTrue(neighbours.taken().isEmpty(), "nothing to compare with");
        // 300 ticks: idle 100; ours 60; 140 of others, stolen ones too. Of cpu1 nothing counts.
        tell(
                proc,
                "cpu  9 9 9 9\n"
                        + "cpu0 80 0 20 0 0 0 0 0 0 0\n"
                        + "cpu1 999 0 0 0 0 0 0 0\n"
                        + "cpu2 0 0 0 90 10 0 0 0\n"
                        + "cpu3 60 0 0 0 0 0 0 40\n",
                45,
                25);
        assertEquals(1.4, neighbours.taken().orElseThrow(), 1e-9);
        assertTrue(neighbours.taken().isEmpty(), "no time has passed");
    }

    /** The real files of this machine can be read. */
    @Test
    void ofThisMachine() throws InterruptedException {
        Neighbours neighbours = new Neighbours();
        neighbours.taken();
        Thread.sleep(300);
        double taken = neighbours.taken().orElseThrow();
        assertTrue(
                taken >= 0 && taken <= Runtime.getRuntime().availableProcessors() * 1.5,
                "" + taken);
    }
}
