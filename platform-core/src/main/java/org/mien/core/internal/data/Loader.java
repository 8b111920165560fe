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
import org.mien.core.internal.pipeline.BoundPipeline;
import org.mien.core.internal.plugin.Border;
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
            int[] times = new int[height];
            List<Sample> each = new ArrayList<>();
            for (int i = 0; i < rows.length; i++) {
                for (int row = 0; row < rows[i]; row++) {
                    places[each.size()] = positions[i];
                    times[each.size()] = repeats[i];
                    each.add(samples.get(i));
                }
            }
            Arrays.fill(ones, 1);
            return new Loaded(places, each, ones, views, times);
        }
    }

    private static final AtomicInteger NUMBER = new AtomicInteger();

    private final BoundPipeline bound;
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
    public Loader(BoundPipeline bound, InputSpec input, Source source, PictureCache cache) {
        this.bound = bound;
        this.input = input;
        this.source = source;
        this.threads = bound.loop().loaderThreads();
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
        each(samples, order, 0, size, epoch, consumer);
    }

    /**
     * Loads batches in order, from some place on. A sample that is named again in the order is
     * varied by other draws than before, wherever it is begun.
     *
     * @param begin elements of the order that are left out
     */
    public void each(
            List<Sample> samples, int[] order, int begin, int size, int epoch, Consumer consumer) {
        Deque<Future<Loaded>> ahead = new ArrayDeque<>();
        int[] times = times(order, samples.size());
        int next = begin;
        try {
            while (next < order.length || !ahead.isEmpty()) {
                while (next < order.length && ahead.size() < threads + 2) {
                    int from = next;
                    int to = Math.min(order.length, from + size);
                    ahead.add(pool.submit(() -> load(samples, order, times, from, to, epoch)));
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

    /** How often each element of an order was named before it. */
    private static int[] times(int[] order, int samples) {
        int[] named = new int[samples];
        int[] times = new int[order.length];
        for (int i = 0; i < order.length; i++) {
            times[i] = named[order[i]]++;
        }
        return times;
    }

    private static Loaded await(Future<Loaded> future) {
        try {
            return future.get();
        } catch (ExecutionException e) {
            throw Border.words("loader", List.of(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new MienException("loading was interrupted");
        }
    }

    private Loaded load(List<Sample> split, int[] order, int[] times, int from, int to, int epoch) {
        Chain chain = idle.poll();
        if (chain == null) {
            chain = new Chain(bound, input);
        }
        try {
            int[] positions = new int[to - from];
            int[] rows = new int[to - from];
            List<Sample> samples = new ArrayList<>();
            List<Map<String, Picture>> crops = new ArrayList<>();
            for (int i = from; i < to; i++) {
                Sample sample = split.get(order[i]);
                List<Map<String, Picture>> own =
                        crops(chain, sample, draws(sample, epoch, times[i]));
                positions[i - from] = order[i];
                rows[i - from] = own.size();
                samples.add(sample);
                crops.addAll(own);
            }
            int[] repeats = Arrays.copyOfRange(times, from, to);
            return new Loaded(positions, samples, rows, stack(crops), repeats);
        } finally {
            idle.add(chain);
        }
    }

    private Chain.Draws draws(Sample sample, int epoch, int time) {
        if (epoch < 0) {
            return null;
        }
        return view -> {
            List<Object> of =
                    new ArrayList<>(List.of(bound.parts().seed(), epoch, sample.id(), "augment"));
            if (time > 0) {
                of.add(time);
            }
            if (!view.isEmpty()) {
                of.add(view);
            }
            return Counter.of(of.toArray());
        };
    }

    private List<Map<String, Picture>> crops(Chain chain, Sample sample, Chain.Draws draws) {
        try {
            return Border.call(bound.dataset(), bound.plugins(), () -> read(chain, sample, draws));
        } catch (MienException e) {
            throw new MienException("sample '" + sample.id() + "': " + e.getMessage());
        }
    }

    private List<Map<String, Picture>> read(Chain chain, Sample sample, Chain.Draws draws)
            throws IOException {
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
        return crops;
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
