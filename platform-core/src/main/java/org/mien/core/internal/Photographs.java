// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.mien.api.InputSpec;
import org.mien.api.data.Face;
import org.mien.api.data.Picture;
import org.mien.api.data.Sample;
import org.mien.api.data.Sample.Split;
import org.mien.core.Mien.Drawn;
import org.mien.core.Mien.DrawnFace;
import org.mien.core.Mien.FaceAnswer;
import org.mien.core.Mien.Prediction;
import org.mien.core.MienException;
import org.mien.vision.Images;
import org.mien.vision.Limits;

/**
 * Answers photographs with a trained run, a face at a time: read, decoded and prepared some ahead
 * on threads of their own, put through the network in batches, answered in the order asked. What is
 * bad is answered with its error. Memory is bounded by what is ahead, not by what is asked.
 */
final class Photographs implements AutoCloseable {
    /** Faces that go through the network at once, and images that wait for them. */
    private static final int BATCH = 16;

    private static final AtomicInteger NUMBER = new AtomicInteger();

    /** Gets a picture. */
    private interface Reader {
        Picture read() throws IOException;
    }

    /** An image that somebody asked about. */
    private record Asked(String name, String truth, Reader reader) {}

    /** Rows of one face; several where steps gave several, whose answers are averaged. */
    private record Rows(Optional<Face> face, List<Map<String, Picture>> views) {}

    /** An image with its faces at the network's size, or the reason why not. */
    private record Prepared(Asked asked, List<Rows> faces, String error) {}

    private final TrainedRun trained;
    private final Limits limits;
    private final int threads;
    private final ExecutorService pool;
    private final ConcurrentLinkedQueue<Chain> idle = new ConcurrentLinkedQueue<>();

    /**
     * For a run.
     *
     * @param trained the run, open until this is closed
     */
    Photographs(TrainedRun trained) {
        this.trained = trained;
        limits = trained.recipe().image().limits();
        threads = trained.recipe().loop().loaderThreads();
        // A pipeline that cannot be opened is one error, not one for each image.
        idle.add(open());
        int number = NUMBER.incrementAndGet();
        pool =
                Executors.newFixedThreadPool(
                        threads,
                        work -> {
                            Thread thread = new Thread(work, "mien-photographs-" + number);
                            thread.setDaemon(true);
                            thread.setContextClassLoader(Photographs.class.getClassLoader());
                            return thread;
                        });
    }

    private Chain open() {
        return new Chain(trained.recipe(), trained.built().parts().input());
    }

    /**
     * Answers images, then samples of the run's dataset.
     *
     * @param images files
     * @param samples ids, or "first"
     * @param answer told each answer, in order, on this thread
     * @param stop true ends it
     */
    void answer(
            List<Path> images,
            List<String> samples,
            Consumer<Prediction> answer,
            BooleanSupplier stop) {
        Stream<Asked> files =
                images.stream()
                        .map(path -> new Asked(path.toString(), null, () -> file(path, limits)));
        Consumer<List<Prepared>> work = batch -> predict(batch, answer);
        if (samples.isEmpty()) {
            each(files.iterator(), work, stop);
            return;
        }
        try (Splits splits = new Splits(trained.recipe())) {
            Function<String, Asked> sample = samples(splits);
            each(Stream.concat(files, samples.stream().map(sample)).iterator(), work, stop);
        }
    }

    /**
     * Draws what the method shows of images.
     *
     * @param images files
     * @param answer told each answer, in order, on this thread
     * @param stop true ends it
     */
    void draw(List<Path> images, Consumer<Drawn> answer, BooleanSupplier stop) {
        Stream<Asked> files =
                images.stream()
                        .map(path -> new Asked(path.toString(), null, () -> file(path, limits)));
        each(files.iterator(), batch -> draw(batch, answer), stop);
    }

    private void each(Iterator<Asked> all, Consumer<List<Prepared>> work, BooleanSupplier stop) {
        Deque<Future<Prepared>> ahead = new ArrayDeque<>();
        List<Prepared> batch = new ArrayList<>();
        int rows = 0;
        while (all.hasNext() || !ahead.isEmpty()) {
            while (all.hasNext() && ahead.size() < threads + BATCH) {
                Asked next = all.next();
                ahead.add(pool.submit(() -> prepare(next)));
            }
            Prepared prepared = await(ahead.remove(), stop);
            if (prepared == null) {
                return;
            }
            batch.add(prepared);
            rows += prepared.faces().stream().mapToInt(face -> face.views().size()).sum();
            if (rows >= BATCH || batch.size() >= 2 * BATCH) {
                work.accept(batch);
                batch.clear();
                rows = 0;
            }
        }
        work.accept(batch);
    }

    /** Waits; null when it is to stop. */
    private static Prepared await(Future<Prepared> future, BooleanSupplier stop) {
        while (!stop.getAsBoolean()) {
            try {
                return future.get(100, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                continue;
            } catch (ExecutionException e) {
                throw Words.plugin("prediction", e.getCause());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return null;
            }
        }
        return null;
    }

    /** Reads an image file that is not too large. */
    static Picture file(Path image, Limits limits) throws IOException {
        if (!Files.isRegularFile(image)) {
            throw new IOException(
                    Files.exists(image)
                            ? "is not a file; expected an image"
                            : "does not exist; expected an image file");
        }
        long size = Files.size(image);
        if (size > limits.bytes()) {
            throw new IOException(
                    "has "
                            + size
                            + " bytes: an image file may have "
                            + limits.bytes()
                            + " at most. Make it smaller, or raise image.max-bytes");
        }
        // One byte more than allowed shows a file that grew meanwhile; the decoder refuses it.
        try (InputStream in = Files.newInputStream(image)) {
            return Picture.encoded(ByteBuffer.wrap(in.readNBytes((int) limits.bytes() + 1)));
        } catch (AccessDeniedException e) {
            throw new IOException("may not be read by the user that the platform runs as", e);
        }
    }

    private Function<String, Asked> samples(Splits splits) {
        Map<String, Sample> all = new LinkedHashMap<>();
        for (Split split : List.of(Split.TEST, Split.VALIDATION, Split.TRAIN, Split.NONE)) {
            splits.of(split).forEach(sample -> all.put(sample.id(), sample));
        }
        List<String> labels = trained.built().parts().labels();
        return id -> {
            Sample sample = id.equals("first") ? splits.some(Split.TEST).get(0) : all.get(id);
            if (sample == null) {
                return new Asked(
                        id,
                        null,
                        () -> {
                            throw new IOException(
                                    "no sample has this id; the first is '"
                                            + all.keySet().iterator().next()
                                            + "'");
                        });
            }
            String truth = sample.label() < 0 ? null : labels.get(sample.label());
            return new Asked(sample.id(), truth, () -> splits.open().read(sample));
        };
    }

    private Prepared prepare(Asked asked) {
        Chain chain = idle.poll();
        if (chain == null) {
            chain = open();
        }
        try {
            Map<Optional<Face>, List<Map<String, Picture>>> faces = new LinkedHashMap<>();
            for (Picture picture : chain.prepare(asked.reader().read())) {
                faces.computeIfAbsent(picture.face(), key -> new ArrayList<>())
                        .addAll(chain.views(picture, null));
            }
            List<Rows> rows = new ArrayList<>();
            faces.forEach(
                    (face, views) -> {
                        if (!views.isEmpty()) {
                            rows.add(new Rows(face, views));
                        }
                    });
            return new Prepared(asked, rows, null);
        } catch (IOException | MienException e) {
            return new Prepared(asked, List.of(), e.getMessage());
        } catch (RuntimeException | LinkageError e) {
            return new Prepared(asked, List.of(), Words.plugin("the image", e).getMessage());
        } catch (OutOfMemoryError e) {
            return new Prepared(
                    asked,
                    List.of(),
                    "takes more memory than the platform has left. Make it smaller, or start the"
                            + " platform with a larger MIEN_HEAP");
        } finally {
            idle.add(chain);
        }
    }

    private void predict(List<Prepared> batch, Consumer<Prediction> answer) {
        List<Rows> all = new ArrayList<>();
        batch.forEach(prepared -> all.addAll(prepared.faces()));
        Iterator<float[]> probabilities =
                through(all, loaded -> List.of(trained.predictor().probabilities(loaded)))
                        .iterator();
        for (Prepared prepared : batch) {
            List<FaceAnswer> faces = new ArrayList<>();
            for (Rows rows : prepared.faces()) {
                faces.add(answer(rows.face().orElse(null), probabilities.next()));
            }
            answer.accept(
                    new Prediction(
                            prepared.asked().name(),
                            faces,
                            prepared.asked().truth(),
                            prepared.error()));
        }
    }

    private void draw(List<Prepared> batch, Consumer<Drawn> answer) {
        List<Rows> all = new ArrayList<>();
        batch.forEach(prepared -> all.addAll(prepared.faces()));
        Iterator<DrawnFace> drawn = through(all, this::drawn).iterator();
        for (Prepared prepared : batch) {
            List<DrawnFace> faces = prepared.faces().stream().map(face -> drawn.next()).toList();
            answer.accept(new Drawn(prepared.asked().name(), faces, prepared.error()));
        }
    }

    private List<DrawnFace> drawn(Loader.Loaded loaded) {
        Map<String, List<Picture>> pictures = trained.predictor().pictures(loaded);
        if (pictures.isEmpty()) {
            throw new MienException(
                    trained.recipe().method().who()
                            + " draws no pictures, so there is nothing to generate. A method that"
                            + " draws says so in its README: it names extras of the role IMAGE");
        }
        InputSpec input = trained.built().parts().input();
        List<DrawnFace> faces = new ArrayList<>();
        for (int i = 0; i < loaded.samples().size(); i++) {
            int face = i;
            Map<String, byte[]> files = new LinkedHashMap<>();
            pictures.forEach((name, all) -> files.put(name, Images.encodePng(all.get(face))));
            List<Picture> row = pictures.values().stream().map(all -> all.get(face)).toList();
            Picture strip = Drawings.strip(List.of(row), input.width(), input.height());
            faces.add(new DrawnFace(files, Images.encodePng(strip)));
        }
        return faces;
    }

    /** An answer for each face; an image with many faces takes several batches. */
    private <T> List<T> through(List<Rows> faces, Function<Loader.Loaded, List<T>> network) {
        List<T> answers = new ArrayList<>();
        int from = 0;
        while (from < faces.size()) {
            int to = from;
            List<Map<String, Picture>> views = new ArrayList<>();
            while (to < faces.size() && (to == from || views.size() < BATCH)) {
                views.addAll(faces.get(to).views());
                to++;
            }
            int[] positions = new int[to - from];
            int[] rows = new int[to - from];
            List<Sample> samples = new ArrayList<>();
            for (int i = from; i < to; i++) {
                positions[i - from] = i;
                rows[i - from] = faces.get(i).views().size();
                String id = "face " + i;
                samples.add(new Sample(id, id, -1, null, "", Split.NONE, Map.of()));
            }
            answers.addAll(
                    network.apply(
                            new Loader.Loaded(positions, samples, rows, Loader.stack(views))));
            from = to;
        }
        return answers;
    }

    private FaceAnswer answer(Face face, float[] row) {
        Map<String, Double> probabilities = new LinkedHashMap<>();
        List<String> labels = trained.built().parts().labels();
        for (int k = 0; k < labels.size(); k++) {
            probabilities.put(labels.get(k), (double) row[k]);
        }
        return new FaceAnswer(
                face == null ? null : List.of(face.x(), face.y(), face.width(), face.height()),
                face == null ? null : face.score(),
                labels.get(Predictor.likeliest(row)),
                probabilities);
    }

    @Override
    public void close() {
        pool.shutdownNow();
        try {
            pool.awaitTermination(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        for (Chain chain = idle.poll(); chain != null; chain = idle.poll()) {
            chain.close();
        }
    }
}
