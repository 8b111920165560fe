// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import java.nio.ByteBuffer;

/**
 * Bytes of a pickle that nobody has looked at: those of an array of NumPy, or a long text.
 *
 * @param stretch where they lie
 * @param text whether each byte from 128 on lies there as two, as UTF-8: Python's older protocols
 *     have no bytes, and write their text in Latin-1
 */
record Bytes(Stretch stretch, boolean text) {
    private static final int MOST_TEXT = 256 << 20;

    /** The bytes themselves. */
    Stretch plain() throws BadWeights {
        return text ? new Latin(stretch, characters()) : stretch;
    }

    private long characters() throws BadWeights {
        long count = 0;
        long size = stretch.size();
        for (long at = 0; at < size; ) {
            ByteBuffer some = stretch.bytes(at, Math.min(size - at, 1 << 16));
            at += some.remaining();
            while (some.hasRemaining()) {
                count += (some.get() & 0xc0) == 0x80 ? 0 : 1;
            }
        }
        return count;
    }

    /**
     * Bytes of a text.
     *
     * @param utf8 as they lie
     * @param size how many they are
     */
    private record Latin(Stretch utf8, long size) implements Stretch {
        @Override
        public boolean packed() {
            return true;
        }

        @Override
        public void intact() throws BadWeights {
            utf8.intact();
        }

        @Override
        public ByteBuffer bytes(long from, long count) throws BadWeights {
            Stretch.some(from, count, size);
            if (from + count > MOST_TEXT) {
                throw new BadWeights(
                        "an array of NumPy lies as text and has over "
                                + MOST_TEXT
                                + " bytes; save it with a newer protocol of pickle");
            }
            byte[] into = new byte[(int) count];
            long character = -1;
            int lead = 0;
            for (long at = 0; at < utf8.size() && character < from + count; ) {
                ByteBuffer some = utf8.bytes(at, Math.min(utf8.size() - at, 1 << 16));
                at += some.remaining();
                while (some.hasRemaining()) {
                    int next = some.get() & 0xff;
                    boolean second = (next & 0xc0) == 0x80;
                    if (second != (lead != 0) || next > 0xc3) {
                        throw new BadWeights("an array of NumPy lies in text that is not Latin-1");
                    }
                    int value = second ? (lead & 3) << 6 | next & 0x3f : next;
                    character += second ? 0 : 1;
                    lead = !second && next >= 0xc0 ? next : 0;
                    if (lead == 0 && character >= from && character < from + count) {
                        into[(int) (character - from)] = (byte) value;
                    }
                }
            }
            return ByteBuffer.wrap(into);
        }
    }
}
