// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
        return new Child("shell", command, environment, temp.resolve("shell.log"));
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
        assertTrue(message.startsWith("shell answered nothing; it ended: no torch; see "), message);
        try (Child child = shell("echo ready; read a; echo many")) {
            message = assertThrows(IllegalStateException.class, child::once).getMessage();
            assertTrue(message.contains("'many' instead of a number"), message);
        }
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
        for (String name : List.of("train", "infer-1", "vit-predict", "ir50-predict-1", "input")) {
            List<String> all =
                    Stream.concat(command.stream(), Stream.of(name, faces.toString())).toList();
            try (Child child = new Child(name, all, Map.of(), temp.resolve("worker.log"))) {
                assertEquals("2.7.1", child.facts().get("libtorch"));
                assertTrue(child.once() > 0);
                assertTrue(child.end() > 50);
            }
        }
    }
}
