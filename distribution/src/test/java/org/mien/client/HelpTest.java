// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

class HelpTest {
    private static final String KARAF =
            "\u001b[1mSYNTAX\u001b[0m\n\tfer:\u001b[1mtrain\u001b[0m [options]\n"
                    + "  Name of a pipeline; fer:pipeline-list shows them, mvn:fer:x, /fer:x\n";

    private static String words(String line, String terminal) {
        ByteArrayOutputStream help = new ByteArrayOutputStream();
        help.writeBytes(KARAF.getBytes(StandardCharsets.UTF_8));
        return new String(Help.words(help, line, terminal), StandardCharsets.UTF_8);
    }

    @Test
    void ofTheLauncherHasItsCommandsAndNoEscapes() {
        String expected =
                "SYNTAX\n\t./mien train [options]\n"
                        + "  Name of a pipeline; ./mien pipeline-list shows them, mvn:fer:x, /fer:x\n";
        assertEquals(expected, words("fer:train $MIEN_ARGUMENT_0", ""));
        assertEquals(expected, words("fer:train $MIEN_ARGUMENT_0", null));
        assertTrue(words("fer:train $MIEN_ARGUMENT_0", "yes").contains("\u001b[1mtrain"));
    }

    @Test
    void ofTheShellHasTheShells() {
        assertEquals(KARAF, words("fer:train --help", "yes"));
        assertEquals(KARAF.replaceAll("\u001b\\[.m", ""), words("fer:train --help", ""));
    }

    @Test
    void isWhatAsksForIt() {
        assertTrue(Help.asked("fer:train $MIEN_ARGUMENT_0", List.of("--help")));
        assertTrue(Help.asked("bundle:list --help", List.of()));
        assertTrue(Help.asked("help fer:train", List.of()));
        assertFalse(Help.asked("fer:train $MIEN_ARGUMENT_0", List.of("demo")));
        assertFalse(Help.asked("shell:cat /tmp/helpful", List.of()));
        assertFalse(Help.asked("shell:cat a--help", List.of()));
    }
}
