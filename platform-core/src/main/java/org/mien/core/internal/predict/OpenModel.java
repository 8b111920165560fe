// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.predict;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.mien.api.data.Picture;
import org.mien.core.MienException;
import org.mien.core.Predictions.Model;
import org.mien.core.Predictions.Prediction;
import org.mien.core.Predictions.Room;
import org.mien.core.internal.data.ImageFile;
import org.mien.core.internal.plugin.Leases;
import org.mien.core.internal.plugin.OwnThread;
import org.mien.core.internal.plugin.Registry;
import org.mien.engine.Torch;
import org.mien.vision.Limits;

/**
 * {@link Model}: a queue of bounded size before a run that is open. It is served in sittings, each
 * a lease on a thread of its own that holds the plugins; a sitting ends when one of them goes or
 * something newer is there, and the next one takes over what has no answer yet.
 */
public final class OpenModel implements Model {
    /** How long it takes at most to see that something newer is there. */
    private static final long LOOK_NANOS = 1_000_000_000L;

    /**
     * How long a sitting waits for a question, and the model for a plugin, before it looks again.
     */
    private static final long PAUSE_MILLIS = 50;

    /** Sittings that may fail one after the other for what is no missing plugin. */
    private static final int MOST_TRIES = 3;

    /** Gets the bytes of an image. */
    private interface Source {
        Picture read(Limits limits) throws IOException;
    }

    /** A picture that somebody waits for. */
    private record Asked(
            String name, long bytes, Source source, CompletableFuture<Prediction> answer) {}

    private final Supplier<Path> folder;
    private final Map<String, String> keys;
    private final Room room;
    private final OpenRuns runs;
    private final Leases leases;
    private final Registry registry;
    private final Torch torch;
    private final Consumer<OpenModel> closes;
    private final Deque<Asked> waiting = new ArrayDeque<>();
    private final Map<Photographs.Question, Asked> underWay = new LinkedHashMap<>();
    private final CompletableFuture<Void> first = new CompletableFuture<>();
    private final Thread thread;
    private Path now;
    private int pictures;
    private long bytes;
    private int opened;
    private boolean closed;

    /**
     * Opens a run.
     *
     * @param folder of the run, asked again now and then
     * @param keys that count for this model only
     * @param closes told when it is closed
     * @throws MienException when it cannot be opened
     */
    public OpenModel(
            Supplier<Path> folder,
            Map<String, String> keys,
            Room room,
            OpenRuns runs,
            Leases leases,
            Registry registry,
            Torch torch,
            Consumer<OpenModel> closes) {
        this.folder = folder;
        this.keys = Map.copyOf(keys);
        this.room = room;
        this.runs = runs;
        this.leases = leases;
        this.registry = registry;
        this.torch = torch;
        this.closes = closes;
        now = folder.get();
        thread = OwnThread.start("model " + now.getFileName(), this::serve);
        try {
            first.join();
        } catch (CompletionException e) {
            throw new MienException(e.getCause().getMessage());
        }
    }

    @Override
    public synchronized String run() {
        return now.getFileName().toString();
    }

    @Override
    public synchronized int opened() {
        return opened;
    }

    @Override
    public CompletableFuture<Prediction> ask(String name, byte[] image, Duration deadline) {
        return ask(name, image.length, limits -> ImageFile.of(image, limits), deadline);
    }

    @Override
    public CompletableFuture<Prediction> ask(Path image, Duration deadline) {
        return ask(image.toString(), 0, limits -> ImageFile.read(image, limits), deadline);
    }

    private CompletableFuture<Prediction> ask(
            String name, long size, Source source, Duration deadline) {
        CompletableFuture<Prediction> answer = new CompletableFuture<>();
        synchronized (this) {
            if (closed) {
                return CompletableFuture.failedFuture(closing());
            }
            if (pictures >= room.pictures() || bytes + size > room.bytes()) {
                return CompletableFuture.failedFuture(
                        new RejectedExecutionException(
                                "the model of run '"
                                        + run()
                                        + "' is full: "
                                        + pictures
                                        + " pictures with "
                                        + bytes
                                        + " bytes wait, of "
                                        + room.pictures()
                                        + " and "
                                        + room.bytes()
                                        + ". Ask again later"));
            }
            pictures++;
            bytes += size;
            waiting.add(new Asked(name, size, source, answer));
            notifyAll();
        }
        return answer.orTimeout(Math.max(0, deadline.toMillis()), TimeUnit.MILLISECONDS);
    }

    private CancellationException closing() {
        return new CancellationException("the model of run '" + run() + "' is closed");
    }

    private void serve() {
        int failed = 0;
        while (rests()) {
            boolean[] gone = {false};
            int before = opened();
            MienException failure = null;
            try {
                leases.run(
                        "the answering of run '" + run() + "'",
                        lease -> {
                            try {
                                sit(lease);
                            } finally {
                                gone[0] = lease.isOver();
                            }
                            return null;
                        },
                        () -> {});
            } catch (MienException e) {
                failure = e;
            }
            boolean sat = opened() > before;
            failed = failure == null || gone[0] ? 0 : failed + 1;
            if (failure == null || gone[0]) {
                putBack();
            } else if (!first.isDone()) {
                first.completeExceptionally(failure);
                close();
            } else if (sat || failed >= MOST_TRIES && !waits()) {
                fail(failure, !sat);
                failed = 0;
            } else {
                putBack();
                pause();
            }
        }
        fail(null, true);
    }

    /** Waits until there is something to do; false when there will be nothing any more. */
    private synchronized boolean rests() {
        while (!closed && waiting.isEmpty() && first.isDone()) {
            pause();
            waiting.removeIf(this::isOver);
        }
        return !closed;
    }

    private synchronized void pause() {
        try {
            wait(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            closed = true;
        }
    }

    /** Whether a plugin is missing, which may come back. */
    private boolean waits() {
        try {
            return runs.waits(folder.get(), keys);
        } catch (MienException e) {
            return false;
        }
    }

    /** Opens the run and answers, until something ends it. */
    private void sit(Leases.Lease lease) {
        Path run = folder.get();
        try (OpenRuns.Use use = runs.use(run, keys)) {
            synchronized (this) {
                now = run;
                opened++;
            }
            first.complete(null);
            Limits limits = use.run().trained().bound().image().limits();
            try (Photographs photographs = new Photographs(use.run(), torch)) {
                boolean current = true;
                while (current && !ends(lease)) {
                    long end = System.nanoTime() + LOOK_NANOS;
                    while (!ends(lease) && System.nanoTime() < end) {
                        photographs.answer(questions(limits, end), this::tell, () -> ends(lease));
                        idle();
                    }
                    current = run.equals(folder.get()) && use.run().isCurrent(registry);
                }
            }
            if (!lease.isOver()) {
                use.keep();
            }
        }
    }

    private synchronized boolean ends(Leases.Lease lease) {
        return closed || lease.isOver();
    }

    private synchronized void idle() {
        if (!closed && waiting.isEmpty()) {
            pause();
        }
    }

    /** What is asked at the moment, up to some time. */
    private Iterator<Photographs.Question> questions(Limits limits, long end) {
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                synchronized (OpenModel.this) {
                    waiting.removeIf(one -> isOver(one));
                    return !waiting.isEmpty() && System.nanoTime() < end;
                }
            }

            @Override
            public Photographs.Question next() {
                synchronized (OpenModel.this) {
                    Asked one = waiting.remove();
                    Photographs.Question question =
                            new Photographs.Question(
                                    one.name(), null, () -> one.source().read(limits));
                    underWay.put(question, one);
                    return question;
                }
            }
        };
    }

    /** Whether nobody waits for it any more; then its room is free. */
    private boolean isOver(Asked one) {
        if (one.answer().isDone()) {
            left(one);
            return true;
        }
        return false;
    }

    private void left(Asked one) {
        pictures--;
        bytes -= one.bytes();
    }

    private void tell(Photographs.Question question, Prediction said) {
        Asked one;
        synchronized (this) {
            one = underWay.remove(question);
            left(one);
        }
        one.answer().complete(said);
    }

    /** What has no answer yet is asked again, first. */
    private synchronized void putBack() {
        List<Asked> again = new ArrayList<>(underWay.values());
        underWay.clear();
        for (int i = again.size() - 1; i >= 0; i--) {
            waiting.addFirst(again.get(i));
        }
    }

    /**
     * Ends what is under way.
     *
     * @param why or null when it is closed
     * @param all those that wait, too
     */
    private void fail(MienException why, boolean all) {
        List<Asked> ended;
        synchronized (this) {
            ended = new ArrayList<>(underWay.values());
            underWay.clear();
            if (all) {
                ended.addAll(waiting);
                waiting.clear();
            }
            ended.forEach(this::left);
        }
        ended.forEach(
                one ->
                        one.answer()
                                .completeExceptionally(
                                        why == null
                                                ? closing()
                                                : new MienException(why.getMessage())));
    }

    @Override
    public void close() {
        synchronized (this) {
            closed = true;
            notifyAll();
        }
        closes.accept(this);
        if (Thread.currentThread() == thread) {
            return;
        }
        try {
            thread.join(TimeUnit.SECONDS.toMillis(60));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
