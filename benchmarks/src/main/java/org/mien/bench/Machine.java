// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Where it is measured: processor, cores and allocator. */
final class Machine {
    private final List<Integer> cores = cores();
    private final boolean taskset = Python.fails(List.of("taskset", "--version")) == null;

    Machine() throws IOException {}

    /** How many cores this process may use. */
    int size() {
        return cores.size();
    }

    /** Whether processes can be held on some of the cores. */
    boolean pins() {
        return taskset;
    }

    /** The beginning of a command that stays on the first cores; 0 for one that may use all. */
    List<String> pinned(int count) {
        if (!taskset || count == 0) {
            return List.of();
        }
        List<String> list = cores.subList(0, count).stream().map(String::valueOf).toList();
        return List.of("taskset", "-c", String.join(",", list));
    }

    /** What the launcher set, its choice of an allocator included. */
    static Map<String, String> launched() {
        return new TreeMap<>(System.getenv());
    }

    /** The environment without what the launcher sets for an allocator. */
    static Map<String, String> plain() {
        Map<String, String> environment = launched();
        environment
                .keySet()
                .removeIf(
                        key ->
                                key.equals("LD_PRELOAD")
                                        || key.equals("GLIBC_TUNABLES")
                                        || key.startsWith("MALLOC_"));
        return environment;
    }

    /** Says what it is. */
    void describe(Map<String, String> facts) throws IOException {
        facts.put("processor", processor());
        facts.put(
                "cores",
                cores.size() + (taskset ? ", pinned by taskset" : ", not pinned: no taskset"));
        String preload = System.getenv("LD_PRELOAD");
        facts.put(
                "allocator of mien and of tuned python",
                preload != null && preload.contains("tcmalloc")
                        ? "tcmalloc"
                        : "glibc, with the launcher's settings");
        facts.put("allocator of python", "glibc, as it is");
    }

    private static String processor() throws IOException {
        Path info = Path.of("/proc/cpuinfo");
        if (!Files.isReadable(info)) {
            return System.getProperty("os.arch");
        }
        try (Stream<String> lines = Files.lines(info)) {
            return lines.filter(line -> line.startsWith("model name"))
                    .map(line -> line.replaceFirst(".*:\\s*", ""))
                    .findFirst()
                    .orElse(System.getProperty("os.arch"));
        }
    }

    private static List<Integer> cores() throws IOException {
        Path status = Path.of("/proc/self/status");
        if (Files.isReadable(status)) {
            for (String line : Files.readAllLines(status)) {
                if (line.startsWith("Cpus_allowed_list:")) {
                    return numbers(line.replaceFirst(".*:\\s*", ""));
                }
            }
        }
        return IntStream.range(0, Runtime.getRuntime().availableProcessors()).boxed().toList();
    }

    /** The numbers of a list such as 0-3,8. */
    static List<Integer> numbers(String list) {
        List<Integer> numbers = new ArrayList<>();
        for (String range : list.split(",")) {
            String[] ends = range.strip().split("-");
            int last = Integer.parseInt(ends[ends.length - 1]);
            for (int i = Integer.parseInt(ends[0]); i <= last; i++) {
                numbers.add(i);
            }
        }
        return numbers;
    }
}
