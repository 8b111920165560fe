// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** Files as editors write them. */
class KeyFileTest {
    private static final String TEXT = "a = /srv/Gesichter f\u00fcr \u00dcbung\nb=\u8868\u60c5\n";
    private static final Map<String, String> KEYS =
            Map.of("a", "/srv/Gesichter f\u00fcr \u00dcbung", "b", "\u8868\u60c5");

    private static Map<String, String> parse(String text) {
        return KeyFile.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    private static String refused(byte[] content) {
        return assertThrows(IllegalArgumentException.class, () -> KeyFile.parse(content))
                .getMessage();
    }

    private static String refused(String text) {
        return refused(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void everyEditorsEncodingIsRead() {
        String bom = "\ufeff";
        assertEquals(KEYS, parse(TEXT));
        assertEquals(KEYS, parse(bom + TEXT));
        assertEquals(KEYS, parse(TEXT.replace("\n", "\r\n")));
        assertEquals(KEYS, parse(TEXT.replace("\n", "\r")));
        for (Charset charset : List.of(StandardCharsets.UTF_16LE, StandardCharsets.UTF_16BE)) {
            assertEquals(KEYS, KeyFile.parse((bom + TEXT).getBytes(charset)), charset.name());
            assertTrue(refused(TEXT.getBytes(charset)).contains("UTF-16 without a byte order"));
        }
        assertEquals(
                "line 2 is not text in UTF-8, but in an older encoding. Save the file in UTF-8",
                refused("x = 1\na = f\u00fcr\n".getBytes(StandardCharsets.ISO_8859_1)));
        assertTrue(refused(new byte[KeyFile.MOST_BYTES + 1]).contains("larger than 65536"));
    }

    @Test
    void aBackslashThatBeginsNoEscapeStays() {
        Map<String, String> kept =
                Map.of(
                        "s = /(S\\d+)/", "/(S\\d+)/",
                        "s = C:\\new\\test", "C:\\new\\test",
                        "s = C:\\users\\x", "C:\\users\\x",
                        "s = a\\\\b", "a\\b",
                        "s = \\u00e9\\:\\=", "\u00e9:=",
                        "s = 1, \\\n    2", "1, 2",
                        "s = /\\w+\\.png$", "/\\w+\\.png$",
                        "s : x", "x",
                        "s x y", "x y");
        kept.forEach((text, value) -> assertEquals(Map.of("s", value), parse(text), text));
    }

    @Test
    void whatIsLeftOfALineDoesNotCount() {
        assertEquals(
                Map.of("a", "8", "b", "", "c", "x  y"),
                parse("# note\n! note\n\n  a = 8 \t\u00a0\n b =\nc=x  y  \n"));
    }

    @Test
    void whatOthersReadInSilenceIsNamedWithItsLine() {
        assertEquals(
                "line 2: the value of 'train.batch' would have '# small' in it. A comment stands on"
                        + " a line of its own; where it is none, write \\#",
                refused("# note\ntrain.batch = 8   # small"));
        assertEquals(
                "the key 'a' stands in it twice, in line 1 and in line 3",
                refused("a = 1\nb = 2\na: 1"));
        assertEquals("line 1, '= 3', is no key with its value: key = value", refused("= 3"));
        assertEquals(Map.of("a", "file#prefix"), parse("a = file#prefix"));
        assertEquals(Map.of("a", "Table #2"), parse("a = Table #2"));
        assertEquals(Map.of("a", "my #faces"), parse("a = my \\#faces"));
    }

    @Test
    void aValueIsReadAsItWasWritten() {
        for (String value :
                List.of(
                        "",
                        "C:\\new\\test",
                        "/(S\\d+)/",
                        "\\\\server\\share",
                        "\\u00e9",
                        "# x",
                        "a # x",
                        "a=b:c",
                        "d\u00e9go\u00fbt, joie",
                        "${HOME}/x",
                        "ends\\")) {
            assertEquals(Map.of("k", value), parse("k = " + KeyFile.written(value) + "\n"), value);
        }
        assertThrows(IllegalArgumentException.class, () -> KeyFile.written("a\nb"));
    }
}
