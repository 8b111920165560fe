// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * A stretch of a file: its bytes as they are, or deflated.
 *
 * @param channel the file
 * @param offset where it begins there
 * @param packed bytes there
 * @param skip bytes that are passed over after inflating
 * @param size bytes after inflating, without those
 * @param deflated whether they are deflated
 */
record Stretch(
        FileChannel channel, long offset, long packed, long skip, long size, boolean deflated) {
    /** From here on a stretch is mapped, below it is read. */
    private static final int MAPPED = 1 << 20;

    /** The most that one call gives. */
    static final int MOST = 1 << 30;

    static Stretch stored(FileChannel channel, long offset, long size) {
        return new Stretch(channel, offset, size, 0, size, false);
    }

    static Stretch inflated(FileChannel channel, long offset, long packed, long size) {
        return new Stretch(channel, offset, packed, 0, size, true);
    }

    /** The same without its first bytes. */
    Stretch after(long bytes) {
        return deflated
                ? new Stretch(channel, offset, packed, skip + bytes, size - bytes, true)
                : stored(channel, offset + bytes, size - bytes);
    }

    /**
     * Some of its bytes. Large stretches are mapped, not copied.
     *
     * @param from first one
     * @param count how many, at most {@link #MOST}
     */
    ByteBuffer bytes(long from, long count) throws BadWeights {
        if (from < 0 || count < 0 || count > MOST || from > size - count) {
            throw new BadWeights(
                    "bytes " + from + " to " + (from + count) + " of " + size + " were asked for");
        }
        try {
            if (deflated) {
                return inflated(skip + from, (int) count);
            }
            if (count >= MAPPED) {
                return channel.map(MapMode.READ_ONLY, offset + from, count);
            }
            return read(offset + from, (int) count);
        } catch (BadWeights e) {
            throw e;
        } catch (IOException e) {
            throw new BadWeights("it cannot be read: " + e.getMessage());
        }
    }

    private ByteBuffer read(long at, int count) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(count);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, at + buffer.position()) < 0) {
                throw new BadWeights("it ends too early; it was cut, or is being written");
            }
        }
        return buffer.flip();
    }

    private ByteBuffer inflated(long from, int count) throws IOException {
        byte[] into = new byte[count];
        byte[] skipped = new byte[(int) Math.min(from, 1 << 16)];
        long left = from;
        int done = 0;
        long at = 0;
        Inflater inflater = new Inflater(true);
        try {
            while (done < count) {
                int got =
                        left > 0
                                ? inflater.inflate(skipped, 0, (int) Math.min(left, skipped.length))
                                : inflater.inflate(into, done, count - done);
                if (left > 0) {
                    left -= got;
                } else {
                    done += got;
                }
                if (got == 0) {
                    if (!inflater.needsInput() || at == packed) {
                        throw new BadWeights("deflated bytes end too early");
                    }
                    int some = (int) Math.min(packed - at, 1 << 16);
                    inflater.setInput(read(offset + at, some));
                    at += some;
                }
            }
            return ByteBuffer.wrap(into);
        } catch (DataFormatException e) {
            throw new BadWeights("deflated bytes are broken");
        } finally {
            inflater.end();
        }
    }
}
