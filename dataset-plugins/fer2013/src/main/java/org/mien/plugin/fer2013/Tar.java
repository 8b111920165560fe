// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.fer2013;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The files in a tar (POSIX 1003.1, ustar, with the long names of GNU and pax), one after the
 * other. Only what is read of it counts: no owner, no link, no place on a disk.
 */
final class Tar {
    private static final int BLOCK = 512;

    /** Longest name that is taken; a longer one is cut, which a message can bear. */
    private static final int LONGEST_NAME = 4096;

    /** A file of the tar, to be read before the next one is asked for. */
    record Member(String name, InputStream in) {}

    private final InputStream in;
    private long left;
    private long padding;

    Tar(InputStream in) {
        this.in = in;
    }

    /** The next file, or null at the end. */
    Member next() throws IOException {
        String longName = null;
        while (true) {
            pass(left + padding);
            byte[] header = in.readNBytes(BLOCK);
            if (header.length == 0 || isEnd(header)) {
                return null;
            }
            if (header.length < BLOCK) {
                throw new EOFException("a header of its tar is cut");
            }
            left = size(header);
            padding = (BLOCK - left % BLOCK) % BLOCK;
            char type = (char) header[156];
            if (type == 'L') {
                longName = text(in.readNBytes(take()), LONGEST_NAME);
            } else if (type == 'x') {
                longName = path(text(in.readNBytes(take()), LONGEST_NAME), longName);
            } else if (type == '0' || type == 0) {
                String name = longName == null ? name(header) : longName;
                return new Member(name, new Inside());
            } else if (type != 'g') {
                longName = null; // a folder or a link: its long name was its own
            }
        }
    }

    /** Bytes of a name; the rest of the entry is passed over. */
    private int take() {
        int taken = (int) Math.min(left, LONGEST_NAME);
        left -= taken;
        return taken;
    }

    private void pass(long bytes) throws IOException {
        in.skipNBytes(bytes);
        left = 0;
        padding = 0;
    }

    private static boolean isEnd(byte[] header) {
        for (byte b : header) {
            if (b != 0) {
                return false;
            }
        }
        return true;
    }

    /** Octal digits, or where they do not suffice a number of 8 bytes behind a set bit. */
    private static long size(byte[] header) throws IOException {
        long size = 0;
        if ((header[124] & 0x80) != 0) {
            for (int i = 128; i < 136; i++) {
                size = size << 8 | header[i] & 0xff;
            }
        } else {
            for (int i = 124; i < 136; i++) {
                if (header[i] >= '0' && header[i] <= '7') {
                    size = size << 3 | header[i] - '0';
                }
            }
        }
        if (size < 0 || size > Long.MAX_VALUE - BLOCK) {
            throw new EOFException("a size in its tar is damaged");
        }
        return size;
    }

    private static String name(byte[] header) {
        String name = text(Arrays.copyOf(header, 100), 100);
        String before = text(Arrays.copyOfRange(header, 345, 500), 155);
        return before.isEmpty() || header[257] != 'u' ? name : before + "/" + name;
    }

    private static String text(byte[] bytes, int most) {
        int length = 0;
        while (length < Math.min(bytes.length, most) && bytes[length] != 0) {
            length++;
        }
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    /** The path of a pax header, whose records are {@code LENGTH KEY=VALUE} with a line end. */
    private static String path(String records, String otherwise) {
        for (String record : records.split("\n")) {
            int key = record.indexOf(" path=");
            if (key >= 0) {
                return record.substring(key + 6);
            }
        }
        return otherwise;
    }

    /** The bytes of the file at hand. */
    private final class Inside extends InputStream {
        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] to, int at, int length) throws IOException {
            if (left == 0 || length == 0) {
                return length == 0 ? 0 : -1;
            }
            int read = in.read(to, at, (int) Math.min(left, length));
            if (read < 0) {
                throw new EOFException("its tar is cut");
            }
            left -= read;
            return read;
        }
    }
}
