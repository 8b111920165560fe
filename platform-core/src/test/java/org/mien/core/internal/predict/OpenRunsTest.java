// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.predict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mien.api.data.Picture;
import org.mien.api.method.Build;
import org.mien.api.method.Method;
import org.mien.api.method.Model;
import org.mien.api.method.Plan;
import org.mien.core.Predictions;
import org.mien.core.internal.io.Atomic;
import org.mien.core.internal.plugin.Kind;
import org.mien.core.internal.run.RunFolders;
import org.mien.core.internal.service.Fakes;
import org.mien.core.internal.service.OnPlatform;
import org.mien.vision.Images;

/** Which runs stay open after a prediction, and what closes them. */
class OpenRunsTest extends OnPlatform {
    /** Counts how often a model is made. */
    public static final class Counted implements Method<Fakes.Head.Settings> {
        private final Fakes.Head head = new Fakes.Head();
        private final AtomicInteger made = new AtomicInteger();

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
            made.incrementAndGet();
            return head.build(build, settings);
        }
    }

    private final Counted method = new Counted();
    private long arrays;
    private Path image;

    @BeforeEach
    void trainTwice() throws IOException {
        PhotographsTest.Squares.OPEN.set(0);
        bind(Kind.PREPROCESSOR, "squares", new PhotographsTest.Squares());
        bind(Kind.METHOD, "counted", method);
        configure("counted", "dataset=colours", "backbone=small", "method=counted");
        train("counted", "train.epochs=1");
        train("counted", "train.epochs=1", "seed=2");
        byte[] rgb = new byte[3 * 64];
        for (int i = 0; i < rgb.length; i += 3) {
            rgb[i] = (byte) 180;
        }
        image = work.resolve("red.png");
        Files.write(image, Images.encodePng(Picture.rgb(8, 8, ByteBuffer.wrap(rgb))));
        arrays = torch.arrays();
        method.made.set(0);
    }

    private Predictions.Prediction predict(String run, String... keys) {
        List<Predictions.Prediction> answers = new ArrayList<>();
        mien.predictions()
                .predict(run, map(keys), List.of(image), List.of(), answers::add, () -> false);
        return answers.get(0);
    }

    private void closed() {
        assertEquals(arrays, torch.arrays());
        assertEquals(0, PhotographsTest.Squares.OPEN.get());
    }

    private Object entry(Kind kind, String id) {
        return registry.get(kind, id).service();
    }

    @Test
    void theNextCallOpensNothing() {
        Predictions.Prediction first = predict("counted-1", "preprocess=squares");
        int steps = PhotographsTest.Squares.OPEN.get();
        assertEquals(first, predict("counted-1", "preprocess=squares"));
        assertEquals(1, method.made.get());
        assertEquals(1, steps);
        assertEquals(1, PhotographsTest.Squares.OPEN.get());
        mien.close();
        closed();
    }

    @Test
    void keysMakeAnother() {
        predict("counted-1", "preprocess=squares");
        predict("counted-1", "preprocess=squares", "squares.least=9000");
        assertEquals(2, method.made.get());
        predict("counted-1", "squares.least=9000", "preprocess=squares");
        assertEquals(2, method.made.get());
    }

    @Test
    void theOneUsedLongestAgoIsClosedFirst() {
        predict("counted-1");
        predict("counted-2");
        predict("counted-1");
        predict("counted-1", "preprocess=squares");
        assertEquals(3, method.made.get());
        predict("counted-1");
        assertEquals(3, method.made.get());
        predict("counted-2");
        assertEquals(4, method.made.get());
        mien.configure(Map.of("open-mib", "0"));
        closed();
        predict("counted-2");
        closed();
    }

    @Test
    void whatChangedIsReadAnew() throws IOException {
        Predictions.Prediction other = predict("counted-2");
        assertNotEquals(other.faces(), predict("counted-1").faces());
        Path runs = work.resolve("runs");
        Files.copy(runs.resolve("counted-2").resolve(RunFolders.BEST), runs.resolve("moved"));
        Atomic.write(
                runs.resolve("counted-1").resolve(RunFolders.BEST),
                out -> Files.copy(runs.resolve("moved"), out));
        assertEquals(other.faces(), predict("counted-1").faces());
        assertEquals(3, method.made.get());
        // A file that a key names may be a detector's network.
        Path file = Files.writeString(work.resolve("weights.npz"), "one");
        predict("counted-1", "backbone.weights=" + file);
        predict("counted-1", "backbone.weights=" + file);
        assertEquals(4, method.made.get());
        Files.writeString(file, "three");
        predict("counted-1", "backbone.weights=" + file);
        assertEquals(5, method.made.get());
    }

    @Test
    void aPluginThatGoesIsLetGoAtOnce() {
        predict("counted-1", "preprocess=squares");
        registry.unbind(entry(Kind.PREPROCESSOR, "squares"));
        closed();
        predict("counted-1");
        registry.unbind(entry(Kind.EVALUATOR, "share"));
        closed();
    }

    @Test
    void theNewCodeAnswers() {
        predict("counted-1");
        registry.unbind(method);
        Counted next = new Counted();
        bind(Kind.METHOD, "counted", next);
        predict("counted-1");
        predict("counted-1");
        assertEquals(1, method.made.get());
        assertEquals(1, next.made.get());
        // One that comes beside it and counts more.
        Counted ranked = new Counted();
        registry.bind(
                Kind.METHOD,
                ranked,
                Map.of("mien.id", "counted", "service.id", 1_000_000L, "service.ranking", 1));
        predict("counted-1");
        assertEquals(1, ranked.made.get());
        assertEquals(1, next.made.get());
    }

    @Test
    void aDeletedRunIsClosed() {
        predict("counted-1", "preprocess=squares");
        mien.runs().delete("counted-1");
        closed();
    }

    @Test
    void whoUsesARunKeepsItUntilItsEnd() {
        Path folder = work.resolve("runs").resolve("counted-1");
        AtomicLong now = new AtomicLong();
        try (OpenRuns open = new OpenRuns(registry, torch, now::get)) {
            OpenRun first;
            try (OpenRuns.Use use = open.use(folder, Map.of())) {
                first = use.run();
                use.keep();
                try (OpenRuns.Use second = open.use(folder, Map.of())) {
                    assertSame(first, second.run());
                }
                registry.unbind(method);
                assertEquals(0, open.size());
                assertNotEquals(arrays, torch.arrays());
                use.run().trained().predictor().warm();
                use.keep(); // its plugin is gone: it is not
                assertEquals(0, open.size());
            }
            closed();
            bind(Kind.METHOD, "counted", new Counted());
            try (OpenRuns.Use use = open.use(folder, Map.of())) {
                assertNotSame(first, use.run());
                use.keep();
            }
            now.addAndGet(9 * 60_000_000_000L);
            open.tidy();
            assertEquals(1, open.size());
            now.addAndGet(60_000_000_000L);
            open.tidy();
            assertEquals(0, open.size());
            closed();
        }
    }
}
