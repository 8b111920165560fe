// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.mien.api.InputSpec;
import org.mien.api.data.Picture;
import org.mien.api.data.Sample;
import org.mien.core.MienException;
import org.mien.core.internal.pipeline.Recipe;
import org.mien.core.internal.plugin.Words;
import org.mien.nn.spi.Counter;

/**
 * Reads, prepares and stacks pictures on threads of its own, some batches ahead, in the order asked
 * for. What a batch holds is a function of (seed, epoch, sample), whatever the number of threads.
 */
public final class Loader implements AutoCloseable {
    /** Reads the picture of a sample. */
    public interface Source {
        Picture read(Sample sample) throws IOException;
    }

    /**
     * Pictures of one batch.
     *
     * @param positions position of each sample in the list asked for
     * @param samples the samples
     * @param rows rows of each sample: 1, or several where steps gave several
     * @param views view name to interleaved RGB of all rows
     */
    public record Loaded(
            int[] positions, List<Sample> samples, int[] rows, Map<String, ByteBuffer> views) {
        public int height() {
            int sum = 0;
            for (int count : rows) {
                sum += count;
            }
            return sum;
        }
    }

    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final Recipe recipe;
    private final InputSpec input;
    private final Source source;
    private final int threads;
    private final ExecutorService pool;
    private final ConcurrentLinkedQueue<Chain> idle = new ConcurrentLinkedQueue<>();
    private final PictureCache cache;

    /**
     * A loader.
     *
     * @param cache for what the steps done once give; closed with it
     */
    public Loader(Recipe recipe, InputSpec input, Source source, PictureCache cache) {
        this.recipe = recipe;
        this.input = input;
        this.source = source;
        this.threads = recipe.loop().loaderThreads();
        this.cache = cache;
        int number = NUMBER.incrementAndGet();
        pool =
                Executors.newFixedThreadPool(
                        threads,
                        work -> {
                            Thread thread = new Thread(work, "mien-loader-" + number);
                            thread.setDaemon(true);
                            thread.setContextClassLoader(Loader.class.getClassLoader());
                            return thread;
                        });
    }

    /** Consumes batches in order; false stops. */
    public interface Consumer {
        boolean accept(Loaded loaded);
    }

    /**
     * Loads batches in order.
     *
     * @param samples the split
     * @param order positions in it, in the order wanted
     * @param size samples of a batch
     * @param epoch from 0, for the draws; below 0: without chance
     * @param consumer told each batch on the calling thread
     */
    public void each(List<Sample> samples, int[] order, int size, int epoch, Consumer consumer) {
        Deque<Future<Loaded>> ahead = new ArrayDeque<>();
        int next = 0;
        try {
            while (next < order.length || !ahead.isEmpty()) {
                while (next < order.length && ahead.size() < threads + 2) {
                    int from = next;
                    int to = Math.min(order.length, from + size);
                    ahead.add(pool.submit(() -> load(samples, order, from, to, epoch)));
                    next = to;
                }
                if (!consumer.accept(await(ahead.remove()))) {
                    return;
                }
            }
        } finally {
            ahead.forEach(future -> future.cancel(false));
        }
    }

    private static Loaded await(Future<Loaded> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw Words.plugin("loader", e.getCause());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MienException("loading was interrupted");
        }
    }

    private Loaded load(List<Sample> split, int[] order, int from, int to, int epoch) {
        Chain chain = idle.poll();
        if (chain == null) {
            chain = new Chain(recipe, input);
        }
        try {
            int[] positions = new int[to - from];
            int[] rows = new int[to - from];
            List<Sample> samples = new ArrayList<>();
            List<Map<String, Picture>> faces = new ArrayList<>();
            for (int i = from; i < to; i++) {
                Sample sample = split.get(order[i]);
                List<Map<String, Picture>> found = faces(chain, sample, epoch);
                positions[i - from] = order[i];
                rows[i - from] = found.size();
                samples.add(sample);
                faces.addAll(found);
            }
            return new Loaded(positions, samples, rows, stack(faces));
        } finally {
            idle.add(chain);
        }
    }

    private List<Map<String, Picture>> faces(Chain chain, Sample sample, int epoch) {
        try {
            Picture prepared = cache.get(sample.id());
            List<Picture> pictures;
            if (prepared != null) {
                pictures = List.of(prepared);
            } else {
                pictures = chain.prepare(source.read(sample));
                if (pictures.size() == 1) {
                    cache.put(sample.id(), pictures.get(0));
                }
            }
            List<Map<String, Picture>> faces = new ArrayList<>();
            for (Picture picture : pictures) {
                Counter random =
                        epoch < 0
                                ? null
                                : Counter.of(recipe.parts().seed(), epoch, sample.id(), "augment");
                faces.addAll(chain.views(picture, random));
            }
            if (faces.isEmpty()) {
                throw new MienException(
                        chain.blind()
                                + " found no face. In training and evaluation every sample needs"
                                + " one: let the step take the whole picture, or take the sample"
                                + " out of the dataset");
            }
            // A training step sees each sample once.
            return epoch < 0 ? faces : faces.subList(0, 1);
        } catch (IOException | RuntimeException | LinkageError e) {
            throw new MienException(
                    "sample '"
                            + sample.id()
                            + "': "
                            + Words.plugin(recipe.dataset().who(), e).getMessage());
        }
    }

    /** Views of all rows, one after the other. */
    public static Map<String, ByteBuffer> stack(List<Map<String, Picture>> faces) {
        Map<String, ByteBuffer> views = new LinkedHashMap<>();
        for (String view : faces.get(0).keySet()) {
            int bytes = faces.get(0).get(view).bytes().remaining();
            ByteBuffer all = ByteBuffer.allocateDirect(Math.multiplyExact(bytes, faces.size()));
            for (Map<String, Picture> face : faces) {
                all.put(face.get(view).bytes());
            }
            views.put(view, all.flip());
        }
        return views;
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
        cache.close();
    }
}
