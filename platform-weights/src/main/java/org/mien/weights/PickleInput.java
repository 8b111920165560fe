// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * The bytes of pickles, one after the other, read in small pieces and counted. Long texts and bytes
 * are not read: they are stretches, and count nothing.
 */
final class PickleInput {
    /** All that is read of a file's pickles. */
    static final int MOST = 16 << 20;

    /** Shorter ones are read. */
    private static final int LONG = 1 << 12;

    private static final int LONGEST_LINE = 1 << 10;
    private static final int LONGEST_NUMBER = 64;

    private final Stretch from;
    private final long end;
    private final boolean cut;
    private long at;
    private long skipped;
    private ByteBuffer piece = ByteBuffer.allocate(0);

    PickleInput(Stretch from) throws BadWeights {
        // Deflated bytes are inflated from their beginning, so they are taken in one piece.
        this.cut = from.packed() && from.size() > MOST;
        this.end = cut ? MOST : from.size();
        if (from.packed()) {
            ByteBuffer all = from.bytes(0, end);
            this.from = new Stretch.Memory(all);
        } else {
            this.from = from;
        }
    }

    /** Bytes read or passed over. */
    long position() {
        return at - piece.remaining();
    }

    private ByteBuffer need(int count) throws BadWeights {
        if (piece.remaining() < count) {
            long position = position();
            if (position - skipped + count > MOST || cut && count > end - position) {
                throw new BadWeights("its pickle is longer than " + MOST + " bytes");
            }
            if (count > end - position) {
                throw new BadWeights("its pickle is cut after " + position + " bytes");
            }
            int some = (int) Math.min(Math.max(count, 1 << 14), end - position);
            piece = from.bytes(position, some).order(ByteOrder.LITTLE_ENDIAN);
            at = position + some;
        }
        return piece;
    }

    int u8() throws BadWeights {
        return need(1).get() & 0xff;
    }

    int u16() throws BadWeights {
        return need(2).getShort() & 0xffff;
    }

    int i32() throws BadWeights {
        return need(4).getInt();
    }

    long u32() throws BadWeights {
        return i32() & 0xffffffffL;
    }

    long i64() throws BadWeights {
        return need(8).getLong();
    }

    double bigEndianDouble() throws BadWeights {
        return Double.longBitsToDouble(Long.reverseBytes(i64()));
    }

    /** A length in front of text or bytes. */
    private long length(long claimed) throws BadWeights {
        if (claimed < 0 || claimed > end - position()) {
            throw new BadWeights(
                    "its pickle claims "
                            + Long.toUnsignedString(claimed)
                            + " bytes of text where "
                            + (end - position())
                            + " are left");
        }
        return claimed;
    }

    private byte[] read(int count) throws BadWeights {
        ByteBuffer some = need(count);
        byte[] bytes = new byte[count];
        some.get(bytes);
        return bytes;
    }

    private Stretch pass(long count) throws BadWeights {
        long begin = position();
        Stretch passed = from.part(begin, count);
        at = begin + count;
        piece = ByteBuffer.allocate(0);
        skipped += count;
        return passed;
    }

    /** Text in UTF-8: a String, or {@link Bytes} where it is long. */
    Object text(long claimed) throws BadWeights {
        long count = length(claimed);
        return count < LONG
                ? new String(read((int) count), StandardCharsets.UTF_8)
                : new Bytes(pass(count), true);
    }

    /** Python 2's bytes, which were its text, too: a String, or {@link Bytes} where it is long. */
    Object oldText(long claimed) throws BadWeights {
        long count = length(claimed);
        return count < LONG
                ? new String(read((int) count), StandardCharsets.ISO_8859_1)
                : new Bytes(pass(count), false);
    }

    /** Bytes. */
    Bytes bytes(long claimed) throws BadWeights {
        long count = length(claimed);
        return new Bytes(count < LONG ? Stretch.of(read((int) count)) : pass(count), false);
    }

    /** Text up to the end of its line. */
    String line() throws BadWeights {
        StringBuilder line = new StringBuilder();
        for (int next = u8(); next != '\n'; next = u8()) {
            if (line.length() == LONGEST_LINE) {
                throw new BadWeights("its pickle has a line of over " + LONGEST_LINE + " bytes");
            }
            line.append((char) next);
        }
        return line.toString();
    }

    /** A whole number as text: Long or BigInteger. */
    static Object number(String text) throws BadWeights {
        if (text.length() > LONGEST_NUMBER) {
            throw new BadWeights("its pickle has a number of " + text.length() + " digits");
        }
        return narrow(new BigInteger(text));
    }

    /** A whole number of so many bytes: Long or BigInteger. */
    Object number(long claimed) throws BadWeights {
        int bytes = (int) length(claimed);
        if (bytes > LONGEST_NUMBER) {
            throw new BadWeights("its pickle has a number of " + bytes + " bytes");
        }
        byte[] digits = read(bytes);
        byte[] reversed = new byte[bytes];
        for (int i = 0; i < bytes; i++) {
            reversed[i] = digits[bytes - 1 - i];
        }
        return narrow(bytes == 0 ? BigInteger.ZERO : new BigInteger(reversed));
    }

    private static Object narrow(BigInteger number) {
        return number.bitLength() < 64 ? (Object) number.longValue() : number;
    }
}
