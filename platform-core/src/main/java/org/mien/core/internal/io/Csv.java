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
import java.util.stream.Collectors;

/** Comma-separated values, RFC 4180. */
public final class Csv {
    /** No field of ours is longer; more would be another file. */
    private static final int LONGEST = 1 << 20;

    private Csv() {}

    /** A record with its end of line. */
    public static String line(List<String> fields) {
        return fields.stream().map(Csv::field).collect(Collectors.joining(",")) + "\r\n";
    }

    private static String field(String text) {
        boolean plain = text.chars().noneMatch(c -> c == ',' || c == '"' || c < ' ');
        return plain ? text : '"' + text.replace("\"", "\"\"") + '"';
    }

    /** Reads record by record. */
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
                    fields.add(field.toString());
                    field.setLength(0);
                } else if (!quoted && c == '\n') {
                    fields.add(field.toString());
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
                fields.add(field.toString());
                each.accept(List.copyOf(fields));
            }
        }
    }
}
