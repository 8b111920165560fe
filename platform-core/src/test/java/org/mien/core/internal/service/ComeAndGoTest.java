// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mien.api.data.Picture;
import org.mien.api.method.Build;
import org.mien.api.method.Method;
import org.mien.api.method.Model;
import org.mien.api.method.Plan;
import org.mien.core.MienException;
import org.mien.core.Predictions;
import org.mien.core.Runs;
import org.mien.core.internal.plugin.Kind;
import org.mien.vision.Images;

/** Calls in loops beside a plugin that is taken away and brought back all the time. */
@Timeout(120)
class ComeAndGoTest extends OnPlatform {
    private static final int ROUNDS = 60;

    private final List<String> calledAfter = new CopyOnWriteArrayList<>();

    /** A method of a bundle: once that has stopped, classes that were not loaded are not found. */
    private final class Stopped implements Method<Fakes.Head.Settings> {
        private final Fakes.Head head = new Fakes.Head();
        private volatile boolean stopped;

        private <T> T loaded(String what, Supplier<T> code) {
            if (stopped) {
                calledAfter.add(what);
                throw new NoClassDefFoundError("org/example/stopped/" + what);
            }
            return code.get();
        }

        @Override
        public Class<Fakes.Head.Settings> settings() {
            return loaded("settings", head::settings);
        }

        @Override
        public Plan plan(Fakes.Head.Settings settings) {
            return loaded("plan", () -> head.plan(settings));
        }

        @Override
        public Model build(Build build, Fakes.Head.Settings settings) {
            Model model = loaded("build", () -> head.build(build, settings));
            return (batch, pass) -> loaded("predict", () -> model.predict(batch, pass));
        }
    }

    private Path image() throws Exception {
        byte[] rgb = new byte[3 * 64];
        for (int i = 0; i < rgb.length; i += 3) {
            rgb[i] = (byte) 180;
        }
        return Files.write(
                work.resolve("red.png"), Images.encodePng(Picture.rgb(8, 8, ByteBuffer.wrap(rgb))));
    }

    /** Asks over and over until told to end; gives what was refused. */
    private static Thread loop(
            AtomicBoolean end, List<String> refused, AtomicInteger right, Runnable question) {
        Thread thread =
                new Thread(
                        () -> {
                            while (!end.get()) {
                                try {
                                    question.run();
                                    right.incrementAndGet();
                                } catch (MienException e) {
                                    refused.add(e.getMessage());
                                } catch (RuntimeException | Error e) {
                                    refused.add("thrown: " + e);
                                }
                            }
                        });
        thread.start();
        return thread;
    }

    @Test
    void nobodyIsBlamedAndNothingRunsInWhatIsStopped() throws Exception {
        Stopped method = new Stopped();
        bind(Kind.METHOD, "stopped", method);
        configure("going", "dataset=colours", "backbone=small", "method=stopped");
        Runs.Run run = train("going", "train.epochs=1");
        Path image = image();
        List<Predictions.Prediction> first = predict(run.id(), image);
        Map<String, Double> metrics =
                mien.evaluations().evaluate(run.id(), "test", Map.of()).metrics();

        AtomicBoolean end = new AtomicBoolean();
        List<String> refused = new CopyOnWriteArrayList<>();
        AtomicInteger right = new AtomicInteger();
        List<Thread> asking =
                List.of(
                        loop(
                                end,
                                refused,
                                right,
                                () -> assertEquals(first, predict(run.id(), image))),
                        loop(
                                end,
                                refused,
                                right,
                                () ->
                                        assertEquals(
                                                metrics,
                                                mien.evaluations()
                                                        .evaluate(run.id(), "test", Map.of())
                                                        .metrics())),
                        loop(
                                end,
                                refused,
                                right,
                                () -> {
                                    String why = pipeline("going").why();
                                    assertTrue(
                                            why.isEmpty() || why.startsWith("for method 'stopped'"),
                                            why);
                                    mien.plugins()
                                            .all()
                                            .forEach(one -> assertEquals("", one.problem()));
                                    mien.plugins().method("stopped", map("backbone=small"));
                                }));
        for (int i = 0; i < ROUNDS; i++) {
            Thread.sleep(5 + i % 7);
            registry.unbind(method);
            method.stopped = true; // the bundle stops when all have answered
            Thread.sleep(i % 3);
            method = new Stopped();
            bind(Kind.METHOD, "stopped", method);
        }
        end.set(true);
        for (Thread one : asking) {
            one.join();
        }
        for (String text : refused) {
            assertTrue(
                    text.contains("was taken away or replaced while it was at work")
                            || text.contains("waits for method 'stopped'")
                            || text.startsWith("method 'stopped' is not installed"),
                    text);
        }
        assertEquals(List.of(), calledAfter);
        assertTrue(right.get() > 0 && !refused.isEmpty(), right + " right, refused: " + refused);
        assertEquals(first, predict(run.id(), image));
    }

    private List<Predictions.Prediction> predict(String run, Path image) {
        List<Predictions.Prediction> said = new ArrayList<>();
        mien.predictions()
                .predict(run, Map.of(), List.of(image), List.of(), said::add, () -> false);
        return said;
    }
}
