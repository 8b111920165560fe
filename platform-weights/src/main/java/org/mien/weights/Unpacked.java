// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * Packed bytes that are read more than once, made once: in memory where they are few, else in a
 * file in the folder for temporary ones that is gone from there as soon as it is mapped.
 */
final class Unpacked {
    /** The most that is unpacked. */
    private static final long MOST = 16L << 30;

    /** What is left free for others. */
    private static final long FREE = 256L << 20;

    private static final int PIECE = 1 << 16;

    private interface Writer {
        void to(OutputStream out) throws IOException;
    }

    private Unpacked() {}

    /** What a gzip file holds. */
    static Stretch gzip(Stretch packed) throws BadWeights {
        return unpacked(
                out -> {
                    try (InputStream in = new GZIPInputStream(new Reading(packed), PIECE)) {
                        in.transferTo(out);
                    } catch (ZipException | EOFException e) {
                        throw new BadWeights(
                                "it is a gzip file that is broken or was cut ("
                                        + e.getMessage()
                                        + ")");
                    }
                });
    }

    /** A stretch that need not be unpacked again for each of its parts. */
    static Stretch entry(Stretch one) throws BadWeights {
        if (!one.packed()) {
            return one;
        }
        if (one.size() < FileBytes.MAPPED) {
            return new Stretch.Memory(one.bytes(0, one.size()));
        }
        if (!(one instanceof Deflated deflated)) {
            throw new IllegalStateException("packed twice");
        }
        Stretch all =
                unpacked(
                        out ->
                                Deflated.inflate(
                                        deflated.packedBytes(),
                                        (piece, count) -> {
                                            write(out, piece, count);
                                            return true;
                                        }));
        if (all.size() != one.size()) {
            throw new BadWeights(
                    "it unpacks to "
                            + all.size()
                            + " bytes, and says "
                            + one.size()
                            + "; it is broken");
        }
        return all;
    }

    private static void write(OutputStream out, byte[] piece, int count) throws BadWeights {
        try {
            out.write(piece, 0, count);
        } catch (BadWeights e) {
            throw e;
        } catch (IOException e) {
            throw new BadWeights("it cannot be unpacked: " + BadWeights.reason(e));
        }
    }

    private static Stretch unpacked(Writer writer) throws BadWeights {
        Path file = null;
        try {
            file = Files.createTempFile("mien-weights-", ".tmp");
            long room = Files.getFileStore(file).getUsableSpace() - FREE;
            try (OutputStream out =
                    new Bounded(Files.newOutputStream(file), Math.min(MOST, room))) {
                writer.to(out);
            }
            FileBytes all = FileBytes.open(file);
            all.close(); // what is mapped stays
            return all;
        } catch (BadWeights e) {
            throw e;
        } catch (IOException e) {
            throw new BadWeights("it cannot be unpacked: " + BadWeights.reason(e));
        } finally {
            delete(file);
        }
    }

    private static void delete(Path file) {
        try {
            if (file != null) {
                Files.deleteIfExists(file);
            }
        } catch (IOException e) {
            file.toFile().deleteOnExit();
        }
    }

    /** Writes so much and no more. */
    private static final class Bounded extends OutputStream {
        private final OutputStream out;
        private final long most;
        private long written;

        Bounded(OutputStream out, long most) {
            this.out = out;
            this.most = most;
        }

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int count) throws IOException {
            written += count;
            if (written > most) {
                throw new BadWeights(
                        "it unpacks to over "
                                + most
                                + " bytes, which is more than is allowed or than there is room for"
                                + " in "
                                + System.getProperty("java.io.tmpdir")
                                + "; unpack it yourself");
            }
            out.write(bytes, from, count);
        }

        @Override
        public void close() throws IOException {
            out.close();
        }
    }

    /** A stretch as a stream. */
    private static final class Reading extends InputStream {
        private final Stretch from;
        private long at;

        Reading(Stretch from) {
            this.from = from;
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] into, int offset, int count) throws IOException {
            int some = (int) Math.min(count, from.size() - at);
            if (some <= 0) {
                return count == 0 ? 0 : -1;
            }
            ByteBuffer bytes = from.bytes(at, some);
            bytes.get(into, offset, some);
            at += some;
            return some;
        }

        @Override
        public int available() {
            return (int) Math.min(Integer.MAX_VALUE, from.size() - at);
        }
    }
}
