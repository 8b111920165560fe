// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChildTest {
    @TempDir Path temp;

    private Child shell(String script) {
        Map<String, String> environment = Map.of("PATH", System.getenv("PATH"));
        List<String> command = List.of("sh", "-c", script);
        Path messages = temp.resolve("shell.log");
        return new Child("shell", command, environment, messages, Duration.ofSeconds(60));
    }

    @Test
    void aChildSaysWhatItIsAndMeasuresOnRequest() {
        try (Child child =
                shell("printf 'ready\\ttorch=2=x\\n'; read a; echo 1.5; read a; echo 2; cat")) {
            assertEquals(Map.of("torch", "2=x"), child.facts());
            assertEquals(1.5, child.once());
            assertEquals(2, child.end());
        }
    }

    @Test
    void aChildThatFailsIsQuoted() {
        String message =
                assertThrows(IllegalStateException.class, () -> shell("echo no torch >&2; exit 1"))
                        .getMessage();
        assertTrue(
                message.startsWith("shell ended with status 1 without an answer: no torch; see "),
                message);
        try (Child child = shell("echo ready; read a; echo many")) {
            message = assertThrows(IllegalStateException.class, child::once).getMessage();
            assertTrue(message.contains("'many' instead of a number"), message);
        }
    }

    @Test
    void aChildThatDoesNotAnswerIsGivenUp() {
        List<String> command = List.of("sleep", "600");
        Path messages = temp.resolve("sleep.log");
        String message =
                assertThrows(
                                IllegalStateException.class,
                                () ->
                                        new Child(
                                                "sleep",
                                                command,
                                                System.getenv(),
                                                messages,
                                                Duration.ofMillis(50)))
                        .getMessage();
        assertTrue(message.startsWith("sleep did not answer within 50 ms; see "), message);
    }

    @Test
    void ofAJavaStackTraceTheCauseIsQuoted() {
        String message =
                assertThrows(
                                IllegalStateException.class,
                                () ->
                                        shell(
                                                "printf 'x.Y: no\\n\\tat z\\nCaused by: why\\n"
                                                        + "\\tat z\\n' >&2; exit 1"))
                        .getMessage();
        assertTrue(message.contains(": Caused by: why; see "), message);
    }

    private Child worker(String name, List<String> command) {
        Path messages = temp.resolve("worker.log");
        return new Child(name, command, Map.of(), messages, Child.PATIENCE);
    }

    /** The platform's side as it is run, with faces of its own. */
    @Test
    void aWorkerMeasuresOnRequest() throws IOException {
        Path faces = Photographs.write(temp.resolve("faces"), 3, 224, 224);
        try (Stream<Path> files = Files.list(faces)) {
            for (Path file : files.toList()) {
                assertEquals(224, ImageIO.read(file.toFile()).getWidth());
            }
        }
        List<String> command =
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Dmien.torch=" + System.getProperty("mien.torch"),
                        "-Dmien.opencv=" + System.getProperty("mien.opencv"),
                        "-Dmien.bench.warm=0",
                        "-cp",
                        System.getProperty("java.class.path"),
                        Worker.class.getName());
        for (String name :
                List.of("train", "infer-1", "vit-predict", "ir50-predict-1", "input", "busy")) {
            List<String> all =
                    Stream.concat(command.stream(), Stream.of(name, faces.toString())).toList();
            try (Child child = worker(name, all)) {
                assertEquals("2.7.1", child.facts().get("libtorch"));
                assertTrue(child.once() > 0);
                assertTrue(child.end() > 50);
            }
        }
    }
}
