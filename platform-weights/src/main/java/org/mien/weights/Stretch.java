// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import java.nio.ByteBuffer;

/** Bytes that lie somewhere: in a file, in memory, deflated. May be asked by several threads. */
interface Stretch {
    /** The most that one call gives. */
    int MOST = 1 << 29;

    /** How many they are. */
    long size();

    /**
     * Some of them; those of a mapped file are not copied.
     *
     * @param from first one
     * @param count how many, at most {@link #MOST}
     * @return a buffer of its own at its beginning, the first byte of a number the most significant
     */
    ByteBuffer bytes(long from, long count) throws BadWeights;

    /** Whether each call reads from the beginning on, so that it is better made once. */
    default boolean packed() {
        return false;
    }

    /** Refuses a file that was cut since it was opened: its pages are no more. */
    default void intact() throws BadWeights {}

    /** A part of it, within it. */
    default Stretch part(long from, long count) throws BadWeights {
        within(from, count, size());
        return from == 0 && count == size() ? this : new Part(this, from, count);
    }

    /** Refuses what is not there. */
    static void within(long from, long count, long size) throws BadWeights {
        if (from < 0 || count < 0 || from > size - count) {
            throw new BadWeights(
                    "bytes " + from + " to " + (from + count) + " of " + size + " were asked for");
        }
    }

    /** Refuses what is not there, or too much at once. */
    static void some(long from, long count, long size) throws BadWeights {
        within(from, count, size);
        if (count > MOST) {
            throw new BadWeights(count + " bytes were asked for at once; the most are " + MOST);
        }
    }

    /** Bytes in memory. */
    static Stretch of(byte[] bytes) {
        return new Memory(ByteBuffer.wrap(bytes).asReadOnlyBuffer());
    }

    /**
     * A part.
     *
     * @param whole what it is of
     * @param offset its first byte there
     * @param size its bytes
     */
    record Part(Stretch whole, long offset, long size) implements Stretch {
        @Override
        public ByteBuffer bytes(long from, long count) throws BadWeights {
            within(from, count, size);
            return whole.bytes(offset + from, count);
        }

        @Override
        public boolean packed() {
            return whole.packed();
        }

        @Override
        public void intact() throws BadWeights {
            whole.intact();
        }

        @Override
        public Stretch part(long from, long count) throws BadWeights {
            within(from, count, size);
            return new Part(whole, offset + from, count);
        }
    }

    /**
     * In memory.
     *
     * @param all the bytes
     */
    record Memory(ByteBuffer all) implements Stretch {
        @Override
        public long size() {
            return all.capacity();
        }

        @Override
        public ByteBuffer bytes(long from, long count) throws BadWeights {
            some(from, count, size());
            return all.slice((int) from, (int) count);
        }
    }
}
