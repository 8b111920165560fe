// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.fer2013;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** The rows of the CSV, checked, their pixels as bytes (2,304 each; 83 MB for the whole set). */
final class Rows {
    /** Width and height of a picture in pixels. */
    static final int SIDE = 48;

    private static final int PIXELS = SIDE * SIDE;
    private static final Table.Kind KIND =
            new Table.Kind(
                    "fer2013.csv", "path", "emotion,pixels,Usage", "at most 9,300", "about 0.3 GB");

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
     * @param path plain or gzip
     * @return its rows
     * @throws IOException in words: file, line, what was found, what was expected, what to do
     */
    static Rows read(Path path) throws IOException {
        return new Rows(Table.read(path, KIND, Rows::row));
    }

    private static Row row(Table at) throws IOException {
        int[] ends = at.ends();
        int label = ends[0] == 1 ? at.at(0) - '0' : -1;
        if (label < 0 || label >= Fer2013Dataset.LABELS.size()) {
            throw at.mend(
                    "the emotion is '" + at.text(0, ends[0]) + "'",
                    "0 to 6 (angry, disgust, fear, happy, sad, surprise, neutral)");
        }
        Usage usage = Usage.of(at, ends[1] + 1, ends[2]);
        return new Row((byte) label, usage, pixels(at, ends[0] + 1, ends[1]));
    }

    private static byte[] pixels(Table row, int from, int to) throws IOException {
        byte[] pixels = new byte[PIXELS];
        int count = 0;
        int at = from;
        while (at < to) {
            if (row.at(at) == ' ') {
                at++;
                continue;
            }
            int start = at;
            int value = 0;
            while (at < to && row.at(at) != ' ') {
                int digit = row.at(at) - '0';
                // 256 stands for all that is no grey value, longer numbers included.
                value = digit < 0 || digit > 9 ? 256 : Math.min(256, value * 10 + digit);
                if (value == 256) {
                    while (at < to && row.at(at) != ' ') {
                        at++;
                    }
                    throw row.mend(
                            "pixel " + (count + 1) + " is '" + row.text(start, at) + "'",
                            "a grey value from 0 to 255");
                }
                at++;
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
}
