// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.spi;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.mien.api.Key;

/** Lists as values of keys. */
class TextListTest {
    /**
     * Keys.
     *
     * @param labels names
     */
    public record Names(@Key(value = "", doc = "names") List<String> labels) {}

    private static List<String> read(String text) {
        return Settings.bind("x", "x.", Names.class, Map.of("x.labels", text)).labels();
    }

    @Test
    void commasPartNamesAndJsonKeepsThemIn() {
        assertEquals(List.of("a", "b c"), read(" a, b c ,"));
        assertEquals(List.of("happy, laughing", "sad"), read("[\"happy, laughing\", \"sad\"]"));
        assertEquals(List.of("\"\\\u00e8", "x"), read(" [ \"\\\"\\\\\\u00e8\" ,\"x\" ] "));
        assertEquals(List.of(), read("[]"));
    }

    @Test
    void halfAListIsRefused() {
        for (String text :
                List.of("[\"a\"", "[\"a\" \"b\"]", "[\"a\",]", "[\"a\"] b", "[\"\\x\"]")) {
            String said = assertThrows(KeyException.class, () -> read(text)).getMessage();
            assertTrue(said.contains("'x.labels'") && said.contains(text), said);
        }
    }
}
