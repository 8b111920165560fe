// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.predict;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Stream;
import org.mien.api.InputSpec;
import org.mien.api.data.Face;
import org.mien.api.data.Picture;
import org.mien.api.data.Sample;
import org.mien.api.data.Sample.Split;
import org.mien.api.data.Targets;
import org.mien.api.evaluate.Answer;
import org.mien.core.MienException;
import org.mien.core.Predictions.Drawn;
import org.mien.core.Predictions.DrawnFace;
import org.mien.core.Predictions.FaceAnswer;
import org.mien.core.Predictions.Prediction;
import org.mien.core.internal.data.Chain;
import org.mien.core.internal.data.ImageFile;
import org.mien.core.internal.data.Loader;
import org.mien.core.internal.data.Splits;
import org.mien.core.internal.model.Drawings;
import org.mien.core.internal.model.Predictor;
import org.mien.core.internal.model.TrainedRun;
import org.mien.core.internal.plugin.Border;
import org.mien.core.internal.predict.Batches.Rows;
import org.mien.engine.ThreadLease;
import org.mien.engine.Torch;
import org.mien.vision.Images;
import org.mien.vision.Limits;

/**
 * Answers photographs with a trained run, a face at a time: read, decoded and prepared some ahead
 * on threads of their own, put through the network in batches, answered in the order asked. What is
 * bad is answered with its error. Memory is bounded by what is ahead, not by what is asked.
 */
public final class Photographs implements AutoCloseable {
    private static final AtomicInteger NUMBER = new AtomicInteger();

    /** Gets a picture. */
    interface Reader {
        Picture read() throws IOException;
    }

    /** An image that somebody asked about. */
    record Question(String name, String truth, Reader reader) {}

    /** An image with its faces at the network's size, or the reason why not. */
    private record Prepared(Question asked, List<Rows> faces, String error) {}

    private final OpenRun open;
    private final Torch torch;
    private final TrainedRun trained;
    private final Limits limits;
    private final int workers;
    private final int processorsOfABatch;
    private final Semaphore processors;
    private final int lanes;
    private final ExecutorService images;
    private final ExecutorService network;

    /**
     * For a run.
     *
     * @param open the run, in use until this is closed
     */
    public Photographs(OpenRun open, Torch torch) {
        this.open = open;
        this.torch = torch;
        trained = open.trained();
        limits = trained.bound().image().limits();
        workers = trained.bound().predict().workers();
        // A network on a GPU is in nobody's way.
        processorsOfABatch = trained.predictor().onGpu() ? 0 : 1;
        processors = new Semaphore(workers, true);
        lanes = processorsOfABatch == 0 ? 1 : workers;
        int number = NUMBER.incrementAndGet();
        images = threads(workers, "mien-photographs-" + number);
        network = threads(lanes, "mien-network-" + number);
    }

    private static ExecutorService threads(int count, String name) {
        return Executors.newFixedThreadPool(
                count,
                work -> {
                    Thread thread = new Thread(work, name);
                    thread.setDaemon(true);
                    thread.setContextClassLoader(Photographs.class.getClassLoader());
                    return thread;
                });
    }

    /**
     * Answers images, then samples of the run's dataset.
     *
     * @param images files
     * @param samples ids, or "first"
     * @param answer told each answer, in order, on this thread
     * @param stop true ends it
     */
    public void answer(
            List<Path> images,
            List<String> samples,
            Consumer<Prediction> answer,
            BooleanSupplier stop) {
        if (targets().kinds().isEmpty()) {
            trained.predictor().needClasses();
        }
        Function<Loader.Loaded, List<Answer>> method =
                loaded -> trained.predictor().answers(loaded, false);
        BiConsumer<Prepared, List<Answer>> tell = (image, said) -> answer.accept(said(image, said));
        if (samples.isEmpty()) {
            each(files(images).iterator(), method, tell, stop);
            return;
        }
        if (trained.bound().dataset() == null) {
            throw new MienException(
                    "samples are those of dataset '"
                            + trained.dataset()
                            + "', which is not installed; images can be predicted without it");
        }
        try (Splits splits = new Splits(trained.bound(), targets())) {
            Function<String, Question> sample = samples(splits);
            Stream<Question> all = Stream.concat(files(images), samples.stream().map(sample));
            each(all.iterator(), method, tell, stop);
        }
    }

    /**
     * Answers what is asked, until nothing more is.
     *
     * @param asked has no next one when nothing is asked at the moment
     * @param answer told each answer, in order, on this thread
     * @param stop true ends it
     */
    void answer(
            Iterator<Question> asked,
            BiConsumer<Question, Prediction> answer,
            BooleanSupplier stop) {
        if (targets().kinds().isEmpty()) {
            trained.predictor().needClasses();
        }
        this.<Answer>each(
                asked,
                loaded -> trained.predictor().answers(loaded, false),
                (image, said) -> answer.accept(image.asked(), said(image, said)),
                stop);
    }

    /**
     * Draws what the method shows of images.
     *
     * @param images files
     * @param answer told each answer, in order, on this thread
     * @param stop true ends it
     */
    public void draw(List<Path> images, Consumer<Drawn> answer, BooleanSupplier stop) {
        each(
                files(images).iterator(),
                this::drawn,
                (image, faces) ->
                        answer.accept(new Drawn(image.asked().name(), faces, image.error())),
                stop);
    }

    private Stream<Question> files(List<Path> images) {
        return images.stream()
                .map(
                        path ->
                                new Question(
                                        path.toString(), null, () -> ImageFile.read(path, limits)));
    }

    private <T> void each(
            Iterator<Question> all,
            Function<Loader.Loaded, List<T>> method,
            BiConsumer<Prepared, List<T>> tell,
            BooleanSupplier stop) {
        Batches<Prepared, T> batches =
                new Batches<>(
                        loaded -> network.submit(() -> compute(loaded, method)), lanes, tell, stop);
        Deque<Future<Prepared>> ahead = new ArrayDeque<>();
        while (all.hasNext() || !ahead.isEmpty()) {
            while (all.hasNext() && ahead.size() < workers + Batches.ROWS) {
                Question next = all.next();
                ahead.add(images.submit(() -> prepare(next)));
            }
            Prepared prepared = Batches.await(ahead.remove(), stop);
            if (prepared == null) {
                return;
            }
            batches.add(prepared, prepared.faces());
        }
        batches.end();
    }

    /**
     * Computes on a processor on which no image is prepared meanwhile, with one thread: threads
     * that wait for each other would wait for the slowest.
     */
    private <T> List<T> compute(Loader.Loaded loaded, Function<Loader.Loaded, List<T>> method) {
        processors.acquireUninterruptibly(processorsOfABatch);
        try (ThreadLease lease = torch.threads(1)) {
            return method.apply(loaded);
        } finally {
            processors.release(processorsOfABatch);
        }
    }

    private Function<String, Question> samples(Splits splits) {
        Map<String, Sample> all = new LinkedHashMap<>();
        for (Split split : List.of(Split.TEST, Split.VALIDATION, Split.TRAIN, Split.NONE)) {
            splits.of(split).forEach(sample -> all.put(sample.id(), sample));
        }
        List<String> labels = targets().classes();
        return id -> {
            Sample sample = id.equals("first") ? splits.some(Split.TEST).get(0) : all.get(id);
            if (sample == null) {
                return new Question(
                        id,
                        null,
                        () -> {
                            throw new IOException(
                                    "no sample has this id; the first is '"
                                            + all.keySet().iterator().next()
                                            + "'");
                        });
            }
            String truth =
                    sample.label() < 0 || labels.isEmpty() ? null : labels.get(sample.label());
            return new Question(sample.id(), truth, () -> splits.read(sample));
        };
    }

    private Prepared prepare(Question asked) {
        processors.acquireUninterruptibly();
        Chain chain = null;
        try {
            chain = open.take();
            Chain steps = chain;
            List<Rows> rows =
                    Border.call(
                            "the image",
                            trained.bound().plugins(),
                            () -> rows(steps, asked.reader()));
            return new Prepared(asked, rows, null);
        } catch (MienException e) {
            return new Prepared(asked, List.of(), e.getMessage());
        } finally {
            if (chain != null) {
                open.give(chain);
            }
            processors.release();
        }
    }

    private static List<Rows> rows(Chain chain, Reader reader) {
        try {
            List<Rows> rows = new ArrayList<>();
            for (Chain.Found face : chain.prepare(reader.read())) {
                List<Map<String, Picture>> crops = chain.views(face, null);
                if (!crops.isEmpty()) {
                    rows.add(new Rows(face.box(), crops));
                }
            }
            return rows;
        } catch (IOException e) {
            throw new MienException(e.getMessage());
        } catch (OutOfMemoryError e) {
            throw new MienException(
                    "takes more memory than the platform has left. Make it smaller, or start the"
                            + " platform with a larger MIEN_HEAP");
        }
    }

    private Prediction said(Prepared image, List<Answer> said) {
        List<FaceAnswer> faces = new ArrayList<>();
        for (int i = 0; i < said.size(); i++) {
            Face face = image.faces().get(i).face().orElse(null);
            faces.add(answer(face, said.get(i)));
        }
        return new Prediction(image.asked().name(), faces, image.asked().truth(), image.error());
    }

    private List<DrawnFace> drawn(Loader.Loaded loaded) {
        Map<String, List<Picture>> pictures = trained.predictor().pictures(loaded);
        if (pictures.isEmpty()) {
            throw new MienException(
                    trained.bound().method().who()
                            + " draws no pictures, so there is nothing to generate. A method that"
                            + " draws says so in its README: it names extras of the role IMAGE or"
                            + " HEAT_MAP");
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

    private Targets targets() {
        return trained.built().parts().targets();
    }

    private static Map<String, Double> named(List<String> names, float[] numbers) {
        Map<String, Double> named = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            named.put(names.get(i), (double) numbers[i]);
        }
        return named;
    }

    private FaceAnswer answer(Face face, Answer answer) {
        Targets targets = targets();
        List<String> classes = targets.classes();
        List<String> values = targets.values().stream().map(Targets.Value::name).toList();
        return new FaceAnswer(
                face == null ? null : List.of(face.x(), face.y(), face.width(), face.height()),
                face == null ? null : face.score(),
                classes.isEmpty() ? null : classes.get(Predictor.likeliest(answer.probabilities())),
                named(classes, answer.probabilities()),
                named(targets.multiLabel(), answer.multiLabel()),
                named(values, answer.values()));
    }

    @Override
    public void close() {
        images.shutdownNow();
        network.shutdownNow();
        try {
            images.awaitTermination(60, TimeUnit.SECONDS);
            network.awaitTermination(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
