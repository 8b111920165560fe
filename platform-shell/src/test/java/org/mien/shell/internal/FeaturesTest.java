// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import org.mien.api.data.Targets;
import org.mien.core.Features;
import org.mien.core.Runs;

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
    void ofTheNetworkOfARun() throws IOException {
        Files.write(folder.resolve("a.jpg"), new byte[3]);
        shell.mien.details =
                new Runs.Details(
                        FakePlatform.run("demo-1", "DONE", 2, 1, 0.5, ""),
                        FakePlatform.values(
                                "backbone=resnet18;demo.cfg",
                                "backbone.size=32;demo.cfg",
                                "backbone.weights=w.pth;demo.cfg",
                                "preprocess=resize, flip;demo.cfg",
                                "resize.antialias=false;demo.cfg",
                                "train.epochs=2;demo.cfg"),
                        Targets.classes(List.of("sadness", "joy")),
                        Map.of("train", 54),
                        "carved",
                        List.of(),
                        List.of(),
                        List.of(),
                        "PyTorch",
                        "17",
                        "");
        Shell.Outcome outcome =
                features("--run", "demo-1", "--input", "a.jpg", "--output", "out.npz", "size=64");
        assertNull(outcome.failure());
        assertEquals("resnet18", asked().backbone());
        assertEquals("64", asked().keys().get("size"));
        assertEquals("resize, flip", asked().keys().get("preprocess"));
        assertEquals("false", asked().keys().get("resize.antialias"));
        assertFalse(asked().keys().containsKey("backbone.size"));
        assertFalse(asked().keys().containsKey("backbone.weights"));
        assertFalse(asked().keys().containsKey("train.epochs"));
        assertEquals(Path.of("/runs/demo-1/best.safetensors"), asked().weights());
        assertTrue(
                features(
                                "--run",
                                "demo-1",
                                "--backbone",
                                "b",
                                "--input",
                                "a.jpg",
                                "--output",
                                "o.npz")
                        .failure()
                        .startsWith("--run stands for --backbone and --weights"));
    }

    @Test
    void whatARunAnswers() {
        Shell.Outcome outcome =
                features(
                        "--run",
                        "demo-1",
                        "--outputs",
                        "probabilities, embedding",
                        "--output",
                        "out.npz",
                        "seed=2");
        assertNull(outcome.failure());
        assertEquals(
                List.of(
                        "demo-1",
                        "test",
                        Map.of("seed", "2"),
                        List.of("probabilities", "embedding"),
                        folder.resolve("out.npz")),
                shell.mien.asked);
        assertTrue(outcome.out().contains("probabilities (7), embedding (7)"), outcome.out());
        String why =
                features("--outputs", "embedding", "--output", "out.npz", "--input", "a.jpg")
                        .failure();
        assertTrue(why.startsWith("--outputs goes with --run RUN"), why);
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
