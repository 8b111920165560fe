// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.predict;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.mien.api.data.Face;
import org.mien.api.data.Picture;
import org.mien.api.data.Sample;
import org.mien.core.internal.data.Loader;
import org.mien.core.internal.plugin.Border;

/**
 * Fills batches with the faces of one image after the other, and tells an image when all of its
 * faces are through the network. What a batch holds follows from the images and their order alone,
 * so that the same images give the same bytes.
 *
 * @param <I> an image
 * @param <T> what the network says of a face
 */
final class Batches<I, T> {
    /** Rows from which on a batch is full. */
    static final int ROWS = 16;

    /** Rows of the first batch: whoever waits sees the first answers soon. */
    private static final int FIRST = 4;

    /** Images after which a batch goes that is not full. */
    private static final int IMAGES = 4 * ROWS;

    /** Rows of one face: its crops, whose answers are averaged. */
    record Rows(Optional<Face> face, List<Map<String, Picture>> views) {}

    private record Waiting<I, T>(I image, int faces, List<T> said) {
        boolean isComplete() {
            return said.size() == faces;
        }
    }

    private record Queued<I, T>(Waiting<I, T> of, Rows rows) {}

    private record UnderWay<I, T>(List<Queued<I, T>> faces, Future<List<T>> said) {}

    private final Function<Loader.Loaded, Future<List<T>>> network;
    private final int lanes;
    private final BiConsumer<I, List<T>> tell;
    private final BooleanSupplier stop;
    private final Deque<Waiting<I, T>> images = new ArrayDeque<>();
    private final Deque<Queued<I, T>> faces = new ArrayDeque<>();
    private final Deque<UnderWay<I, T>> underWay = new ArrayDeque<>();
    private int rows;
    private int since;
    private int sent;

    /**
     * None yet.
     *
     * @param network says something of each face of a batch, on another thread
     * @param lanes batches that are computed at once; one more may wait
     * @param tell told each image with what was said of its faces, in order
     * @param stop true ends it: nothing more is computed or told
     */
    Batches(
            Function<Loader.Loaded, Future<List<T>>> network,
            int lanes,
            BiConsumer<I, List<T>> tell,
            BooleanSupplier stop) {
        this.network = network;
        this.lanes = lanes;
        this.tell = tell;
        this.stop = stop;
    }

    /** Adds an image with its faces; sends what is full to the network, and tells what is said. */
    void add(I image, List<Rows> found) {
        Waiting<I, T> waiting = new Waiting<>(image, found.size(), new ArrayList<>());
        images.add(waiting);
        for (Rows face : found) {
            faces.add(new Queued<>(waiting, face));
            rows += face.views().size();
        }
        // Counted, not timed: whatever the network is at, the same faces make a batch.
        since++;
        send(since < IMAGES);
        while (!underWay.isEmpty() && underWay.peek().said().isDone() && finish()) {
            continue;
        }
        tell();
    }

    /** Computes and tells what is left. */
    void end() {
        send(false);
        while (!underWay.isEmpty() && finish()) {
            continue;
        }
        tell();
    }

    /** Sends batches while there are rows, or enough rows for a full one. */
    private void send(boolean full) {
        while (rows >= (full ? size() : 1) && !stop.getAsBoolean()) {
            if (underWay.size() > lanes && !finish()) {
                return;
            }
            batch();
        }
    }

    private int size() {
        return sent == 0 ? FIRST : ROWS;
    }

    /** Waits for the first batch under way; false when it is to stop. */
    private boolean finish() {
        UnderWay<I, T> first = underWay.remove();
        List<T> said = await(first.said(), stop);
        if (said == null) {
            return false;
        }
        for (int i = 0; i < said.size(); i++) {
            first.faces().get(i).of().said().add(said.get(i));
        }
        tell();
        return true;
    }

    private void tell() {
        while (!images.isEmpty() && images.peek().isComplete() && !stop.getAsBoolean()) {
            Waiting<I, T> first = images.remove();
            tell.accept(first.image(), first.said());
        }
    }

    private void batch() {
        List<Queued<I, T>> batch = new ArrayList<>();
        List<Map<String, Picture>> views = new ArrayList<>();
        int size = size();
        while (!faces.isEmpty() && views.size() < size) {
            Queued<I, T> next = faces.remove();
            batch.add(next);
            views.addAll(next.rows().views());
        }
        rows -= views.size();
        int[] positions = new int[batch.size()];
        int[] height = new int[batch.size()];
        List<Sample> samples = new ArrayList<>();
        for (int i = 0; i < positions.length; i++) {
            positions[i] = sent;
            height[i] = batch.get(i).rows().views().size();
            String id = "face " + sent;
            samples.add(Sample.of(id, id).build());
            sent++;
        }
        since = 0;
        Loader.Loaded loaded = new Loader.Loaded(positions, samples, height, Loader.stack(views));
        underWay.add(new UnderWay<>(batch, network.apply(loaded)));
    }

    /** Waits; null when it is to stop. */
    static <T> T await(Future<T> future, BooleanSupplier stop) {
        while (!stop.getAsBoolean()) {
            try {
                return future.get(100, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                continue;
            } catch (ExecutionException e) {
                throw Border.words("prediction", List.of(), e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return null;
            }
        }
        return null;
    }
}
