// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.client;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Collection;

/** Karaf's help as somebody outside its shell reads it. */
final class Help {
    private Help() {}

    /** Whether a line, or what it is given, asks for help. */
    static boolean asked(String line, Collection<String> arguments) {
        return arguments.contains("--help")
                || line.matches("(?s)\\s*(help|man)\\b.*|.*\\s--help\\b.*");
    }

    /**
     * Bytes of the help.
     *
     * @param line what was run; one of the launcher's names commands as they are typed with it
     * @param terminal empty or null where none reads: bold letters are for terminals
     */
    static byte[] words(ByteArrayOutputStream help, String line, String terminal) {
        String text = help.toString(StandardCharsets.UTF_8);
        if (terminal == null || terminal.isEmpty()) {
            text = text.replaceAll("\u001b\\[[0-9;]*m", "");
        }
        if (line.startsWith("fer:") && line.contains("$MIEN_ARGUMENT_")) {
            text = typed(text);
        }
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** Commands as they are typed with the launcher. */
    static String typed(String text) {
        return text.replaceAll("(?<![\\w:/.-])fer:(?=(\u001b\\[[0-9;]*m)*[a-z])", "./mien ");
    }
}
