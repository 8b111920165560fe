// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.doctor;

import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.StringJoiner;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.mien.core.Doctor.Check;
import org.mien.core.Doctor.Level;

/** What the doctor sees of the machine and the process, from the files of Linux. */
final class Machine {
    private static final long MIB = 1L << 20;
    private static final long GIB = 1L << 30;

    private final Path root;
    private final Map<String, String> environment;

    /**
     * A machine.
     *
     * @param root the folder in which proc, sys and dev lie
     * @param environment variables of the process
     */
    Machine(Path root, Map<String, String> environment) {
        this.root = root;
        this.environment = environment;
    }

    /** Version and kind of the virtual machine. */
    static Check java(int feature, String version, String vm) {
        String found = version + ", " + vm;
        if (feature < 17) {
            return new Check(
                    "java", Level.PROBLEM, found, "set JAVA_HOME to a JDK, 17 to 22, and restart");
        }
        if (vm.matches(".*(Zero|Minimal|Interpreted).*")) {
            return new Check(
                    "java",
                    Level.WARNING,
                    found + "; it has no optimising compiler",
                    "set JAVA_HOME to a JDK with a Server VM and restart");
        }
        return new Check("java", Level.OK, found, "");
    }

    /** The heap against what the machine and the control group allow. */
    Check memory(long heap) {
        long physical = meminfo("MemTotal");
        long free = meminfo("MemAvailable");
        long group = groupLimit();
        long limit = group > 0 && (physical == 0 || group < physical) ? group : physical;
        String found =
                "heap "
                        + size(heap)
                        + " of "
                        + size(limit)
                        + (limit == group ? " (limit of the control group)" : "")
                        + ", "
                        + size(free)
                        + " free";
        if (limit == 0) {
            return new Check(
                    "memory", Level.WARNING, "heap " + size(heap), "/proc/meminfo is empty");
        }
        if (limit < 2 * GIB) {
            return new Check(
                    "memory",
                    Level.PROBLEM,
                    found,
                    "training needs 2 GiB or more: use a larger machine or raise the limit");
        }
        if (heap > limit * 6 / 10) {
            return new Check(
                    "memory",
                    Level.WARNING,
                    found + "; PyTorch's arrays lie outside the heap",
                    "set MIEN_HEAP to less than half of it, for example MIEN_HEAP="
                            + Math.max(1, limit / GIB / 3)
                            + "g, and restart");
        }
        if (free > 0 && free < GIB) {
            return new Check(
                    "memory", Level.WARNING, found, "end other programs, or use smaller batches");
        }
        return new Check("memory", Level.OK, found, "");
    }

    private long meminfo(String name) {
        for (String line : lines("proc/meminfo")) {
            if (line.startsWith(name + ":")) {
                String digits = line.replaceAll("\\D", "");
                return digits.isEmpty() ? 0 : Long.parseLong(digits) << 10;
            }
        }
        return 0;
    }

    private long groupLimit() {
        for (String file :
                List.of("sys/fs/cgroup/memory.max", "sys/fs/cgroup/memory/memory.limit_in_bytes")) {
            for (String line : lines(file)) {
                if (line.matches("\\d{1,18}")) {
                    return Long.parseLong(line);
                }
            }
        }
        return 0;
    }

    /** Features of the processor that libtorch has faster code for. */
    Check processor(int processors) {
        String model = "";
        Set<String> flags = Set.of();
        for (String line : lines("proc/cpuinfo")) {
            String value = line.replaceFirst("[^:]*:", "").strip();
            if (line.startsWith("model name") && model.isEmpty()) {
                model = value;
            } else if (line.startsWith("flags") && flags.isEmpty()) {
                flags = Set.copyOf(new TreeSet<>(List.of(value.split("\\s+"))));
            }
        }
        String best =
                flags.containsAll(Set.of("avx512f", "avx512bw", "avx512vl", "avx512dq"))
                        ? "AVX-512"
                        : flags.contains("avx2") && flags.contains("fma") ? "AVX2" : "";
        String forced = environment.getOrDefault("ATEN_CPU_CAPABILITY", "");
        String found =
                processors
                        + (processors == 1 ? " processor" : " processors")
                        + (model.isEmpty() ? "" : ", " + model)
                        + ", "
                        + (best.isEmpty() ? "no AVX2" : best)
                        + (forced.isEmpty() ? "" : "; ATEN_CPU_CAPABILITY=" + forced);
        if (best.isEmpty()) {
            return new Check(
                    "processor",
                    Level.WARNING,
                    found,
                    "libtorch takes its slow code: use a machine with AVX2");
        }
        if (!forced.isEmpty() && !forced.equalsIgnoreCase(best.replace("-", ""))) {
            return new Check(
                    "processor", Level.WARNING, found, "unset ATEN_CPU_CAPABILITY and restart");
        }
        return new Check("processor", Level.OK, found, "");
    }

    /** What native memory comes from. */
    Check allocator() {
        for (String line : lines("proc/self/maps")) {
            Matcher library = Pattern.compile(".*/(lib(tc|je|mi)malloc[^/]*)").matcher(line);
            if (library.matches()) {
                return new Check("allocator", Level.OK, library.group(1), "");
            }
        }
        if (environment.containsKey("MALLOC_ARENA_MAX")) {
            return new Check(
                    "allocator",
                    Level.OK,
                    "glibc, tuned by the launcher; with tcmalloc (Debian: libtcmalloc-minimal4),"
                            + " which it takes where it is there, steps and answers took 2 to 12 %"
                            + " less time where it was measured",
                    "");
        }
        return new Check(
                "allocator",
                Level.WARNING,
                "glibc with its defaults, slow for PyTorch's large blocks",
                "start by ./mien, which tunes it, or install libtcmalloc-minimal4");
    }

    /** The GPU, or why there is none. */
    Check gpu(int gpus, boolean cuda, Path natives) {
        List<String> driver = lines("proc/driver/nvidia/version");
        boolean device = Files.exists(root.resolve("dev/nvidia0"));
        if (gpus > 0) {
            return new Check("gpu", Level.OK, gpus + (gpus == 1 ? " GPU" : " GPUs"), "");
        }
        if (!driver.isEmpty() || device) {
            return new Check(
                    "gpu",
                    Level.WARNING,
                    cuda
                            ? "an NVIDIA driver and a libtorch with CUDA that sees no device"
                            : "an NVIDIA driver, but libtorch in " + natives + " has no CUDA",
                    cuda
                            ? "compare the driver (/proc/driver/nvidia/version) with libtorch's CUDA,"
                                    + " and see that /dev/nvidia* can be opened"
                            : "set mien.torch to a folder with a CUDA libtorch: see README, GPU");
        }
        return new Check(
                "gpu",
                Level.OK,
                "none (no /proc/driver/nvidia, no /dev/nvidia0); the processor computes",
                "");
    }

    /** Whether a folder can be written, and by nobody else. */
    static Check folder(String name, Path folder) {
        try {
            Path probe = Files.createTempFile(folder, "doctor", null);
            Files.write(probe, new byte[] {1});
            Files.delete(probe);
            return new Check(name, Level.OK, folder + " can be written", "");
        } catch (IOException e) {
            return new Check(
                    name,
                    Level.PROBLEM,
                    folder + " cannot be written: " + e.getClass().getSimpleName(),
                    "give the platform's user the folder, or set MIEN_WORK to another");
        }
    }

    /** What is free where the work folder lies, and where links in it lead to. */
    static Check disk(Path work) throws IOException {
        Check worst = null;
        List<FileStore> stores = new ArrayList<>();
        StringJoiner found = new StringJoiner("; ");
        for (Path folder : List.of(work, work.resolve("runs"), work.resolve("sweeps"))) {
            if (!Files.isDirectory(folder)) {
                continue;
            }
            Path real = folder.toRealPath();
            FileStore store = Files.getFileStore(real);
            if (stores.contains(store)) {
                continue;
            }
            stores.add(store);
            Check check = disk(real, store.getUsableSpace());
            found.add(check.found());
            if (worst == null || check.level().compareTo(worst.level()) > 0) {
                worst = check;
            }
        }
        if (worst == null) {
            throw new NoSuchFileException(work.toString());
        }
        return new Check("disk", worst.level(), found.toString(), worst.next());
    }

    static Check disk(Path folder, long free) {
        String found = size(free) + " free for " + folder;
        if (free < 256 * MIB) {
            return new Check(
                    "disk", Level.PROBLEM, found, "make room: fer:run-delete RUN removes runs");
        }
        if (free < 2 * GIB) {
            return new Check(
                    "disk", Level.WARNING, found, "fer:run-delete RUN removes runs, if need be");
        }
        return new Check("disk", Level.OK, found, "");
    }

    /** A socket that listens, by its address in words and whether it is of this machine only. */
    private record Socket(String address, boolean local) {}

    /** The sockets on which this process listens. */
    Check ports() throws IOException {
        Set<String> own = new TreeSet<>();
        try (Stream<Path> open = Files.list(root.resolve("proc/self/fd"))) {
            for (Path descriptor : open.toList()) {
                if (Files.isSymbolicLink(descriptor)) {
                    own.add(target(descriptor));
                }
            }
        }
        List<Socket> sockets = new ArrayList<>();
        for (String table : List.of("tcp", "tcp6")) {
            for (String line : lines("proc/self/net/" + table)) {
                String[] columns = line.strip().split("\\s+");
                // Column 3 is the state, 0A is LISTEN.
                if (columns.length > 9
                        && columns[3].equals("0A")
                        && own.contains("socket:[" + columns[9] + "]")) {
                    sockets.add(socket(columns[1]));
                }
            }
        }
        String found = String.join(", ", sockets.stream().map(Socket::address).toList());
        if (!sockets.stream().allMatch(Socket::local)) {
            return new Check(
                    "ports",
                    Level.PROBLEM,
                    "listens beyond this machine: " + found,
                    "set sshHost = 127.0.0.1 in etc/org.apache.karaf.shell.cfg; what else listens"
                            + " comes from a plugin");
        }
        return new Check(
                "ports",
                Level.OK,
                sockets.isEmpty() ? "nothing listens" : found + ", for this machine only",
                "");
    }

    private static String target(Path link) {
        try {
            return Files.readSymbolicLink(link).toString();
        } catch (IOException closedSince) {
            return "";
        }
    }

    /** An address of /proc/net/tcp: groups of four bytes, the low byte first, and the port. */
    private static Socket socket(String text) {
        String address = text.substring(0, text.indexOf(':'));
        int port = Integer.parseInt(text.substring(text.indexOf(':') + 1), 16);
        String four = address.substring(address.length() - 8);
        boolean mapped = address.startsWith("0000000000000000FFFF0000");
        if (address.length() == 8 || mapped) {
            long bytes = Long.parseLong(four, 16);
            String dotted =
                    (bytes & 255)
                            + "."
                            + (bytes >> 8 & 255)
                            + "."
                            + (bytes >> 16 & 255)
                            + "."
                            + (bytes >> 24 & 255);
            return new Socket(dotted + ":" + port, (bytes & 255) == 127);
        }
        boolean loopback = address.equals("00000000000000000000000001000000");
        String name = loopback ? "[::1]" : address.matches("0+") ? "[::]" : "[" + address + "]";
        return new Socket(name + ":" + port, loopback);
    }

    /** Whether the files with secrets are for their owner only. */
    static Check secrets(Path etc) throws IOException {
        List<String> open = new ArrayList<>();
        for (String name : List.of("users.properties", "host.key")) {
            Path file = etc.resolve(name);
            if (Files.exists(file)) {
                Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
                String words = PosixFilePermissions.toString(mode);
                if (!words.endsWith("------")) {
                    open.add(file + " has the mode " + words);
                }
            }
        }
        if (!open.isEmpty()) {
            return new Check(
                    "secrets",
                    Level.PROBLEM,
                    String.join("; ", open),
                    "chmod 600, and replace the passwords in it when others have an account here");
        }
        return new Check(
                "secrets", Level.OK, "passwords and host key are for their owner only", "");
    }

    /** Files that a write which was killed left behind. */
    static Check leftovers(Path runs, Instant now) throws IOException {
        List<String> parts = new ArrayList<>();
        if (Files.isDirectory(runs)) {
            try (Stream<Path> all = Files.walk(runs, 3)) {
                for (Path path : all.toList()) {
                    if (path.toString().endsWith(".part")
                            && Files.getLastModifiedTime(path)
                                    .toInstant()
                                    .isBefore(now.minus(Duration.ofMinutes(10)))) {
                        parts.add(runs.relativize(path).toString());
                    }
                }
            }
        }
        if (parts.isEmpty()) {
            return new Check("leftovers", Level.OK, "none in " + runs, "");
        }
        parts.sort(null);
        return new Check(
                "leftovers",
                Level.WARNING,
                parts.size()
                        + " of writes that did not end: "
                        + String.join(", ", parts.subList(0, Math.min(3, parts.size()))),
                "remove them: rm " + runs + "/*/*.part");
    }

    /**
     * Whether the clock can be right.
     *
     * @param now what it shows
     * @param written what the file system gave a file that was written now
     * @param built when the platform was built
     */
    static Check clock(Instant now, Instant written, Instant built) {
        String found = now.truncatedTo(java.time.temporal.ChronoUnit.SECONDS).toString();
        if (now.isBefore(built.minus(Duration.ofDays(1)))) {
            return new Check(
                    "clock",
                    Level.PROBLEM,
                    found + " is before the platform was built, " + built,
                    "set the clock; runs are ordered by it");
        }
        long skew = Math.abs(Duration.between(now, written).toSeconds());
        if (skew > 10) {
            return new Check(
                    "clock",
                    Level.WARNING,
                    found + "; the disk's clock differs by " + skew + " s",
                    "synchronise the clocks of this machine and its file server");
        }
        return new Check("clock", Level.OK, found, "");
    }

    private List<String> lines(String file) {
        try {
            Path path = root.resolve(file);
            return Files.isReadable(path) ? Files.readAllLines(path) : List.of();
        } catch (IOException e) {
            return List.of();
        }
    }

    /** A number of bytes for people. */
    static String size(long bytes) {
        return bytes >= GIB
                ? String.format(Locale.ROOT, "%.1f GiB", (double) bytes / GIB)
                : bytes / MIB + " MiB";
    }
}
