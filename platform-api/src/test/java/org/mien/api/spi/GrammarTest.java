// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.mien.api.Key;

/** Texts as people write them, and what becomes of them. */
class GrammarTest {
    /** One key of each kind that is easily written in another way. */
    public record All(
            @Key(value = "0.1", min = 0, max = 1000, doc = "rate") double rate,
            @Key(value = "8", min = 1, doc = "size") int size,
            @Key(value = "true", doc = "whether") boolean on,
            @Key(value = "", doc = "several") List<String> all,
            @Key(value = "/", doc = "where") Path path,
            @Key(value = "", path = true, doc = "file or run") String from) {}

    private static All bind(String key, String value) {
        return Settings.bind("p", "x.", All.class, Map.of("x." + key, value));
    }

    private static String refused(String key, String value) {
        return assertThrows(KeyException.class, () -> bind(key, value), value).getMessage();
    }

    @Test
    void aNumberIsDecimalWithAPoint() {
        for (String good : List.of("0.001", "1e-3", "1E-3", ".001", "1.e-3", "+1e-3", " 1e-3 ")) {
            assertEquals(0.001, bind("rate", good).rate(), 1e-15, good);
        }
        assertEquals(1000, bind("rate", "1e3").rate());
        assertEquals(
                "key 'x.rate' is '0,001'; expected a number from 0 to 1000 (rate). A decimal is"
                        + " written with a point, as 0.001.",
                refused("rate", "0,001"));
        for (String wrong :
                List.of(
                        "001",
                        "1_000",
                        "1 000",
                        "1'000",
                        "0x10",
                        "0x1p3",
                        "1d",
                        "1f",
                        "NaN",
                        "Infinity",
                        "-inf",
                        "50%",
                        "8,",
                        "1e",
                        "1e400",
                        "\u0661",
                        "\u22121",
                        "",
                        "'1'",
                        "8   # small")) {
            assertTrue(refused("rate", wrong).contains("expected a number"), wrong);
        }
        assertTrue(refused("rate", "001").contains("as 0.001"));
        assertTrue(refused("rate", "1_000").endsWith("Digits stand together, as 1000."));
        assertTrue(refused("rate", "50%").endsWith("A share is a number, as 0.5 for 50 %."));
        assertTrue(
                refused("rate", "8  # small").endsWith("A comment stands on a line of its own."));
        assertTrue(refused("rate", "\"8\"").endsWith("Write it without quotes."));
    }

    @Test
    void aWholeNumberIsWhole() {
        assertEquals(16, bind("size", "16").size());
        for (String wrong : List.of("8.0", "1e1", "08", "1_0", "0x8", "1,000", "99999999999")) {
            assertTrue(refused("size", wrong).contains("expected an integer"), wrong);
        }
        assertTrue(refused("size", "8.0").endsWith("without a point or an exponent."));
        assertTrue(refused("on", "yes").endsWith("Write true."));
        assertTrue(refused("on", "False").endsWith("Write false."));
    }

    @Test
    void aListMayStandInBrackets() {
        List<String> expected = List.of("resize", "flip");
        for (String good :
                List.of("resize,flip", "resize, flip,", "[resize, flip]", "['resize', \"flip\"]")) {
            assertEquals(expected, bind("all", good).all(), good);
        }
        assertEquals(List.of(), bind("all", "[]").all());
        assertEquals(List.of("[a", "b]c"), bind("all", "[a,b]c").all());
    }

    private static String path(String text) {
        Map<String, String> known = Map.of("HOME", "/home/Anna Smith", "DATA", "/d", "EMPTY", "");
        return Grammar.path(text, known::get).toString();
    }

    @Test
    void aPathMeansWhatPeopleMean() {
        assertEquals("/home/Anna Smith/faces", path("~/faces"));
        assertEquals("/home/Anna Smith", path("~"));
        assertEquals("/home/Anna Smith/faces", path("$HOME/faces"));
        assertEquals("/home/Anna Smith/faces", path("${HOME}/faces"));
        assertEquals("/home/Anna Smith/faces", path("${env:HOME}/faces"));
        assertEquals("/data//d1/a~b", path("/data/${DATA}1/a~b").replace("/data/d1", "/data//d1"));
        assertEquals("/price$", path("/price$"));
        assertEquals("/a$DATA", path("/a\\$DATA"));
        assertEquals("C:\\new\\test", path("C:\\new\\test"));
        Map<String, String> wrong =
                Map.of(
                        "$NOWHERE/faces", "the variable 'NOWHERE' is not set",
                        "${NOWHERE}/faces", "the variable 'NOWHERE' is not set",
                        "${EMPTY}/faces", "the variable 'EMPTY' is empty",
                        "${}/faces", "the variable '' is not set",
                        "~anna/faces", "'~anna' stands for nothing here",
                        "\"/data\"", "the quotes would be part of it",
                        "file:///data", "it is an address",
                        " ", "it is empty");
        wrong.forEach(
                (text, why) -> {
                    String said =
                            assertThrows(KeyException.class, () -> path(text), text).getMessage();
                    assertTrue(said.startsWith(why), said);
                });
        assertTrue(
                refused("path", "${MIEN_NOWHERE}/x")
                        .startsWith("key 'x.path' is '${MIEN_NOWHERE}/x'; expected a path: the"));
        assertEquals(Path.of("faces").toAbsolutePath(), bind("path", "faces").path());
        assertEquals("demo-1", bind("from", "demo-1").from());
        assertEquals("", bind("from", "").from());
        String relative = Path.of("w", "a.pth").toAbsolutePath().toString();
        assertEquals(relative, bind("from", "./w/a.pth").from());
        assertEquals(System.getenv("PATH") + "/a", bind("from", "$PATH/a").from());
        assertTrue(refused("from", "~anna/a.pth").contains("'~anna' stands for nothing"));
    }
}
