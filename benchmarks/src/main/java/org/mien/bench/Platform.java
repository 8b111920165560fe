// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.bench;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A platform of its own, with a work folder of its own, asked through the launcher. */
final class Platform implements AutoCloseable {
    private final Path root;
    private final Path work;
    private final Map<String, String> environment;

    /** One that does not run yet. */
    Platform(Path root, Path work, Map<String, String> environment) {
        this.root = root;
        this.work = work;
        this.environment = environment;
    }

    /** Runs the launcher and gives what it printed on standard output. */
    String mien(String... arguments) {
        List<String> command = new ArrayList<>(List.of(root.resolve("mien").toString()));
        command.addAll(Arrays.asList(arguments));
        Path messages = work.resolveSibling("platform.log");
        ProcessBuilder builder = new ProcessBuilder(command).redirectError(messages.toFile());
        builder.environment().clear();
        builder.environment().putAll(environment);
        builder.environment().put("MIEN_WORK", work.toString());
        builder.environment().put("MIEN_JAVA_OPTS", "-Dmien.bench.swaps=" + work.resolve("swaps"));
        try {
            // The platform outlives the launcher and would keep a pipe open.
            Path answer = work.resolveSibling("platform.out");
            Process process = builder.redirectOutput(answer.toFile()).start();
            if (!process.waitFor(10, TimeUnit.MINUTES) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new IllegalStateException(
                        "'mien "
                                + String.join(" ", arguments)
                                + "' failed: "
                                + Files.readString(messages).strip());
            }
            return Files.readString(answer, StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new IllegalStateException(e);
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
        String answer = mien(arguments.toArray(new String[0]));
        double seconds = (System.nanoTime() - begin) / 1e9;
        long lines = answer.lines().filter(line -> line.contains("\"probabilities\"")).count();
        if (lines != photographs.size()) {
            throw new IllegalStateException(
                    lines + " answers to " + photographs.size() + " photographs");
        }
        return photographs.size() / seconds;
    }

    @Override
    public void close() {
        mien("stop");
    }
}
