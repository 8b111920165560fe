// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A process that measures on request. It says {@code ready key=value ..} once it is warm, answers
 * each line {@code go} with a number, and {@code end} with its peak memory in MB.
 */
final class Child implements AutoCloseable {
    private final String name;
    private final Process process;
    private final BufferedReader answers;
    private final PrintWriter requests;
    private final Path messages;
    private final Map<String, String> facts = new LinkedHashMap<>();

    /** Starts it and waits until it is warm. */
    Child(String name, List<String> command, Map<String, String> environment, Path messages) {
        this.name = name;
        this.messages = messages;
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().clear();
        builder.environment().putAll(environment);
        builder.redirectError(messages.toFile());
        try {
            process = builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(name + " does not start: " + e.getMessage(), e);
        }
        answers = process.inputReader(StandardCharsets.UTF_8);
        requests = new PrintWriter(process.outputWriter(StandardCharsets.UTF_8), true);
        String[] words = line().split("\t");
        if (!words[0].equals("ready")) {
            throw failed("'" + words[0] + "' instead of 'ready'");
        }
        for (int i = 1; i < words.length; i++) {
            String[] fact = words[i].split("=", 2);
            facts.put(fact[0], fact[1]);
        }
    }

    private String line() {
        try {
            String line = answers.readLine();
            if (line == null) {
                throw failed("nothing; it ended");
            }
            return line;
        } catch (IOException e) {
            throw failed(e.getMessage());
        }
    }

    private IllegalStateException failed(String what) {
        String last = "";
        try {
            process.waitFor(5, TimeUnit.SECONDS);
            List<String> lines = Files.readAllLines(messages);
            last = lines.isEmpty() ? "" : ": " + lines.get(lines.size() - 1);
        } catch (IOException e) {
            last = " (" + e.getMessage() + ")";
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
        return new IllegalStateException(name + " answered " + what + last + "; see " + messages);
    }

    /** What it says about itself. */
    Map<String, String> facts() {
        return facts;
    }

    /** Memory it had before its first network, in MB; NaN where it does not say. */
    double idle() {
        return Double.parseDouble(facts.getOrDefault("idle", "NaN").replace("nan", "NaN"));
    }

    /** One measurement. */
    double once() {
        return ask("go");
    }

    /** Ends it and gives its peak memory, in MB. */
    double end() {
        return ask("end");
    }

    private double ask(String word) {
        requests.println(word);
        String line = line();
        try {
            return Double.parseDouble(line);
        } catch (NumberFormatException e) {
            throw failed("'" + line + "' instead of a number");
        }
    }

    @Override
    public void close() {
        process.destroy();
    }
}
