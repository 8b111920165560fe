// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.io;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.mien.core.Csv;

/** Reads what {@link Csv} writes. */
public final class CsvReader {
    /** No field of ours is longer; more would be another file. */
    private static final int LONGEST = 1 << 20;

    private CsvReader() {}

    /** Reads record by record, each text as it was given to be written. */
    public static void read(Path file, Consumer<List<String>> each) throws IOException {
        try (BufferedReader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            List<String> fields = new ArrayList<>();
            StringBuilder field = new StringBuilder();
            boolean quoted = false;
            boolean any = false;
            for (int c = in.read(); c >= 0; c = in.read()) {
                any = true;
                if (quoted && c == '"') {
                    in.mark(1);
                    if (in.read() == '"') {
                        field.append('"');
                    } else {
                        in.reset();
                        quoted = false;
                    }
                } else if (!quoted && c == '"') {
                    quoted = true;
                } else if (!quoted && c == ',') {
                    fields.add(Csv.text(field.toString()));
                    field.setLength(0);
                } else if (!quoted && c == '\n') {
                    fields.add(Csv.text(field.toString()));
                    field.setLength(0);
                    each.accept(List.copyOf(fields));
                    fields.clear();
                    any = false;
                } else if (quoted || c != '\r') {
                    field.append((char) c);
                }
                if (field.length() > LONGEST) {
                    throw new IOException("it has a field of more than " + LONGEST + " characters");
                }
            }
            if (any) {
                fields.add(Csv.text(field.toString()));
                each.accept(List.copyOf(fields));
            }
        }
    }
}
