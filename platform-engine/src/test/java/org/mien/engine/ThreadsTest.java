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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ThreadsTest {
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
                "cpu  9 9 9 9\ncpu0 0 0 0 0 0 0 0 0 0 0\ncpu1 0 0 0 0 0 0 0 0\ncpu2 0 0 0 0 0 0 0 0\ncpu3 0 0 0 0 0 0 0 0\n",
                5,
                5);
        assertTrue(neighbours.taken().isEmpty(), "nothing to compare with");
        // 300 ticks: idle 100; ours 60; 140 of others, stolen ones too. Of cpu1 nothing counts.
        tell(
                proc,
                "cpu  9 9 9 9\ncpu0 80 0 20 0 0 0 0 0 0 0\ncpu1 999 0 0 0 0 0 0 0\ncpu2 0 0 0 90 10 0 0 0\ncpu3 60 0 0 0 0 0 0 40\n",
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
