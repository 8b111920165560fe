// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.fer2013;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.ZipException;

/**
 * A table of text, read line by line within bounds: what parts its cells and in which order columns
 * come, its first line says. At a row, its cells and the words for what is odd in them.
 */
final class Table {
    // The originals have 35,887 rows of at most 9.3 kB, 301 MB in all. The bounds leave room for
    // more and end a file that never would: a gzip file of 1 MB can hold 1 GB of text.
    static final int MOST_ROWS = 100_000;
    static final long MOST_BYTES = 1L << 30;

    /** Makes a row out of the line a table stands at. */
    interface Parser<T> {
        T row(Table at) throws IOException;
    }

    /**
     * What was read.
     *
     * @param rows at least one
     * @param absent columns that may be absent, and are
     * @param notes what is to be said about the file
     */
    record Read<T>(List<T> rows, List<String> absent, List<String> notes) {}

    private final Kind kind;
    private final Path path;
    private final InputStream in;
    private final byte[] buffer = new byte[1 << 16];
    private int next;
    private int end;
    private long total;
    private final byte[] line = new byte[Kind.LONGEST_LINE];
    private int length;
    private long number;
    private Columns columns;
    private int[] from;
    private int[] to;

    private Table(Kind kind, Path path, InputStream in) {
        this.kind = kind;
        this.path = path;
        this.in = in;
    }

    /**
     * Reads a file.
     *
     * @param path plain or packed, told apart by its content
     * @param kind which file it is
     * @param parser what its rows are; the table is at the row only while it is called
     * @return the rows, at least one
     * @throws IOException in words: file, line, what was found, what was expected, what to do
     */
    static <T> Read<T> read(Path path, Kind kind, Parser<T> parser) throws IOException {
        String who = "fer2013: " + path.toAbsolutePath();
        if (Files.isDirectory(path)) {
            throw new IOException(
                    who
                            + " is a folder; expected the file "
                            + kind.name()
                            + ", plain or packed. Set "
                            + kind.key()
                            + " to the file itself.");
        }
        if (!Files.exists(path)) {
            throw new IOException(
                    who
                            + " does not exist; expected the file "
                            + kind.name()
                            + ", plain or packed. Set "
                            + kind.key()
                            + " to where it lies.");
        }
        try {
            Packed.Read<Read<T>> packed =
                    Packed.read(path, kind, in -> new Table(kind, path, in).read(parser));
            Read<T> read = packed.value();
            if (packed.member().isEmpty()) {
                return read;
            }
            List<String> notes = new ArrayList<>();
            notes.add(Kind.brief(packed.member()) + " was read of " + path.getFileName());
            notes.addAll(read.notes);
            return new Read<>(read.rows, read.absent, notes);
        } catch (AccessDeniedException e) {
            throw new IOException(
                    who + " may not be read by this user. Change its permissions.", e);
        } catch (EOFException e) {
            throw new IOException(
                    who
                            + " ends in the middle of its packed data; expected a whole file. Copy"
                            + " or download it again.",
                    e);
        } catch (ZipException e) {
            throw new IOException(
                    who
                            + " begins as gzip or zip but cannot be unpacked ("
                            + e.getMessage()
                            + "). Copy or download it again.",
                    e);
        }
    }

    private <T> Read<T> read(Parser<T> parser) throws IOException {
        if (!readLine()) {
            throw new IOException(
                    "fer2013: "
                            + path.toAbsolutePath()
                            + " is empty; expected the header "
                            + kind.header()
                            + " and a row for each face. Copy or download it again.");
        }
        readHeader();
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
            cut();
            rows.add(parser.row(this));
        }
        if (rows.isEmpty()) {
            throw odd(
                    "nothing follows the header",
                    "a row for each face",
                    "Copy or download the file again.");
        }
        List<String> absent = new ArrayList<>();
        for (int i = 0; i < kind.columns().size(); i++) {
            if (columns.places()[i] < 0) {
                absent.add(kind.columns().get(i));
            }
        }
        List<String> passed = columns.passedOver(kind);
        List<String> notes =
                passed.isEmpty()
                        ? List.of()
                        : List.of(
                                "columns that are passed over: "
                                        + Kind.brief(String.join(", ", passed)));
        return new Read<>(rows, absent, notes);
    }

    private void readHeader() throws IOException {
        String header = new String(line, 0, length, StandardCharsets.UTF_8);
        columns = Columns.of(header, kind);
        if (columns == null) {
            List<String> lacking = Columns.lacking(header, kind);
            throw odd(
                    "the header is '"
                            + Kind.brief(header)
                            + "'"
                            + (lacking.isEmpty()
                                    ? ", with a column twice"
                                    : ", without " + String.join(", ", lacking)),
                    "'" + kind.header() + "', in any order",
                    "Point "
                            + kind.key()
                            + " to the original "
                            + kind.name()
                            + " or write this header above its rows.");
        }
        from = new int[columns.names().size()];
        to = new int[from.length];
    }

    /** Finds the cells of the line, without blanks and quotes around them. */
    private void cut() throws IOException {
        int count = 0;
        int at = 0;
        boolean more = true;
        while (more) {
            int start = at;
            while (start < length && isBlank(line[start])) {
                start++;
            }
            int stop;
            if (start < length && line[start] == '"') {
                start++;
                stop = start;
                at = start;
                while (at < length && !(line[at] == '"' && !isDoubled(at))) {
                    at += line[at] == '"' ? 1 : 0;
                    line[stop++] = line[at++];
                }
                if (at == length) {
                    throw mend("a quote is not closed in its line", "a quote on each side");
                }
                at++;
                int rest = at;
                while (at < length && line[at] != columns.delimiter()) {
                    at++;
                }
                if (!text(rest, at).isBlank()) {
                    throw mend("'" + text(rest, at) + "' follows a quoted cell", "nothing there");
                }
            } else {
                while (at < length && line[at] != columns.delimiter()) {
                    at++;
                }
                stop = at;
            }
            while (stop > start && isBlank(line[stop - 1])) {
                stop--;
            }
            while (start < stop && isBlank(line[start])) {
                start++; // within a quote
            }
            if (count < from.length) {
                from[count] = Math.min(start, stop);
                to[count] = stop;
            }
            count++;
            more = at < length;
            at++;
        }
        if (count != from.length) {
            throw mend(
                    count + (count == 1 ? " column" : " columns"),
                    from.length + ", " + Kind.brief(String.join(",", columns.names())));
        }
    }

    private boolean isDoubled(int at) {
        return at + 1 < length && line[at + 1] == '"';
    }

    private boolean isBlank(byte b) {
        return b == ' ' || b == '\t' && columns.delimiter() != '\t';
    }

    /** Whether the table has a column of its kind. */
    boolean has(int column) {
        return columns.places()[column] >= 0;
    }

    /** Where the cell of a column begins. */
    int from(int column) {
        return from[columns.places()[column]];
    }

    /** The place after the cell of a column. */
    int to(int column) {
        return to[columns.places()[column]];
    }

    /** The cell of a column, shortened to what a message can bear. */
    String cell(int column) {
        return text(from(column), to(column));
    }

    /** A byte of the line. */
    byte at(int place) {
        return line[place];
    }

    /** A part of the line, shortened to what a message can bear. */
    String text(int from, int to) {
        // A character takes at most 4 bytes and 40 are shown.
        int shown = Math.min(to, from + 200);
        return Kind.brief(new String(line, from, shown - from, StandardCharsets.UTF_8));
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
                            kind.size(),
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
            if (length == Kind.LONGEST_LINE) {
                throw odd(
                        "the line is longer than " + Kind.LONGEST_LINE + " bytes",
                        kind.line(),
                        "Check that this is the file you meant.");
            }
            line[length++] = b;
        }
        if (length > 0 && line[length - 1] == '\r') {
            length--;
        }
        return any;
    }
}
