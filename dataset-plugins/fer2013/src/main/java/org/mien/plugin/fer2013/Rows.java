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
import java.util.Arrays;
import java.util.List;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;

/** The rows of the CSV, checked, their pixels as bytes (2,304 each; 83 MB for the whole set). */
final class Rows {
    /** Width and height of a picture in pixels. */
    static final int SIDE = 48;

    // The original has 35,887 rows of at most 9.3 kB, 301 MB in all. The bounds leave room for
    // more and end a file that never would: a gzip file of 1 MB can hold 1 GB of text.
    static final int MOST_ROWS = 100_000;
    static final int LONGEST_LINE = 64 * 1024;
    static final long MOST_BYTES = 1L << 30;

    private static final int PIXELS = SIDE * SIDE;
    private static final String HEADER = "emotion,pixels,Usage";

    /** The third column. */
    enum Usage {
        TRAINING("Training"),
        PUBLIC("PublicTest"),
        PRIVATE("PrivateTest");

        final String text;

        Usage(String text) {
            this.text = text;
        }
    }

    private record Row(byte label, Usage usage, byte[] pixels) {}

    private final List<Row> rows;

    private Rows(List<Row> rows) {
        this.rows = rows;
    }

    int size() {
        return rows.size();
    }

    int label(int row) {
        return rows.get(row).label;
    }

    Usage usage(int row) {
        return rows.get(row).usage;
    }

    /** Grey values, row by row; not a copy. */
    byte[] pixels(int row) {
        return rows.get(row).pixels;
    }

    /**
     * Reads the file.
     *
     * @param path plain or gzip, told apart by the first two bytes
     * @return its rows
     * @throws IOException in words: file, line, what was found, what was expected, what to do
     */
    static Rows read(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            throw new IOException(
                    "fer2013: "
                            + path.toAbsolutePath()
                            + " is a folder; expected the file fer2013.csv, plain or gzip. Set path"
                            + " to the file itself.");
        }
        if (!Files.exists(path)) {
            throw new IOException(
                    "fer2013: "
                            + path.toAbsolutePath()
                            + " does not exist; expected the file fer2013.csv, plain or gzip. Set"
                            + " path to where it lies.");
        }
        try (InputStream file = Files.newInputStream(path)) {
            BufferedInputStream start = new BufferedInputStream(file, 1 << 16);
            start.mark(2);
            boolean gzip = start.read() == 0x1f && start.read() == 0x8b;
            start.reset();
            if (!gzip) {
                return new Reader(path, start).rows();
            }
            try (InputStream text = new GZIPInputStream(start, 1 << 16)) {
                return new Reader(path, text).rows();
            }
        } catch (AccessDeniedException e) {
            throw new IOException(
                    "fer2013: "
                            + path.toAbsolutePath()
                            + " may not be read by this user. Change its permissions.",
                    e);
        } catch (EOFException e) {
            throw new IOException(
                    "fer2013: "
                            + path.toAbsolutePath()
                            + " ends in the middle of its gzip data; expected a whole file. Copy or"
                            + " download it again.",
                    e);
        } catch (ZipException e) {
            throw new IOException(
                    "fer2013: "
                            + path.toAbsolutePath()
                            + " begins as gzip but cannot be unpacked ("
                            + e.getMessage()
                            + "). Copy or download it again.",
                    e);
        }
    }

    private static final class Reader {
        private final Path path;
        private final InputStream in;
        private final byte[] buffer = new byte[1 << 16];
        private int next;
        private int end;
        private long total;
        private final byte[] line = new byte[LONGEST_LINE];
        private int length;
        private long number;

        Reader(Path path, InputStream in) {
            this.path = path;
            this.in = in;
        }

        Rows rows() throws IOException {
            if (!readLine()) {
                throw new IOException(
                        "fer2013: "
                                + path.toAbsolutePath()
                                + " is empty; expected the header "
                                + HEADER
                                + " and a row for each face. Copy or download it again.");
            }
            String header = new String(line, 0, length, StandardCharsets.UTF_8);
            if (header.startsWith("\uFEFF")) {
                header = header.substring(1);
            }
            if (!header.equals(HEADER)) {
                throw odd(
                        "the header is '" + brief(header) + "'",
                        "'" + HEADER + "'",
                        "Point path to the original fer2013.csv or write this header above its"
                                + " rows.");
            }
            List<Row> rows = new ArrayList<>();
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
                rows.add(row());
            }
            if (rows.isEmpty()) {
                throw odd(
                        "nothing follows the header",
                        "a row for each face",
                        "Copy or download the file again.");
            }
            return new Rows(rows);
        }

        private Row row() throws IOException {
            int first = comma(0);
            int second = first < 0 ? -1 : comma(first + 1);
            if (second < 0 || comma(second + 1) >= 0) {
                int columns = 1;
                for (int at = comma(0); at >= 0; at = comma(at + 1)) {
                    columns++;
                }
                throw odd(
                        columns + (columns == 1 ? " column" : " columns"),
                        "3, " + HEADER,
                        "Mend the row or take it out.");
            }
            int label = first == 1 ? line[0] - '0' : -1;
            if (label < 0 || label >= Fer2013Dataset.LABELS.size()) {
                throw odd(
                        "the emotion is '" + text(0, first) + "'",
                        "0 to 6 (angry, disgust, fear, happy, sad, surprise, neutral)",
                        "Mend the row or take it out.");
            }
            String name = text(second + 1, length);
            Usage usage =
                    Arrays.stream(Usage.values())
                            .filter(u -> u.text.equals(name))
                            .findFirst()
                            .orElse(null);
            if (usage == null) {
                throw odd(
                        "the Usage is '" + name + "'",
                        "Training, PublicTest or PrivateTest",
                        "Mend the row or take it out.");
            }
            return new Row((byte) label, usage, pixels(first + 1, second));
        }

        private byte[] pixels(int from, int to) throws IOException {
            byte[] pixels = new byte[PIXELS];
            int count = 0;
            int at = from;
            while (at < to) {
                if (line[at] == ' ') {
                    at++;
                    continue;
                }
                int start = at;
                int value = 0;
                while (at < to && line[at] != ' ') {
                    int digit = line[at] - '0';
                    // 256 stands for all that is no grey value, longer numbers included.
                    value = digit < 0 || digit > 9 ? 256 : Math.min(256, value * 10 + digit);
                    if (value == 256) {
                        while (at < to && line[at] != ' ') {
                            at++;
                        }
                        throw odd(
                                "pixel " + (count + 1) + " is '" + text(start, at) + "'",
                                "a grey value from 0 to 255",
                                "Mend the row or take it out.");
                    }
                    at++;
                }
                if (count < PIXELS) {
                    pixels[count] = (byte) value;
                }
                count++;
            }
            if (count != PIXELS) {
                throw odd(count + " pixels", PIXELS + " (48 x 48)", "Mend the row or take it out.");
            }
            return pixels;
        }

        private int comma(int from) {
            for (int i = from; i < length; i++) {
                if (line[i] == ',') {
                    return i;
                }
            }
            return -1;
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
                                "about 0.3 GB",
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
                            "at most 9,300",
                            "Check that this is the file you meant.");
                }
                line[length++] = b;
            }
            if (length > 0 && line[length - 1] == '\r') {
                length--;
            }
            return any;
        }

        private IOException odd(String found, String expected, String next) {
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

        private String text(int from, int to) {
            return brief(new String(line, from, to - from, StandardCharsets.UTF_8));
        }

        private static String brief(String text) {
            String shown = text.length() > 40 ? text.substring(0, 40) + "..." : text;
            return shown.replaceAll("\\p{Cntrl}", "?");
        }
    }
}
