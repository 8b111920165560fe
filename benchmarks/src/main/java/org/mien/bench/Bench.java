// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.bench;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.mien.bench.Benchmark.Kind;
import org.mien.bench.Contest.Outcome;

/** {@code ./mien bench}: the platform and Python PyTorch in turn, and what both needed. */
public final class Bench {
    private static final String QUICK =
            "few measurements on one thread; differences of less than a fifth mean nothing";

    private final Options options;
    private final Path root;
    private final Path folder;
    private final Map<String, String> facts = new LinkedHashMap<>();
    private final Report report;
    private final Rows rows;
    private final Machine machine = new Machine();
    private final Sides sides;

    /** Looks at the machine, and for a Python. */
    Bench(Options options, Path root, Path folder, PrintStream out) throws IOException {
        this.options = options;
        this.root = root;
        this.folder = Files.createDirectories(folder);
        report = options.json() ? new JsonLines(out) : new Table(out);
        rows = new Rows(report, facts);
        if (options.quick()) {
            rows.note("a quick look", QUICK);
        }
        facts.put("mien", version());
        machine.describe(facts);
        sides = new Sides(options, machine, root, folder, facts);
    }

    /**
     * Runs.
     *
     * @param arguments see {@code --help}
     */
    public static void main(String[] arguments) {
        if (List.of(arguments).contains("--help")) {
            System.out.print(Options.USAGE);
            return;
        }
        try {
            Path root = Path.of(System.getProperty("mien.root"));
            Path folder = root.resolve("benchmarks/target/bench");
            Bench bench = new Bench(new Options(arguments), root, folder, System.out);
            Runtime.getRuntime().addShutdownHook(new Thread(bench.rows::close));
            bench.run();
            if (bench.failures() != null) {
                say(bench.failures());
                System.exit(1);
            }
        } catch (IllegalArgumentException e) {
            say(e.getMessage());
            System.exit(1);
        } catch (IOException e) {
            say("cannot read or write: " + e.getMessage());
            System.exit(1);
        }
    }

    static void say(String text) {
        System.err.println("mien: bench: " + text);
    }

    private String version() throws IOException {
        Path file = root.resolve("distribution/target/assembly/version");
        return Files.exists(file) ? Files.readString(file).strip() : "not built";
    }

    /** Measures what was asked for; what needs the platform comes last. */
    void run() throws IOException {
        report.begin(facts);
        for (Benchmark benchmark : options.benchmarks()) {
            switch (benchmark.kind()) {
                case NETWORK -> options.threads().forEach(n -> onCores(benchmark, n));
                case FILES -> onCores(benchmark, 1);
                case BUSY -> busy();
                case PLATFORM -> {}
            }
        }
        List<Benchmark> onPlatform =
                options.benchmarks().stream().filter(one -> one.kind() == Kind.PLATFORM).toList();
        if (!onPlatform.isEmpty()) {
            try (OnPlatform platform = new OnPlatform(options, sides, rows, root, folder)) {
                for (Benchmark benchmark : onPlatform) {
                    say(benchmark.id());
                    platform.measure(benchmark);
                }
            }
        }
        report.end(facts);
    }

    /** How many rows failed, in words; null where none did. */
    String failures() {
        return rows.failures();
    }

    private void onCores(Benchmark benchmark, int threads) {
        String name = benchmark.id() + ", " + threads + (threads == 1 ? " thread" : " threads");
        if (threads > machine.size()) {
            rows.leaveOut(name, "not enough cores");
            return;
        }
        say(name);
        rows.attempt(benchmark, threads, () -> compare(benchmark, threads));
    }

    /** All sides in turn, and their memory. */
    private void compare(Benchmark benchmark, int threads) throws IOException {
        Path faces = folder.resolve("faces");
        if (benchmark == Benchmark.INPUT) {
            Photographs.write(faces, 100, 224, 224);
        }
        Map<Who, Outcome> outcomes =
                Contest.hold(
                        sides.all(benchmark, threads, faces.toString()), options.repeat(benchmark));
        String id = benchmark.id();
        rows.add(
                Measured.of(
                        id,
                        benchmark.what(),
                        benchmark.unit(),
                        threads,
                        outcomes,
                        Outcome::values));
        if (benchmark.weighed()) {
            String memory = "largest memory of the process, JVM and Python included";
            rows.add(Measured.of(id + " memory", memory, "MB", threads, outcomes, Outcome::memory));
        }
        if (benchmark.trains()) {
            String idle = "the same, less what it had before the first network";
            rows.add(
                    Measured.of(
                            id + " above idle", idle, "MB", threads, outcomes, Outcome::aboveIdle));
        }
    }

    /** One thread and two, beside a process that takes the time of a core. */
    private void busy() {
        if (machine.size() < 2 || machine.size() > 2 && !machine.pins()) {
            rows.leaveOut(Benchmark.BUSY.id(), "it needs two cores to stay on");
            return;
        }
        say(Benchmark.BUSY.id());
        rows.attempt(
                Benchmark.BUSY,
                2,
                () -> {
                    Map<Integer, Supplier<Meter>> threads = new LinkedHashMap<>();
                    threads.put(1, () -> sides.mien(Benchmark.BUSY, 1, 2));
                    threads.put(2, () -> sides.mien(Benchmark.BUSY, 2, 2));
                    try (Child load = sides.busy(2)) {
                        Map<Integer, Outcome> outcomes =
                                Contest.hold(threads, options.repeat(Benchmark.BUSY));
                        load.check();
                        Side one = outcomes.get(1).values();
                        beside(1, one, Side.NONE);
                        beside(2, outcomes.get(2).values(), one);
                    }
                });
    }

    private void beside(int threads, Side mien, Side base) {
        rows.add(
                new Measured(
                        Benchmark.BUSY.id(),
                        Benchmark.BUSY.what(),
                        Benchmark.BUSY.unit(),
                        threads,
                        mien,
                        Side.NONE,
                        Side.NONE,
                        base));
    }
}
