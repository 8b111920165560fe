// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.io;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A file of keys, {@code key = value} on lines, as people and editors write it: in UTF-8, with a
 * byte order mark or without, or in UTF-16 with one; with any end of line. It is read like the
 * files of Java's properties, but for what those do in silence: a key that stands twice and a
 * comment behind a value are refused, blanks at a line's end do not count, and a backslash that
 * begins no escape stays, as in {@code /(S\d+)/} and {@code C:\new}.
 */
public final class KeyFile {
    /** The largest file. */
    public static final int MOST_BYTES = 1 << 16;

    /** Blanks that no value begins or ends with; editors and web pages leave the odd ones. */
    private static final String BLANK = "[\\s\u00a0\u2007\u202f\ufeff\u200b]";

    private static final Pattern ENDS = Pattern.compile("^" + BLANK + "+|" + BLANK + "+$");
    private static final Pattern COMMENT = Pattern.compile("\\s(#(?=[\\s#\\p{L}]|$).*)$");
    private static final Pattern PAIR =
            Pattern.compile("((?:[^\\\\=:\\s]|\\\\.)+)(?:\\s*[=:]|\\s)(.*)");

    /** What Java's writers escape, and a character by its number. */
    private static final Pattern ESCAPE = Pattern.compile("\\\\(u[0-9A-Fa-f]{4}|[\\\\ =:#!\"])");

    private final Map<String, String> values = new LinkedHashMap<>();
    private final Map<String, Integer> lines = new LinkedHashMap<>();

    private KeyFile() {}

    /**
     * Reads a file.
     *
     * @return its keys in their order
     * @throws IllegalArgumentException for the first thing that is wrong, with its line
     * @throws IOException when it cannot be read
     */
    public static Map<String, String> read(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return parse(in.readNBytes(MOST_BYTES + 1));
        }
    }

    /**
     * Reads the content of a file.
     *
     * @return its keys in their order
     * @throws IllegalArgumentException for the first thing that is wrong, with its line
     */
    public static Map<String, String> parse(byte[] content) {
        if (content.length > MOST_BYTES) {
            throw new IllegalArgumentException("it is larger than " + MOST_BYTES + " bytes");
        }
        KeyFile file = new KeyFile();
        file.lines(List.of(text(content).split("\r\n|\r|\n", -1)));
        return Collections.unmodifiableMap(file.values);
    }

    private static String text(byte[] content) {
        int first = content.length > 0 ? content[0] & 255 : 0;
        int second = content.length > 1 ? content[1] & 255 : 0;
        boolean little = first == 0xFF && second == 0xFE;
        boolean big = first == 0xFE && second == 0xFF;
        if (!little && !big) {
            for (byte one : content) {
                if (one == 0) {
                    throw new IllegalArgumentException(
                            "it has zero bytes: it is no text, or UTF-16 without a byte order mark."
                                    + " Save it in UTF-8");
                }
            }
        }
        Charset charset =
                little
                        ? StandardCharsets.UTF_16LE
                        : big ? StandardCharsets.UTF_16BE : StandardCharsets.UTF_8;
        try {
            String text = charset.newDecoder().decode(ByteBuffer.wrap(content)).toString();
            return text.startsWith("\ufeff") ? text.substring(1) : text;
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(
                    "line "
                            + line(content)
                            + " is not text in UTF-8, but in an older encoding. Save the file in"
                            + " UTF-8");
        }
    }

    /** The first line that is not in UTF-8. */
    private static int line(byte[] content) {
        int line = 1;
        int from = 0;
        for (int i = 0; i <= content.length; i++) {
            if (i == content.length || content[i] == '\n') {
                try {
                    StandardCharsets.UTF_8
                            .newDecoder()
                            .decode(ByteBuffer.wrap(content, from, i - from));
                } catch (CharacterCodingException e) {
                    return line;
                }
                from = i + 1;
                line++;
            }
        }
        return line;
    }

    private void lines(List<String> all) {
        for (int i = 0; i < all.size(); i++) {
            String line = strip(all.get(i));
            if (line.isEmpty() || line.startsWith("#") || line.startsWith("!")) {
                continue;
            }
            int number = i + 1;
            while (goesOn(line) && i + 1 < all.size()) {
                i++;
                line = line.substring(0, line.length() - 1) + strip(all.get(i));
            }
            line(number, goesOn(line) ? strip(line.substring(0, line.length() - 1)) : line);
        }
    }

    /** Whether the next line belongs to it: an odd number of backslashes at its end. */
    private static boolean goesOn(String line) {
        int count = 0;
        while (count < line.length() && line.charAt(line.length() - 1 - count) == '\\') {
            count++;
        }
        return count % 2 == 1;
    }

    private void line(int number, String line) {
        Matcher pair = PAIR.matcher(line + " ");
        if (!pair.matches()) {
            throw new IllegalArgumentException(
                    "line " + number + ", '" + line + "', is no key with its value: key = value");
        }
        String key = plain(pair.group(1));
        String rest = strip(pair.group(2));
        Matcher comment = COMMENT.matcher(" " + rest);
        if (comment.find()) {
            throw new IllegalArgumentException(
                    "line "
                            + number
                            + ": the value of '"
                            + key
                            + "' would have '"
                            + comment.group(1)
                            + "' in it. A comment stands on a line of its own; where it is none,"
                            + " write \\#");
        }
        Integer before = lines.putIfAbsent(key, number);
        if (before != null) {
            throw new IllegalArgumentException(
                    "the key '"
                            + key
                            + "' stands in it twice, in line "
                            + before
                            + " and in line "
                            + number);
        }
        values.put(key, plain(rest));
    }

    private static String plain(String text) {
        return ESCAPE.matcher(text)
                .replaceAll(
                        found -> {
                            String what = found.group(1);
                            String one =
                                    what.startsWith("u")
                                            ? Character.toString(
                                                    (char) Integer.parseInt(what.substring(1), 16))
                                            : what;
                            return Matcher.quoteReplacement(one);
                        });
    }

    private static String strip(String text) {
        return ENDS.matcher(text).replaceAll("");
    }

    /**
     * A value as it is written, so that it is read as it was, here and by Karaf.
     *
     * @throws IllegalArgumentException for control characters, which no line can have
     */
    public static String written(String value) {
        if (value.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("it can have no control characters");
        }
        return value.replace("\\", "\\\\").replaceAll("(?<=^|\\s)#", "\\\\#");
    }
}
