// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.client;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * Tells apart what a command of the platform sends on one stream. Karaf delivers no standard error
 * of a command and prints why it failed on standard output, so both come between marks:
 *
 * <pre>
 * output MARK&lt; message MARK&gt; output MARK! why it failed
 * </pre>
 *
 * The mark is drawn anew for each call. Output and messages are passed on as they come; the reason
 * of a failure is kept for {@link #failure()}.
 */
final class Answer extends OutputStream {
    /** More than any reason needs; the rest of a longer one is dropped. */
    private static final int LONGEST = 64 * 1024;

    private final OutputStream out;
    private final OutputStream messages;
    private final ByteArrayOutputStream failure = new ByteArrayOutputStream();
    private final byte[] mark;
    private OutputStream to;
    private int matched;
    private boolean midLine;
    private boolean readerGone;
    private long passed;

    /**
     * An answer to come.
     *
     * @param out takes the output
     * @param messages takes the messages
     * @param mark ASCII; its first character may not come again in it
     */
    Answer(OutputStream out, OutputStream messages, String mark) {
        if (mark.isEmpty() || mark.indexOf(mark.charAt(0), 1) > 0) {
            throw new IllegalArgumentException("mark '" + mark + "' repeats its first character");
        }
        this.out = out;
        this.messages = messages;
        this.mark = mark.getBytes(StandardCharsets.US_ASCII);
        this.to = out;
    }

    @Override
    public void write(int b) throws IOException {
        write(new byte[] {(byte) b}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
        int end = offset + length;
        int i = offset;
        while (i < end) {
            if (matched == mark.length && turn(bytes[i])) {
                i++;
            } else if (matched > 0 && matched < mark.length && bytes[i] == mark[matched]) {
                matched++;
                i++;
            } else {
                // A match that breaks can only begin again at the byte that broke it, since the
                // mark's first character is nowhere else in it.
                unmatch();
                int from = i;
                while (i < end && bytes[i] != mark[0]) {
                    i++;
                }
                pass(bytes, from, i - from);
                if (i < end) {
                    matched = 1;
                    i++;
                }
            }
        }
    }

    /** Follows the sign after a mark; false when it is none. */
    private boolean turn(byte sign) {
        switch (sign) {
            case '<' -> to = messages;
            case '>' -> to = out;
            case '!' -> to = failure;
            default -> {
                return false;
            }
        }
        matched = 0;
        return true;
    }

    private void unmatch() throws IOException {
        pass(mark, 0, matched);
        matched = 0;
    }

    private void pass(byte[] bytes, int offset, int length) throws IOException {
        if (to == failure) {
            failure.write(bytes, offset, Math.min(length, LONGEST - failure.size()));
        } else if (length > 0) {
            try {
                to.write(bytes, offset, length);
            } catch (IOException e) {
                readerGone |= to == out;
                throw e;
            }
            passed += to == out ? length : 0;
            if (to == messages) {
                midLine = bytes[offset + length - 1] != '\n';
            }
        }
    }

    @Override
    public void flush() throws IOException {
        to.flush();
    }

    /** Nothing more comes. The streams stay open: they are the process's. */
    @Override
    public void close() throws IOException {
        unmatch();
        to.flush();
    }

    /**
     * Whether the messages ended within a line, as a progress bar does.
     *
     * @return true when the next message needs a line break first
     */
    boolean midLine() {
        return midLine;
    }

    /**
     * Whether nobody reads the output any more, as behind {@code | head}.
     *
     * @return true when writing it has failed
     */
    boolean readerGone() {
        return readerGone;
    }

    /**
     * How much of the output has come.
     *
     * @return bytes that were passed on
     */
    long passed() {
        return passed;
    }

    /**
     * Why the command failed.
     *
     * @return the reason as a person reads it; empty when none was sent
     */
    String failure() {
        return failure.toString(StandardCharsets.UTF_8)
                .replaceAll("\u001b\\[[0-9;]*m", "")
                .replaceFirst("^\\s*Error executing command:? ?", "")
                .replaceFirst(
                        "(?s)^\\s*Command not found: fer:([a-z0-9-]+).*",
                        "There is no command '$1'; './mien help' lists the commands.")
                .strip();
    }
}
