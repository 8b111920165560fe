// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.bench;

import com.google.gson.JsonParser;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A platform of its own, with a work folder of its own, asked through the launcher. */
final class Platform implements AutoCloseable {
    private final Path root;
    private final Path work;
    private final Map<String, String> environment;
    private final Path messages;
    private final Thread stop = new Thread(() -> mien("stop"));

    /** One that does not run yet. */
    Platform(Path root, Path work, Map<String, String> environment) {
        this.root = root;
        this.work = work;
        this.environment = environment;
        messages = work.resolveSibling("platform.log");
        Runtime.getRuntime().addShutdownHook(stop);
    }

    /** Runs the launcher and gives what it printed on standard output. */
    String mien(String... arguments) {
        return mien(List.of(arguments));
    }

    private String mien(List<String> arguments) {
        try {
            // The platform outlives the launcher and would keep a pipe open.
            Path answer = work.resolveSibling("platform.out");
            Process process = launcher(arguments).redirectOutput(answer.toFile()).start();
            ended(process, arguments);
            return Files.readString(answer, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private ProcessBuilder launcher(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of(root.resolve("mien").toString()));
        command.addAll(arguments);
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(messages.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        builder.environment().put("MIEN_WORK", work.toString());
        builder.environment().put("MIEN_JAVA_OPTS", "-Dmien.bench.swaps=" + work.resolve("swaps"));
        return builder;
    }

    private void ended(Process process, List<String> arguments) throws IOException {
        try {
            if (!process.waitFor(10, TimeUnit.MINUTES) || process.exitValue() != 0) {
                process.destroyForcibly();
                List<String> said = Files.readAllLines(messages);
                throw new IllegalStateException(
                        "'mien "
                                + arguments.get(0)
                                + "' failed: "
                                + String.join(
                                        "; ",
                                        said.subList(Math.max(0, said.size() - 3), said.size())));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    /** Seconds of {@code mien start}, after which the demo pipeline is READY. */
    double start() {
        long begin = System.nanoTime();
        mien("start");
        double seconds = (System.nanoTime() - begin) / 1e9;
        boolean ready = false;
        for (var pipeline :
                JsonParser.parseString(mien("pipeline-list", "--json")).getAsJsonArray()) {
            var fields = pipeline.getAsJsonObject();
            ready |=
                    fields.get("name").getAsString().equals("demo")
                            && fields.get("state").getAsString().equals("READY");
        }
        if (!ready) {
            throw new IllegalStateException("the platform started, but 'demo' is not READY");
        }
        return seconds;
    }

    /** Milliseconds of each of thirty swaps of a method, timed inside by {@link Swap}. */
    double[] swaps(Path bundle) throws IOException {
        Files.deleteIfExists(work.resolve("swaps"));
        mien("shell", "bundle:install -s file:" + bundle);
        mien("shell", "bundle:uninstall org.mien.benchmarks");
        return Files.readAllLines(work.resolve("swaps")).stream()
                .mapToDouble(Double::parseDouble)
                .toArray();
    }

    /** Trains a very small network of the real shape, to predict with. */
    String train() {
        String answer =
                mien(
                        "train",
                        "demo",
                        "dataset.train=28",
                        "dataset.validation=14",
                        "dataset.test=14",
                        "backbone.size=112",
                        "train.epochs=1",
                        "train.batch=14",
                        "--json");
        String[] lines = answer.strip().split("\n");
        return JsonParser.parseString(lines[lines.length - 1])
                .getAsJsonObject()
                .get("run")
                .getAsString();
    }

    /** Photographs a second of one {@code mien predict}, with everything it does. */
    double predict(String run, List<Path> photographs) {
        List<String> arguments = new ArrayList<>(List.of("predict", run));
        photographs.forEach(path -> arguments.add(path.toString()));
        arguments.add("--json");
        long begin = System.nanoTime();
        String answer = mien(arguments);
        double seconds = (System.nanoTime() - begin) / 1e9;
        long lines = answer.lines().filter(line -> line.contains("\"probabilities\"")).count();
        if (lines != photographs.size()) {
            throw new IllegalStateException(
                    lines + " answers to " + photographs.size() + " photographs");
        }
        return photographs.size() / seconds;
    }

    /** Photographs a second of one {@code mien predict} that looks for faces and writes a CSV. */
    double predictFaces(String run, String photographs, int count, Path yunet) {
        Path csv = work.resolve("faces.csv");
        long begin = System.nanoTime();
        mien(
                "predict",
                run,
                photographs,
                "preprocess=yunet,resize",
                "yunet.model=" + yunet,
                "--csv",
                csv.toString());
        double seconds = (System.nanoTime() - begin) / 1e9;
        try (Stream<String> lines = Files.lines(csv)) {
            long faces = lines.filter(line -> line.matches(".*\\.jpg\"?,\\d+,.*")).count();
            if (faces < 0.9 * count) {
                throw new IllegalStateException(
                        "found a face in " + faces + " of " + count + " photographs only");
            }
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        return count / seconds;
    }

    /** Seconds until the first answer of a {@code mien predict} of one photograph. */
    double firstAnswer(String run, Path photograph) throws IOException {
        List<String> arguments = List.of("predict", run, photograph.toString(), "--json");
        long begin = System.nanoTime();
        Process process = launcher(arguments).start();
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            String first = lines.readLine();
            double seconds = (System.nanoTime() - begin) / 1e9;
            ended(process, arguments);
            if (first == null || !first.contains("\"probabilities\"")) {
                throw new IllegalStateException("'mien predict' answered " + first);
            }
            return seconds;
        }
    }

    /** Stops it, also when bench is broken off: it would outlive bench. */
    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(stop);
        mien("stop");
    }
}
