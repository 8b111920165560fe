// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import java.nio.ByteBuffer;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * Deflated bytes, inflated when they are asked for.
 *
 * @param packedBytes as they lie
 * @param size bytes after inflating
 */
record Deflated(Stretch packedBytes, long size) implements Stretch {
    private static final int PIECE = 1 << 16;

    /** Takes inflated bytes, one piece after the other. */
    interface Taker {
        /**
         * Takes a piece.
         *
         * @return whether more is wanted
         */
        boolean take(byte[] piece, int count) throws BadWeights;
    }

    @Override
    public boolean packed() {
        return true;
    }

    @Override
    public void intact() throws BadWeights {
        packedBytes.intact();
    }

    @Override
    public ByteBuffer bytes(long from, long count) throws BadWeights {
        Stretch.some(from, count, size);
        byte[] into = new byte[(int) count];
        long[] at = {0};
        inflate(
                packedBytes,
                (piece, some) -> {
                    long begin = Math.max(from, at[0]);
                    long end = Math.min(from + count, at[0] + some);
                    if (begin < end) {
                        System.arraycopy(
                                piece,
                                (int) (begin - at[0]),
                                into,
                                (int) (begin - from),
                                (int) (end - begin));
                    }
                    at[0] += some;
                    return at[0] < from + count;
                });
        if (at[0] < from + count) {
            throw new BadWeights("deflated bytes end too early");
        }
        return ByteBuffer.wrap(into);
    }

    /** Inflates to the end of the deflated data, or until no more is wanted. */
    static void inflate(Stretch packed, Taker taker) throws BadWeights {
        byte[] piece = new byte[PIECE];
        Inflater inflater = new Inflater(true);
        try {
            long at = 0;
            boolean wanted = true;
            while (wanted && !inflater.finished()) {
                int got = inflater.inflate(piece);
                if (got > 0) {
                    wanted = taker.take(piece, got);
                } else if (inflater.finished()) {
                    return;
                } else if (!inflater.needsInput() || at == packed.size()) {
                    throw new BadWeights("deflated bytes end too early");
                } else {
                    int some = (int) Math.min(packed.size() - at, PIECE);
                    inflater.setInput(packed.bytes(at, some));
                    at += some;
                }
            }
        } catch (DataFormatException e) {
            throw new BadWeights("deflated bytes are broken");
        } finally {
            inflater.end();
        }
    }
}
