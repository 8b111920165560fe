// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mien.core.Sweeps;

/** What is relative starts from the caller's folder, in whatever command. */
class TypedKeysTest {
    @TempDir Path folder;

    private Shell shell;

    @BeforeEach
    void open() {
        shell = new Shell();
    }

    @AfterEach
    void close() {
        shell.close();
    }

    private Map<?, ?> keys(String verb, String... arguments) {
        shell.launch(Map.of("MIEN_CWD", folder.toString()), verb, arguments);
        return (Map<?, ?>)
                shell.mien.asked.stream().filter(Map.class::isInstance).findFirst().orElseThrow();
    }

    @Test
    void everyCommandMakesPathsAbsolute() {
        Map<String, String> expected =
                Map.of("dataset.path", folder.resolve("faces").toString(), "train.epochs", "2");
        for (String verb : List.of("train", "evaluate", "dataset-check", "pipeline-new")) {
            assertEquals(expected, keys(verb, "demo", "dataset.path=faces", "train.epochs=2"));
        }
        assertEquals(
                Map.of("dataset.path", folder.resolve("faces").toString()),
                keys("predict", "demo", "--sample=first", "dataset.path=./faces"));
    }

    @Test
    void theKeysTypeSaysWhatIsAPath() throws IOException {
        Files.createFile(folder.resolve("w.pth"));
        Map<String, String> given =
                Map.of(
                        "backbone", "resnet18",
                        "dataset.path", "/data/faces",
                        "teacher.weights", "demo-1",
                        "other.weights", "w.pth",
                        "third.weights", "w/../w.pth#encoder");
        String[] words =
                given.entrySet().stream()
                        .map(one -> one.getKey() + "=" + one.getValue())
                        .toArray(String[]::new);
        String[] all = new String[words.length + 1];
        all[0] = "demo";
        System.arraycopy(words, 0, all, 1, words.length);
        assertEquals(
                Map.of(
                        "backbone", "resnet18",
                        "dataset.path", "/data/faces",
                        "teacher.weights", "demo-1",
                        "other.weights", folder.resolve("w.pth").toString(),
                        "third.weights", folder.resolve("w.pth#encoder").toString()),
                keys("train", all));
        for (String home : List.of("~/faces", "$HOME/faces", "${HOME}/faces")) {
            assertEquals(
                    Map.of("dataset.path", home), keys("train", "demo", "dataset.path=" + home));
        }
    }

    @Test
    void eachOfSeveralIsMadeAbsolute() {
        shell.launch(
                Map.of("MIEN_CWD", folder.toString()), "sweep", "demo", "dataset.path=a,/b,../c");
        Sweeps.Order order = (Sweeps.Order) shell.mien.asked.get(0);
        String c = folder.resolveSibling("c").toString();
        assertEquals(folder.resolve("a") + ",/b," + c, order.keys().get("dataset.path"));
        assertTrue(order.keys().size() == 1);
    }
}
