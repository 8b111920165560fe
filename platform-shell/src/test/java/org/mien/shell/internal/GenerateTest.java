// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mien.core.Predictions.Drawn;
import org.mien.core.Predictions.DrawnFace;

class GenerateTest {
    @TempDir private Path folder;
    private Shell shell;

    @BeforeEach
    void open() throws IOException {
        shell = new Shell();
        Files.createFile(folder.resolve("a.jpg"));
        Files.createFile(folder.resolve("b.c.png"));
    }

    @AfterEach
    void close() {
        shell.close();
    }

    private static DrawnFace face(int content) {
        Map<String, byte[]> pictures = new LinkedHashMap<>();
        pictures.put("original", new byte[] {1});
        pictures.put("Poker face", new byte[] {(byte) content});
        return new DrawnFace(pictures, new byte[] {3});
    }

    private Shell.Outcome generate(String... arguments) {
        return shell.launch(Map.of("MIEN_CWD", folder.toString()), "generate", arguments);
    }

    private Set<String> written() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("out"))) {
            return files.map(file -> file.getFileName().toString()).collect(Collectors.toSet());
        }
    }

    @Test
    void aFileForEachPictureAndAStrip() throws IOException {
        shell.mien.drawings.add(new Drawn("a", List.of(face(7)), null));
        shell.mien.drawings.add(new Drawn("b", List.of(face(8), face(9)), null));
        Shell.Outcome outcome =
                generate("demo-1", "*.*", "--output", "out", "preprocess=haar,resize");
        assertNull(outcome.failure());
        assertEquals(
                """
                a.jpg: a-original.png, a-poker-face.png, a-strip.png
                b.c.png: b.c-1-original.png, b.c-1-poker-face.png, b.c-1-strip.png
                b.c.png: b.c-2-original.png, b.c-2-poker-face.png, b.c-2-strip.png
                images  2
                files   9
                errors  0
                folder  %s
                """
                        .formatted(folder.resolve("out")),
                outcome.out());
        assertEquals(
                List.of(
                        "demo-1",
                        Map.of("preprocess", "haar,resize"),
                        List.of(folder.resolve("a.jpg"), folder.resolve("b.c.png"))),
                shell.mien.asked);
        assertEquals(9, written().size());
        assertArrayEquals(
                new byte[] {9}, Files.readAllBytes(folder.resolve("out/b.c-2-poker-face.png")));
    }

    @Test
    void nothingIsOverwrittenUnasked() throws IOException {
        shell.mien.drawings.add(new Drawn("a", List.of(face(7)), null));
        assertNull(generate("demo-1", "a.jpg", "--output=out").failure());
        shell.mien.asked.clear();
        String refusal = generate("demo-1", "a.jpg", "--output=out").failure();
        assertTrue(refusal.contains("a-strip.png' exists; name another folder"), refusal);
        assertEquals(List.of(), shell.mien.asked, "nothing was drawn");
        Files.delete(folder.resolve("out/a-strip.png"));
        refusal = generate("demo-1", "a.jpg", "--output=out").failure();
        assertTrue(refusal.contains("a-original.png' exists"), refusal);
        shell.mien.drawings.set(0, new Drawn("a", List.of(face(8)), null));
        assertNull(generate("demo-1", "a.jpg", "--output=out", "--replace").failure());
        assertArrayEquals(
                new byte[] {8}, Files.readAllBytes(folder.resolve("out/a-poker-face.png")));
        assertEquals(3, written().size(), "no part is left");
    }

    @Test
    void badImagesAreSaidAndTheOthersGoOn() {
        shell.mien.drawings.add(new Drawn("a", List.of(), "cannot be decoded"));
        shell.mien.drawings.add(new Drawn("b", List.of(face(8)), null));
        Shell.Outcome outcome = generate("demo-1", "a.jpg", "b.c.png", "--output=out", "--json");
        List<String> lines = outcome.out().lines().toList();
        assertEquals(
                JsonParser.parseString("{path: 'a.jpg', error: 'cannot be decoded'}"),
                JsonParser.parseString(lines.get(0)));
        assertEquals(
                JsonParser.parseString(
                        "{path: 'b.c.png', faces:"
                                + " [['b.c-original.png', 'b.c-poker-face.png', 'b.c-strip.png']]}"),
                JsonParser.parseString(lines.get(1)));
        assertEquals("1 of 2 images could not be drawn", outcome.failure().strip());
    }

    @Test
    void whatCannotWorkIsRefusedBefore() throws IOException {
        Files.createDirectory(folder.resolve("x"));
        Files.createFile(folder.resolve("x/a.png"));
        String refusal = generate("demo-1", "a.jpg", "x/a.png", "--output=out").failure();
        assertTrue(refusal.contains("'a.jpg' and 'x/a.png' would be written under one"), refusal);
        refusal = generate("demo-1", "a.jpg").failure();
        assertTrue(refusal.contains("--output must name a folder"), refusal);
        refusal = generate("demo-1", "a.jpg", "--output=y/z").failure();
        assertTrue(refusal.contains("does not exist; make it first"), refusal);
        refusal = generate("demo-1", "--output=out").failure();
        assertTrue(refusal.contains("give image files"), refusal);
        assertEquals(List.of(), shell.mien.asked);
    }

    @Test
    void completion() {
        assertTrue(shell.complete("fer:generate demo-").contains("demo-1"));
        assertEquals(
                Set.of(folder + "/a.jpg"),
                Set.copyOf(shell.complete("fer:generate demo-1 " + folder + "/a")));
    }
}
