// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.bench;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** The processes that measure: the platform's, Python's, and Python's as an expert runs it. */
final class Sides {
    private final Options options;
    private final Machine machine;
    private final Map<String, String> facts;
    private final Path peer;
    private final Path folder;
    private final String python;

    /**
     * Looks for a Python.
     *
     * @param options what was asked for
     * @param machine where they run
     * @param root of the sources
     * @param folder for their messages
     * @param facts grows by what each says about itself
     * @throws IllegalArgumentException in words, when a Python was named and is none
     */
    Sides(Options options, Machine machine, Path root, Path folder, Map<String, String> facts) {
        this.options = options;
        this.machine = machine;
        this.facts = facts;
        this.folder = folder;
        peer = root.resolve("benchmarks/peer.py");
        String program = options.python().orElse("python3");
        String lacks = Python.lacks(program, "torch, PIL, numpy");
        if (lacks != null && options.python().isPresent()) {
            throw new IllegalArgumentException("--python: " + lacks);
        }
        if (lacks != null) {
            facts.put("python", "none: " + lacks + ". Name another with --python=PROGRAM");
            Bench.say("nothing is compared: " + lacks + ". Name another with --python=PROGRAM");
        }
        python = lacks == null ? program : null;
    }

    /** Why there is no peer with such modules, in words; null where there is one. */
    String peerLacks(String modules) {
        return python == null ? facts.get("python") : Python.lacks(python, modules);
    }

    /** Whoever can be compared, on as many threads and cores; 0 for all. */
    Map<Who, Supplier<Meter>> all(Benchmark benchmark, int threads, String... arguments) {
        Map<Who, Supplier<Meter>> all = peers(benchmark, threads, arguments);
        all.put(Who.MIEN, () -> mien(benchmark, threads, threads, arguments));
        return all;
    }

    /** Python's of them. */
    Map<Who, Supplier<Meter>> peers(Benchmark benchmark, int threads, String... arguments) {
        Map<Who, Supplier<Meter>> peers = new EnumMap<>(Who.class);
        if (python != null) {
            peers.put(Who.PYTHON, () -> python(false, benchmark, threads, arguments));
            if (options.tuned()) {
                peers.put(Who.TUNED, () -> python(true, benchmark, threads, arguments));
            }
        }
        return peers;
    }

    /** The platform's of them. */
    Child mien(Benchmark benchmark, int threads, int cores, String... arguments) {
        List<String> command = new ArrayList<>(List.of("-Dmien.bench.warm=" + options.warm()));
        for (String key : List.of("mien.torch", "mien.opencv")) {
            command.add("-D" + key + "=" + System.getProperty(key));
        }
        command.add(Worker.class.getName());
        command.add(benchmark.id());
        command.addAll(List.of(arguments));
        return child("mien", benchmark, threads, cores, Machine.launched(), java(command));
    }

    private Child python(boolean tuned, Benchmark benchmark, int threads, String... arguments) {
        List<String> command = new ArrayList<>(List.of(python, peer.toString()));
        command.add("--warm=" + options.warm());
        if (tuned) {
            command.add("--tuned");
        }
        command.add(benchmark.id());
        command.addAll(List.of(arguments));
        Map<String, String> environment = tuned ? Machine.launched() : Machine.plain();
        String side = tuned ? "tuned" : "python";
        return child(side, benchmark, threads, threads, environment, command);
    }

    /** A process that takes the time of a core from the others there, until it is closed. */
    Child busy(int cores) {
        List<String> command = java(List.of(Busy.class.getName()));
        return child("load", Benchmark.BUSY, 1, cores, Machine.plain(), command);
    }

    private static List<String> java(List<String> arguments) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(
                List.of(
                        "-Xms24m",
                        "-XX:-UsePerfData",
                        "-cp",
                        System.getProperty("java.class.path")));
        command.addAll(arguments);
        return command;
    }

    private Child child(
            String side,
            Benchmark benchmark,
            int threads,
            int cores,
            Map<String, String> environment,
            List<String> program) {
        List<String> command = new ArrayList<>(machine.pinned(cores));
        command.addAll(program);
        if (threads > 0) {
            environment.put("OMP_NUM_THREADS", Integer.toString(threads));
        }
        Path messages = folder.resolve(benchmark.id() + "-" + threads + "-" + side + ".log");
        Child child = new Child(side, command, environment, messages, Child.PATIENCE);
        child.facts()
                .forEach(
                        (name, fact) -> {
                            boolean said =
                                    side.equals("tuned")
                                            && fact.equals(facts.get("python " + name));
                            if (!said && !name.equals("threads") && !name.equals("idle")) {
                                facts.put(side + " " + name, fact);
                            }
                        });
        return child;
    }
}
