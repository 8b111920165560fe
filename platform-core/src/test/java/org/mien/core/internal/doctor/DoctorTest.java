// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.doctor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mien.core.Doctor.Check;
import org.mien.core.Doctor.Level;
import org.mien.core.Pipelines;
import org.mien.core.Plugins;
import org.mien.core.internal.pipeline.ConfiguredPipelines;
import org.mien.core.internal.plugin.Registry;
import org.mien.core.internal.service.Platform;
import org.mien.engine.OneDnn;
import org.mien.engine.Torch;

class DoctorTest {
    private static final long GIB = 1L << 30;

    @TempDir private Path root;

    private Machine machine(String... environment) {
        Map<String, String> variables = new LinkedHashMap<>();
        for (int i = 0; i < environment.length; i += 2) {
            variables.put(environment[i], environment[i + 1]);
        }
        return new Machine(root, variables);
    }

    private Path file(String name, String text) throws IOException {
        Path file = root.resolve(name);
        Files.createDirectories(file.getParent());
        return Files.writeString(file, text);
    }

    private static void is(Level level, String found, Check check) {
        assertEquals(level, check.level(), check.toString());
        assertTrue(check.found().contains(found), check.toString());
        assertEquals(level == Level.OK, check.next().isEmpty(), "what to do next: " + check);
    }

    @Test
    void java() {
        is(Level.OK, "17.0.9", Machine.java(17, "17.0.9", "OpenJDK 64-Bit Server VM"));
        is(Level.WARNING, "Zero", Machine.java(17, "17.0.9", "OpenJDK 64-Bit Zero VM"));
        is(Level.PROBLEM, "11.0.2", Machine.java(11, "11.0.2", "OpenJDK 64-Bit Server VM"));
    }

    private void meminfo(long total, long available) throws IOException {
        file(
                "proc/meminfo",
                "MemTotal: %d kB\nMemFree: 1 kB\nMemAvailable: %d kB\n"
                        .formatted(total >> 10, available >> 10));
    }

    @Test
    void memory() throws IOException {
        is(Level.WARNING, "heap 2.0 GiB", machine().memory(2 * GIB));
        meminfo(16 * GIB, 8 * GIB);
        is(Level.OK, "heap 2.0 GiB of 16.0 GiB, 8.0 GiB free", machine().memory(2 * GIB));
        is(Level.WARNING, "outside the heap", machine().memory(12 * GIB));
        meminfo(16 * GIB, GIB / 2);
        is(Level.WARNING, "512 MiB free", machine().memory(2 * GIB));
        file("sys/fs/cgroup/memory.max", "max\n");
        meminfo(16 * GIB, 8 * GIB);
        is(Level.OK, "of 16.0 GiB,", machine().memory(2 * GIB));
        file("sys/fs/cgroup/memory.max", "" + 3 * GIB + "\n");
        is(Level.WARNING, "limit of the control group", machine().memory(2 * GIB));
        assertTrue(machine().memory(2 * GIB).next().contains("MIEN_HEAP=1g"));
        file("sys/fs/cgroup/memory.max", "" + GIB + "\n");
        is(Level.PROBLEM, "1.0 GiB (limit of the control group)", machine().memory(GIB / 2));
    }

    @Test
    void processor() throws IOException {
        is(Level.WARNING, "no AVX2", machine().processor(2));
        file("proc/cpuinfo", "model name\t: Old One\nflags\t\t: fpu sse4_2 avx\n");
        is(Level.WARNING, "Old One, no AVX2", machine().processor(2));
        file(
                "proc/cpuinfo",
                "model name\t: New One\nflags\t\t: fpu avx avx2 fma\n\nflags\t: fpu\n");
        is(Level.OK, "2 processors, New One, AVX2", machine().processor(2));
        file("proc/cpuinfo", "flags\t\t: avx2 fma avx512f avx512bw avx512vl avx512dq\n");
        is(Level.OK, "1 processor, AVX-512", machine().processor(1));
        is(
                Level.WARNING,
                "ATEN_CPU_CAPABILITY=default",
                machine("ATEN_CPU_CAPABILITY", "default").processor(1));
        is(Level.OK, "AVX-512", machine("ATEN_CPU_CAPABILITY", "avx512").processor(1));
    }

    @Test
    void allocator() throws IOException {
        is(Level.WARNING, "glibc", machine().allocator());
        is(Level.OK, "with tcmalloc", machine("MALLOC_ARENA_MAX", "1").allocator());
        file(
                "proc/self/maps",
                "7f r-xp 00000000 08:01 1 /usr/lib/libc.so.6\n"
                        + "7f r-xp 00000000 08:01 1 /usr/lib/x/libtcmalloc_minimal.so.4.5.9\n");
        is(Level.OK, "libtcmalloc_minimal.so.4.5.9", machine().allocator());
    }

    @Test
    void gpu() throws IOException {
        is(Level.OK, "none", machine().gpu(0, false, root));
        is(Level.OK, "2 GPUs", machine().gpu(2, true, root));
        file("proc/driver/nvidia/version", "NVRM version: 580\n");
        is(Level.WARNING, "has no CUDA", machine().gpu(0, false, root));
        is(Level.WARNING, "sees no device", machine().gpu(0, true, root));
    }

    @Test
    void foldersAndDisk() throws IOException {
        is(Level.OK, "can be written", Machine.folder("work", root));
        try (var left = Files.list(root)) {
            assertEquals(0, left.count(), "the probe is removed");
        }
        is(Level.PROBLEM, "cannot be written", Machine.folder("work", root.resolve("none")));
        is(Level.OK, "9.0 GiB", Machine.disk(root, 9 * GIB));
        is(Level.WARNING, "1.0 GiB", Machine.disk(root, GIB));
        is(Level.PROBLEM, "100 MiB", Machine.disk(root, 100 << 20));
    }

    private Check ports(String addresses) throws IOException {
        Path descriptors = Files.createDirectories(root.resolve("proc/self/fd"));
        StringBuilder table = new StringBuilder("  sl  local_address rem_address st\n");
        StringBuilder table6 = new StringBuilder(table);
        int inode = 100;
        for (String address : addresses.split(" ")) {
            boolean own = !address.startsWith("!");
            String local = own ? address : address.substring(1);
            Path link = descriptors.resolve(Integer.toString(inode));
            Files.deleteIfExists(link);
            if (own) {
                Files.createSymbolicLink(link, Path.of("socket:[" + inode + "]"));
            }
            (local.length() > 20 ? table6 : table)
                    .append(
                            "   0: %s 00000000:0000 0A 0:0 00:0 0 0 0 %d 1\n"
                                    .formatted(local, inode));
            inode++;
        }
        // A connection is no listener.
        table.append("   9: 0200000A:1F90 00000000:0000 01 0:0 00:0 0 0 0 100 1\n");
        file("proc/self/net/tcp", table.toString());
        file("proc/self/net/tcp6", table6.toString());
        return machine().ports();
    }

    @Test
    void ports() throws IOException {
        is(Level.OK, "127.0.0.1:8080, for this machine only", ports("0100007F:1F90"));
        is(
                Level.OK,
                "127.0.0.1:8080, [::1]:8080",
                ports(
                        "0000000000000000FFFF00000100007F:1F90"
                                + " 00000000000000000000000001000000:1F90"));
        is(Level.PROBLEM, "0.0.0.0:8080", ports("0100007F:1F90 00000000:1F90"));
        is(Level.PROBLEM, "[::]:8080", ports("00000000000000000000000000000000:1F90"));
        is(Level.PROBLEM, "10.0.0.2:22", ports("0000000000000000FFFF00000200000A:0016"));
        is(Level.OK, "nothing listens", ports("!00000000:1F90"));
    }

    @Test
    void secrets() throws IOException {
        is(Level.OK, "owner only", Machine.secrets(root));
        Path users = file("users.properties", "");
        Files.setPosixFilePermissions(users, PosixFilePermissions.fromString("rw-------"));
        is(Level.OK, "owner only", Machine.secrets(root));
        Files.setPosixFilePermissions(users, PosixFilePermissions.fromString("rw-r-----"));
        is(Level.PROBLEM, "rw-r-----", Machine.secrets(root));
    }

    @Test
    void leftovers() throws IOException {
        Instant now = Instant.now();
        is(Level.OK, "none", Machine.leftovers(root.resolve("runs"), now));
        Path part = file("runs/demo-1/last.safetensors.part", "x");
        is(Level.OK, "none", Machine.leftovers(root.resolve("runs"), now));
        Files.setLastModifiedTime(part, FileTime.from(now.minus(Duration.ofHours(1))));
        is(
                Level.WARNING,
                "1 of writes that did not end: demo-1/last.safetensors.part",
                Machine.leftovers(root.resolve("runs"), now));
    }

    @Test
    void clock() {
        Instant now = Instant.parse("2026-01-02T03:04:05Z");
        is(Level.OK, "2026-01-02T03:04:05Z", Machine.clock(now, now, now));
        is(Level.WARNING, "60 s", Machine.clock(now, now.plusSeconds(60), now));
        is(Level.PROBLEM, "before", Machine.clock(now, now, now.plus(Duration.ofDays(9))));
    }

    @Test
    void engineThreads() {
        is(Level.OK, "libtorch 2.7.1", engine(2, OneDnn.RIGHT));
        is(Level.OK, "guesses the sizes of caches", engine(2, OneDnn.MENDED));
        is(
                Level.OK,
                "2 threads, which yield to other processes now",
                Doctors.engine("2.7.1", 2, 2, root, OneDnn.RIGHT, true, List.of()));
        is(Level.OK, "without oneDNN", engine(2, OneDnn.UNUSED));
        is(Level.WARNING, "8 threads", engine(8, OneDnn.RIGHT));
        is(Level.WARNING, "0 so far are", engine(2, OneDnn.WRONG));
        is(
                Level.WARNING,
                "2 so far are computed without it, which is slower: one shape; another",
                engine(2, OneDnn.WRONG, "one shape", "another"));
    }

    private Check engine(int threads, OneDnn oneDnn, String... distrusted) {
        return Doctors.engine("2.7.1", threads, 2, root, oneDnn, false, List.of(distrusted));
    }

    @Test
    void pluginsAndPipelines() {
        Plugins.Plugin fine = new Plugins.Plugin("method", "linear", "a.b", "1", "", List.of());
        Plugins.Plugin bad =
                new Plugins.Plugin("method", "odd", "a.c", "1", "no settings", List.of());
        is(Level.OK, "1 installed", Doctors.plugins(List.of(fine)));
        is(Level.PROBLEM, "method 'odd' (a.c): no settings", Doctors.plugins(List.of(fine, bad)));

        Pipelines.Pipeline ready = pipeline(Pipelines.State.READY, "");
        Pipelines.Pipeline failed = pipeline(Pipelines.State.FAILED, "dataset.path must be given");
        is(Level.OK, "1 can train", Doctors.pipelines(List.of(ready)));
        is(
                Level.WARNING,
                "1 of 2 can train; demo FAILED dataset.path must be given",
                Doctors.pipelines(List.of(ready, failed)));
        assertTrue(Doctors.alone(List.of(ready, failed)));
        assertTrue(!Doctors.alone(List.of(pipeline(Pipelines.State.BUSY, "with run demo-1"))));
    }

    private static Pipelines.Pipeline pipeline(Pipelines.State state, String why) {
        return new Pipelines.Pipeline("demo", state, why, "demo.cfg", Map.of(), Map.of());
    }

    @Test
    void whatCannotBeLookedAtIsAProblem() {
        is(
                Level.PROBLEM,
                "UnsatisfiedLinkError (no natives)",
                Doctors.look(
                        "vision",
                        () -> {
                            throw new UnsatisfiedLinkError("no natives");
                        }));
    }

    @Test
    void trainingIsReal() {
        Torch torch = Torch.start(Path.of(System.getProperty("mien.torch")));
        long before = torch.arrays();
        is(Level.OK, "a small network", SelfTest.run(torch, true));
        long once = torch.arrays();
        is(Level.OK, "a small network", SelfTest.run(torch, true));
        assertEquals(once, torch.arrays(), "began with " + before);
        is(Level.PROBLEM, "less than half", SelfTest.judge(0.7, 0.5, 0, 9));
        is(Level.PROBLEM, "less than half", SelfTest.judge(0.7, Double.NaN, 0, 9));
        is(Level.PROBLEM, "3 native arrays", SelfTest.judge(0.7, 0.1, 3, 9));
    }

    @Test
    void theRoundLooksAtAll() {
        Torch torch = Torch.start(Path.of(System.getProperty("mien.torch")));
        Platform mien =
                new Platform(
                        new Registry(null),
                        new ConfiguredPipelines(),
                        torch,
                        root,
                        Clock.systemUTC());
        List<Check> checks = new ArrayList<>();
        new Doctors(mien.plugins(), mien.pipelines(), torch, root).examine(checks::add);
        assertEquals(17, checks.stream().map(Check::name).distinct().count(), checks.toString());
        for (Check check : checks) {
            assertTrue(!check.found().contains("cannot be looked at"), check.toString());
        }
    }
}
