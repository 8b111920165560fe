// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class AnswerTest {
    private static final String MARK = "M0123456789abcdef";

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream messages = new ByteArrayOutputStream();

    /** Sends a text in pieces of some bytes. */
    private Answer send(String text, int piece) throws IOException {
        out.reset();
        messages.reset();
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        try (Answer answer = new Answer(out, messages, MARK)) {
            for (int i = 0; i < bytes.length; i += piece) {
                answer.write(bytes, i, Math.min(piece, bytes.length - i));
            }
            answer.close();
            return answer;
        }
    }

    @Test
    void outputPassesWhateverPiecesItComesIn() throws IOException {
        String text = "MM0M01 accuracy 0.9 ä\nM0123456789abcde" + MARK + "?" + MARK;
        for (int piece = 1; piece <= text.length(); piece++) {
            Answer answer = send(text, piece);
            assertEquals(text, out.toString(StandardCharsets.UTF_8), "pieces of " + piece);
            assertEquals("", answer.failure());
            assertEquals(out.size(), answer.passed());
        }
        assertEquals(0, messages.size());
    }

    @Test
    void aReaderThatLeavesIsNoticed() {
        OutputStream closed =
                new OutputStream() {
                    @Override
                    public void write(int b) throws IOException {
                        throw new IOException("Broken pipe");
                    }
                };
        Answer answer = new Answer(closed, messages, MARK);
        assertFalse(answer.readerGone());
        assertThrows(IOException.class, () -> answer.write("row".getBytes(StandardCharsets.UTF_8)));
        assertTrue(answer.readerGone());
    }

    @Test
    void messagesGoApart() throws IOException {
        String bar = MARK + "<\repoch 1, M 3 images/s" + MARK + ">";
        String text = bar + "row 1\nM" + bar + MARK + bar + "row 2";
        for (int piece = 1; piece <= text.length(); piece++) {
            send(text, piece);
            assertEquals("row 1\nM" + MARK + "row 2", out.toString(StandardCharsets.UTF_8));
            assertEquals(
                    "\repoch 1, M 3 images/s".repeat(3), messages.toString(StandardCharsets.UTF_8));
        }
    }

    @Test
    void whyItFailedIsKept() throws IOException {
        String text =
                "row 1\nMM01"
                        + MARK
                        + "<half a message"
                        + MARK
                        + "!\n\u001b[31mError executing command: \u001b[0mM: no run";
        for (int piece = 1; piece <= text.length(); piece++) {
            Answer answer = send(text, piece);
            assertEquals("row 1\nMM01", out.toString(StandardCharsets.UTF_8));
            assertEquals("half a message", messages.toString(StandardCharsets.UTF_8));
            assertEquals("M: no run", answer.failure());
            assertTrue(answer.midLine());
        }
    }

    @Test
    void anUnknownCommandIsNamedAsTheUserTypedIt() throws IOException {
        assertEquals(
                "There is no command 'trian'; './mien help' lists the commands.",
                send(MARK + "!\nCommand not found: fer:trian\n", 7).failure());
    }

    @Test
    void aReasonWithoutEndIsCut() throws IOException {
        assertEquals(1 << 16, send(MARK + "!" + "x".repeat(1 << 20), 1 << 15).failure().length());
    }

    @Test
    void aMarkThatRepeatsItsFirstCharacterIsRefused() {
        assertThrows(IllegalArgumentException.class, () -> new Answer(out, messages, "aba"));
    }
}
