// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.report;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.mien.core.Value;

/** What is typed to do a run again. */
final class Commands {
    private static final String COMMAND_LINE = "command line";

    private Commands() {}

    /** The pipeline as a file: every key that is no default and did not come by the call. */
    static String pipeline(Facts facts) {
        StringBuilder file = new StringBuilder();
        facts.details()
                .values()
                .forEach(
                        (key, value) -> {
                            if (!isDefault(value) && !value.origin().equals(COMMAND_LINE)) {
                                file.append(key).append(" = ").append(property(value.value()));
                                file.append('\n');
                            }
                        });
        return file.toString();
    }

    /** Whether nobody chose the value. */
    static boolean isDefault(Value value) {
        return value.origin().startsWith("default") || value.origin().startsWith("method '");
    }

    /** A value as a file of properties has it. */
    private static String property(String value) {
        return value == null ? "" : value.replace("\\", "\\\\").replace("\n", "\\n");
    }

    /** The calls that made the run and its evaluations. */
    static List<String> lines(Facts facts) {
        Map<String, String> given = new TreeMap<>();
        facts.details()
                .values()
                .forEach(
                        (key, value) -> {
                            if (value.origin().equals(COMMAND_LINE)) {
                                given.put(key, value.value());
                            }
                        });
        List<String> lines = new ArrayList<>();
        lines.add(line("train " + facts.run().pipeline(), given));
        for (Facts.Judged judged : facts.judged()) {
            lines.add(
                    line(
                            "evaluate "
                                    + facts.run().id()
                                    + " --split "
                                    + judged.evaluation().split()
                                    + (judged.evaluation().name().isEmpty()
                                            ? ""
                                            : " --as " + judged.evaluation().name()),
                            judged.keys()));
        }
        return lines;
    }

    private static String line(String command, Map<String, String> keys) {
        return "./mien " + command + (keys.isEmpty() ? "" : " " + pairs(keys));
    }

    /** Keys as they are typed in a shell. */
    static String pairs(Map<String, String> keys) {
        return keys.entrySet().stream()
                .map(entry -> quoted(entry.getKey() + "=" + entry.getValue()))
                .collect(Collectors.joining(" "));
    }

    private static String quoted(String word) {
        return word.matches("[A-Za-z0-9_./:=,@%+-]+")
                ? word
                : "'" + word.replace("'", "'\\''") + "'";
    }
}
