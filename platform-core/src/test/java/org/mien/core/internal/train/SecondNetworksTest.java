// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.mien.api.Batch;
import org.mien.api.Feature;
import org.mien.api.InputSpec;
import org.mien.api.Output;
import org.mien.api.evaluate.Evaluator;
import org.mien.api.evaluate.Findings;
import org.mien.api.evaluate.Results;
import org.mien.api.method.Backbone;
import org.mien.api.method.Build;
import org.mien.api.method.Loss;
import org.mien.api.method.Method;
import org.mien.api.method.Model;
import org.mien.api.method.Phase;
import org.mien.api.method.Plan;
import org.mien.api.net.Net;
import org.mien.api.net.Ops;
import org.mien.api.net.Pass;
import org.mien.api.net.Trunk;
import org.mien.api.net.Var;
import org.mien.core.Evaluations;
import org.mien.core.Runs;
import org.mien.core.internal.plugin.Kind;
import org.mien.core.internal.run.Checkpoint;
import org.mien.core.internal.run.RunFolders;
import org.mien.core.internal.service.Fakes;
import org.mien.core.internal.service.OnPlatform;
import org.mien.nn.Conv2d;
import org.mien.nn.Fn;
import org.mien.nn.Linear;
import org.mien.nn.Sequence;

/** Backbones that never move, methods without classes, and stages that move slower than others. */
class SecondNetworksTest extends OnPlatform {
    /** Learns to say what a frozen backbone says. */
    private static final class Pupil implements Method<Fakes.None> {
        @Override
        public Class<Fakes.None> settings() {
            return Fakes.None.class;
        }

        @Override
        public Plan plan(Fakes.None s) {
            return Plan.on(Feature.Kind.VECTOR)
                    .train("epochs=2", "batch=20")
                    .frozen("teacher", "other", Feature.Kind.VECTOR);
        }

        @Override
        public Model build(Build build, Fakes.None s) {
            Trunk trunk = build.trunk();
            Linear head = build.part("head", new Linear(6, build.classes()));
            return new Model() {
                @Override
                public Output predict(Batch batch, Pass pass) {
                    NDArray x = trunk.run(pass, batch.face(), Feature.Kind.VECTOR);
                    return Output.logits(head.run(pass, x));
                }

                @Override
                public List<Phase> phases(Build training) {
                    Trunk teacher = training.frozen("teacher");
                    return List.of(
                            Phase.of(
                                    "train",
                                    (batch, pass) -> {
                                        NDArray face = batch.face();
                                        NDArray said = teacher.run(pass, face);
                                        NDArray x = trunk.run(pass, face, Feature.Kind.VECTOR);
                                        return Loss.crossEntropy(pass, head.run(pass, x), batch)
                                                .plus("pupil", 1, () -> pass.smoothL1(x, said));
                                    }));
                }
            };
        }
    }

    private boolean asks(String pipeline, String plugin) {
        return mien.plugins()
                .asked(
                        pipeline(pipeline).values(),
                        mien.plugins().all().stream()
                                .filter(one -> one.id().equals(plugin))
                                .toList());
    }

    private Map<String, Checkpoint.Values> last(Runs.Run run) {
        return Checkpoint.read(run.folder().resolve(RunFolders.LAST)).arrays();
    }

    @Test
    void aFrozenBackboneIsWaitedForFilledAndNeverMoves() {
        bind(Kind.METHOD, "pupil", new Pupil());
        configure("school", "dataset=colours", "backbone=small", "method=pupil");
        assertEquals("WAITING", pipeline("school").state().name());
        assertTrue(pipeline("school").why().startsWith("for backbone 'other'"));
        bind(Kind.BACKBONE, "other", new Fakes.Small());
        assertTrue(
                refused(() -> train("school")).startsWith("key 'teacher.weights' is not set"),
                "who never moves must have learnt before");
        Runs.Run teacher = train("demo", "train.epochs=1");
        Runs.Run pupil = train("school", "teacher.weights=" + teacher.id());
        assertEquals("2", RunFolders.config(pupil.folder()).values().get("train.epochs").value());
        assertEquals(
                "method 'pupil'",
                RunFolders.config(pupil.folder()).values().get("train.epochs").origin());
        Map<String, Checkpoint.Values> learnt =
                Checkpoint.read(teacher.folder().resolve(RunFolders.BEST)).arrays();
        int compared = 0;
        for (Map.Entry<String, Checkpoint.Values> array : last(pupil).entrySet()) {
            if (array.getKey().startsWith("teacher.")) {
                String there = "backbone." + array.getKey().substring("teacher.".length());
                assertArrayEquals(
                        learnt.get(there).elements(), array.getValue().elements(), array.getKey());
                compared++;
            }
        }
        assertEquals(5, compared, "weights and statistics");
        assertFalse(
                Arrays.equals(
                        learnt.get("backbone.conv.0.weight").elements(),
                        last(pupil).get("backbone.conv.0.weight").elements()));
        assertTrue(asks("school", "other"), "no key of it says so");
        assertFalse(asks("demo", "other"));
        assertTrue(asks("school", "small"));
        assertTrue(asks("demo", "small"));
        assertTrue(
                refused(() -> train("school", "teacher.weights=x", "teacher.siz=9"))
                        .contains("Did you mean 'teacher.size'?"));
    }

    /** One number that shall be the mean of all pixels; there are no classes. */
    private static final class Mean implements Method<Fakes.None> {
        private static final class One extends Net {
            private final Var mean = weight("mean", 0, 1);

            @Override
            public NDArray run(Pass pass, NDArray x) {
                return pass.read(mean);
            }
        }

        @Override
        public Class<Fakes.None> settings() {
            return Fakes.None.class;
        }

        @Override
        public Plan plan(Fakes.None s) {
            return Plan.on(Feature.Kind.VECTOR).unlabelled().train("optimizer=sgd", "momentum=0");
        }

        @Override
        public Model build(Build build, Fakes.None s) {
            One one = build.part("one", new One());
            return new Model() {
                @Override
                public Output predict(Batch batch, Pass pass) {
                    NDArray brightness =
                            batch.face().reshape(batch.size(), -1).mean(new int[] {1}, true);
                    return Output.none()
                            .also("brightness", Output.Role.WEIGHTS, brightness, "mean");
                }

                @Override
                public List<Phase> phases(Build training) {
                    return List.of(
                            Phase.of(
                                    "train",
                                    (batch, pass) ->
                                            Loss.of(
                                                    "distance",
                                                    batch.face()
                                                            .mean()
                                                            .sub(one.run(pass, null))
                                                            .square()
                                                            .sum())));
                }
            };
        }
    }

    @Test
    void withoutClassesTheLowestValidationLossIsChosen() throws IOException {
        bind(Kind.METHOD, "mean", new Mean());
        // The first step lands close to the mean, later ones overshoot more and more.
        String[] keys = {"method=mean", "train.epochs=4", "train.batch=60", "data.validation=0.2"};
        Runs.Run away = train("demo", with(keys, "train.lr=1.2"));
        List<Double> losses = losses(away.folder());
        assertEquals(4, losses.size());
        double least = losses.stream().mapToDouble(Double::doubleValue).min().orElseThrow();
        assertEquals(losses.indexOf(least) + 1, away.bestEpoch(), "of " + losses);
        assertTrue(away.bestEpoch() < 4, "it ran away: " + losses);
        String report = Files.readString(mien.runs().report(away.id()));
        assertTrue(report.contains("Loss on the validation split"), report);
        assertTrue(report.contains("best epoch " + away.bestEpoch()), report);
        for (String wrong :
                List.of("no validation split", "mien evaluate", "0 classes", "phase validation")) {
            assertFalse(report.contains(wrong), wrong + " in " + report);
        }
        String none = refused(() -> mien.evaluations().evaluate(away.id(), "test", Map.of()));
        assertTrue(none.contains("names no classes") && none.contains("method.init="), none);
        Brightness reads = new Brightness();
        bind(Kind.EVALUATOR, "brightness", reads);
        Evaluations.Evaluation judged =
                mien.evaluations().evaluate(away.id(), "test", Map.of("evaluators", "brightness"));
        assertEquals(30, judged.samples());
        assertEquals(30, judged.metrics().get("rows"));
        assertEquals(List.of("of [red, green, blue]"), judged.notes());
        assertTrue(
                Files.readString(mien.runs().report(away.id())).contains("of [red, green, blue]"));
        Runs.Run near = train("demo", with(keys, "train.lr=0.1"));
        assertEquals(4, near.bestEpoch(), "of " + losses(near.folder()));
    }

    /** Reads what is said beside classes. */
    private static final class Brightness implements Evaluator<Fakes.None> {
        @Override
        public Class<Fakes.None> settings() {
            return Fakes.None.class;
        }

        @Override
        public void evaluate(Results results, Fakes.None settings, Findings findings) {
            int[] rows = new int[1];
            results.visit(
                    answer ->
                            rows[0] +=
                                    answer.extras(Output.Role.WEIGHTS).containsKey("brightness")
                                            ? 1
                                            : 0);
            findings.number("rows", rows[0]);
            findings.note("of " + results.labels());
        }
    }

    private static String[] with(String[] keys, String more) {
        String[] all = Arrays.copyOf(keys, keys.length + 1);
        all[keys.length] = more;
        return all;
    }

    private static List<Double> losses(Path run) throws IOException {
        return Files.readAllLines(run.resolve("metrics.jsonl")).stream()
                .filter(line -> line.contains("\"event\":\"epoch\""))
                .map(line -> line.replaceAll(".*\"validation.loss\":([^,}]*).*", "$1"))
                .map(Double::parseDouble)
                .toList();
    }

    /** Three stages, of which the second has no weights. */
    private static final class Deep implements Backbone<Fakes.None> {
        @Override
        public Class<Fakes.None> settings() {
            return Fakes.None.class;
        }

        @Override
        public InputSpec input(Fakes.None s) {
            return new InputSpec(8, 8, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f));
        }

        @Override
        public Trunk trunk(Fakes.None s, InputSpec input) {
            return new Trunk(
                    input,
                    List.of(
                            stage("first", 3, 4),
                            new Trunk.Stage(Feature.map("curve", 4, 8, 8), () -> new Fn(Ops::gelu)),
                            stage("second", 4, 4),
                            stage("third", 4, 4),
                            new Trunk.Stage(
                                    Feature.vector("pool", 4),
                                    () -> new Fn(Ops::globalAveragePool))));
        }

        private static Trunk.Stage stage(String name, int in, int out) {
            return new Trunk.Stage(
                    Feature.map(name, out, 8, 8), () -> new Sequence(new Conv2d(in, out, 3, 1, 1)));
        }
    }

    /** With plain gradient descent a weight moves by its gradient times its rate. */
    @Test
    void stagesFarFromTheEndMoveSlower() {
        bind(Kind.BACKBONE, "deep", new Deep());
        String[] keys = {
            "backbone=deep",
            "train.optimizer=sgd",
            "train.momentum=0",
            "train.lr=0.1",
            "train.epochs=1",
            "train.batch=60",
            "data.validation=0"
        };
        Map<String, Checkpoint.Values> start = last(train("demo", with(keys, "train.lr=0")));
        Map<String, Checkpoint.Values> alike = last(train("demo", keys));
        Map<String, Checkpoint.Values> decayed =
                last(train("demo", with(keys, "train.layer-decay=0.5")));
        Map<String, Double> expected =
                Map.of(
                        "backbone.first.0.weight", 0.25,
                        "backbone.second.0.weight", 0.5,
                        "backbone.third.0.weight", 1.0,
                        "head.weight", 1.0,
                        "head.bias", 1.0);
        expected.forEach(
                (path, factor) -> {
                    float[] from = start.get(path).elements();
                    float[] full = alike.get(path).elements();
                    float[] less = decayed.get(path).elements();
                    double way = 0;
                    for (int i = 0; i < from.length; i++) {
                        assertEquals(factor * (full[i] - from[i]), less[i] - from[i], 1e-6, path);
                        way += Math.abs(full[i] - from[i]);
                    }
                    assertTrue(way > 1e-4, path + " moved by " + way);
                });
    }
}
