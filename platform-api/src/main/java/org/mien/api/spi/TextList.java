// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.spi;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A list as the value of a key: parted by commas, or a list of texts in JSON, whose texts may hold
 * commas themselves, {@code ["happy, laughing","sad"]}.
 */
final class TextList {
    private final String text;
    private int at;

    private TextList(String text) {
        this.text = text;
    }

    /**
     * Reads a value.
     *
     * @return the texts; nothing for what begins as JSON and is none
     */
    static Optional<List<String>> of(String text) {
        if (!text.matches("(?s)\\s*\\[\\s*(\".*|]\\s*)")) {
            return Optional.of(Grammar.list(text));
        }
        try {
            return Optional.of(new TextList(text.strip()).read());
        } catch (IllegalArgumentException | StringIndexOutOfBoundsException e) {
            return Optional.empty();
        }
    }

    private List<String> read() {
        List<String> texts = new ArrayList<>();
        expect('[');
        if (peek() == ']') {
            at++;
        } else {
            do {
                texts.add(one());
            } while (next() == ',');
            if (text.charAt(at - 1) != ']') {
                throw new IllegalArgumentException();
            }
        }
        if (at != text.length()) {
            throw new IllegalArgumentException();
        }
        return List.copyOf(texts);
    }

    private char peek() {
        while (Character.isWhitespace(text.charAt(at))) {
            at++;
        }
        return text.charAt(at);
    }

    private char next() {
        char c = peek();
        at++;
        return c;
    }

    private void expect(char expected) {
        if (next() != expected) {
            throw new IllegalArgumentException();
        }
    }

    private String one() {
        expect('"');
        StringBuilder one = new StringBuilder();
        for (char c = text.charAt(at++); c != '"'; c = text.charAt(at++)) {
            one.append(c == '\\' ? escaped(text.charAt(at++)) : c);
        }
        return one.toString();
    }

    private char escaped(char c) {
        return switch (c) {
            case '"', '\\', '/' -> c;
            case 'b' -> '\b';
            case 'f' -> '\f';
            case 'n' -> '\n';
            case 'r' -> '\r';
            case 't' -> '\t';
            case 'u' -> {
                at += 4;
                yield (char) Integer.parseInt(text.substring(at - 4, at), 16);
            }
            default -> throw new IllegalArgumentException();
        };
    }
}
