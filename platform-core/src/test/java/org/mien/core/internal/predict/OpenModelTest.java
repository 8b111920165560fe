// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.predict;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.mien.api.data.Picture;
import org.mien.api.method.Build;
import org.mien.api.method.Method;
import org.mien.api.method.Model;
import org.mien.api.method.Plan;
import org.mien.core.Predictions;
import org.mien.core.Predictions.FaceAnswer;
import org.mien.core.Predictions.Prediction;
import org.mien.core.Predictions.Room;
import org.mien.core.internal.plugin.Kind;
import org.mien.core.internal.service.Fakes;
import org.mien.core.internal.service.OnPlatform;
import org.mien.vision.Images;

@Timeout(60)
class OpenModelTest extends OnPlatform {
    private static final Duration LONG = Duration.ofSeconds(40);

    /** A head whose predictions wait at a gate. */
    private static final class Gated implements Method<Fakes.Head.Settings> {
        private final Fakes.Head head = new Fakes.Head();
        private final CountDownLatch arrived = new CountDownLatch(1);
        private volatile CountDownLatch gate = new CountDownLatch(0);

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
            Model model = head.build(build, settings);
            return (batch, pass) -> {
                CountDownLatch now = gate;
                if (now.getCount() > 0) {
                    arrived.countDown();
                    try {
                        now.await();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                }
                return model.predict(batch, pass);
            };
        }
    }

    private final Gated method = new Gated();
    private final List<Path> files = new ArrayList<>();
    private final List<byte[]> images = new ArrayList<>();
    private List<Prediction> expected;

    @BeforeEach
    void train() throws Exception {
        bind(Kind.METHOD, "gated", method);
        configure("gated", "dataset=colours", "backbone=small", "method=gated");
        train("gated", "train.epochs=1");
        for (int i = 0; i < 12; i++) {
            byte[] rgb = new byte[3 * 64];
            for (int k = 0; k < rgb.length; k += 3) {
                rgb[k + i % 3] = (byte) (60 + 10 * i);
            }
            images.add(Images.encodePng(Picture.rgb(8, 8, ByteBuffer.wrap(rgb))));
            files.add(Files.write(work.resolve("image" + i + ".png"), images.get(i)));
        }
        expected = new ArrayList<>();
        mien.predictions()
                .predict("gated-1", Map.of(), files, List.of(), expected::add, () -> false);
    }

    private Predictions.Model open(Room room) {
        return mien.predictions().open("gated-1", Map.of(), room);
    }

    private static void same(Prediction expected, Prediction actual) {
        assertEquals(null, actual.error());
        assertEquals(expected.faces().size(), actual.faces().size());
        FaceAnswer one = expected.faces().get(0);
        FaceAnswer other = actual.faces().get(0);
        assertEquals(one.label(), other.label());
        // Batches are others, so the last bits may be.
        one.probabilities()
                .forEach((name, p) -> assertEquals(p, other.probabilities().get(name), 1e-6));
    }

    private static <T extends Throwable> T failed(
            Class<T> type, CompletableFuture<Prediction> answer) {
        try {
            answer.get(30, TimeUnit.SECONDS);
        } catch (CancellationException e) {
            return assertInstanceOf(type, e);
        } catch (ExecutionException e) {
            return assertInstanceOf(type, e.getCause());
        } catch (InterruptedException | TimeoutException e) {
            throw new AssertionError(e);
        }
        throw new AssertionError("answered");
    }

    @Test
    void severalThreadsHaveTheAnswersOfPredict() throws Exception {
        List<Throwable> wrong = new ArrayList<>();
        try (Predictions.Model model = open(Room.DEFAULT)) {
            List<Thread> threads = new ArrayList<>();
            for (int t = 0; t < 4; t++) {
                int of = t;
                Thread thread =
                        new Thread(
                                () -> {
                                    for (int i = 0; i < 36; i++) {
                                        int at = (i * 5 + of) % images.size();
                                        CompletableFuture<Prediction> answer =
                                                of % 2 == 0
                                                        ? model.ask("it", images.get(at), LONG)
                                                        : model.ask(files.get(at), LONG);
                                        same(expected.get(at), answer.join());
                                    }
                                });
                thread.setUncaughtExceptionHandler((who, e) -> wrong.add(e));
                threads.add(thread);
            }
            threads.forEach(Thread::start);
            for (Thread thread : threads) {
                thread.join();
            }
            assertEquals(List.of(), wrong);
            assertEquals(1, model.opened());
            assertEquals("gated-1", model.run());
        }
    }

    @Test
    void aBadPictureIsAnsweredWithItsError() {
        try (Predictions.Model model = open(Room.DEFAULT)) {
            CompletableFuture<Prediction> bad = model.ask("bad", new byte[10], LONG);
            CompletableFuture<Prediction> good = model.ask("good", images.get(0), LONG);
            assertFalse(bad.join().error().isEmpty());
            assertEquals("bad", bad.join().image());
            same(expected.get(0), good.join());
            assertTrue(model.ask(work.resolve("none.png"), LONG).join().error().contains("exist"));
        }
    }

    @Test
    void whatFindsNoRoomOrNoTimeIsToldSo() throws Exception {
        try (Predictions.Model model = open(new Room(3, 1 << 20))) {
            CountDownLatch gate = new CountDownLatch(1);
            method.gate = gate;
            CompletableFuture<Prediction> first = model.ask("first", images.get(0), LONG);
            method.arrived.await();
            CompletableFuture<Prediction> late =
                    model.ask("late", images.get(1), Duration.ofMillis(30));
            CompletableFuture<Prediction> third = model.ask("third", images.get(2), LONG);
            String full =
                    failed(RejectedExecutionException.class, model.ask("4", images.get(3), LONG))
                            .getMessage();
            assertTrue(full.startsWith("the model of run 'gated-1' is full: 3 pictures"), full);
            failed(TimeoutException.class, late);
            gate.countDown();
            same(expected.get(0), first.join());
            same(expected.get(2), third.join());
            same(expected.get(3), model.ask("4", images.get(3), LONG).join());
        }
        try (Predictions.Model model = open(new Room(3, images.get(0).length - 1))) {
            failed(RejectedExecutionException.class, model.ask("0", images.get(0), LONG));
            same(expected.get(0), model.ask(files.get(0), LONG).join());
        }
    }

    @Test
    void closingEndsWhatIsUnderWay() throws Exception {
        Predictions.Model model = open(Room.DEFAULT);
        CountDownLatch gate = new CountDownLatch(1);
        method.gate = gate;
        List<CompletableFuture<Prediction>> answers = new ArrayList<>();
        for (byte[] image : images) {
            answers.add(model.ask("it", image, LONG));
        }
        method.arrived.await();
        Thread closer = new Thread(model::close);
        closer.start();
        gate.countDown();
        closer.join();
        answers.forEach(answer -> assertTrue(answer.isDone()));
        failed(CancellationException.class, answers.get(answers.size() - 1));
        failed(CancellationException.class, model.ask("it", images.get(0), LONG));
        model.close();
        // The platform's end closes what nobody closed.
        Predictions.Model left = open(Room.DEFAULT);
        mien.close();
        failed(CancellationException.class, left.ask("it", images.get(0), LONG));
    }

    @Test
    void newCodeTakesOverWhatHasNoAnswer() throws Exception {
        try (Predictions.Model model = open(Room.DEFAULT)) {
            CountDownLatch gate = new CountDownLatch(1);
            method.gate = gate;
            List<CompletableFuture<Prediction>> answers = new ArrayList<>();
            for (byte[] image : images) {
                answers.add(model.ask("it", image, LONG));
            }
            method.arrived.await();
            Thread taker = new Thread(() -> registry.unbind(method));
            taker.start();
            Thread.sleep(50);
            assertTrue(taker.isAlive(), "it went while it was at work");
            gate.countDown();
            taker.join();
            Thread.sleep(300); // it is missing for a while
            assertFalse(answers.get(answers.size() - 1).isDone());
            bind(Kind.METHOD, "gated", new Gated());
            for (int i = 0; i < answers.size(); i++) {
                same(expected.get(i), answers.get(i).get(30, TimeUnit.SECONDS));
            }
            assertEquals(2, model.opened());
        }
    }

    @Test
    void whatCannotBeOpenedIsRefusedInWords() {
        registry.unbind(method);
        String text = refused(() -> open(Room.DEFAULT).close());
        assertTrue(text.contains("waits for method 'gated'"), text);
        assertTrue(
                refused(() -> mien.predictions().open("none", Map.of(), Room.DEFAULT).close())
                        .contains("run 'none' does not exist"));
        assertThrows(Exception.class, () -> new Room(0, 1));
    }

    @Test
    void aRunThatIsDeletedEndsItsModel() {
        try (Predictions.Model model = open(Room.DEFAULT)) {
            same(expected.get(0), model.ask("it", images.get(0), LONG).join());
            mien.runs().delete("gated-1");
            String text = "";
            for (int i = 0; i < 400 && text.isEmpty(); i++) {
                try {
                    model.ask("it", images.get(0), LONG).join();
                    Thread.sleep(10);
                } catch (Exception e) {
                    text = e.getCause().getMessage();
                }
            }
            assertTrue(text.contains("run 'gated-1' does not exist"), text);
        }
    }
}
