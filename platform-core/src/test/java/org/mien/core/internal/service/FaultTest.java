// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.service;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mien.core.Runs;
import org.mien.core.internal.run.RunFolders;

/**
 * Disks that are full or refuse, files that are cut, clocks that jump: said, and nothing is lost.
 */
class FaultTest extends OnPlatform {
    @TempDir private Path other;

    /** A disk of its own, as small as wanted. */
    private final class Disk implements AutoCloseable {
        private final Platform mien;

        Disk(String size) throws Exception {
            // Only the administrator of a machine can mount; elsewhere these tests are left out.
            assumeTrue(
                    run("mount", "-t", "tmpfs", "-o", "size=" + size, "tmpfs", other.toString()),
                    "no disk can be mounted here");
            mien = new Platform(registry, pipelines, torch, other, clock);
        }

        void fill() {
            try (OutputStream out = Files.newOutputStream(other.resolve("filler"))) {
                while (true) {
                    out.write(new byte[512]);
                }
            } catch (IOException e) {
                assertTrue(e.getMessage().contains("No space left"), e.getMessage());
            }
        }

        void allow(String access) throws Exception {
            assertTrue(run("mount", "-o", "remount," + access, other.toString()));
        }

        private boolean run(String... command) throws Exception {
            try {
                return new ProcessBuilder(command)
                                .redirectError(ProcessBuilder.Redirect.DISCARD)
                                .start()
                                .waitFor()
                        == 0;
            } catch (IOException e) {
                return false;
            }
        }

        @Override
        public void close() throws Exception {
            mien.close();
            run("umount", other.toString());
        }
    }

    private static List<String> files(Path folder) throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void aFullDiskIsNamedAndTheLastCheckpointStands() throws Exception {
        Path unbroken = train("demo").folder();
        try (Disk disk = new Disk("1m")) {
            AtomicInteger asked = new AtomicInteger();
            List<byte[]> safe = new ArrayList<>();
            Path last = other.resolve("runs/demo-1").resolve(RunFolders.LAST);
            String message =
                    refused(
                            () ->
                                    disk.mien
                                            .jobs()
                                            .train(
                                                    "demo",
                                                    map(),
                                                    event -> {},
                                                    fillingAt(6, asked, disk, last, safe)));
            assertTrue(message.startsWith("run demo-1 cannot be written: "), message);
            assertTrue(message.contains("No space left on device"), message);
            assertTrue(message.contains("Check the disk of " + last.getParent()), message);
            assertArrayEquals(safe.get(0), Files.readAllBytes(last));
            assertFalse(files(last.getParent()).toString().contains(".part"));
            assertEquals("FAILED", disk.mien.runs().all().get(0).state());
            assertTrue(
                    refused(() -> disk.mien.jobs().train("demo", map(), event -> {}, () -> false))
                            .contains("No space left"));
            Files.delete(other.resolve("filler"));
            assertEquals(
                    "DONE", disk.mien.jobs().resume("demo-1", event -> {}, () -> false).state());
            sameRun(unbroken, last.getParent());
        }
    }

    private static BooleanSupplier fillingAt(
            int step, AtomicInteger asked, Disk disk, Path last, List<byte[]> safe) {
        return () -> {
            if (asked.getAndIncrement() == step) {
                try {
                    safe.add(Files.readAllBytes(last));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
                disk.fill();
            }
            return false;
        };
    }

    @Test
    void aFolderThatCannotBeWrittenIsNamed() throws Exception {
        Path unbroken = train("demo").folder();
        try (Disk disk = new Disk("1m")) {
            Runs.Run run = disk.mien.jobs().train("demo", map(), event -> {}, stopAfter(5));
            byte[] last = Files.readAllBytes(run.folder().resolve(RunFolders.LAST));
            disk.allow("ro");
            String message =
                    refused(() -> disk.mien.jobs().train("demo", map(), event -> {}, () -> false));
            assertTrue(message.startsWith("cannot make a folder for the run in " + other), message);
            assertTrue(message.contains("Read-only file system"), message);
            message = refused(() -> disk.mien.jobs().resume(run.id(), event -> {}, () -> false));
            assertTrue(message.startsWith("run demo-1 cannot be written: "), message);
            assertTrue(message.contains("Read-only file system"), message);
            disk.allow("rw");
            assertArrayEquals(last, Files.readAllBytes(run.folder().resolve(RunFolders.LAST)));
            assertEquals("CANCELLED", RunFolders.state(run.folder()).state().name());
            assertEquals(
                    "DONE", disk.mien.jobs().resume(run.id(), event -> {}, () -> false).state());
            sameRun(unbroken, run.folder());
        }
    }

    @Test
    void aCheckpointCutInHalfIsNamedAndNothingElseIsTouched() throws IOException {
        Runs.Run run = mien.jobs().train("demo", map(), event -> {}, stopAfter(7));
        Path last = run.folder().resolve(RunFolders.LAST);
        byte[] whole = Files.readAllBytes(last);
        byte[] best = Files.readAllBytes(run.folder().resolve(RunFolders.BEST));
        byte[] metrics = Files.readAllBytes(run.folder().resolve("metrics.jsonl"));
        try (FileChannel channel = FileChannel.open(last, StandardOpenOption.WRITE)) {
            channel.truncate(whole.length / 2);
        }
        String message = refused(() -> mien.jobs().resume(run.id(), event -> {}, () -> false));
        assertTrue(
                message.contains("checkpoint " + last + " is no checkpoint, or was cut"), message);
        assertTrue(message.contains("the file was cut, or is broken"), message);
        assertArrayEquals(best, Files.readAllBytes(run.folder().resolve(RunFolders.BEST)));
        assertArrayEquals(metrics, Files.readAllBytes(run.folder().resolve("metrics.jsonl")));
        assertEquals(1, mien.runs().all().get(0).bestEpoch());
        // What was chosen so far can still be used.
        assertEquals(30, mien.evaluations().evaluate(run.id(), "test", map()).samples());
    }

    @Test
    void aClockThatJumpsHarmsNoRun() {
        Jumping jumping = new Jumping();
        try (Platforms two = new Platforms(jumping)) {
            Runs.Run first = two.mien.jobs().train("demo", map(), event -> {}, stopAfter(5));
            jumping.by = Duration.ofDays(-400);
            Runs.Run second = two.mien.jobs().train("demo", map(), event -> {}, () -> false);
            assertEquals("demo-2", second.id());
            assertTrue(second.started().compareTo(first.started()) < 0);
            jumping.by = Duration.ofDays(400);
            Runs.Run resumed = two.mien.jobs().resume(first.id(), event -> {}, () -> false);
            assertEquals("DONE", resumed.state());
            assertEquals(first.started(), resumed.started());
            assertTrue(resumed.seconds() > first.seconds() && resumed.seconds() < 60);
            assertEquals(2, two.mien.runs().all().size());
        }
    }

    private static final class Jumping extends Clock {
        private Duration by = Duration.ZERO;

        @Override
        public ZoneId getZone() {
            return ZoneId.of("UTC");
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }

        @Override
        public Instant instant() {
            return Instant.now().plus(by);
        }
    }

    /** A platform with another clock. */
    private final class Platforms implements AutoCloseable {
        private final Platform mien;

        Platforms(Clock clock) {
            mien = new Platform(registry, pipelines, torch, other, clock);
        }

        @Override
        public void close() {
            mien.close();
        }
    }
}
