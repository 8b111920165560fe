// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
                                        "method.init-classes=red,green,blue",
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
            Path init =
                    train(
                                    "demo",
                                    still(
                                            "backbone=theirs",
                                            "method.init=" + out,
                                            "method.init-classes=red,green,blue"))
                            .folder();
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
        String text = refused(() -> mien.weightFiles().read(work));
        assertTrue(text.contains("name one of them: file.npz, none.npz"), text);
        Path folder = Files.createDirectory(work.resolve("one"));
        Files.move(file, folder.resolve("file.npz"));
        assertEquals(folder.resolve("file.npz"), mien.weightFiles().read(folder).file());
        Runs.Run run = train("demo", still("backbone.weights=" + folder));
        text = mien.runs().details(run.id()).starts().get(0);
        assertTrue(text.contains(folder.resolve("file.npz").toString()), text);
    }

    /** Every array of the backbone under a beginning, all of one value. */
    private static Map<String, Safetensors.Values> under(String prefix, float value) {
        Map<String, Safetensors.Values> all = new LinkedHashMap<>();
        arrays().forEach(
                        (path, one) -> {
                            float[] values = new float[one.elements().length];
                            Arrays.fill(values, value);
                            all.put(prefix + path, new Safetensors.Values(one.shape(), values));
                        });
        return all;
    }

    private float started(Runs.Run run) throws IOException {
        return read(run.folder().resolve(RunFolders.BEST), "backbone.conv.0.weight")[0];
    }

    @Test
    void ofTwoNetworksOneIsTakenAndTheOtherTold() throws IOException {
        Map<String, Safetensors.Values> moco = under("module.encoder_k.", 2);
        moco.putAll(under("module.encoder_q.", 1));
        Path path = npz("moco.npz", moco);
        Runs.Run run = train("demo", still("backbone.weights=" + path));
        assertEquals(1, started(run));
        String text = mien.runs().details(run.id()).starts().get(0);
        assertTrue(text.contains("names begin with module.encoder_q."), text);
        assertTrue(text.contains("(" + path + "#module.encoder_k takes it)"), text);
        run = train("demo", still("backbone.weights=" + path + "#module.encoder_k"));
        assertEquals(2, started(run));
        text = mien.runs().details(run.id()).starts().get(0);
        assertTrue(text.contains("tensors of " + path + "#module.encoder_k ("), text);
        Map<String, Safetensors.Values> two = under("first.", 2);
        two.putAll(under("second.", 1));
        Path unknown = npz("two.npz", two);
        text = refused(() -> train("demo", "backbone.weights=" + unknown));
        assertTrue(text.contains("fit equally: first, second. Say which"), text);
        WeightFiles.Fit fit =
                mien.weightFiles().read(path).fits().stream()
                        .filter(one -> one.backbone().equals("small"))
                        .findFirst()
                        .orElseThrow();
        assertEquals("module.encoder_q.", fit.prefix());
        assertTrue(fit.notes().get(0).contains("module.encoder_k fits as well"), "" + fit);
        assertEquals(
                "module.encoder_k.",
                mien.weightFiles()
                        .read(Path.of(path + "#module.encoder_k"))
                        .fits()
                        .get(0)
                        .prefix());
    }

    @Test
    void aPublishedClassifierComesInWhole() throws IOException {
        Map<String, Safetensors.Values> whole = new LinkedHashMap<>(under("module.", 1));
        float[] rows = new float[18];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = i / 6;
        }
        whole.put("module.fc.weight", new Safetensors.Values(new long[] {3, 6}, rows));
        whole.put(
                "module.fc.bias", new Safetensors.Values(new long[] {3}, new float[] {10, 11, 12}));
        whole.put("module.alpha.weight", new Safetensors.Values(new long[] {1, 6}, new float[6]));
        Path path = npz("whole.npz", whole);
        Runs.Run run =
                train("demo", still("method.init=" + path, "method.init-classes=blue,red,green"));
        Path best = run.folder().resolve(RunFolders.BEST);
        assertArrayEquals(new float[] {11, 12, 10}, read(best, "head.bias"));
        assertEquals(1, read(best, "head.weight")[0], "red is the second row of the file");
        assertEquals(1, started(run));
        String text = mien.runs().details(run.id()).starts().get(0);
        assertTrue(text.contains("module.fc.weight for head.weight"), text);
        // Without names no row is taken, and the key for them is named.
        run = train("demo", still("method.init=" + path));
        text = mien.runs().details(run.id()).starts().get(0);
        assertTrue(
                text.contains("module.fc.weight") && text.contains("method.init-classes=.."), text);
        assertFalse(
                Arrays.equals(
                        new float[] {10, 11, 12},
                        read(run.folder().resolve(RunFolders.BEST), "head.bias")));
        text =
                mien.runs()
                        .details(train("demo", still("backbone.weights=" + path)).id())
                        .starts()
                        .get(0);
        assertTrue(text.contains("3 classes, here 3 (method.init takes them, too"), text);
    }

    /** Takes a convolution of another size by its first values. */
    public static final class Fitting extends Fakes.Small {
        @Override
        public Optional<float[]> fit(Trunk trunk, String path, float[] values, long... shape) {
            return Optional.of(Arrays.copyOf(values, 6 * 3 * 3 * 3));
        }
    }

    @Test
    void whatIsFittedIsTold() throws IOException {
        bind(Kind.BACKBONE, "fitting", new Fitting());
        Map<String, Safetensors.Values> other = arrays();
        other.put("conv.0.weight", new Safetensors.Values(new long[] {6, 3, 5, 5}, new float[450]));
        Path path = npz("other.npz", other);
        Runs.Run run = train("demo", still("backbone=fitting", "backbone.weights=" + path));
        String text = mien.runs().details(run.id()).starts().get(0);
        assertTrue(
                text.contains(
                        "conv.0.weight of shape [6, 3, 5, 5] was fitted to [6, 3, 3, 3] by"
                                + " backbone 'fitting'"),
                text);
        text = refused(() -> train("demo", "backbone.weights=" + path));
        assertTrue(text.contains("Set its keys (backbone.size)"), text);
    }

    @Test
    void anExportSaysHowItIsUsed() throws IOException {
        train("demo");
        for (Runs.Format format : List.of(Runs.Format.SAFETENSORS, Runs.Format.NPZ)) {
            Path out = work.resolve("out." + format);
            mien.runs().export("demo-1", format, out);
            Map<String, String> card = mien.weightFiles().read(out).metadata();
            assertEquals("[\"red\",\"green\",\"blue\"]", card.get("mien.labels"));
            JsonObject input = JsonParser.parseString(card.get("mien.input")).getAsJsonObject();
            assertEquals(8, input.get("width").getAsInt());
            assertEquals(8, input.get("height").getAsInt());
            assertEquals("RGB", input.get("colours").getAsString());
            assertEquals(0.5f, input.getAsJsonArray("mean").get(2).getAsFloat());
            assertEquals(0.5f, input.getAsJsonArray("deviation").get(0).getAsFloat());
            assertTrue(JsonParser.parseString(card.get("mien.steps")).isJsonArray());
            assertTrue(card.get("mien.keys").contains("\"backbone.size\":\"8\""), "" + card);
            // Its rows have names: another order of classes is matched.
            String text =
                    mien.runs()
                            .details(train("demo", still("method.init=" + out)).id())
                            .starts()
                            .get(0);
            assertFalse(text.contains("skipped"), text);
        }
    }
}
