// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.launcher;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The launcher with a Java that is a script: it says which version it is, answers what the client
 * is asked, and as the platform stays until it is ended. What a launcher does by itself needs no
 * more.
 */
final class Sandbox implements AutoCloseable {
    /** How a call ended. */
    record Answer(int status, String out, String err, double seconds) {}

    private static final String JAVA =
            """
            #!/bin/sh
            case " $* " in
                *" -XX:SharedArchiveFile="*" -version "*) exit 1 ;;
                *" -version "*)
                    echo "openjdk version \\"${FAKE_VERSION-17.0.2}\\" 2022-01-18" >&2
                    echo "OpenJDK ${FAKE_BITS-64-Bit }Server VM" >&2
                    ;;
                *.Client\\ prepare\\ *)
                    [ -z "$FAKE_HELD" ] || exit 5
                    printf '40000\\nfile:/home\\nfile:/m2\\n'
                    ;;
                *.Client\\ free\\ *) [ -z "$FAKE_HELD" ] || exit 5 ;;
                *.Client\\ ready\\ *)
                    pid=$(echo "$*" | awk '{ print $(NF - 1) }')
                    until [ -e "/proc/$pid/cwd/server.$pid" ]; do
                        [ -e "/proc/$pid" ] || exit 1
                        sleep 0.02
                    done
                    eval "$FAKE_READY"
                    ;;
                *.Client\\ alive\\ *) echo "$FAKE_ALIVE" && [ -n "$FAKE_ALIVE" ] ;;
                *.karaf.main.Main\\ *)
                    env >server.environment
                    echo started >>server.starts
                    echo $$ >data/karaf.pid
                    echo >"server.$$"
                    while :; do sleep 0.2; done
                    ;;
                *) echo "$*" ;;
            esac
            """;

    final Path folder;
    final Path home;
    Path work;
    final Map<String, String> environment = new LinkedHashMap<>();
    List<String> before = List.of();

    Sandbox(Path folder, String name) throws IOException {
        this.folder = folder;
        home = Files.createDirectories(folder.resolve(name));
        work = folder.resolve("work");
        Files.copy(Path.of("..", "mien"), home.resolve("mien"));
        Files.createDirectories(home.resolve("system"));
        for (String file :
                List.of(
                        "stamp",
                        "version",
                        "lib/boot/a.jar",
                        "lib/client/mien-client.jar",
                        "etc/users.properties",
                        "etc/custom.system.properties")) {
            Path path = home.resolve(file);
            Files.createDirectories(path.getParent());
            Files.writeString(path, "# " + file + "\n");
        }
        Path java = home.resolve("jdk/bin/java");
        Files.createDirectories(java.getParent());
        Files.writeString(java, JAVA);
        executable(java);
        environment.put("JAVA_HOME", home.resolve("jdk").toString());
    }

    static void executable(Path file) {
        if (!file.toFile().setExecutable(true, false)) {
            throw new IllegalStateException(file + " cannot be made executable");
        }
    }

    ProcessBuilder command(String... arguments) {
        List<String> command = new ArrayList<>(before);
        command.addAll(List.of("sh", home.resolve("mien").toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).directory(folder.toFile());
        builder.environment().put("MIEN_WORK", work.toString());
        builder.environment().putAll(environment);
        return builder;
    }

    Answer mien(String... arguments) throws IOException, InterruptedException {
        long begin = System.nanoTime();
        Path out = Files.createTempFile("mien", "out");
        Path err = Files.createTempFile("mien", "err");
        try {
            Process process =
                    command(arguments)
                            .redirectOutput(out.toFile())
                            .redirectError(err.toFile())
                            .start();
            process.getOutputStream().close();
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("no answer: " + List.of(arguments));
            }
            return new Answer(
                    process.exitValue(),
                    Files.readString(out, StandardCharsets.UTF_8),
                    Files.readString(err, StandardCharsets.UTF_8),
                    (System.nanoTime() - begin) / 1e9);
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }

    /** How often a platform was started. */
    int starts() throws IOException {
        return Files.readAllLines(work.resolve("server.starts")).size();
    }

    @Override
    public void close() throws IOException, InterruptedException {
        environment.remove("FAKE_HELD");
        mien("stop");
    }
}
