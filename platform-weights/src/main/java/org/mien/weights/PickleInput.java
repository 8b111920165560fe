// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** The bytes of pickles, one after the other, read in small pieces and counted. */
final class PickleInput {
    /** All pickles of a file together. */
    static final int MOST = 16 << 20;

    private static final int LONGEST_LINE = 1 << 10;

    private final Stretch from;
    private final long most;
    private long at;
    private ByteBuffer piece = ByteBuffer.allocate(0);

    PickleInput(Stretch from) throws BadWeights {
        // Deflated bytes are inflated from their beginning, so they are taken in one piece.
        this.most = Math.min(from.size(), MOST);
        this.from = from;
        if (from.deflated()) {
            piece = from.bytes(0, most).order(ByteOrder.LITTLE_ENDIAN);
            at = most;
        }
    }

    /** Bytes read. */
    long position() {
        return at - piece.remaining();
    }

    private ByteBuffer need(int count) throws BadWeights {
        if (piece.remaining() < count) {
            long position = position();
            if (count > most - position) {
                throw new BadWeights(
                        from.size() > MOST && position + count > MOST
                                ? "its pickle is longer than " + MOST + " bytes"
                                : "its pickle is cut after " + position + " bytes");
            }
            int some = (int) Math.min(Math.max(count, 1 << 16), most - position);
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

    long i64() throws BadWeights {
        return need(8).getLong();
    }

    double bigEndianDouble() throws BadWeights {
        return Double.longBitsToDouble(Long.reverseBytes(i64()));
    }

    /** A length in front of text or bytes. */
    int length(long claimed) throws BadWeights {
        if (claimed < 0 || claimed > most - position()) {
            throw new BadWeights(
                    "its pickle claims "
                            + Long.toUnsignedString(claimed)
                            + " bytes of text where "
                            + (most - position())
                            + " are left");
        }
        return (int) claimed;
    }

    byte[] bytes(int count) throws BadWeights {
        ByteBuffer some = need(count);
        byte[] bytes = new byte[count];
        some.get(bytes);
        return bytes;
    }

    String text(int count) throws BadWeights {
        return new String(bytes(count), StandardCharsets.UTF_8);
    }

    void skip(int count) throws BadWeights {
        ByteBuffer some = need(count);
        some.position(some.position() + count);
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
}
