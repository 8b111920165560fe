// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import java.io.Closeable;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The bytes of a file as it was when it was opened: a small one is read at once, a larger one is
 * mapped. A file that takes its place, or its end, changes nothing; no channel is left that a
 * thread that is interrupted would close for the others. A file that is written over in place
 * changes what is read; {@link #unchanged} finds it, and {@link #intact} one that was cut.
 */
final class FileBytes implements Stretch, Closeable {
    /** From here on a file is mapped. */
    static final int MAPPED = 1 << 20;

    /** Maps overlap by half, so that each call's bytes lie within one. */
    private static final long STEP = Stretch.MOST;

    private static final long LONGEST = 1L << 40;

    private final Path file;
    private final long size;
    private final List<ByteBuffer> maps = new ArrayList<>();
    private final boolean mapped;
    private final BasicFileAttributes opened;

    /** Asked for its length alone; null where nothing is mapped. */
    private final RandomAccessFile held;

    private volatile boolean closed;

    private FileBytes(Path file, FileChannel channel) throws IOException {
        this.file = file;
        size = channel.size();
        opened = attributes(file);
        if (size > LONGEST) {
            throw new BadWeights("it has " + size + " bytes; the most are " + LONGEST);
        }
        mapped = size >= MAPPED;
        if (!mapped) {
            ByteBuffer all = ByteBuffer.allocate((int) size);
            while (all.hasRemaining()) {
                if (channel.read(all, all.position()) < 0) {
                    throw new BadWeights("it became shorter while it was read");
                }
            }
            maps.add(all.flip().asReadOnlyBuffer());
            held = null;
        } else {
            held = new RandomAccessFile(file.toFile(), "r");
            for (long at = 0; at == 0 || at + STEP < size; at += STEP) {
                MappedByteBuffer map =
                        channel.map(MapMode.READ_ONLY, at, Math.min(2 * STEP, size - at));
                maps.add(map);
            }
        }
    }

    /** Opens a file. */
    static FileBytes open(Path file) throws BadWeights {
        try (FileChannel channel = FileChannel.open(file)) {
            return new FileBytes(file, channel);
        } catch (BadWeights e) {
            throw new BadWeights(file + " cannot be used: " + e.getMessage() + ".");
        } catch (IOException e) {
            throw new BadWeights(file + " cannot be read: " + BadWeights.reason(e));
        }
    }

    private static BasicFileAttributes attributes(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class);
    }

    /** Refuses what was written over while it was read; a small file was read at once. */
    void unchanged() throws BadWeights {
        if (!mapped) {
            return;
        }
        BasicFileAttributes now;
        try {
            now = attributes(file);
        } catch (IOException e) {
            return; // it went in the meantime; what was opened is still there
        }
        boolean same = Objects.equals(opened.fileKey(), now.fileKey());
        if (same
                && (opened.size() != now.size()
                        || !opened.lastModifiedTime().equals(now.lastModifiedTime()))) {
            throw new BadWeights("it was written to while it was read; try again");
        }
    }

    @Override
    public void intact() throws BadWeights {
        try {
            if (held != null && !closed && held.length() < size) {
                throw new BadWeights("it became shorter while it was read");
            }
        } catch (BadWeights e) {
            throw e;
        } catch (IOException e) {
            // It was closed in the meantime; what is mapped stays.
        }
    }

    @Override
    public void close() {
        closed = true;
        try {
            if (held != null) {
                held.close();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e); // of a file that was only read
        }
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public ByteBuffer bytes(long from, long count) throws BadWeights {
        Stretch.some(from, count, size);
        int map = (int) Math.min(from / STEP, maps.size() - 1);
        return maps.get(map).slice((int) (from - map * STEP), (int) count);
    }
}
