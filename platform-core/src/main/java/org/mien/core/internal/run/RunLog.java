// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.run;

import com.google.gson.JsonParseException;
import java.io.BufferedWriter;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.function.Consumer;
import org.mien.api.run.RunEvent;
import org.mien.core.internal.io.Json;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes {@code metrics.jsonl} and tells what happens, on a thread of its own. The queue is
 * bounded: a disk that stands still slows training down rather than filling the memory.
 */
public final class RunLog implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(RunLog.class);
    private static final String RELABEL = "relabel";
    private static final Runnable END = () -> {};
    private static final long STEP_NANOS = 100_000_000;

    private final BlockingQueue<Runnable> queue = new ArrayBlockingQueue<>(4096);
    private final Consumer<RunEvent> listener;
    private final Runnable go;
    private final Path file;
    private final BufferedWriter metrics;
    private final Thread thread;
    private volatile IOException failure;
    private long lastStep;

    /**
     * A log.
     *
     * @param listener told what happens
     * @param go throws when the run is not this go's any more
     */
    public RunLog(Path run, Consumer<RunEvent> listener, Runnable go) throws IOException {
        this.listener = listener;
        this.go = go;
        file = run.resolve("metrics.jsonl");
        metrics =
                Files.newBufferedWriter(
                        file,
                        StandardCharsets.UTF_8,
                        StandardOpenOption.CREATE,
                        StandardOpenOption.APPEND);
        thread = new Thread(this::work, "mien-log-" + run.getFileName());
        thread.setDaemon(true);
        thread.setContextClassLoader(RunLog.class.getClassLoader());
        thread.start();
    }

    private void work() {
        try {
            for (Runnable next = queue.take(); next != END; next = queue.take()) {
                next.run();
            }
        } catch (InterruptedException e) {
            LOG.warn("the log of a run was interrupted", e);
        }
    }

    private void put(Runnable work) {
        try {
            queue.put(work);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** A line of metrics; numbers only, so that nothing of a plugin is held. */
    public void line(String event, int epoch, long step, Map<String, Double> values) {
        go.run();
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("event", event);
        line.put("epoch", epoch + 1);
        line.put("step", step);
        line.putAll(values);
        write(line);
    }

    /** A line for a training sample whose label a method has changed. */
    public void relabelled(int epoch, long step, String sample, String from, String to) {
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("event", RELABEL);
        line.put("epoch", epoch + 1);
        line.put("step", step);
        line.put("sample", sample);
        line.put("from", from);
        line.put("to", to);
        write(line);
    }

    private void write(Map<String, Object> line) {
        put(
                () -> {
                    try {
                        metrics.write(Json.line(line) + "\n");
                        metrics.flush();
                    } catch (IOException e) {
                        failure = e;
                    }
                });
    }

    /**
     * Drops what was written after a checkpoint, and half a line at the end; before the first line.
     *
     * @param epoch epochs done
     * @param step steps done
     */
    public void keep(int epoch, long step) throws IOException {
        go.run();
        StringBuilder kept = new StringBuilder();
        String text = Files.readString(file);
        int from = 0;
        for (int end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
            String line = text.substring(from, end);
            from = end + 1;
            Line read;
            try {
                read = Json.read(line, Line.class);
            } catch (JsonParseException e) {
                continue;
            }
            boolean done =
                    read != null
                            && ("step".equals(read.event()) || RELABEL.equals(read.event())
                                    ? read.step() < step
                                    : read.epoch() <= epoch);
            if (done) {
                kept.append(line).append('\n');
            }
        }
        if (kept.length() != text.length()) {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
                byte[] bytes = kept.toString().getBytes(StandardCharsets.UTF_8);
                channel.write(ByteBuffer.wrap(bytes), 0);
                channel.truncate(bytes.length);
            }
        }
    }

    /** What a line of metrics begins with. */
    private record Line(String event, int epoch, long step) {}

    /** Waits until every line is in the file: it must not end before its checkpoint. */
    public void flush() throws IOException {
        CountDownLatch written = new CountDownLatch(1);
        put(written::countDown);
        try {
            written.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        check();
    }

    /** Tells the listener; of steps some a second only. */
    public void tell(RunEvent event) {
        if (event.kind() == RunEvent.Kind.STEP) {
            long now = System.nanoTime();
            if (now - lastStep < STEP_NANOS) {
                return;
            }
            lastStep = now;
        }
        put(() -> listener.accept(event));
    }

    /** Throws when a line could not be written. */
    public void check() throws IOException {
        if (failure != null) {
            throw new IOException("metrics.jsonl cannot be written: " + failure.getMessage());
        }
    }

    @Override
    public void close() throws IOException {
        put(END);
        boolean interrupted = Thread.interrupted();
        while (thread.isAlive()) {
            try {
                thread.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        metrics.close();
        check();
    }
}
