// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
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
     * @param rows rows of each sample: the crops of its face, one after the other
     * @param views view name to interleaved RGB of all rows
     * @param repeats how often each sample came before in its epoch
     */
    public record Loaded(
            int[] positions,
            List<Sample> samples,
            int[] rows,
            Map<String, ByteBuffer> views,
            int[] repeats) {
        /** Samples that come for the first time. */
        public Loaded(
                int[] positions, List<Sample> samples, int[] rows, Map<String, ByteBuffer> views) {
            this(positions, samples, rows, views, new int[positions.length]);
        }

        public int height() {
            int sum = 0;
            for (int count : rows) {
                sum += count;
            }
            return sum;
        }

        /** The same rows, each with a sample of its own: what a method sees. */
        public Loaded byRow() {
            int height = height();
            if (height == rows.length) {
                return this;
            }
            int[] places = new int[height];
            int[] ones = new int[height];
            int[] again = new int[height];
            List<Sample> each = new ArrayList<>();
            for (int i = 0; i < rows.length; i++) {
                for (int row = 0; row < rows[i]; row++) {
                    places[each.size()] = positions[i];
                    again[each.size()] = repeats[i];
                    each.add(samples.get(i));
                }
            }
            Arrays.fill(ones, 1);
            return new Loaded(places, each, ones, views, again);
        }
    }

    /** In place of an epoch: without chance, and one row a sample, as training has them. */
    public static final int PLAIN = -2;

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
        each(samples, Sampler.Draw.once(order), size, epoch, consumer);
    }

    /**
     * Loads batches of what a sampler draws, in order.
     *
     * @param samples the split
     * @param draw positions in it, in the order wanted
     * @param size samples of a batch
     * @param epoch from 0, for the draws; {@link #PLAIN}; or else below 0: without chance
     * @param consumer told each batch on the calling thread
     */
    public void each(
            List<Sample> samples, Sampler.Draw draw, int size, int epoch, Consumer consumer) {
        Deque<Future<Loaded>> ahead = new ArrayDeque<>();
        int next = 0;
        try {
            while (next < draw.positions().length || !ahead.isEmpty()) {
                while (next < draw.positions().length && ahead.size() < threads + 2) {
                    int from = next;
                    int to = Math.min(draw.positions().length, from + size);
                    ahead.add(pool.submit(() -> load(samples, draw.range(from, to), epoch)));
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

    private Loaded load(List<Sample> split, Sampler.Draw draw, int epoch) {
        Chain chain = idle.poll();
        if (chain == null) {
            chain = new Chain(recipe, input);
        }
        try {
            int[] rows = new int[draw.positions().length];
            List<Sample> samples = new ArrayList<>();
            List<Map<String, Picture>> crops = new ArrayList<>();
            for (int i = 0; i < rows.length; i++) {
                Sample sample = split.get(draw.positions()[i]);
                List<Map<String, Picture>> own =
                        crops(chain, sample, epoch, draws(sample, epoch, draw.repeats()[i]));
                rows[i] = own.size();
                samples.add(sample);
                crops.addAll(own);
            }
            return new Loaded(draw.positions(), samples, rows, stack(crops), draw.repeats());
        } finally {
            idle.add(chain);
        }
    }

    /** What augments a sample, apart each time that it comes; null for no chance. */
    private Chain.Draws draws(Sample sample, int epoch, int repeat) {
        if (epoch < 0) {
            return null;
        }
        return view -> {
            List<Object> of =
                    new ArrayList<>(List.of(recipe.parts().seed(), epoch, sample.id(), "augment"));
            if (repeat > 0) {
                of.add(repeat);
            }
            if (!view.isEmpty()) {
                of.add(view);
            }
            return Counter.of(of.toArray());
        };
    }

    private List<Map<String, Picture>> crops(
            Chain chain, Sample sample, int epoch, Chain.Draws draws) {
        try {
            List<Picture> kept = cache.get(sample.id());
            Chain.Found face;
            if (kept != null) {
                face = new Chain.Found(Optional.empty(), kept);
            } else {
                face = chain.only(chain.prepare(source.read(sample)));
                cache.put(sample.id(), face.crops());
            }
            List<Map<String, Picture>> crops = chain.views(face, draws);
            if (crops.isEmpty()) {
                throw chain.none();
            }
            return epoch == PLAIN ? crops.subList(0, 1) : crops;
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
