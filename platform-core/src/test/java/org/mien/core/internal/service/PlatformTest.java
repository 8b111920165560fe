// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.service;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Hashtable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.mien.api.Feature;
import org.mien.api.InputSpec;
import org.mien.api.data.Sample;
import org.mien.api.data.Targets;
import org.mien.api.method.Build;
import org.mien.api.method.Loss;
import org.mien.api.method.Method;
import org.mien.api.method.Model;
import org.mien.api.method.Plan;
import org.mien.api.net.Net;
import org.mien.api.net.Ops;
import org.mien.api.net.Pass;
import org.mien.api.net.Trunk;
import org.mien.api.net.Var;
import org.mien.api.run.RunEvent;
import org.mien.core.Datasets;
import org.mien.core.Evaluations;
import org.mien.core.MienException;
import org.mien.core.Pipelines;
import org.mien.core.Plugins;
import org.mien.core.Predictions;
import org.mien.core.Runs;
import org.mien.core.Value;
import org.mien.core.internal.data.Splits;
import org.mien.core.internal.pipeline.BoundPipeline;
import org.mien.core.internal.pipeline.Built;
import org.mien.core.internal.plugin.Kind;
import org.mien.core.internal.run.Checkpoint;
import org.mien.core.internal.run.Ending;
import org.mien.core.internal.run.JobState;
import org.mien.core.internal.run.RunFolders;
import org.mien.engine.Torch;
import org.mien.nn.Fn;
import org.mien.nn.Sequence;
import org.mien.nn.spi.Shapes;
import org.mien.nn.spi.Weights;
import org.mien.vision.Images;

/** Trains, evaluates and predicts. */
class PlatformTest extends OnPlatform {

    @Test
    void trainsEvaluatesAndPredicts() throws IOException {
        List<RunEvent> events = Collections.synchronizedList(new ArrayList<>());
        Runs.Run run = mien.jobs().train("demo", Map.of(), events::add, () -> false);
        assertEquals("demo-1", run.id());
        assertEquals("DONE", run.state());
        assertEquals(3, run.epochs());
        assertEquals(1.0, run.chosenValue());
        assertEquals(RunEvent.Kind.STARTED, events.get(0).kind());
        assertEquals(RunEvent.Kind.DONE, events.get(events.size() - 1).kind());
        assertEquals(3, events.stream().filter(e -> e.kind() == RunEvent.Kind.EPOCH).count());

        Evaluations.Evaluation evaluation = mien.evaluations().evaluate("demo-1", "test", Map.of());
        assertEquals(30, evaluation.samples());
        assertEquals(1.0, evaluation.metrics().get("accuracy"));
        assertEquals(6.0, evaluation.metrics().get("width"));
        assertEquals("colour-60", evaluation.tables().get(0).rows().get(0).get(0));
        assertEquals(1.0, mien.runs().all().get(0).evaluations().get("test").get("accuracy"));

        Path image = work.resolve("green.png");
        try (Splits splits = splits()) {
            Sample green = splits.of(Sample.Split.TEST).get(1);
            Files.write(image, Images.encodePng(splits.read(green)));
        }
        List<Predictions.Prediction> answers = new ArrayList<>();
        mien.predictions()
                .predict(
                        "demo-1",
                        Map.of(),
                        List.of(image, work.resolve("missing.png"), work),
                        List.of("first", "colour-62", "nobody"),
                        answers::add,
                        () -> false);
        Predictions.FaceAnswer face = answers.get(0).faces().get(0);
        assertEquals("green", face.label());
        assertNull(face.box());
        assertEquals(1, face.probabilities().values().stream().mapToDouble(p -> p).sum(), 1e-5);
        assertEquals(List.of(), answers.get(1).faces());
        assertTrue(answers.get(1).error().contains("does not exist"));
        assertTrue(answers.get(2).error().contains("is not a file"));
        assertEquals("red", answers.get(3).faces().get(0).label());
        assertEquals("red", answers.get(3).truth());
        assertEquals("blue", answers.get(4).faces().get(0).label());
        assertTrue(answers.get(5).error().contains("no sample has this id"));
    }

    private Splits splits(String... keys) {
        Map<String, Value> values =
                new LinkedHashMap<>(pipelines.find("demo").orElseThrow().values());
        map(keys).forEach((key, value) -> values.put(key, new Value(value, "test")));
        return new Splits(BoundPipeline.of(registry, "demo", values));
    }

    @Test
    void theSameRunTwiceGivesTheSameBytes() throws IOException {
        Path first = train("demo").folder();
        Path second = train("demo", "train.loader-threads=2").folder();
        Path other = train("demo", "seed=2").folder();
        for (String file : List.of(RunFolders.BEST, RunFolders.LAST, "metrics.jsonl")) {
            assertArrayEquals(
                    Files.readAllBytes(first.resolve(file)),
                    Files.readAllBytes(second.resolve(file)),
                    file);
        }
        assertTrue(
                Files.mismatch(first.resolve(RunFolders.BEST), other.resolve(RunFolders.BEST))
                        >= 0);
    }

    @Test
    void noArrayOutlivesItsRun() {
        train("demo");
        long before = torch.arrays();
        AtomicInteger steps = new AtomicInteger();
        List<Long> alive = Collections.synchronizedList(new ArrayList<>());
        mien.jobs()
                .train(
                        "demo",
                        map("train.epochs=6"),
                        event -> {},
                        () -> {
                            steps.incrementAndGet();
                            alive.add(torch.arrays());
                            return false;
                        });
        mien.evaluations().evaluate("demo-2", "test", Map.of());
        assertEquals(before, torch.arrays());
        assertTrue(steps.get() > 12);
        // From the second step on, when the optimiser has its state, the number stands still.
        assertEquals(1, alive.subList(2, alive.size()).stream().distinct().count(), "" + alive);
    }

    @Test
    void aPipelineSaysWhatItWaitsFor() {
        configure("raf", "dataset=colours", "backbone=small", "method=fdrl", "method.latents=9");
        assertEquals(Pipelines.State.WAITING, pipeline("raf").state());
        assertEquals("for method 'fdrl' (feature:install mien-method-fdrl)", pipeline("raf").why());
        assertTrue(refused(() -> train("raf")).contains("waits for method 'fdrl'"));
        assertEquals(Pipelines.State.READY, pipeline("demo").state());
        Fakes.Head fdrl = new Fakes.Head();
        bind(Kind.METHOD, "fdrl", fdrl);
        assertEquals(Pipelines.State.FAILED, pipeline("raf").state());
        assertTrue(
                pipeline("raf").why().contains("unknown key 'method.latents'"),
                pipeline("raf").why());
        registry.unbind(fdrl);
        assertEquals(Pipelines.State.WAITING, pipeline("raf").state());
    }

    @Test
    void aBusyPipelineSaysSo() {
        List<Pipelines.Pipeline> seen = new ArrayList<>();
        mien.jobs()
                .train(
                        "demo",
                        Map.of(),
                        event -> {},
                        () -> {
                            if (seen.isEmpty()) {
                                seen.add(pipeline("demo"));
                            }
                            return false;
                        });
        assertEquals(Pipelines.State.BUSY, seen.get(0).state());
        assertEquals("with run demo-1", seen.get(0).why());
        assertEquals(Pipelines.State.READY, pipeline("demo").state());
    }

    @Test
    void wrongInputIsNamedWithValueExpectationAndNextStep() {
        assertEquals(
                "pipeline 'demi' is not configured, and no recipe has this name. Did you mean"
                        + " 'demo'? A pipeline is a file etc/org.mien.pipeline-NAME.cfg; a recipe"
                        + " comes with the plugin of its method.",
                refused(() -> train("demi")));
        assertEquals(
                "pipeline demo: unknown key 'train.epoch'. Did you mean 'train.epochs'?",
                refused(() -> train("demo", "train.epoch=3")));
        assertTrue(
                refused(() -> train("demo", "train.epochs=many"))
                        .startsWith(
                                "key 'train.epochs' is 'many'; expected an integer from 1 to"
                                        + " 100000"));
        assertTrue(refused(() -> train("demo", "train.epochs=0")).contains("from 1"));
        assertTrue(
                refused(() -> train("demo", "train.optimizer=lion"))
                        .contains("expected one of sgd, adam, adamw"));
        assertTrue(
                refused(() -> train("demo", "train.device=cuda:0")).contains("no GPU was found"));
        assertTrue(
                refused(() -> train("demo", "train.nesterov=true", "train.momentum=0"))
                        .contains("nesterov needs sgd"));
        assertEquals(
                "pipeline demo: backbone 'maps' gives map (6, 8, 8); method 'head' needs a vector."
                        + " Try small.",
                refused(() -> train("demo", "backbone=maps")));
        assertTrue(refused(() -> train("demo", "dataset.bad=3")).contains("row 3 has 2303 pixels"));
        assertTrue(
                refused(() -> mien.evaluations().evaluate("demo-9", "test", Map.of()))
                        .contains("run 'demo-9' does not exist"));
        assertTrue(
                refused(() -> mien.evaluations().evaluate("demo-9", "tset", Map.of()))
                        .contains("expected train, validation or test"));
        assertTrue(
                refused(() -> mien.plugins().method("heat", Map.of()))
                        .contains("Did you mean 'head'?"));
    }

    @Test
    void aRunThatFailedSaysWhyAndKeepsItsFolder() {
        refused(() -> train("demo", "dataset.bad=3"));
        Runs.Run run = mien.runs().all().get(0);
        assertEquals("FAILED", run.state());
        assertTrue(run.text().contains("sample 'colour-3'"), run.text());
        assertTrue(
                refused(() -> mien.evaluations().evaluate(run.id(), "test", Map.of()))
                        .contains("best.safetensors is missing"));
    }

    @Test
    void aLossThatIsNoNumberStopsTheRun() {
        bind(
                Kind.METHOD,
                "nan",
                new Fakes.Head(
                        (batch, pass) ->
                                Loss.of(
                                        "broken",
                                        batch.face().sum().mul(pass.step() == 5 ? Float.NaN : 1)),
                        "face"));
        configure("nan", "dataset=colours", "backbone=small", "method=nan");
        String message = refused(() -> train("nan"));
        assertTrue(message.contains("depends on none of the weights"), message);
        bind(
                Kind.METHOD,
                "nan2",
                new Fakes.Head(
                        (batch, pass) -> {
                            NDArray nan = pass.scope().create(Float.NaN);
                            return Loss.of("broken", nan);
                        },
                        "face"));
        String second = refused(() -> train("nan", "method=nan2"));
        assertTrue(second.contains("step 0: the loss of phase 'train' is NaN"), second);
        assertTrue(second.contains("samples [colour-"), second);
    }

    @Test
    void aMeasureIsLoggedAndNotLearnt() throws IOException {
        Path plain = train("demo").folder();
        bind(Kind.METHOD, "measured", new Fakes.Head().measure("thirty"));
        Path measured = train("demo", "method=measured").folder();
        assertArrayEquals(
                Checkpoint.read(plain.resolve(RunFolders.BEST))
                        .arrays()
                        .get("head.weight")
                        .elements(),
                Checkpoint.read(measured.resolve(RunFolders.BEST))
                        .arrays()
                        .get("head.weight")
                        .elements());
        for (String line : Files.readAllLines(measured.resolve("metrics.jsonl"))) {
            assertTrue(line.contains("\"thirty\":30.0"), line);
        }
        assertFalse(Files.readString(plain.resolve("metrics.jsonl")).contains("thirty"));
    }

    @Test
    void aFaultOfAPluginBecomesTextWithoutItsException() {
        bind(
                Kind.METHOD,
                "broken",
                new Fakes.Head(
                        (batch, pass) -> {
                            throw new ArrayIndexOutOfBoundsException("7 of 7");
                        },
                        "face"));
        MienException e = assertThrows(MienException.class, () -> train("demo", "method=broken"));
        assertTrue(e.getMessage().contains("method 'broken' failed"), e.getMessage());
        assertTrue(e.getMessage().contains("7 of 7"), e.getMessage());
        assertNull(e.getCause());
        assertEquals(0, e.getSuppressed().length);
    }

    @Test
    void aFullHeapIsNoFaultOfThePlugin() {
        bind(
                Kind.METHOD,
                "greedy",
                new Fakes.Head(
                        (batch, pass) -> {
                            throw new OutOfMemoryError("Java heap space");
                        },
                        "face"));
        String words = refused(() -> train("demo", "method=greedy"));
        assertTrue(words.contains("Java heap space") && words.contains("MIEN_HEAP=4g"), words);
        assertFalse(words.contains("fault"), words);
    }

    @Test
    void viewsAreCutMirroredOrNamed() {
        bind(Kind.METHOD, "mirror", new Fakes.Head(null, "mirror"));
        assertEquals("DONE", train("demo", "method=mirror").state());
        bind(Kind.METHOD, "left", new Fakes.Head(null, "left"));
        assertTrue(
                refused(() -> train("demo", "method=left"))
                        .contains(
                                "reads the view 'left'; the pipeline gives face, mirror. Add to"
                                        + " preprocess: left-half"));
        assertTrue(
                refused(() -> train("demo", "method=left", "backbone=maps"))
                        .contains("needs a vector"),
                "what no step mends is said first");
        assertEquals("DONE", train("demo", "method=left", "preprocess=noise,left-half").state());
    }

    @Test
    void whoReadsLeftAndRightApartIsNotTrainedOnMirroredPictures() {
        bind(Kind.METHOD, "apart", new Fakes.Oriented());
        bind(Kind.PREPROCESSOR, "mirrors", new Fakes.Mirrors());
        assertTrue(
                refused(() -> train("demo", "method=apart", "preprocess=noise,mirrors"))
                        .contains(
                                "method 'apart' reads left and right apart, and preprocessor"
                                        + " 'mirrors' may exchange them"));
        assertEquals("DONE", train("demo", "preprocess=mirrors").state());
        assertEquals("DONE", train("demo", "method=apart").state());
    }

    @Test
    void phasesMoveTheirPartsWithTheirOwnKeys() {
        bind(Kind.METHOD, "two", new Fakes.TwoPhases());
        Runs.Run run =
                train(
                        "demo",
                        "method=two",
                        "train.epochs=2",
                        "train.body.lr=0",
                        "data.validation=0");
        Checkpoint checkpoint = Checkpoint.read(run.folder().resolve(RunFolders.LAST));
        // 60 samples in batches of 16: steps 4 to 7 are those of epoch 1; of them 4 and 6 are due.
        assertEquals(2, checkpoint.arrays().get("counts.rules").elements()[0]);
        assertEquals(2, checkpoint.arrays().get("counts.after").elements()[0]);
        assertTrue(
                checkpoint.arrays().get("backbone.conv.1.running_mean").elements()[0] != 0,
                "the body's statistics move in its own phase");
        RunFolders.Config config = RunFolders.config(run.folder());
        assertEquals("0", config.values().get("train.body.lr").value());
        assertEquals("command line", config.values().get("train.body.lr").origin());
        assertEquals("method 'two'", config.values().get("train.head.optimizer").origin());
        assertEquals("none", config.validation());
        assertEquals(2, run.bestEpoch(), "without validation the last epoch is used");
        assertTrue(
                refused(() -> train("demo", "method=two", "train.bodi.lr=0"))
                        .contains("Did you mean 'train.body.lr'?"));
    }

    @Test
    void validationIsCarvedBySubject() {
        try (Splits splits = splits()) {
            List<String> train =
                    splits.of(Sample.Split.TRAIN).stream().map(Sample::subject).distinct().toList();
            List<String> validation =
                    splits.of(Sample.Split.VALIDATION).stream()
                            .map(Sample::subject)
                            .distinct()
                            .toList();
            assertEquals(6, splits.of(Sample.Split.VALIDATION).size());
            assertTrue(Collections.disjoint(train, validation));
            assertEquals(54, IntStream.of(0, 1, 2).mapToLong(i -> splits.counts()[i]).sum());
        }
    }

    @Test
    void someSamplesOfEachClassAreDrawnBySeed() {
        List<List<String>> drawn = new ArrayList<>();
        for (String seed : List.of("seed=1", "seed=1", "seed=2")) {
            try (Splits whole = splits(seed);
                    Splits some = splits(seed, "data.per-class=5")) {
                assertArrayEquals(new long[] {5, 5, 5}, some.counts());
                assertEquals(
                        whole.of(Sample.Split.VALIDATION).size(),
                        some.of(Sample.Split.VALIDATION).size());
                assertTrue(
                        ids(whole, Sample.Split.TRAIN).containsAll(ids(some, Sample.Split.TRAIN)));
                drawn.add(ids(some, Sample.Split.TRAIN));
            }
        }
        assertEquals(drawn.get(0), drawn.get(1));
        assertNotEquals(drawn.get(0), drawn.get(2));
        try (Splits more = splits("data.per-class=1000")) {
            assertEquals(54, more.of(Sample.Split.TRAIN).size(), "what is there");
        }
    }

    private static List<String> ids(Splits splits, Sample.Split split) {
        return splits.of(split).stream().map(Sample::id).toList();
    }

    @Test
    void aStoppedRunIsCancelledWithItsCheckpoint() {
        AtomicInteger steps = new AtomicInteger();
        Runs.Run run =
                mien.jobs()
                        .train(
                                "demo",
                                map("train.epochs=50"),
                                event -> {},
                                () -> steps.incrementAndGet() > 6);
        assertEquals("CANCELLED", run.state());
        assertEquals("stopped after step 5", run.text()); // asked once more while it validated
        assertEquals(
                "5", Checkpoint.read(run.folder().resolve(RunFolders.LAST)).metadata().get("step"));
    }

    /** A run in one go, and the same run stopped again and again, end in the same bytes. */
    @Test
    void aResumedRunEndsWithTheBytesOfAnUnbrokenOne() throws IOException {
        String[] keys = {
            "train.epochs=4",
            "train.smoothing=0.1",
            "train.schedule=cosine",
            "train.ema=0.9",
            "train.clip=0.5",
            "train.class-weights=balanced"
        };
        Path unbroken = train("demo", keys).folder();
        Runs.Run broken = mien.jobs().train("demo", map(keys), event -> {}, stopAfter(2));
        assertEquals("CANCELLED", broken.state());
        for (int stops = 0; broken.state().equals("CANCELLED"); stops++) {
            assertTrue(stops < 20, "it goes on");
            broken = mien.jobs().resume(broken.id(), event -> {}, stopAfter(3));
        }
        assertEquals("DONE", broken.state());
        assertEquals(4, broken.epochs());
        sameRun(unbroken, broken.folder());
        String id = broken.id();
        assertTrue(
                refused(() -> mien.jobs().resume(id, event -> {}, () -> false))
                        .contains("is done; there is nothing to go on with"));
    }

    @Test
    void aRunHasTheThreadsThatItAsksFor() {
        int all = Torch.get().allThreads();
        Set<Integer> seen = Collections.synchronizedSet(new TreeSet<>());
        bind(
                Kind.BACKBONE,
                "watched",
                new Fakes.Small() {
                    @Override
                    public Trunk trunk(Settings s, InputSpec input) {
                        Trunk trunk = super.trunk(s, input);
                        Net watch =
                                new Fn(
                                        (ops, x) -> {
                                            seen.add(Torch.get().threads());
                                            return x;
                                        });
                        Feature feature = Feature.map("watch", 6, s.size(), s.size());
                        return new Trunk(
                                input,
                                List.of(
                                        new Trunk.Stage(
                                                feature,
                                                () ->
                                                        new Sequence(
                                                                trunk.parts().get("conv"), watch)),
                                        new Trunk.Stage(
                                                Feature.vector("pool", 6),
                                                () -> new Fn(Ops::globalAveragePool))));
                    }
                });
        for (String asked : List.of("1", "3", "auto", "free")) {
            seen.clear();
            train("demo", "backbone=watched", "train.epochs=1", "train.threads=" + asked);
            switch (asked) {
                case "auto" -> assertEquals(Set.of(all), seen);
                case "free" -> assertTrue(seen.stream().allMatch(n -> n >= 1 && n <= all));
                default -> assertEquals(Set.of(Integer.parseInt(asked)), seen);
            }
        }
        assertEquals(all, Torch.get().threads());
        String message = refused(() -> train("demo", "train.threads=0"));
        assertTrue(
                message.contains("threads '0'; expected auto, free or a number from 1 to 1024"),
                message);
    }

    /** Which shapes oneDNN computes does not depend on where a run was stopped. */
    @Test
    void aResumedRunEndsWithTheSameBytesWhereOneDnnIsWrong() throws IOException {
        String[] keys = {"train.epochs=2", "preprocess=", "train.batch=8"};
        Path sure = train("demo", keys).folder();
        for (Shapes.Direction wrong : Shapes.Direction.values()) {
            Shapes.Fault fault =
                    (shape, direction) -> direction == wrong && shape.contains("convolution");
            Path unbroken;
            Runnable end = Shapes.doubt(fault);
            try {
                unbroken = train("demo", keys).folder();
                // Nobody wants the gradient to the pictures.
                assertEquals(wrong == Shapes.Direction.INPUT, Shapes.distrusted().isEmpty());
            } finally {
                end.run();
            }
            assertEquals(
                    wrong == Shapes.Direction.INPUT,
                    Files.mismatch(sure.resolve(RunFolders.LAST), unbroken.resolve(RunFolders.LAST))
                            == -1,
                    "the other way adds in another order");
            end = Shapes.doubt(fault);
            try {
                Runs.Run broken = mien.jobs().train("demo", map(keys), event -> {}, stopAfter(2));
                for (int stops = 0; broken.state().equals("CANCELLED"); stops++) {
                    assertTrue(stops < 20, "it goes on");
                    end.run(); // another process knows of no verdict
                    end = Shapes.doubt(fault);
                    broken = mien.jobs().resume(broken.id(), event -> {}, stopAfter(3));
                }
                sameRun(unbroken, broken.folder());
            } finally {
                end.run();
            }
        }
    }

    /** Two batches of eight gathered are one batch of sixteen, where no layer mixes samples. */
    @Test
    void gatheredGradientsAreThoseOfALargerBatch() throws IOException {
        bind(Kind.BACKBONE, "plain", new Fakes.Plain());
        String[] keys = {
            "backbone=plain",
            "method.dropout=0",
            "preprocess=",
            "train.epochs=2",
            "train.optimizer=sgd",
            "train.clip=0.3",
            "data.validation=0",
            "dataset.samples=48"
        };
        Path whole = train("demo", with(keys, "train.batch=16")).folder();
        Path parts =
                train("demo", with(keys, "train.batch=8", "train.accumulate=2", "train.ema=0.5"))
                        .folder();
        assertArrayEquals(
                Checkpoint.read(whole.resolve(RunFolders.LAST))
                        .arrays()
                        .get("head.weight")
                        .elements(),
                Checkpoint.read(parts.resolve(RunFolders.LAST))
                        .arrays()
                        .get("head.weight")
                        .elements(),
                1e-6f);
        // What is gathered is in the checkpoint: stopped anywhere, the same bytes come out.
        String[] odd = with(keys, "train.batch=8", "train.accumulate=4", "train.ema=0.5");
        Path unbroken = train("demo", odd).folder();
        Runs.Run broken = mien.jobs().train("demo", map(odd), event -> {}, stopAfter(2));
        while (broken.state().equals("CANCELLED")) {
            broken = mien.jobs().resume(broken.id(), event -> {}, stopAfter(3));
        }
        sameRun(unbroken, broken.folder());
    }

    private static String[] with(String[] keys, String... more) {
        List<String> all = new ArrayList<>(List.of(keys));
        all.addAll(List.of(more));
        return all.toArray(new String[0]);
    }

    /** As after a kill: metrics that are ahead of the checkpoint, with half a line at the end. */
    @Test
    void whatWasWrittenAfterTheCheckpointIsDoneAgain() throws IOException {
        Path unbroken = train("demo", "train.epochs=3").folder();
        Runs.Run broken =
                mien.jobs().train("demo", map("train.epochs=3"), event -> {}, stopAfter(5));
        Path metrics = broken.folder().resolve("metrics.jsonl");
        Files.writeString(
                metrics,
                Files.readString(metrics)
                        + "{\"event\":\"step\",\"epoch\":2,\"step\":5,\"loss\":9}\n"
                        + "{\"event\":\"epoch\",\"epoch\":2,\"step\":8}\n{\"event\":\"st");
        assertEquals("DONE", mien.jobs().resume(broken.id(), event -> {}, () -> false).state());
        sameRun(unbroken, broken.folder());
    }

    @Test
    void aRunWithoutACheckpointBeginsAgain() throws IOException {
        Path unbroken = train("demo").folder();
        Runs.Run broken = mien.jobs().train("demo", Map.of(), event -> {}, stopAfter(2));
        Files.delete(broken.folder().resolve(RunFolders.LAST));
        assertEquals("DONE", mien.jobs().resume(broken.id(), event -> {}, () -> false).state());
        sameRun(unbroken, broken.folder());
    }

    @Test
    void aRunDoesNotGoOnWithOtherDataOrOtherShapes() throws IOException {
        Runs.Run broken = mien.jobs().train("demo", Map.of(), event -> {}, stopAfter(2));
        Path last = broken.folder().resolve(RunFolders.LAST);
        Checkpoint checkpoint = Checkpoint.read(last);
        Map<String, Checkpoint.Values> arrays = new LinkedHashMap<>(checkpoint.arrays());
        arrays.put("head.bias", new Checkpoint.Values(new long[] {4}, new float[4]));
        new Checkpoint(arrays, checkpoint.metadata()).write(last);
        String message = refused(() -> mien.jobs().resume(broken.id(), event -> {}, () -> false));
        assertTrue(message.contains("'head.bias' has shape [4], the network needs [3]"), message);
        checkpoint.write(last);
        Files.delete(broken.folder().resolve("samples.jsonl"));
        Path config = broken.folder().resolve("config.json");
        Files.writeString(
                config, Files.readString(config).replace("\"train\": 54", "\"train\": 53"));
        assertTrue(
                refused(() -> mien.jobs().resume(broken.id(), event -> {}, () -> false))
                        .contains("Bring the dataset back"));
    }

    @Test
    void trainingEndsWhenNothingBecomesBetter() {
        // With a rate of zero the first epoch stays the best.
        Runs.Run run = train("demo", "train.epochs=30", "train.lr=0", "train.patience=2");
        assertEquals("DONE", run.state());
        assertEquals(3, run.epochs());
        assertEquals(1, run.bestEpoch());
        assertTrue(
                refused(() -> train("demo", "train.patience=2", "data.validation=0"))
                        .contains("train.patience watches the validation split"));
    }

    @Test
    void theAverageIsWhatIsUsed() {
        Path run = train("demo", "train.epochs=1", "train.ema=0.9").folder();
        Checkpoint last = Checkpoint.read(run.resolve(RunFolders.LAST));
        float[] average = last.arrays().get("average/head.weight").elements();
        float[] weight = last.arrays().get("head.weight").elements();
        assertArrayEquals(
                average,
                Checkpoint.read(run.resolve(RunFolders.BEST))
                        .arrays()
                        .get("head.weight")
                        .elements());
        assertNotEquals(average[0], weight[0]);
        assertEquals(30, mien.evaluations().evaluate("demo-1", "test", Map.of()).samples());
    }

    @Test
    void clippingLimitsAStep() throws IOException {
        // With SGD at rate 1 and no momentum the weights move by the clipped gradient itself.
        String[] keys = {
            "train.epochs=1",
            "train.optimizer=sgd",
            "train.momentum=0",
            "train.lr=1",
            "train.batch=60"
        };
        double free = moved(train("demo", keys));
        String[] clipped = Arrays.copyOf(keys, keys.length + 1);
        clipped[keys.length] = "train.clip=0.01";
        assertTrue(free > 0.02, "the gradient is larger than the limit: " + free);
        assertEquals(0.01, moved(train("demo", clipped)), 1e-5);
    }

    /** How far the weights of a run are from where it started. */
    private double moved(Runs.Run run) throws IOException {
        Map<String, Value> values = RunFolders.config(run.folder()).values();
        Built built =
                BoundPipeline.of(registry, "demo", values)
                        .build(Targets.classes(List.of("red", "green", "blue")));
        double sum = 0;
        try (Weights weights = new Weights(Device.cpu())) {
            built.parts().inference().forEach(weights::add);
            weights.fill(1);
            Checkpoint last = Checkpoint.read(run.folder().resolve(RunFolders.LAST));
            for (Weights.Entry entry : weights.entries().values()) {
                if (entry.var().trained()) {
                    float[] start = weights.array(entry.path()).toFloatArray();
                    float[] end = last.arrays().get(entry.path()).elements();
                    for (int i = 0; i < start.length; i++) {
                        sum += Math.pow(end[i] - start[i], 2);
                    }
                }
            }
        }
        return Math.sqrt(sum);
    }

    @Test
    void aPlateauLowersTheRate() throws IOException {
        Path run =
                train(
                                "demo",
                                "train.epochs=5",
                                "train.lr=1e-30",
                                "train.schedule=plateau",
                                "train.plateau=2",
                                "train.gamma=0.5")
                        .folder();
        List<Double> rates =
                Files.readAllLines(run.resolve("metrics.jsonl")).stream()
                        .filter(line -> line.contains("\"event\":\"epoch\""))
                        .map(
                                line ->
                                        Double.parseDouble(
                                                line.replaceAll(".*\"lr\":([^,}]*).*", "$1")))
                        .toList();
        assertEquals(List.of(1e-30, 1e-30, 1e-30, 5e-31, 5e-31), rates);
    }

    @Test
    void aDatasetIsChecked() {
        // Every third picture of the fake looks the same as the one 64 * 3 before it: none here.
        Datasets.Check check =
                mien.datasets().check("demo", map("dataset.bad=3"), (read, all) -> {}, () -> false);
        assertEquals(10, check.counts().get("test").get("red"));
        assertEquals(54, check.counts().get("train").values().stream().mapToInt(n -> n).sum());
        assertEquals(1, check.unreadable().size());
        assertTrue(check.unreadable().get(0).startsWith("colour-3: "), check.unreadable().get(0));
        assertEquals(List.of(), check.duplicates());
        // With 192 more the pictures repeat, in training and in test.
        Datasets.Check large =
                mien.datasets()
                        .check("demo", map("dataset.samples=192"), (read, all) -> {}, () -> false);
        assertEquals(30, large.duplicates().size());
        assertEquals(30, large.acrossSplits().size());
        assertTrue(large.duplicates().get(0).contains("test: colour-192"));
        assertTrue(
                refused(
                                () ->
                                        mien.datasets()
                                                .check(
                                                        "demo",
                                                        Map.of(),
                                                        (read, all) -> {},
                                                        () -> true))
                        .contains("stopped after 0 of 90"));
    }

    @Test
    void aRunIsPackedWithoutItsLastCheckpoint() throws IOException {
        Runs.Run run = train("demo", "train.epochs=1");
        mien.evaluations().evaluate(run.id(), "test", Map.of());
        Path file = work.resolve("run.zip");
        mien.runs().export(run.id(), Runs.Format.ZIP, file);
        try (ZipFile zip = new ZipFile(file.toFile())) {
            assertEquals(
                    List.of(
                            "demo-1/best.safetensors",
                            "demo-1/config.json",
                            "demo-1/evaluation-test.json",
                            "demo-1/metrics.jsonl",
                            "demo-1/notes.json",
                            "demo-1/predictions-test.csv",
                            "demo-1/report.html",
                            "demo-1/run.json",
                            "demo-1/SHA256SUMS"),
                    zip.stream().map(ZipEntry::getName).toList());
            assertArrayEquals(
                    Files.readAllBytes(run.folder().resolve(RunFolders.BEST)),
                    zip.getInputStream(zip.getEntry("demo-1/best.safetensors")).readAllBytes());
        }
        assertTrue(
                refused(() -> mien.runs().export(run.id(), Runs.Format.ZIP, file))
                        .contains("exists already"));
        assertTrue(
                refused(
                                () ->
                                        mien.runs()
                                                .export(
                                                        run.id(),
                                                        Runs.Format.ZIP,
                                                        work.resolve("none/run.zip")))
                        .contains("does not exist; make it first"));
    }

    @Test
    void aWrongEditLeavesTheLastGoodStateVisible() {
        configure("demo", "dataset=colours", "backbone=small", "method=head", "train.epochs=2");
        assertEquals(Map.of(), pipeline("demo").lastGood());
        configure("demo", "dataset=colours", "backbone=small", "method=head", "train.epoch=2");
        configure("demo", "dataset=colours", "backbone=small", "method=head", "train.lr=fast");
        Pipelines.Pipeline now = pipeline("demo");
        assertEquals(Pipelines.State.FAILED, now.state());
        assertTrue(now.why().contains("train.lr"), now.why());
        assertEquals("fast", now.values().get("train.lr").value());
        assertEquals("2", now.lastGood().get("train.epochs").value());
        assertTrue(refused(() -> train("demo")).contains("train.lr"));
        configure("demo", "dataset=colours", "backbone=small", "method=head");
        assertEquals(Pipelines.State.READY, pipeline("demo").state());
        assertEquals(Map.of(), pipeline("demo").lastGood());
    }

    @Test
    void aNewPipelineIsCheckedBeforeItIsWritten() {
        assertTrue(
                refused(() -> mien.pipelines().create("demo", map("method=head"), false))
                        .contains("'demo' exists already, from org.mien.pipeline-demo.cfg"));
        assertTrue(
                refused(() -> mien.pipelines().create("a/b", Map.of(), false))
                        .contains("a name is up to 64"));
        Map<String, String> keys = map("dataset=colours", "backbone=small", "method=head");
        keys.put("train.epoch", "3");
        assertTrue(
                refused(() -> mien.pipelines().create("new", keys, false))
                        .contains("Did you mean 'train.epochs'?"));
        keys.put("method", "absent");
        assertTrue(
                refused(() -> mien.pipelines().create("new", keys, false))
                        .contains("unknown key 'train.epoch'"));
        keys.remove("train.epoch");
        keys.put("train.lr", "fast");
        assertTrue(refused(() -> mien.pipelines().create("new", keys, false)).contains("train.lr"));
        keys.put("train.lr", "${x}");
        assertTrue(refused(() -> mien.pipelines().create("new", keys, false)).contains("${"));
        assertTrue(refused(() -> mien.pipelines().delete("demo")).contains("is no file"));
    }

    @Test
    void aRunIsShownAndDeleted() {
        Runs.Run run = train("demo", "train.epochs=1", "seed=5");
        Runs.Details details = mien.runs().details(run.id());
        assertEquals(new Value("5", "command line"), details.values().get("seed"));
        assertEquals(54, details.splits().get("train"));
        assertEquals(5, details.plugins().size());
        mien.jobs()
                .train(
                        "demo",
                        map("train.epochs=1"),
                        event -> {},
                        () -> {
                            assertTrue(
                                    refused(() -> mien.runs().delete("demo-2"))
                                            .contains("is under way"));
                            return false;
                        });
        mien.runs().delete(run.id());
        assertEquals(List.of("demo-2"), mien.runs().all().stream().map(Runs.Run::id).toList());
        assertFalse(Files.exists(run.folder()));
        assertTrue(refused(() -> mien.runs().delete(run.id())).contains("does not exist"));
    }

    @Test
    void aRunOfADeadProcessIsNotRunning() throws IOException {
        Path run = train("demo").folder();
        RunFolders.write(
                run,
                RunFolders.State.fresh("demo", "now").with(new Ending(JobState.RUNNING, "step 3")));
        assertEquals("FAILED", mien.runs().all().get(0).state());
        assertTrue(
                mien.runs()
                        .all()
                        .get(0)
                        .text()
                        .contains("the platform ended while it was RUNNING"));
        assertEquals(Double.NaN, mien.runs().all().get(0).chosenValue());
    }

    /** A layer with an array that never moves. */
    private static final class Still extends Net {
        private final Var places = fixed("places", new float[12], 3, 4);

        @Override
        public NDArray run(Pass pass, NDArray x) {
            return x.add(pass.read(places).sum());
        }
    }

    @Test
    void arraysThatNeverMoveAreCountedApart() {
        assertEquals(0, new Still().parameters());
        assertEquals(24, Built.fixed(Map.of("a", new Still(), "b", new Still())));
    }

    @Test
    void methodInfoCountsWithoutMemory() {
        long before = torch.arrays();
        Plugins.MethodInfo info = mien.plugins().method("head", map("backbone=small", "labels=5"));
        assertEquals(List.of("VECTOR"), info.kinds());
        assertEquals(List.of("pool: vector (6)"), info.features());
        assertEquals(6 * 27 + 12L, info.inference().get("backbone"));
        assertEquals(35L, info.inference().get("head"));
        assertEquals(Map.of(), info.pieces(), "one convolution, one linear layer");
        assertEquals("3 x 8 x 8", info.input());
        assertEquals(0, info.unread(), "it reads the last stage");
        assertEquals(0, info.fixed(), "all of it moves");
        bind(Kind.METHOD, "on-maps", new Fakes.OnMaps());
        bind(Kind.BACKBONE, "with-output", new Fakes.WithOutput());
        assertEquals(
                7 * 5 + 5,
                mien.plugins().method("on-maps", map("backbone=with-output")).unread(),
                "a linear layer after the map");
        assertEquals(
                Map.of("backbone", Map.of("conv", 7 * 27L, "output", 7 * 5 + 5L)),
                mien.plugins().method("head", map("backbone=with-output")).pieces());
        assertEquals("method.dropout", info.keys().get(0).name());
        assertEquals(List.of("train"), info.phases());
        bind(Kind.METHOD, "two", new Fakes.TwoPhases());
        assertEquals(
                List.of("head", "body each 2 steps from epoch 1"),
                mien.plugins().method("two", map("backbone=small")).phases());
        assertEquals(before, torch.arrays());
        assertTrue(
                refused(() -> mien.plugins().method("head", map("backbone=maps")))
                        .contains("method 'head' needs a vector"));
        assertTrue(
                refused(() -> mien.plugins().method("head", Map.of()))
                        .contains("needs a backbone"));
    }

    @Test
    void backboneInfoCountsWhatEachStageCosts() {
        long before = torch.arrays();
        Plugins.BackboneInfo info = mien.plugins().backbone("small", map("size=10"));
        assertEquals("3 x 10 x 10", info.input());
        assertEquals(List.of(0.5f, 0.5f, 0.5f), info.mean());
        Plugins.BackboneStage conv = info.stages().get(0);
        assertEquals("map (6, 10, 10)", conv.gives());
        assertEquals(6 * 27 + 12L, conv.parameters());
        assertEquals(6 * 27 * 100L, conv.multiplyAdds());
        assertEquals(0, conv.fixed());
        assertEquals(4 * (6 * 27 + 24L), info.weightBytes());
        assertEquals(info.weightBytes() + 12 * (6 * 27 + 12L), info.trainingBytes());
        assertEquals(4L * 6, info.stages().get(1).forwardBytes());
        assertEquals(before, torch.arrays());
        assertEquals(
                info.stages(), mien.plugins().backbone("small", map("backbone.size=10")).stages());
        assertEquals(
                "backbone 'small': unknown key 'sise'. Did you mean 'backbone.size'?",
                refused(() -> mien.plugins().backbone("small", map("sise=10"))));
        assertTrue(
                refused(() -> mien.plugins().backbone("small", map("size=3")))
                        .contains("key 'backbone.size' is '3'"));
        assertTrue(
                refused(() -> mien.plugins().backbone("smal", Map.of()))
                        .contains("Did you mean 'small'?"));
    }

    @Test
    void pluginsWithOneIdAndOddOnesAreNamed() {
        bind(Kind.METHOD, "head", new Fakes.Head());
        registry.bind(Kind.METHOD, new Fakes.Head(), Map.of());
        List<Plugins.Plugin> methods =
                mien.plugins().all().stream().filter(p -> p.kind().equals("method")).toList();
        assertEquals(3, methods.size());
        assertEquals(1, methods.stream().filter(p -> p.problem().contains("came first")).count());
        assertEquals(1, methods.stream().filter(p -> p.problem().contains("no property")).count());
        bind(Kind.PREPROCESSOR, "odd", new Fakes.Odd());
        Plugins.Plugin odd =
                mien.plugins().all().stream()
                        .filter(p -> p.id().equals("odd"))
                        .findFirst()
                        .orElseThrow();
        assertEquals(
                "key 'odd.name' has bounds, but it is text; only numbers have min and max. This is"
                        + " a fault of the plugin.",
                odd.problem());
    }

    private String problem(String kind, String id) {
        return mien.plugins().all().stream()
                .filter(one -> one.kind().equals(kind) && one.id().equals(id))
                .map(Plugins.Plugin::problem)
                .filter(problem -> !problem.isEmpty())
                .findFirst()
                .orElse("");
    }

    @Test
    void idsThatShadowKeysAreListedWithTheReasonAndNotUsed() {
        for (String id : List.of("train", "data", "seed", "preprocess", "name")) {
            bind(Kind.PREPROCESSOR, id, new Fakes.Noise());
            bind(Kind.EVALUATOR, id, new Fakes.Share());
            assertTrue(problem("preprocessor", id).startsWith("its id '" + id + "' begins"), id);
            assertTrue(problem("evaluator", id).startsWith("its id '" + id + "' begins"), id);
        }
        String refused = refused(() -> train("demo", "preprocess=train"));
        assertTrue(
                refused.contains("preprocessor 'train' cannot be used: its id 'train' begins"),
                refused);
        // A dataset's keys do not begin with its id.
        bind(Kind.DATASET, "data", new Fakes.Colours());
        assertEquals("", problem("dataset", "data"));
        bind(Kind.DATASET, "a.b", new Fakes.Colours());
        assertTrue(problem("dataset", "a.b").startsWith("its id 'a.b' cannot be written"));
    }

    @Test
    void ofTwoPluginsWhoseKeysBeginAlikeTheFirstCounts() {
        Fakes.Share share = new Fakes.Share();
        bind(Kind.EVALUATOR, "noise", share);
        assertEquals("", problem("preprocessor", "noise"));
        assertEquals(
                "its keys noise.* could not be told from those of preprocessor 'noise', which came"
                        + " first. Give it another mien.id",
                problem("evaluator", "noise"));
        assertEquals("DONE", train("demo", "train.epochs=1").state());
        String refused = refused(() -> train("demo", "evaluators=noise"));
        assertTrue(refused.contains("evaluator 'noise' cannot be used: its keys noise.*"), refused);
        registry.unbind(share);
        assertEquals("", problem("evaluator", "noise"));
    }

    /** Reads a second backbone that never moves. */
    private record Guided(String role) implements Method<Fakes.Head.Settings> {
        @Override
        public Class<Fakes.Head.Settings> settings() {
            return Fakes.Head.Settings.class;
        }

        @Override
        public Plan plan(Fakes.Head.Settings settings) {
            return Plan.on(Feature.Kind.VECTOR).frozen(role, "small", Feature.Kind.VECTOR);
        }

        @Override
        public Model build(Build build, Fakes.Head.Settings settings) {
            return new Fakes.Head().build(build, settings);
        }
    }

    @Test
    void rolesThatShadowKeysAreListedWithTheReasonAndNotUsed() {
        bind(Kind.METHOD, "guided", new Guided("image"));
        assertTrue(problem("method", "guided").startsWith("its role 'image' begins"));
        String refused = refused(() -> train("demo", "method=guided"));
        assertTrue(
                refused.contains("method 'guided' cannot be used: its role 'image' begins"),
                refused);
        bind(Kind.METHOD, "noisy", new Guided("noise"));
        assertEquals("", problem("method", "noisy"));
        String taken = refused(() -> train("demo", "method=noisy"));
        assertTrue(
                taken.contains("its role 'noise' begins the keys of preprocessor 'noise'"), taken);
    }

    @Test
    void stepsStandWhereTheyCan() {
        bind(Kind.PREPROCESSOR, "mirrors", new Fakes.Mirrors());
        configure("halves", "dataset=colours", "backbone=small", "method=left");
        bind(Kind.METHOD, "left", new Fakes.Head(null, "left"));
        assertEquals(
                "DONE",
                train("halves", "train.epochs=1", "preprocess=noise:0.5,left-half,noise@left")
                        .state());
        Map<String, String> wrong = new LinkedHashMap<>();
        wrong.put("left-half:0.5", "does not vary, so no coin decides about it");
        wrong.put("left-half,noise@nose", "method 'left' reads left");
        wrong.put("left-half,left-half@left", "cuts views itself");
        wrong.put("left-half,noise+:2", "expected a step (rotate)");
        wrong.forEach(
                (steps, why) -> {
                    String refused = refused(() -> train("halves", "preprocess=" + steps));
                    assertTrue(refused.contains(why), refused);
                });
    }

    @Test
    void twoConfigurationsOfOneNameAreRefused() {
        Hashtable<String, Object> other = new Hashtable<>();
        other.put("name", "demo");
        pipelines.updated("org.mien.pipeline~x", other);
        assertEquals(Pipelines.State.FAILED, pipeline("demo").state());
        assertTrue(pipeline("demo").why().contains("org.mien.pipeline~x"), pipeline("demo").why());
        pipelines.deleted("org.mien.pipeline~x");
        assertEquals(Pipelines.State.READY, pipeline("demo").state());
    }

    @Test
    void aCheckpointThatDoesNotFitIsNamed() {
        Path run = train("demo", "train.epochs=1").folder();
        String id = run.getFileName().toString();
        Checkpoint best = Checkpoint.read(run.resolve(RunFolders.BEST));
        Map<String, Checkpoint.Values> arrays = new LinkedHashMap<>(best.arrays());
        arrays.put("head.weight", new Checkpoint.Values(new long[] {2, 2}, new float[4]));
        writeQuietly(new Checkpoint(arrays, Map.of()), run.resolve(RunFolders.BEST));
        String message = refused(() -> mien.evaluations().evaluate(id, "test", Map.of()));
        assertTrue(
                message.contains("'head.weight' has shape [2, 2], the network needs [3, 6]"),
                message);
        assertFalse(Files.exists(run.resolve("evaluation-test.json")));
    }

    private static void writeQuietly(Checkpoint checkpoint, Path file) {
        try {
            checkpoint.write(file);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }
}
