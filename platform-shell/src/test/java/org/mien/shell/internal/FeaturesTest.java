// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mien.core.Features;

class FeaturesTest {
    private final Shell shell = new Shell();

    @TempDir Path folder;

    @AfterEach
    void stop() {
        shell.close();
    }

    private Shell.Outcome features(String... arguments) {
        return shell.launch(Map.of("MIEN_CWD", folder.toString()), "features", arguments);
    }

    private Features.Order asked() {
        return (Features.Order) shell.mien.asked.get(0);
    }

    @Test
    void ofAnArray() {
        Shell.Outcome outcome =
                features(
                        "--backbone",
                        "resnet18",
                        "--weights",
                        "w.pth",
                        "--kind",
                        "vector",
                        "--input",
                        "x.npy",
                        "--output",
                        "out.npz",
                        "size=112",
                        "--batch",
                        "4");
        assertNull(outcome.failure());
        assertEquals(
                new Features.Order(
                        "resnet18",
                        Map.of("size", "112"),
                        folder.resolve("w.pth"),
                        "vector",
                        "",
                        List.of(),
                        folder.resolve("x.npy"),
                        List.of(),
                        "",
                        "",
                        folder.resolve("out.npz"),
                        4),
                asked());
        assertTrue(outcome.out().contains("feature   pool: vector (512)\n"), outcome.out());
        assertTrue(outcome.out().contains("100 of 122 tensors of w.pth"), outcome.out());
        assertTrue(outcome.messages().contains("10 of 20\n"), outcome.messages());
    }

    @Test
    void ofImagesWhereverTheyStand() throws IOException {
        Files.createFile(folder.resolve("a.png"));
        Shell.Outcome outcome =
                features(
                        "--backbone",
                        "vit-tiny",
                        "--tap",
                        "attention",
                        "--input",
                        "a.png",
                        "b.png",
                        "--output",
                        "out.npz",
                        "preprocess=resize",
                        "--stage",
                        "block3",
                        "--json");
        assertNull(outcome.failure());
        assertEquals(List.of(folder.resolve("a.png"), folder.resolve("b.png")), asked().images());
        assertEquals(List.of("attention"), asked().taps());
        assertEquals("block3", asked().stage());
        assertEquals(Map.of("preprocess", "resize"), asked().keys());
        JsonObject json = JsonParser.parseString(outcome.out()).getAsJsonObject();
        assertEquals(20, json.get("items").getAsInt());
        assertEquals(
                folder.resolve("out.npz").toString(),
                json.getAsJsonArray("files").get(0).getAsString());
    }

    @Test
    void ofAPipeline() throws IOException {
        assertNull(
                features(
                                "--backbone",
                                "resnet18",
                                "--input",
                                "demo",
                                "--split",
                                "test",
                                "--output",
                                "/tmp/out.npz")
                        .failure());
        assertEquals("demo", asked().pipeline());
        assertEquals("test", asked().split());
        assertNull(asked().tensor());
        // A file of the name counts more.
        Files.createFile(folder.resolve("demo"));
        features("--backbone", "resnet18", "--input", "demo", "--output", "out.npz");
        assertEquals(List.of(folder.resolve("demo")), asked().images());
    }

    @Test
    void whatIsMissingOrWrongIsNamed() {
        String none = features("--backbone", "resnet18", "--output", "o.npz").failure();
        assertTrue(none.contains("option '--input' must be given"), none);
        String name = features("--backbone", "a", "--input", "b", "--output", "o.npy").failure();
        assertTrue(name.contains("'o.npy'; expected a name ending in .npz"), name);
        String input = features("--backbone", "a", "--input", "b", "--output", "o.npz").failure();
        assertTrue(input.contains("'b' is neither a file nor a pipeline or recipe"), input);
        String batch =
                features("--backbone", "a", "--input", "demo", "--output", "o.npz", "--batch", "0")
                        .failure();
        assertTrue(batch.contains("--batch is '0'; expected a number"), batch);
    }
}
