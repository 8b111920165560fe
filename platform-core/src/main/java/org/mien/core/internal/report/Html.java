// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.report;

import java.util.ArrayDeque;
import java.util.Deque;

/** HTML that is well formed, with every text escaped. */
final class Html {
    private final StringBuilder out = new StringBuilder("<!DOCTYPE html>\n");
    private final Deque<String> open = new ArrayDeque<>();

    /**
     * Begins an element.
     *
     * @param attributes names and values; one whose value is null is left out
     */
    Html open(String tag, String... attributes) {
        begin(tag, attributes);
        out.append('>');
        open.push(tag);
        return this;
    }

    /** Ends the element begun last. */
    Html close() {
        String tag = open.pop();
        out.append("</").append(tag).append('>');
        if (!tag.matches("a|b|code|span|strong|em|tspan|td|th|title|small")) {
            out.append('\n');
        }
        return this;
    }

    /** Text. */
    Html text(String text) {
        out.append(escape(text));
        return this;
    }

    /** An element with text only. */
    Html leaf(String tag, String text, String... attributes) {
        return open(tag, attributes).text(text).close();
    }

    /** An element of HTML that has no content and no end. */
    Html empty(String tag, String... attributes) {
        begin(tag, attributes);
        out.append(">\n");
        return this;
    }

    /** An element of SVG without content. */
    Html shape(String tag, String... attributes) {
        begin(tag, attributes);
        out.append("/>");
        return this;
    }

    /** A style sheet of ours. */
    Html style(String css) {
        out.append("<style>\n").append(css).append("</style>\n");
        return this;
    }

    private void begin(String tag, String... attributes) {
        out.append('<').append(tag);
        for (int i = 0; i < attributes.length; i += 2) {
            if (attributes[i + 1] != null) {
                out.append(' ').append(attributes[i]).append("=\"");
                out.append(escape(attributes[i + 1])).append('"');
            }
        }
    }

    /** The whole document. */
    String end() {
        while (!open.isEmpty()) {
            close();
        }
        return out.toString();
    }

    /**
     * Text that is text in HTML, whatever it holds. What could not be seen but changes what is seen
     * (control characters, marks that turn the direction of writing) becomes visible.
     */
    static String escape(String text) {
        StringBuilder escaped = new StringBuilder(text.length() + 16);
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            switch (c) {
                case '&' -> escaped.append("&amp;");
                case '<' -> escaped.append("&lt;");
                case '>' -> escaped.append("&gt;");
                case '"' -> escaped.append("&quot;");
                case '\'' -> escaped.append("&#39;");
                case '\n', '\t' -> escaped.append(c);
                default -> escaped.append(hidden(c) ? '\ufffd' : c);
            }
        }
        return escaped.toString();
    }

    private static boolean hidden(char c) {
        return c < ' '
                || c >= 0x7f && c < 0xa0
                || c >= 0x200e && c <= 0x200f
                || c >= 0x202a && c <= 0x202e
                || c >= 0x2066 && c <= 0x2069
                || c >= 0xfffe;
    }
}
