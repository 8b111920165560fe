// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.mien.api.Feature;
import org.mien.api.InputSpec;
import org.mien.api.method.Build;
import org.mien.api.method.Method;
import org.mien.api.method.Model;
import org.mien.api.method.Plan;
import org.mien.api.net.Trunk;
import org.mien.api.run.RunEvent;
import org.mien.core.Pipelines;
import org.mien.core.Runs;
import org.mien.core.WeightFiles;
import org.mien.core.internal.plugin.Kind;
import org.mien.core.internal.run.RunFolders;
import org.mien.core.internal.run.StartedFrom;
import org.mien.core.internal.service.Fakes;
import org.mien.core.internal.service.OnPlatform;
import org.mien.weights.Npy;
import org.mien.weights.Npz;
import org.mien.weights.Safetensors;
import org.mien.weights.Tensor;
import org.mien.weights.WeightsFile;

/** Runs that start from files and from each other, and weights that go out again. */
class StartValuesTest extends OnPlatform {
    /**
     * Names of others for the backbone of the fakes: {@code conv.0.weight} is {@code
     * body_conv_0_weight}.
     */
    public static final class Published extends Fakes.Small {
        @Override
        public String published(String path) {
            return "body." + path.replace('.', '_');
        }
    }

    /** The head of the fakes with a second convolution that starts from that of the backbone. */
    private static final class Tailed implements Method<Fakes.Head.Settings> {
        private final Fakes.Head head = new Fakes.Head();

        @Override
        public Class<Fakes.Head.Settings> settings() {
            return head.settings();
        }

        @Override
        public Plan plan(Fakes.Head.Settings settings) {
            return head.plan(settings);
        }

        @Override
        public Model build(Build build, Fakes.Head.Settings settings) {
            Trunk trunk = build.trunk();
            Trunk tail = build.part("left", trunk.upTo(trunk.feature(Feature.Kind.MAP)));
            tail.startsFrom("backbone");
            return head.build(build, settings);
        }
    }

    private static final InputSpec INPUT = new Fakes.Small().input(new Fakes.Small.Settings(8));

    /** Every array of the backbone by path, each with values of its own. */
    private static Map<String, Safetensors.Values> arrays() {
        Map<String, Safetensors.Values> arrays = new LinkedHashMap<>();
        new Fakes.Small()
                .trunk(new Fakes.Small.Settings(8), INPUT)
                .each(
                        "",
                        (path, var) -> {
                            float[] values = new float[(int) var.size()];
                            for (int i = 0; i < values.length; i++) {
                                values[i] = (float) Math.sin(i + path.hashCode() % 100) + 2;
                            }
                            arrays.put(path, new Safetensors.Values(var.shape(), values));
                        });
        return arrays;
    }

    private Path npz(String name, Map<String, Safetensors.Values> arrays) throws IOException {
        Map<String, Npy> rows = new LinkedHashMap<>();
        arrays.forEach((path, one) -> rows.put(path, Npy.floats(one.elements(), one.shape())));
        Path file = work.resolve(name);
        try (OutputStream out = Files.newOutputStream(file)) {
            Npz.write(out, rows);
        }
        return file;
    }

    private static float[] read(Path file, String name) throws IOException {
        try (WeightsFile weights = WeightsFile.open(file)) {
            return weights.tensors().get(name).floats();
        }
    }

    /** With no learning rate what is not a running statistic stays as it starts. */
    private static final String[] STILL = {"train.lr=0", "train.epochs=1"};

    private static String[] still(String... more) {
        List<String> all = new ArrayList<>(List.of(STILL));
        all.addAll(List.of(more));
        return all.toArray(String[]::new);
    }

    @Test
    void aBackboneStartsFromAFileOfOthersAndSaysSo() throws IOException {
        bind(Kind.BACKBONE, "theirs", new Published());
        bind(Kind.METHOD, "tailed", new Tailed());
        Map<String, Safetensors.Values> file = new LinkedHashMap<>();
        arrays().forEach((path, one) -> file.put("module.body." + path.replace('.', '_'), one));
        file.put("module.fc.weight", new Safetensors.Values(new long[] {1000, 6}, new float[6000]));
        file.put("module.fc.bias", new Safetensors.Values(new long[] {1000}, new float[1000]));
        file.put("module.queue", new Safetensors.Values(new long[] {2}, new float[2]));
        file.put(
                "module.bn.num_batches_tracked", new Safetensors.Values(new long[0], new float[1]));
        Path path = npz("theirs.npz", file);
        List<RunEvent> events = Collections.synchronizedList(new ArrayList<>());
        Runs.Run run =
                mien.jobs()
                        .train(
                                "demo",
                                map(
                                        still(
                                                "backbone=theirs",
                                                "method=tailed",
                                                "backbone.weights=" + path)),
                                events::add,
                                () -> false);
        String started = events.get(0).text();
        int arrays = arrays().size();
        String expected =
                "backbone.weights: "
                        + arrays
                        + " of "
                        + (arrays + 3)
                        + " tensors of "
                        + path
                        + " (npz, names begin with module.); module.fc.weight, module.fc.bias"
                        + " skipped: 1000 classes, here 3; 1 not needed: module.queue";
        assertTrue(started.contains("\n" + expected + "\n"), started);
        assertEquals(List.of(expected), mien.runs().details(run.id()).starts());
        assertTrue(Files.readString(mien.runs().report(run.id())).contains("1000 classes, here 3"));
        StartedFrom given = RunFolders.config(run.folder()).starts().get(0);
        assertEquals(64, given.sha256().length());
        for (String name : List.of("conv.0.weight", "conv.1.weight", "conv.1.bias")) {
            float[] values = arrays().get(name).elements();
            Path best = run.folder().resolve(RunFolders.BEST);
            assertArrayEquals(values, read(best, "backbone." + name), name);
            assertArrayEquals(values, read(best, "left." + name), name);
        }
    }

    @Test
    void whatDoesNotFitIsNamed() throws IOException {
        Map<String, Safetensors.Values> wrong = arrays();
        wrong.put("conv.0.weight", new Safetensors.Values(new long[] {6, 3, 5, 5}, new float[450]));
        Path path = npz("wrong.npz", wrong);
        String text = refused(() -> train("demo", "backbone.weights=" + path));
        assertTrue(text.contains("conv.0.weight"), text);
        assertTrue(text.contains("[6, 3, 5, 5]") && text.contains("[6, 3, 3, 3]"), text);
        Path foreign = npz("foreign.npz", Map.of("x", arrays().get("conv.1.bias")));
        text = refused(() -> train("demo", "backbone.weights=" + foreign));
        assertTrue(text.contains("none of the 1 tensors") && text.contains("conv.0.weight"), text);
        Path none = work.resolve("none.pth");
        text = refused(() -> train("demo", "backbone.weights=" + none));
        assertTrue(text.contains("'backbone.weights'") && text.contains("does not exist"), text);
        configure(
                "waits",
                "dataset=colours",
                "backbone=small",
                "method=head",
                "backbone.weights=" + none);
        assertEquals(Pipelines.State.FAILED, pipeline("waits").state());
        text = refused(() -> train("demo", "method.init=demo-77"));
        assertTrue(text.contains("no run of this name"), text);
        Files.writeString(none, "<html>");
        text = refused(() -> train("demo", "backbone.weights=" + none));
        assertTrue(text.contains("web page"), text);
        Map<String, Safetensors.Values> part = arrays();
        part.remove("conv.1.bias");
        Runs.Run run = train("demo", still("backbone.weights=" + npz("part.npz", part)));
        text = mien.runs().details(run.id()).starts().get(0);
        assertTrue(text.endsWith("1 not in it, start by their rule: backbone.conv.1.bias"), text);
    }

    @Test
    void aRunStartsFromAnEarlierOne() throws IOException {
        Path first = train("demo").folder().resolve(RunFolders.BEST);
        Path second = train("demo", still("method.init=demo-1", "seed=9")).folder();
        for (String name : List.of("backbone.conv.0.weight", "head.weight", "head.bias")) {
            assertArrayEquals(read(first, name), read(second.resolve(RunFolders.BEST), name), name);
        }
        // Another number of classes is said and skipped; the backbone's file counts over the run.
        Map<String, Safetensors.Values> whole = new LinkedHashMap<>();
        arrays().forEach(
                        (path, one) ->
                                whole.put(
                                        "backbone." + path,
                                        new Safetensors.Values(
                                                one.shape(), new float[one.elements().length])));
        whole.put("head.weight", new Safetensors.Values(new long[] {7, 6}, new float[42]));
        whole.put("head.bias", new Safetensors.Values(new long[] {3}, new float[] {1, 2, 3}));
        Path third =
                train(
                                "demo",
                                still(
                                        "method.init=" + npz("whole.npz", whole),
                                        "backbone.weights=" + npz("file.npz", arrays())))
                        .folder();
        List<String> starts = mien.runs().details(third.getFileName().toString()).starts();
        assertTrue(
                starts.get(0).contains("head.weight skipped: shape [7, 6], here [3, 6]"),
                starts.get(0));
        assertArrayEquals(new float[] {1, 2, 3}, read(third.resolve(RunFolders.BEST), "head.bias"));
        assertArrayEquals(
                arrays().get("conv.0.weight").elements(),
                read(third.resolve(RunFolders.BEST), "backbone.conv.0.weight"));
    }

    @Test
    void aRunThatGoesOnNeedsNoFile() throws IOException {
        Path file = npz("file.npz", arrays());
        Map<String, String> keys = map("backbone.weights=" + file);
        Path whole = mien.jobs().train("demo", keys, event -> {}, () -> false).folder();
        Runs.Run run = mien.jobs().train("demo", keys, event -> {}, stopAfter(5));
        assertEquals("CANCELLED", run.state());
        Files.delete(file);
        mien.jobs().resume(run.id(), event -> {}, () -> false);
        sameRun(whole, run.folder());
        assertEquals(1, mien.runs().details(run.id()).starts().size());
        mien.evaluations().evaluate(run.id(), "test", Map.of());
    }

    @Test
    void whatGoesOutComesInAgainToTheBit() throws IOException {
        bind(Kind.BACKBONE, "theirs", new Published());
        Path best = train("demo", "backbone=theirs").folder().resolve(RunFolders.BEST);
        for (Runs.Format format : List.of(Runs.Format.SAFETENSORS, Runs.Format.NPZ)) {
            Path out = work.resolve("out." + format);
            mien.runs().export("demo-1", format, out);
            try (WeightsFile file = WeightsFile.open(out);
                    WeightsFile ours = WeightsFile.open(best)) {
                assertTrue(file.tensors().containsKey("body.conv_0_weight"));
                assertTrue(file.tensors().containsKey("head.weight"));
                assertEquals(ours.tensors().size(), file.tensors().size());
            }
            assertTrue(
                    refused(() -> mien.runs().export("demo-1", format, out))
                            .contains("exists already"));
            Path again =
                    train("demo", still("backbone=theirs", "backbone.weights=" + out)).folder();
            Path init = train("demo", still("backbone=theirs", "method.init=" + out)).folder();
            try (WeightsFile ours = WeightsFile.open(best)) {
                for (Tensor tensor : ours.tensors().values()) {
                    if (tensor.name().contains("running")) {
                        continue;
                    }
                    float[] values = tensor.floats();
                    assertArrayEquals(
                            values,
                            read(init.resolve(RunFolders.BEST), tensor.name()),
                            tensor.name());
                    if (tensor.name().startsWith("backbone.")) {
                        assertArrayEquals(
                                values, read(again.resolve(RunFolders.BEST), tensor.name()));
                    }
                }
            }
        }
    }

    @Test
    void aFileSaysWhatItIsFor() throws IOException {
        bind(Kind.BACKBONE, "theirs", new Published());
        Path file = npz("file.npz", arrays());
        WeightFiles.Contents info = mien.weightFiles().read(file);
        assertEquals("npz", info.format());
        assertEquals(arrays().size(), info.tensors().size());
        assertEquals(Files.size(file), info.bytes());
        WeightFiles.Fit fit =
                info.fits().stream().filter(f -> f.backbone().equals("small")).findFirst().get();
        assertEquals(arrays().size(), fit.fitting());
        assertEquals(arrays().size(), fit.arrays());
        assertEquals("", fit.otherwise());
        Path none = npz("none.npz", Map.of("x", arrays().get("conv.1.bias")));
        assertFalse(mien.weightFiles().read(none).fits().stream().anyMatch(f -> f.fitting() > 0));
        assertTrue(refused(() -> mien.weightFiles().read(work)).contains("is no file"));
    }
}
