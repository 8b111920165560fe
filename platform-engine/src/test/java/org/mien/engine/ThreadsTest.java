// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
    void withoutAWishNothingIsSet() {
        threads.adopt();
        assertEquals(4, threads.now());
        assertEquals(List.of(), set);
    }

    @Test
    void aTrainingsWishCountsBeforeOthersAndTheOldestAmongEquals() {
        try (ThreadLease one = threads.lease(1, false)) {
            threads.adopt();
            threads.adopt();
            assertEquals(List.of(1), set);
            try (ThreadLease training = threads.lease(3, true)) {
                try (ThreadLease second = threads.lease(2, true)) {
                    assertEquals(3, threads.now());
                    threads.adopt();
                    assertEquals(List.of(1, 3), set);
                }
            }
            assertEquals(1, threads.now());
        }
        threads.adopt();
        assertEquals(List.of(1, 3, 4), set);
    }

    /** MKL has one number for the process: what another thread set must be set back. */
    @Test
    void whatAnotherThreadSetIsSetBack() throws InterruptedException {
        threads.adopt();
        try (ThreadLease one = threads.lease(1, false)) {
            Thread other = new Thread(threads::adopt);
            other.start();
            other.join();
        }
        threads.adopt();
        assertEquals(List.of(1, 4), set);
    }

    @Test
    void whatIsFreeFollowsTheNeighbours() {
        try (ThreadLease free = threads.lease(Threads.FREE, true)) {
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
        try (ThreadLease two = threads.lease(4, true)) {
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

    @Test
    void oneThreadWaitsForNobody() {
        try (ThreadLease one = threads.lease(1, true)) {
            threads.look(1);
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
