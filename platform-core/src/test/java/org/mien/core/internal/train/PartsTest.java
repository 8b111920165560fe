// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.mien.core.Runs;
import org.mien.core.internal.plugin.Kind;
import org.mien.core.internal.run.Checkpoint;
import org.mien.core.internal.run.RunFolders;
import org.mien.core.internal.service.Fakes;
import org.mien.core.internal.service.OnPlatform;

/** Rates of parts, parts that stand, samplers, and phases that end. */
class PartsTest extends OnPlatform {
    private static final String[] PLAIN = {
        "train.optimizer=sgd", "train.momentum=0", "train.lr=0", "train.epochs=1"
    };

    private static Map<String, Checkpoint.Values> last(Runs.Run run) {
        return Checkpoint.read(run.folder().resolve(RunFolders.LAST)).arrays();
    }

    private Runs.Run train(String[] keys, String... more) {
        String[] all = Arrays.copyOf(keys, keys.length + more.length);
        System.arraycopy(more, 0, all, keys.length, more.length);
        return train("demo", all);
    }

    private static void moves(Runs.Run run, Runs.Run still, String... paths) {
        Map<String, Checkpoint.Values> now = last(run);
        Map<String, Checkpoint.Values> before = last(still);
        for (String path : before.keySet()) {
            if (path.matches("[^/]*(weight|bias)")) {
                assertEquals(
                        List.of(paths).contains(path),
                        !Arrays.equals(now.get(path).elements(), before.get(path).elements()),
                        path);
            }
        }
    }

    @Test
    void aPartHasItsOwnRate() throws IOException {
        Runs.Run still = train(PLAIN);
        moves(train(PLAIN, "train.head.lr=0.1"), still, "head.weight", "head.bias");
        moves(train(PLAIN, "train.head.bias.lr=0.1"), still, "head.bias");
        Runs.Run run =
                train(
                        PLAIN,
                        "train.backbone.lr=0.1",
                        "train.backbone.conv.1.lr=0",
                        "train.backbone.schedule=exponential",
                        "train.backbone.gamma=0.5",
                        "train.epochs=2");
        moves(run, still, "backbone.conv.0.weight");
        String metrics = Files.readString(run.folder().resolve("metrics.jsonl"));
        assertTrue(metrics.contains("\"backbone.lr\":0.1,"), metrics);
        assertTrue(metrics.contains("\"backbone.lr\":0.05,"), metrics);
        assertTrue(metrics.contains("\"lr\":0.0,"), metrics);
    }

    @Test
    void aPartHasItsOwnRateInAPhase() {
        bind(Kind.METHOD, "two", new Fakes.TwoPhases());
        String[] keys = {
            "method=two",
            "train.epochs=2",
            "train.head.lr=0",
            "train.body.lr=0",
            "train.optimizer=sgd",
            "data.validation=0"
        };
        Runs.Run still = train("demo", keys);
        // The part named as a phase is reached within it.
        moves(train(keys, "train.head.head.bias.lr=0.1"), still, "head.bias");
        moves(train(keys, "train.body.backbone.conv.0.lr=0.1"), still, "backbone.conv.0.weight");
    }

    @Test
    void aFrozenPartStandsAndItsStatisticsMove() {
        String[] keys = {"train.epochs=1"};
        Runs.Run run = train(keys, "train.freeze=backbone");
        Runs.Run still = train(PLAIN);
        moves(run, still, "head.weight", "head.bias");
        assertTrue(last(run).get("backbone.conv.1.running_mean").elements()[0] != 0);
        assertTrue(
                last(run).keySet().stream().noneMatch(name -> name.contains("mean/backbone")),
                "an optimiser remembers nothing of what stands");
        String all = refused(() -> train(keys, "train.freeze=backbone,head"));
        assertTrue(all.contains("leaves it no weight to move"), all);
    }

    @Test
    void vectorsDecayAsInPyTorch() {
        // Without a gradient to speak of, weights shrink by the rate times the decay.
        String[] keys = {
            "train.optimizer=sgd",
            "train.momentum=0",
            "train.lr=1e-6",
            "train.weight-decay=10",
            "train.batch=60",
            "train.clip=1e-9",
            "train.epochs=1"
        };
        float scale = last(train(keys)).get("backbone.conv.1.weight").elements()[0];
        assertEquals(1 - 1e-5, scale, 1e-7);
        scale =
                last(train(keys, "train.decay-vectors=false"))
                        .get("backbone.conv.1.weight")
                        .elements()[0];
        assertEquals(1, scale, 0);
    }

    @Test
    void aPartThatThereIsNotIsRefused() {
        String wrong = refused(() -> train("demo", "train.haed.lr=0.1"));
        assertTrue(
                wrong.contains("key 'train.haed.lr' names 'haed', which is no phase and no part."),
                wrong);
        assertTrue(wrong.contains("Did you mean 'train.head.lr'?"), wrong);
        assertTrue(wrong.contains("Parts are backbone, head"), wrong);
        String freeze = refused(() -> train("demo", "train.freeze=backbone.layer1"));
        assertTrue(freeze.contains("key 'train.freeze' names the part 'backbone.layer1'"), freeze);
        assertTrue(freeze.contains("backbone.conv"), freeze);
        String key = refused(() -> train("demo", "train.head.momentum=0.1"));
        assertTrue(key.contains("unknown key 'train.head.momentum'"), key);
        assertTrue(mien.runs().all().isEmpty(), "nothing was begun");
    }

    @Test
    void samplersGoOnWhereTheyWereBrokenOff() throws IOException {
        for (String sampler : List.of("balanced", "repeat-sqrt", "smallest")) {
            String[] keys = {
                "data.sampler=" + sampler,
                "data.repeat-below=1",
                "train.epochs=3",
                "method.dropout=0.5"
            };
            Runs.Run unbroken = train("demo", keys);
            RunFolders.Config config = RunFolders.config(unbroken.folder());
            assertEquals(sampler, config.epoch().sampler());
            int length = sampler.equals("repeat-sqrt") ? 108 : 54;
            assertEquals(length, config.epoch().samples());
            assertEquals(
                    3 * ((length + 15) / 16),
                    Long.parseLong(
                            Checkpoint.read(unbroken.folder().resolve(RunFolders.LAST))
                                    .metadata()
                                    .get("step")));
            Runs.Run broken = mien.jobs().train("demo", map(keys), event -> {}, stopAfter(2));
            for (int stops = 0; broken.state().equals("CANCELLED"); stops++) {
                assertTrue(stops < 30, "it goes on");
                broken = mien.jobs().resume(broken.id(), event -> {}, stopAfter(3));
            }
            sameRun(unbroken.folder(), broken.folder());
        }
        String twice =
                Files.readString(
                        train("demo", "train.epochs=1").folder().resolve(RunFolders.CONFIG));
        assertTrue(twice.contains("\"sampler\": \"shuffle\""), twice);
    }

    @Test
    void aPhaseEndsAndItsOptimiserIsForgotten() throws IOException {
        bind(Kind.METHOD, "staged", new Fakes.Staged());
        String[] keys = {"method=staged", "train.epochs=4", "train.all.schedule=cosine"};
        Runs.Run run = train("demo", keys);
        Map<String, Checkpoint.Values> arrays = last(run);
        assertTrue(arrays.keySet().stream().noneMatch(name -> name.startsWith("optimizer/head/")));
        assertTrue(arrays.containsKey("optimizer/all/mean/head.weight"));
        List<String> epochs =
                Files.readAllLines(run.folder().resolve("metrics.jsonl")).stream()
                        .filter(line -> line.contains("\"event\":\"epoch\""))
                        .toList();
        assertTrue(
                epochs.get(1).contains("\"head.loss\"") && !epochs.get(1).contains("\"all.loss\""));
        assertTrue(
                epochs.get(2).contains("\"all.loss\"") && !epochs.get(2).contains("\"head.loss\""));
        // Its cosine begins where it begins: the first step has the whole rate.
        String first =
                Files.readAllLines(run.folder().resolve("metrics.jsonl")).stream()
                        .filter(line -> line.contains("\"all.lr\""))
                        .findFirst()
                        .orElseThrow();
        assertTrue(first.contains("\"all.lr\":0.01,"), first);
        // Rows of the classes: means of what the network says of all training samples.
        float[] rows = arrays.get("known.rows").elements();
        for (int k = 0; k < 3; k++) {
            assertEquals(1, rows[3 * k] + rows[3 * k + 1] + rows[3 * k + 2], 1e-5);
        }
        assertFalse(Arrays.equals(new float[] {0, 0, 0}, Arrays.copyOf(rows, 3)));
        assertArrayEquals(new float[] {54}, arrays.get("known.seen").elements(), "each once");
        assertArrayEquals(new float[] {2}, arrays.get("known.times").elements(), "epochs 3 and 4");
        String early =
                refused(
                        () ->
                                train(
                                        "demo",
                                        "method=staged",
                                        "method.rest=false",
                                        "train.epochs=4"));
        assertTrue(
                early.contains("in epoch 3 of train.epochs = 4 no phase of method 'staged'"),
                early);
    }

    /** Broken off in the look at the training split, or in the validation after it, too. */
    @Test
    void theEndOfAnEpochIsDoneOnce() throws IOException {
        bind(Kind.METHOD, "staged", new Fakes.Staged());
        String[] keys = {"method=staged", "train.epochs=4", "data.sampler=balanced"};
        Runs.Run unbroken = train("demo", keys);
        Runs.Run broken = mien.jobs().train("demo", map(keys), event -> {}, stopAfter(1));
        for (int stops = 0; broken.state().equals("CANCELLED"); stops++) {
            assertTrue(stops < 60, "it goes on");
            // Each number of batches, so that it breaks off at each place.
            broken = mien.jobs().resume(broken.id(), event -> {}, stopAfter(4 + stops % 3));
        }
        sameRun(unbroken.folder(), broken.folder());
    }
}
