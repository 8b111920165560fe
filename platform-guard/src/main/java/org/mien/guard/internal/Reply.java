// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.guard.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import org.apache.sshd.server.Environment;
import org.apache.sshd.server.ExitCallback;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.Command;

/** Answers with a text instead of running a command. */
final class Reply implements Command {
    private final String text;
    private final int status;
    private OutputStream to;
    private ExitCallback exit;

    private Reply(String text, int status) {
        this.text = text;
        this.status = status;
    }

    /** A text on standard output, and the status 0. */
    static Reply text(String text) {
        return new Reply(text, 0);
    }

    /** A reason on standard error, and the status 1. */
    static Reply refusal(String why) {
        return new Reply("Refused: " + why, 1);
    }

    @Override
    public void setInputStream(InputStream in) {
        // nothing is read
    }

    @Override
    public void setOutputStream(OutputStream out) {
        if (status == 0) {
            to = out;
        }
    }

    @Override
    public void setErrorStream(OutputStream err) {
        if (status != 0) {
            to = err;
        }
    }

    @Override
    public void setExitCallback(ExitCallback exit) {
        this.exit = exit;
    }

    @Override
    public void start(ChannelSession channel, Environment environment) throws IOException {
        Thread thread = new Thread(this::answer, "mien-reply");
        thread.setDaemon(true);
        thread.start();
    }

    private void answer() {
        try {
            // A terminal in raw mode needs both.
            to.write((text + "\r\n").getBytes(StandardCharsets.UTF_8));
            to.flush();
        } catch (IOException e) {
            // nobody listens any more
        } finally {
            exit.onExit(status);
        }
    }

    @Override
    public void destroy(ChannelSession channel) {
        // nothing is held
    }
}
