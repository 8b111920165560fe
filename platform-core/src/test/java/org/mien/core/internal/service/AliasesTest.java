// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.service;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mien.api.data.Picture;
import org.mien.core.Predictions;
import org.mien.core.Runs;
import org.mien.core.internal.plugin.Kind;
import org.mien.core.internal.run.RunFolders;
import org.mien.vision.Images;

/** Runs under other names, runs that come as a zip, and runs without the plugin of their data. */
class AliasesTest extends OnPlatform {
    private Path image;

    @BeforeEach
    void train() throws IOException {
        train("demo", "train.epochs=1");
        byte[] rgb = new byte[3 * 64];
        for (int i = 0; i < rgb.length; i += 3) {
            rgb[i] = (byte) 180;
        }
        image = work.resolve("red.png");
        Files.write(image, Images.encodePng(Picture.rgb(8, 8, ByteBuffer.wrap(rgb))));
    }

    private List<Predictions.Prediction> predict(String run) {
        List<Predictions.Prediction> said = new ArrayList<>();
        mien.predictions()
                .predict(run, Map.of(), List.of(image), List.of(), said::add, () -> false);
        return said;
    }

    @Test
    void anAliasIsTakenWhereverARunIsNamed() throws IOException {
        train("demo", "train.epochs=1", "seed=2");
        assertEquals("demo-1", mien.runs().alias("prod", "demo-1"));
        assertEquals(Map.of("prod", "demo-1"), mien.runs().aliases());
        assertEquals(predict("demo-1"), predict("prod"));
        assertEquals("demo-1", mien.evaluations().evaluate("prod", "test", Map.of()).run());
        assertEquals("demo-1", mien.runs().details("prod").run().id());
        mien.runs().export("prod", Runs.Format.ZIP, work.resolve("prod.zip"));
        assertEquals(
                "demo-1",
                mien.predictions().open("prod", Map.of(), Predictions.Room.DEFAULT).run());
        Runs.Run from = train("demo", "train.epochs=1", "method.init=prod");
        assertTrue(
                mien.runs().details(from.id()).starts().toString().contains("demo-1"),
                mien.runs().details(from.id()).starts().toString());
        mien.runs().alias("prod", "demo-2");
        assertEquals(predict("demo-2"), predict("prod"));
        assertEquals("demo-2", mien.runs().id("prod"));
        assertTrue(
                Files.readString(work.resolve("runs/aliases.json"))
                        .contains("\"prod\": \"demo-2\""));
        mien.runs().removeAlias("prod");
        assertTrue(refused(() -> predict("prod")).startsWith("run 'prod' does not exist"));
    }

    @Test
    void whatCannotBeAnAliasIsRefused() {
        assertTrue(
                refused(() -> mien.runs().alias("prod", "demo-7"))
                        .startsWith("run 'demo-7' does not exist. Did you mean 'demo-1'?"));
        assertTrue(refused(() -> mien.runs().alias("../prod", "demo-1")).contains("a name is"));
        assertTrue(refused(() -> mien.runs().alias("demo-2", "demo-1")).contains("to come"));
        mien.runs().alias("prod", "demo-1");
        assertTrue(refused(() -> mien.runs().removeAlias("prot")).contains("Did you mean 'prod'?"));
    }

    @Test
    void aRunWithAnAliasStaysUnlessForced() throws IOException {
        mien.runs().alias("prod", "demo-1");
        String text = refused(() -> mien.runs().delete("demo-1"));
        assertTrue(text.startsWith("run 'demo-1' has the alias prod"), text);
        assertTrue(refused(() -> mien.runs().delete("prod", true)).contains("is an alias of run"));
        mien.runs().delete("demo-1", true);
        assertEquals(Map.of(), mien.runs().aliases());
        assertFalse(mien.runs().all().stream().anyMatch(run -> run.id().equals("demo-1")));
        Files.writeString(work.resolve("runs/aliases.json"), "{\"aliases\": 3}");
        assertTrue(refused(() -> predict("prod")).contains("aliases.json cannot be read"));
    }

    private Path exported() throws IOException {
        Path card = mien.runs().all().get(0).folder().resolve("README.md");
        Files.writeString(card, "# A model card\n");
        Path zip = work.resolve("demo.zip");
        mien.runs().export("demo-1", Runs.Format.ZIP, zip);
        return zip;
    }

    @Test
    void anExportedRunComesBackWhole() throws IOException {
        List<Predictions.Prediction> before = predict("demo-1");
        Path zip = exported();
        assertTrue(refused(() -> mien.runs().add(zip, "")).startsWith("run 'demo-1' exists"));
        byte[] best = Files.readAllBytes(work.resolve("runs/demo-1").resolve(RunFolders.BEST));
        mien.runs().delete("demo-1");
        registry.unbind(registry.get(Kind.DATASET, "colours").service());
        Runs.Run run = mien.runs().add(zip, "");
        assertEquals("demo-1", run.id());
        assertEquals("DONE", run.state());
        assertEquals("# A model card\n", Files.readString(run.folder().resolve("README.md")));
        assertArrayEquals(best, Files.readAllBytes(run.folder().resolve(RunFolders.BEST)));
        assertEquals(before, predict("demo-1"));
        assertEquals(before, predict(mien.runs().add(zip, "other").id()));
    }

    @Test
    void aRunPredictsWithoutThePluginsOfItsData() {
        List<Predictions.Prediction> before = predict("demo-1");
        registry.unbind(registry.get(Kind.EVALUATOR, "share").service());
        assertEquals(before, predict("demo-1"));
        registry.unbind(registry.get(Kind.DATASET, "colours").service());
        assertEquals(before, predict("demo-1"));
        mien.runs().export("demo-1", Runs.Format.SAFETENSORS, work.resolve("demo.safetensors"));
        List<Predictions.Prediction> said = new ArrayList<>();
        Runnable sample =
                () ->
                        mien.predictions()
                                .predict(
                                        "demo-1",
                                        Map.of(),
                                        List.of(),
                                        List.of("first"),
                                        said::add,
                                        () -> false);
        String text = refused(sample);
        assertTrue(text.startsWith("samples are those of dataset 'colours'"), text);
        bind(Kind.DATASET, "colours", new Fakes.Colours());
        sample.run();
        assertEquals(1, said.size());
    }

    private static Map<String, byte[]> read(Path zip) throws IOException {
        Map<String, byte[]> all = new LinkedHashMap<>();
        try (ZipInputStream in = new ZipInputStream(Files.newInputStream(zip))) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                all.put(entry.getName(), in.readAllBytes());
            }
        }
        return all;
    }

    private Path write(Map<String, byte[]> files) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> file : files.entrySet()) {
                out.putNextEntry(new ZipEntry(file.getKey()));
                out.write(file.getValue());
            }
        }
        return Files.write(work.resolve("changed.zip"), bytes.toByteArray());
    }

    private void refusedWhole(Path zip, String because) throws IOException {
        String text = refused(() -> mien.runs().add(zip, "new"));
        assertTrue(text.contains(because), text);
        try (Stream<Path> left = Files.list(work.resolve("runs"))) {
            assertEquals(
                    List.of("demo-1"),
                    left.map(path -> path.getFileName().toString()).sorted().toList());
        }
        assertFalse(Files.exists(work.resolve("evil.json")));
    }

    @Test
    void whatIsNoRunOrWasChangedLeavesNothing() throws IOException {
        Map<String, byte[]> sound = read(exported());
        for (String name :
                List.of(
                        "../evil.json",
                        "demo-1/../evil.json",
                        "/evil",
                        "demo-1/a/b",
                        "demo-1/evil.sh",
                        "other/config.json",
                        "demo-1/")) {
            Map<String, byte[]> more = new LinkedHashMap<>(sound);
            more.put(name, "{}".getBytes(StandardCharsets.UTF_8));
            refusedWhole(write(more), "which is no file of a run");
        }
        Map<String, byte[]> changed = new LinkedHashMap<>(sound);
        byte[] best = changed.get("demo-1/" + RunFolders.BEST).clone();
        best[best.length - 1] ^= 1;
        changed.put("demo-1/" + RunFolders.BEST, best);
        refusedWhole(write(changed), "is damaged or was changed");
        Map<String, byte[]> lacking = new LinkedHashMap<>(sound);
        lacking.remove("demo-1/" + RunFolders.BEST);
        lacking.remove("demo-1/SHA256SUMS");
        refusedWhole(write(lacking), "holds no best.safetensors");
        Map<String, byte[]> large = new LinkedHashMap<>(sound);
        large.put("demo-1/metrics.jsonl", new byte[(64 << 20) + 1]);
        refusedWhole(write(large), "has more than");
        refusedWhole(Files.writeString(work.resolve("no.zip"), "text"), "is no zip file");
        Path cut = work.resolve("cut.zip");
        byte[] all = Files.readAllBytes(exportedAgain());
        Files.write(cut, Arrays.copyOf(all, all.length / 3));
        refusedWhole(cut, "cut.zip");
        refusedWhole(work.resolve("none.zip"), "does not exist");
    }

    private Path exportedAgain() {
        Path zip = work.resolve("again.zip");
        mien.runs().export("demo-1", Runs.Format.ZIP, zip);
        return zip;
    }
}
