// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mien.core.Predictions.FaceAnswer;
import org.mien.core.Predictions.Prediction;

class AliasTest {
    private static final Map<String, String> HERE = Map.of("MIEN_CWD", "/home/me");

    private Shell shell;

    @BeforeEach
    void open() {
        shell = new Shell();
        shell.mien.answers =
                List.of(
                        new Prediction(
                                "-",
                                List.of(
                                        new FaceAnswer(
                                                null,
                                                null,
                                                "anger",
                                                FakePlatform.numbers("anger", 1.0),
                                                Map.of(),
                                                Map.of())),
                                null,
                                null));
    }

    @AfterEach
    void close() {
        shell.close();
    }

    @Test
    void aRunHasAName() {
        assertEquals(
                "No aliases yet. ./mien alias NAME RUN gives one.\n",
                shell.launch(HERE, "alias-list").out());
        assertEquals("prod is run demo-1\n", shell.launch(HERE, "alias", "prod", "demo-1").out());
        assertEquals(List.of("prod", "demo-1"), shell.mien.asked);
        shell.mien.aliases.put("prod", "demo-1");
        assertEquals(
                "prod is run demo-2, before demo-1\n",
                shell.launch(HERE, "alias", "prod", "demo-2").out());
        assertEquals(
                "alias  run\n-----  ------\nprod   demo-1\n",
                shell.launch(HERE, "alias-list").out());
        assertEquals(
                "[{\"alias\":\"prod\",\"run\":\"demo-1\"}]\n",
                shell.launch(HERE, "alias-list", "--json").out());
        assertEquals("removed prod\n", shell.launch(HERE, "alias-remove", "prod").out());
        assertTrue(shell.launch(HERE, "alias", "prod").failure().contains("alias NAME RUN"));
        assertTrue(shell.complete("fer:predict pr").contains("prod"));
    }

    @Test
    void theAnswerSaysWhichRunItIs() {
        shell.mien.aliases.put("prod", "demo-1");
        Shell.Outcome text = shell.launch(HERE, "predict", "prod", "a.jpg");
        assertEquals("prod is run demo-1\n", text.messages());
        String json = shell.launch(HERE, "predict", "prod", "a.jpg", "--json").out();
        assertTrue(json.contains("\"run\":\"demo-1\""), json);
        assertEquals("demo-1", shell.mien.asked.get(0));
    }

    @Test
    void aPictureComesWithTheCommand() {
        shell.piped = new byte[] {1, 2, 3};
        Shell.Outcome said = shell.launch(HERE, "predict", "demo-1", "-", "--json");
        assertEquals(null, said.failure());
        assertTrue(said.out().startsWith("{\"path\":\"-\",\"faces\":[{"), said.out());
        assertEquals(List.of("demo-1", Map.of(), "-", 3), shell.mien.asked);
        shell.role = "viewer";
        assertEquals(null, shell.launch(HERE, "predict", "demo-1", "-").failure());
        shell.piped = new byte[0];
        assertTrue(
                shell.launch(HERE, "predict", "demo-1", "-")
                        .failure()
                        .startsWith("standard input is empty"));
        assertTrue(
                shell.launch(HERE, "predict", "demo-1", "-", "b.jpg")
                        .failure()
                        .startsWith("'-' is one picture from standard input"));
        shell.piped = new byte[(64 << 20) + 1];
        assertTrue(
                shell.launch(HERE, "predict", "demo-1", "-")
                        .failure()
                        .startsWith("standard input has more than 64 MiB"));
    }

    @Test
    void runsAreImportedAndDeletedByForce() {
        String text = shell.launch(HERE, "run-import", "demo.zip", "--as", "other").out();
        assertEquals(List.of(Path.of("/home/me/demo.zip"), "other"), shell.mien.asked);
        assertTrue(text.startsWith("run       demo-1\n"), text);
        shell.launch(HERE, "run-delete", "demo-1", "--force");
        assertEquals(List.of("demo-1", true), shell.mien.asked);
    }
}
