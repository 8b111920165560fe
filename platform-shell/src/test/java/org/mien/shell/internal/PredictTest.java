// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mien.core.Mien.Prediction;

class PredictTest {
    private static final Map<String, String> HERE = Map.of("MIEN_CWD", "/home/me");

    private Shell shell;

    @BeforeEach
    void open() {
        shell = new Shell();
    }

    @AfterEach
    void close() {
        shell.close();
    }

    private static Prediction answer(String image, String label, String truth, Object... shares) {
        return new Prediction(image, label, FakeMien.numbers(shares), truth, null);
    }

    @Test
    void aTableWithErrorsAsRows() {
        shell.mien.answers.add(
                answer(
                        "/home/me/a.png",
                        "happy",
                        null,
                        "surprise",
                        0.1,
                        "happy",
                        0.85,
                        "sad",
                        0.05));
        shell.mien.answers.add(new Prediction("/x/b.png", null, Map.of(), null, "does not exist"));
        shell.mien.answers.add(
                answer("/home/me/c d.png", "sad", null, "surprise", 0.0, "happy", 0.0, "sad", 1.0));
        Shell.Outcome outcome =
                shell.launch(HERE, "predict", "demo-1", "a.png", "/x/b.png", "../me/c d.png");
        assertEquals(
                """
                image          label     probability  runner-up
                a.png          happy         85.00 %  surprise   10.00 %
                /x/b.png       error: does not exist
                ../me/c d.png  sad          100.00 %  surprise    0.00 %
                """,
                outcome.out());
        assertEquals("1 of 3 images could not be answered", outcome.failure().strip());
        assertEquals(
                List.of(
                        "demo-1",
                        List.of(
                                Path.of("/home/me/a.png"),
                                Path.of("/x/b.png"),
                                Path.of("/home/me/c d.png")),
                        List.of()),
                shell.mien.asked);
    }

    @Test
    void aTableMayBeginWithAnError() {
        shell.mien.answers.add(new Prediction("s1", null, Map.of(), null, "cannot be read"));
        shell.mien.answers.add(answer("s2", "happy", null, "happy", 0.75, "sad", 0.25));
        assertEquals(
                """
                image  label       probability  runner-up             truth
                s1     error: cannot be read
                s2     happy           75.00 %  sad          25.00 %
                """,
                shell.launch(HERE, "predict", "demo-1", "--sample=s1", "--sample=s2").out());
    }

    @Test
    void samplesHaveATruth() {
        shell.mien.answers.add(answer("test/0001", "happy", "sad", "happy", 0.75, "sad", 0.25));
        shell.mien.answers.add(answer("test/0002", "sad", "sad", "happy", 0.25, "sad", 0.75));
        Shell.Outcome outcome =
                shell.launch(HERE, "predict", "demo-1", "--sample", "first", "--sample=test/0002");
        assertNull(outcome.failure());
        assertEquals(
                """
                image      label  probability  runner-up        truth
                test/0001  happy      75.00 %  sad     25.00 %  sad
                test/0002  sad        75.00 %  happy   25.00 %  sad
                """,
                outcome.out());
        assertEquals(List.of("demo-1", List.of(), List.of("first", "test/0002")), shell.mien.asked);
    }

    @Test
    void aLineOfJsonForEachImage() {
        shell.mien.answers.add(answer("/home/me/a.png", "happy", null, "happy", 0.75, "sad", 0.25));
        shell.mien.answers.add(new Prediction("ä", null, Map.of(), "sad", "cannot be read"));
        Shell.Outcome outcome =
                shell.launch(HERE, "predict", "demo-1", "a.png", "--json", "--sample", "ä");
        List<JsonObject> lines =
                outcome.out()
                        .lines()
                        .map(line -> JsonParser.parseString(line).getAsJsonObject())
                        .toList();
        assertEquals(2, lines.size());
        assertEquals("a.png", lines.get(0).get("path").getAsString());
        assertEquals("{\"happy\":0.75,\"sad\":0.25}", lines.get(0).get("probabilities").toString());
        assertFalse(lines.get(0).has("truth"));
        assertFalse(lines.get(0).has("error"));
        assertEquals("ä", lines.get(1).get("path").getAsString());
        assertEquals("sad", lines.get(1).get("truth").getAsString());
        assertEquals("cannot be read", lines.get(1).get("error").getAsString());
        assertEquals("1 of 2 images could not be answered", outcome.failure().strip());
    }

    @Test
    void aPathIsRelativeToTheShell() {
        shell.type("fer:predict demo-1 a.png");
        assertEquals(
                List.of("demo-1", List.of(Path.of("a.png").toAbsolutePath()), List.of()),
                shell.mien.asked);
    }

    @Test
    void missingAnswersAreAFailure() {
        shell.mien.answers.add(answer("s1", "happy", null, "happy", 0.75, "sad", 0.25));
        Shell.Outcome outcome = shell.launch(HERE, "predict", "demo-1", "a.png", "b.png");
        assertEquals("stopped after 1 of 2 images", outcome.failure().strip());
    }

    private static void mode(Path path, String mode) throws IOException {
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString(mode));
    }

    @Test
    void aViewerPredictsOnlyWhatEveryoneCanRead(@TempDir Path folder) throws IOException {
        shell.role = "viewer";
        mode(folder, "rwxr-xr-x");
        Path open = Files.createFile(folder.resolve("open.png"));
        mode(open, "rw-r--r--");
        Path own = Files.createFile(folder.resolve("own.png"));
        mode(own, "rw-------");
        Path inside = Files.createDirectory(folder.resolve("inside"));
        Path hidden = Files.createFile(inside.resolve("hidden.png"));
        mode(hidden, "rw-r--r--");
        mode(inside, "rwx------");
        Path link = Files.createSymbolicLink(folder.resolve("link.png"), own);
        shell.mien.answers.add(answer(open.toRealPath().toString(), "happy", null, "happy", 1.0));

        assertNull(shell.type("fer:predict demo-1 " + open).failure());
        assertEquals(List.of("demo-1", List.of(open.toRealPath()), List.of()), shell.mien.asked);
        assertNull(shell.type("fer:predict demo-1 --sample s1").failure());

        shell.mien.asked.clear();
        for (Path closed : List.of(own, hidden, link, folder, folder.resolve("none.png"))) {
            // The same words, so that nobody learns whether the file is there.
            assertEquals(
                    "'"
                            + closed
                            + "' cannot be read by every user of this machine, or does not exist;"
                            + " viewers predict such files only. Make it readable for all, with"
                            + " the folders it lies in, or ask an administrator.",
                    shell.type("fer:predict demo-1 " + closed).failure());
        }
        assertEquals(List.of(), shell.mien.asked);
        shell.role = "manager";
        assertNull(shell.type("fer:predict demo-1 " + own).failure());
    }
}
