// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.fer2013;

import java.io.BufferedInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/**
 * A CSV without quotes, plain or gzip, read line by line within bounds. At a row, its cells and the
 * words for what is odd in them.
 */
final class Table {
    // The originals have 35,887 rows of at most 9.3 kB, 301 MB in all. The bounds leave room for
    // more and end a file that never would: a gzip file of 1 MB can hold 1 GB of text.
    static final int MOST_ROWS = 100_000;
    static final int LONGEST_LINE = 64 * 1024;
    static final long MOST_BYTES = 1L << 30;

    /**
     * Which file it is.
     *
     * @param name as its owners call it
     * @param key the key that points to it
     * @param header its first line
     * @param line about how long a line is, for messages
     * @param size about how long the text is, for messages
     */
    record Kind(String name, String key, String header, String line, String size) {}

    /** Makes a row out of the line a table stands at. */
    interface Parser<T> {
        T row(Table at) throws IOException;
    }

    private final Kind kind;
    private final Path path;
    private final InputStream in;
    private final byte[] buffer = new byte[1 << 16];
    private int next;
    private int end;
    private long total;
    private final byte[] line = new byte[LONGEST_LINE];
    private int length;
    private long number;

    private Table(Kind kind, Path path, InputStream in) {
        this.kind = kind;
        this.path = path;
        this.in = in;
    }

    /**
     * Reads a file.
     *
     * @param path plain or gzip, told apart by the first two bytes
     * @param kind which file it is
     * @param parser what its rows are; the table is at the row only while it is called
     * @return the rows, at least one
     * @throws IOException in words: file, line, what was found, what was expected, what to do
     */
    static <T> List<T> read(Path path, Kind kind, Parser<T> parser) throws IOException {
        String who = "fer2013: " + path.toAbsolutePath();
        if (Files.isDirectory(path)) {
            throw new IOException(
                    who
                            + " is a folder; expected the file "
                            + kind.name
                            + ", plain or gzip. Set "
                            + kind.key
                            + " to the file itself.");
        }
        if (!Files.exists(path)) {
            throw new IOException(
                    who
                            + " does not exist; expected the file "
                            + kind.name
                            + ", plain or gzip. Set "
                            + kind.key
                            + " to where it lies.");
        }
        try (InputStream file = Files.newInputStream(path)) {
            BufferedInputStream start = new BufferedInputStream(file, 1 << 16);
            start.mark(2);
            boolean gzip = start.read() == 0x1f && start.read() == 0x8b;
            start.reset();
            if (!gzip) {
                return new Table(kind, path, start).rows(parser);
            }
            try (InputStream text = new GZIPInputStream(start, 1 << 16)) {
                return new Table(kind, path, text).rows(parser);
            }
        } catch (AccessDeniedException e) {
            throw new IOException(
                    who + " may not be read by this user. Change its permissions.", e);
        } catch (EOFException e) {
            throw new IOException(
                    who
                            + " ends in the middle of its gzip data; expected a whole file. Copy or"
                            + " download it again.",
                    e);
        } catch (ZipException e) {
            throw new IOException(
                    who
                            + " begins as gzip but cannot be unpacked ("
                            + e.getMessage()
                            + "). Copy or download it again.",
                    e);
        }
    }

    private <T> List<T> rows(Parser<T> parser) throws IOException {
        if (!readLine()) {
            throw new IOException(
                    "fer2013: "
                            + path.toAbsolutePath()
                            + " is empty; expected the header "
                            + kind.header
                            + " and a row for each face. Copy or download it again.");
        }
        String header = new String(line, 0, length, StandardCharsets.UTF_8);
        if (header.startsWith("\uFEFF")) {
            header = header.substring(1);
        }
        if (!header.equals(kind.header)) {
            throw odd(
                    "the header is '" + brief(header) + "'",
                    "'" + kind.header + "'",
                    "Point "
                            + kind.key
                            + " to the original "
                            + kind.name
                            + " or write this header above its rows.");
        }
        List<T> rows = new ArrayList<>();
        long blank = 0;
        while (readLine()) {
            if (length == 0) {
                blank = blank == 0 ? number : blank;
                continue;
            }
            if (blank > 0) {
                number = blank;
                throw odd("the line is empty", "a row", "Take the line out.");
            }
            if (rows.size() == MOST_ROWS) {
                throw odd(
                        "there are more than " + MOST_ROWS + " rows",
                        "about 35,887",
                        "Check that this is the file you meant.");
            }
            rows.add(parser.row(this));
        }
        if (rows.isEmpty()) {
            throw odd(
                    "nothing follows the header",
                    "a row for each face",
                    "Copy or download the file again.");
        }
        return rows;
    }

    /**
     * Where the cells of the line end.
     *
     * @return for cell i, {@code ends[i]} is the place of the comma after it; as many as the header
     *     has
     * @throws IOException when there are more or fewer
     */
    int[] ends() throws IOException {
        int wanted = kind.header.split(",").length;
        int[] ends = new int[wanted];
        int count = 0;
        for (int i = 0; i <= length; i++) {
            if (i == length || line[i] == ',') {
                if (count < wanted) {
                    ends[count] = i;
                }
                count++;
            }
        }
        if (count != wanted) {
            throw mend(count + (count == 1 ? " column" : " columns"), wanted + ", " + kind.header);
        }
        return ends;
    }

    /** A byte of the line. */
    byte at(int place) {
        return line[place];
    }

    /** A part of the line, shortened to what a message can bear. */
    String text(int from, int to) {
        // A character takes at most 4 bytes and 40 are shown.
        int shown = Math.min(to, from + 200);
        return brief(new String(line, from, shown - from, StandardCharsets.UTF_8));
    }

    /** An error in the row the table stands at. */
    IOException mend(String found, String expected) {
        return odd(found, expected, "Mend the row or take it out.");
    }

    /** As {@link #mend}, with what to do. */
    IOException odd(String found, String expected, String next) {
        return new IOException(
                "fer2013: "
                        + path.toAbsolutePath()
                        + " line "
                        + number
                        + ": "
                        + found
                        + "; expected "
                        + expected
                        + ". "
                        + next);
    }

    /** The next line without its end, in {@link #line}; false at the end of the file. */
    private boolean readLine() throws IOException {
        length = 0;
        number++;
        boolean any = false;
        while (true) {
            if (next == end) {
                next = 0;
                end = Math.max(0, in.read(buffer));
                total += end;
                if (total > MOST_BYTES) {
                    throw odd(
                            "the text is longer than " + (MOST_BYTES >> 30) + " GiB",
                            kind.size,
                            "Check that this is the file you meant.");
                }
                if (end == 0) {
                    break;
                }
            }
            any = true;
            byte b = buffer[next++];
            if (b == '\n') {
                break;
            }
            if (length == LONGEST_LINE) {
                throw odd(
                        "the line is longer than " + LONGEST_LINE + " bytes",
                        kind.line,
                        "Check that this is the file you meant.");
            }
            line[length++] = b;
        }
        if (length > 0 && line[length - 1] == '\r') {
            length--;
        }
        return any;
    }

    private static String brief(String text) {
        String shown = text.length() > 40 ? text.substring(0, 40) + "..." : text;
        return shown.replaceAll("\\p{Cntrl}", "?");
    }
}
