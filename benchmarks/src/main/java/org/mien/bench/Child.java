// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * A process that measures on request. It says {@code ready key=value ..} once it is warm, answers
 * each line {@code go} with a number, and {@code end} with its peak memory in MB. When it does not,
 * an {@link IllegalStateException} says so.
 */
final class Child implements Meter {
    /** The slowest answer, a thousand photographs, takes a minute where all is well. */
    static final Duration PATIENCE = Duration.ofMinutes(10);

    private final String name;
    private final Process process;
    private final BlockingQueue<Optional<String>> answers = new LinkedBlockingQueue<>();
    private final PrintWriter requests;
    private final Thread end;
    private final Path messages;
    private final Duration patience;
    private final Map<String, String> facts = new LinkedHashMap<>();

    /** Starts it and waits until it is warm. */
    Child(
            String name,
            List<String> command,
            Map<String, String> environment,
            Path messages,
            Duration patience) {
        this.name = name;
        this.messages = messages;
        this.patience = patience;
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().clear();
        builder.environment().putAll(environment);
        builder.redirectError(messages.toFile());
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new IllegalStateException(name + " does not start: " + e.getMessage(), e);
        }
        end = new Thread(process::destroy);
        Runtime.getRuntime().addShutdownHook(end);
        Thread reader = new Thread(this::read, "answers of " + name);
        reader.setDaemon(true);
        reader.start();
        requests = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
        String[] words = line().split("\t");
        if (!words[0].equals("ready")) {
            throw failed("answered '" + words[0] + "' instead of 'ready'");
        }
        for (int i = 1; i < words.length; i++) {
            String[] fact = words[i].split("=", 2);
            facts.put(fact[0], fact.length == 1 ? "" : fact[1]);
        }
    }

    /** A line each, and nothing after the last. */
    private void read() {
        try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                answers.add(Optional.of(line));
            }
        } catch (IOException e) {
            // It was ended while it answered.
        } finally {
            answers.add(Optional.empty());
        }
    }

    private String line() {
        try {
            Optional<String> line = answers.poll(patience.toMillis(), TimeUnit.MILLISECONDS);
            if (line == null) {
                process.destroyForcibly();
                throw failed("did not answer within " + patience.toMillis() + " ms");
            }
            return line.orElseThrow(() -> failed("ended" + status() + " without an answer"));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed("was not waited for");
        }
    }

    private String status() {
        try {
            return process.waitFor(5, TimeUnit.SECONDS)
                    ? " with status " + process.exitValue()
                    : "";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return "";
        }
    }

    private IllegalStateException failed(String what) {
        status();
        process.destroyForcibly();
        return new IllegalStateException(name + " " + what + lastMessage() + "; see " + messages);
    }

    /** The last line that is none of a Java stack trace. */
    private String lastMessage() {
        try {
            return Files.readAllLines(messages).stream()
                    .filter(line -> line.matches("\\S.*\\p{Alpha}.*"))
                    .reduce((first, second) -> second)
                    .map(line -> ": " + line.strip())
                    .orElse("");
        } catch (IOException e) {
            return " (" + e.getMessage() + ")";
        }
    }

    /** What it says about itself. */
    Map<String, String> facts() {
        return facts;
    }

    /** Fails when it has ended by itself. */
    void check() {
        if (!process.isAlive()) {
            throw failed("ended" + status() + " before it was asked to");
        }
    }

    @Override
    public double idle() {
        return Double.parseDouble(facts.getOrDefault("idle", "NaN").replace("nan", "NaN"));
    }

    @Override
    public double once() {
        return ask("go");
    }

    @Override
    public double end() {
        return ask("end");
    }

    private double ask(String word) {
        requests.println(word);
        String line = line();
        try {
            return Double.parseDouble(line);
        } catch (NumberFormatException e) {
            throw failed("answered '" + line + "' instead of a number");
        }
    }

    /** Ends it, as happens too when bench is broken off. */
    @Override
    public void close() {
        process.destroy();
        try {
            Runtime.getRuntime().removeShutdownHook(end);
        } catch (IllegalStateException e) {
            // Bench is ending, and the hook has done the same.
        }
    }
}
