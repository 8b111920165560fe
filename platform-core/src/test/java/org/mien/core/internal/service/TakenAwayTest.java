// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mien.api.InputSpec;
import org.mien.api.evaluate.Evaluator;
import org.mien.api.evaluate.Findings;
import org.mien.api.evaluate.Results;
import org.mien.api.method.Backbone;
import org.mien.api.net.Trunk;
import org.mien.core.Features;
import org.mien.core.Predictions;
import org.mien.core.Runs;
import org.mien.core.internal.plugin.Kind;

/** Plugins that go while somebody works with them, or are asked by whoever lists things. */
@Timeout(120)
class TakenAwayTest extends OnPlatform {
    private Thread taker;

    /** Takes a plugin away on another thread, and comes back when that waits. */
    private void take(Kind kind, String id) {
        if (taker != null) {
            return;
        }
        Object service = registry.get(kind, id).service();
        taker = new Thread(() -> registry.unbind(service));
        taker.start();
        while (taker.getState() != Thread.State.TIMED_WAITING && taker.isAlive()) {
            Thread.onSpinWait();
        }
        assertTrue(taker.isAlive(), "it went without a wait");
    }

    private void gone() throws InterruptedException {
        taker.join(60_000);
        assertFalse(taker.isAlive(), "it still waits");
    }

    /** Takes the dataset away when it has seen a sample. */
    private final class Takes implements Evaluator<Fakes.None> {
        @Override
        public Class<Fakes.None> settings() {
            return Fakes.None.class;
        }

        @Override
        public void evaluate(Results results, Fakes.None s, Findings findings) {
            results.visit(answer -> take(Kind.DATASET, "colours"));
            findings.number("samples", results.samples().size());
        }
    }

    @Test
    void anEvaluationEndsInWordsBeforeItsPluginGoes() throws Exception {
        bind(Kind.EVALUATOR, "takes", new Takes());
        Runs.Run run = train("demo", "train.epochs=1");
        String text =
                refused(
                        () ->
                                mien.evaluations()
                                        .evaluate(run.id(), "test", Map.of("evaluators", "takes")));
        gone();
        assertEquals(
                "the evaluation of run 'demo-1' has ended: dataset 'colours' was taken away or"
                        + " replaced while it was at work. Ask again when it is there",
                text);
        assertFalse(Files.exists(run.folder().resolve("evaluation-test.json")));
    }

    @Test
    void aPredictionEndsInWordsWithTheAnswersSoFar() throws Exception {
        Runs.Run run = train("demo", "train.epochs=1");
        List<String> ids = IntStream.range(60, 90).mapToObj(i -> "colour-" + i).toList();
        List<Predictions.Prediction> said = new ArrayList<>();
        String text =
                refused(
                        () ->
                                mien.predictions()
                                        .predict(
                                                run.id(),
                                                Map.of(),
                                                List.of(),
                                                ids,
                                                one -> {
                                                    said.add(one);
                                                    take(Kind.BACKBONE, "small");
                                                },
                                                () -> false));
        gone();
        assertTrue(text.startsWith("the prediction of run 'demo-1' has ended"), text);
        assertFalse(said.isEmpty());
        assertTrue(said.size() < ids.size(), said.size() + " answers");
        assertTrue(said.stream().allMatch(one -> one.error() == null));
    }

    @Test
    void featuresEndInWords() throws Exception {
        Path output = work.resolve("features.npz");
        String text =
                refused(
                        () ->
                                mien.features()
                                        .write(
                                                new Features.Order(
                                                        "small", Map.of(), null, "", "", List.of(),
                                                        null, List.of(), "demo", "", output, 4),
                                                (done, all) -> take(Kind.BACKBONE, "small"),
                                                () -> false));
        gone();
        assertTrue(text.startsWith("the writing of features of 'small' has ended"), text);
        assertFalse(Files.exists(output));
    }

    @Test
    void aCheckOfADatasetEndsInWords() throws Exception {
        String text =
                refused(
                        () ->
                                mien.datasets()
                                        .check(
                                                "demo",
                                                Map.of(),
                                                (read, all) -> take(Kind.DATASET, "colours"),
                                                () -> false));
        gone();
        assertTrue(text.startsWith("the check of 'demo' has ended"), text);
    }

    /** Says on which threads it is called. */
    private static final class Told implements Backbone<Fakes.None> {
        private final List<Thread> threads = new CopyOnWriteArrayList<>();

        @Override
        public Class<Fakes.None> settings() {
            threads.add(Thread.currentThread());
            return Fakes.None.class;
        }

        @Override
        public InputSpec input(Fakes.None s) {
            threads.add(Thread.currentThread());
            return new Fakes.Plain().input(s);
        }

        @Override
        public Trunk trunk(Fakes.None s, InputSpec input) {
            threads.add(Thread.currentThread());
            return new Fakes.Plain().trunk(s, input);
        }
    }

    @Test
    void whoListsPipelinesAndPluginsRunsNoneOfTheirCode() {
        Told told = new Told();
        bind(Kind.BACKBONE, "told", told);
        configure("listed", "dataset=colours", "backbone=told", "method=head");
        assertEquals("", pipeline("listed").why());
        assertTrue(mien.plugins().all().stream().anyMatch(one -> one.id().equals("told")));
        assertFalse(told.threads.isEmpty());
        told.threads.forEach(one -> assertNotEquals(Thread.currentThread(), one));
    }
}
