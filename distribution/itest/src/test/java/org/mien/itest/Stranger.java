// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Somebody else with a folder of his own: he has the distribution, Maven, and a local repository
 * with what comes from Maven Central and nothing of ours.
 */
final class Stranger {
    /** The checkout; of it he uses nothing but its Maven, for a project that has none. */
    static final Path ROOT = Path.of(System.getProperty("mien.launcher")).getParent();

    private static final Path LAUNCHER = Path.of(System.getProperty("mien.assembly"), "mien");

    /** How a program ended, and what it said. */
    record Answer(int status, String out) {
        /** The last line. */
        JsonElement json() {
            String[] lines = out.strip().split("\n");
            return JsonParser.parseString(lines[lines.length - 1]);
        }
    }

    private final Path folder;

    /** Begins with an empty folder. */
    Stranger(Path folder) throws IOException {
        this.folder = folder.toAbsolutePath();
        delete(this.folder);
        Files.createDirectories(this.folder.resolve("home"));
        Path central = Path.of(System.getProperty("mien.repository"));
        link(central, this.folder.resolve("m2"), "org");
        link(central.resolve("org"), this.folder.resolve("m2/org"), "mien");
    }

    private static void link(Path from, Path to, String without) throws IOException {
        Files.createDirectories(to);
        try (Stream<Path> all = Files.list(from)) {
            for (Path one : all.toList()) {
                if (!one.getFileName().toString().equals(without)) {
                    Files.createSymbolicLink(to.resolve(one.getFileName()), one);
                }
            }
        }
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }

    /** A file or folder of his. */
    Path at(String path) {
        return folder.resolve(path);
    }

    /** A copy of a folder without what builds leave there. */
    void copy(Path from, Path to) throws IOException {
        try (Stream<Path> all = Files.walk(from)) {
            for (Path path : all.filter(Files::isRegularFile).toList()) {
                Path within = from.relativize(path);
                if (!within.startsWith("target")) {
                    Files.createDirectories(to.resolve(within).getParent());
                    Files.copy(path, to.resolve(within));
                }
            }
        }
    }

    /** The launcher. */
    Answer mien(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of(LAUNCHER.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("MIEN_WORK", at("work").toString());
        builder.environment().put("HOME", at("home").toString());
        return run(builder, folder);
    }

    /** The launcher, which must not refuse. */
    Answer must(String... arguments) throws Exception {
        Answer answer = mien(arguments);
        assertEquals(0, answer.status(), String.join(" ", arguments) + ": " + answer.out());
        return answer;
    }

    /** Builds a project, with its tests, without a network. */
    void build(Path project, String... options) throws Exception {
        Path own = project.resolve("mvnw");
        List<String> command =
                new ArrayList<>(
                        List.of(
                                (Files.exists(own) ? own : ROOT.resolve("mvnw")).toString(),
                                "-o",
                                "-B",
                                "-q",
                                "-Dmaven.repo.local=" + at("m2")));
        command.addAll(List.of(options));
        command.add("package");
        Answer built = run(new ProcessBuilder(command), project);
        assertEquals(0, built.status(), built.out());
        assertTrue(Files.notExists(at("m2/org/mien")), "Maven copied jars of ours");
    }

    private Answer run(ProcessBuilder builder, Path where) throws Exception {
        Path out = Files.createTempFile(folder, "answer", "");
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process process =
                builder.directory(where.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(out.toFile())
                        .start();
        process.getOutputStream().close();
        assertTrue(process.waitFor(300, TimeUnit.SECONDS), "no answer: " + builder.command());
        String answer = Files.readString(out);
        Files.delete(out);
        return new Answer(process.exitValue(), answer);
    }
}
