// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.fer2013;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.Reader;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/**
 * Text as UTF-8 without a mark at its beginning, whether it was that or UTF-16, as Excel and
 * Notepad write it.
 */
final class Utf8 {
    private Utf8() {}

    /**
     * Looks at the first bytes.
     *
     * @param in text
     * @return the same text
     */
    static InputStream of(BufferedInputStream in) throws IOException {
        in.mark(8);
        byte[] start = in.readNBytes(4);
        in.reset();
        if (start.length >= 3 && start[0] == (byte) 0xef && start[1] == (byte) 0xbb) {
            in.skipNBytes(3);
            return in;
        }
        if (start.length < 4) {
            return in;
        }
        boolean little = start[0] == (byte) 0xff && start[1] == (byte) 0xfe;
        boolean big = start[0] == (byte) 0xfe && start[1] == (byte) 0xff;
        if (little || big) {
            in.skipNBytes(2);
        } else {
            // Without a mark: of letters of a header every second byte is zero.
            little = start[1] == 0 && start[3] == 0 && start[0] != 0;
            big = start[0] == 0 && start[2] == 0 && start[1] != 0;
        }
        if (!little && !big) {
            return in;
        }
        Charset charset = little ? StandardCharsets.UTF_16LE : StandardCharsets.UTF_16BE;
        return new Again(new InputStreamReader(in, charset));
    }

    /** Encodes characters. */
    private static final class Again extends InputStream {
        private final Reader reader;
        private final char[] characters = new char[8192];
        private byte[] bytes = {};
        private int at;

        Again(Reader reader) {
            this.reader = reader;
        }

        private boolean isOver() throws IOException {
            if (at < bytes.length) {
                return false;
            }
            int read = reader.read(characters, 1, characters.length - 1);
            if (read < 0) {
                return true;
            }
            int from = 1;
            int to = 1 + read;
            if (Character.isHighSurrogate(characters[to - 1])) {
                int second = reader.read();
                if (second >= 0) {
                    // There is room in front.
                    System.arraycopy(characters, 1, characters, 0, read);
                    characters[read] = (char) second;
                    from = 0;
                    to = read + 1;
                }
            }
            bytes = new String(characters, from, to - from).getBytes(StandardCharsets.UTF_8);
            at = 0;
            return false;
        }

        @Override
        public int read() throws IOException {
            return isOver() ? -1 : bytes[at++] & 0xff;
        }

        @Override
        public int read(byte[] to, int place, int length) throws IOException {
            if (isOver()) {
                return -1;
            }
            int count = Math.min(length, bytes.length - at);
            System.arraycopy(bytes, at, to, place, count);
            at += count;
            return count;
        }
    }
}
