// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;

/** The files of a tar file (POSIX ustar, with GNU's and PAX's long names). */
final class Tar {
    private static final int BLOCK = 512;
    private static final int MOST_ENTRIES = 100_000;
    private static final int LONGEST_NAME = 4096;

    private Tar() {}

    /** Whether a file begins as one. */
    static boolean fits(ByteBuffer head) {
        if (head.remaining() < 262) {
            return false;
        }
        byte[] magic = new byte[5];
        head.get(257, magic);
        return new String(magic, StandardCharsets.ISO_8859_1).equals("ustar");
    }

    /** Name to bytes, in the order of the file. */
    static Map<String, Stretch> entries(Stretch file) throws BadWeights {
        Map<String, Stretch> entries = new LinkedHashMap<>();
        String longName = null;
        for (long at = 0; at + BLOCK <= file.size(); ) {
            ByteBuffer head = file.bytes(at, BLOCK);
            if (head.get(0) == 0) {
                return entries;
            }
            long size = number(head, 124, 12);
            if (size < 0 || size > file.size() - at - BLOCK) {
                throw new BadWeights(
                        "it is a tar file whose entry '"
                                + Shown.shorten(text(head, 0, 100))
                                + "' claims "
                                + size
                                + " bytes; it was cut, or is broken");
            }
            Stretch content = file.part(at + BLOCK, size);
            char type = (char) head.get(156);
            if (type == 'L' || type == 'x') {
                longName = longName(content, type);
            } else {
                String prefix = text(head, 345, 155);
                String name = text(head, 0, 100);
                String shown = prefix.isEmpty() ? name : prefix + "/" + name;
                if (type == '0' || type == 0) {
                    entries.put(longName == null ? shown : longName, content);
                }
                longName = null;
            }
            if (entries.size() > MOST_ENTRIES) {
                throw new BadWeights("it is a tar file of over " + MOST_ENTRIES + " files");
            }
            at += BLOCK + (size + BLOCK - 1) / BLOCK * BLOCK;
        }
        return entries;
    }

    private static String longName(Stretch content, char type) throws BadWeights {
        if (content.size() > LONGEST_NAME) {
            return null;
        }
        String text = StandardCharsets.UTF_8.decode(content.bytes(0, content.size())).toString();
        if (type == 'L') {
            return text.replace("\0", "");
        }
        for (String line : text.split("\n")) {
            int begin = line.indexOf(" path=");
            if (begin > 0) {
                return line.substring(begin + " path=".length());
            }
        }
        return null;
    }

    private static String text(ByteBuffer head, int at, int count) {
        byte[] bytes = new byte[count];
        head.get(at, bytes);
        int end = 0;
        while (end < count && bytes[end] != 0) {
            end++;
        }
        return new String(bytes, 0, end, StandardCharsets.UTF_8);
    }

    /** Octal digits; where the first bit is set, bytes. */
    private static long number(ByteBuffer head, int at, int count) {
        if (head.get(at) < 0) {
            return head.getLong(at + count - 8);
        }
        String digits = text(head, at, count).strip();
        try {
            return digits.isEmpty() ? 0 : Long.parseLong(digits, 8);
        } catch (NumberFormatException e) {
            return -1;
        }
    }
}
