// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.fer2013;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** The rows of the CSV, checked, their pixels as bytes (2,304 each; 83 MB for the whole set). */
final class Rows {
    /** Width and height of a picture in pixels. */
    static final int SIDE = 48;

    private static final int PIXELS = SIDE * SIDE;
    private static final int EMOTION_AT = 0;
    private static final int PIXELS_AT = 1;
    private static final int USAGE_AT = 2;
    private static final Kind KIND =
            new Kind(
                    "fer2013.csv",
                    "path",
                    List.of("emotion", "pixels", "Usage"),
                    Set.of("Usage"),
                    "at most 9,300",
                    "about 0.3 GB");

    // Words for what the original numbers, in the order of its numbers.
    private static final List<Set<String>> WORDS =
            List.of(
                    Set.of("angry", "anger"),
                    Set.of("disgust", "disgusted"),
                    Set.of("fear", "fearful"),
                    Set.of("happy", "happiness"),
                    Set.of("sad", "sadness"),
                    Set.of("surprise", "surprised"),
                    Set.of("neutral"));

    private record Row(byte label, Usage usage, byte[] pixels) {}

    private final List<Row> rows;
    private final List<String> notes;

    private Rows(Table.Read<Row> read) {
        rows = read.rows();
        List<String> all = new ArrayList<>(read.notes());
        if (!read.absent().isEmpty()) {
            all.add("there is no column Usage: all " + rows.size() + " rows are for training");
        }
        notes = List.copyOf(all);
    }

    /** What is to be said about the file. */
    List<String> notes() {
        return notes;
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
     * @param path plain or packed
     * @return its rows
     * @throws IOException in words: file, line, what was found, what was expected, what to do
     */
    static Rows read(Path path) throws IOException {
        return new Rows(Table.read(path, KIND, Rows::row));
    }

    private static Row row(Table at) throws IOException {
        Usage usage = at.has(USAGE_AT) ? Usage.of(at, USAGE_AT) : Usage.TRAINING;
        return new Row((byte) label(at), usage, pixels(at));
    }

    private static int label(Table at) throws IOException {
        String text = at.cell(EMOTION_AT);
        // Tables that had gaps once write whole numbers as 3.0.
        if (text.matches("[0-6](\\.0*)?")) {
            return text.charAt(0) - '0';
        }
        for (int i = 0; i < WORDS.size(); i++) {
            if (WORDS.get(i).contains(text.toLowerCase(Locale.ROOT))) {
                return i;
            }
        }
        throw at.mend(
                "the emotion is '" + text + "'",
                "0 to 6 (angry, disgust, fear, happy, sad, surprise, neutral)");
    }

    private static byte[] pixels(Table row) throws IOException {
        int at = row.from(PIXELS_AT);
        int to = row.to(PIXELS_AT);
        // Python writes a list with brackets.
        if (to - at > 1 && row.at(at) == '[' && row.at(to - 1) == ']') {
            at++;
            to--;
        }
        byte[] pixels = new byte[PIXELS];
        int count = 0;
        while (at < to) {
            if (isBetween(row.at(at))) {
                at++;
                continue;
            }
            int start = at;
            while (at < to && !isBetween(row.at(at))) {
                at++;
            }
            int value = grey(row, start, at);
            if (value < 0) {
                throw row.mend(
                        "pixel " + (count + 1) + " is '" + row.text(start, at) + "'",
                        "a grey value from 0 to 255");
            }
            if (count < PIXELS) {
                pixels[count] = (byte) value;
            }
            count++;
        }
        if (count != PIXELS) {
            throw row.mend(count + " pixels", PIXELS + " (48 x 48)");
        }
        return pixels;
    }

    private static boolean isBetween(byte b) {
        return b == ' ' || b == ',' || b == '\t';
    }

    /** A number from 0 to 255, perhaps with a point and zeros behind it; -1 for all else. */
    private static int grey(Table row, int from, int to) {
        int value = 0;
        int at = from;
        while (at < to && row.at(at) != '.') {
            int digit = row.at(at) - '0';
            value = value * 10 + digit;
            if (digit < 0 || digit > 9 || value > 255) {
                return -1;
            }
            at++;
        }
        if (at == from) {
            return -1;
        }
        for (at++; at < to; at++) {
            if (row.at(at) != '0') {
                return -1;
            }
        }
        return value;
    }
}
