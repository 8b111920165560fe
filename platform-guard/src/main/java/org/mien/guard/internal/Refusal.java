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

/** Answers with one sentence on standard error and the status 1. */
final class Refusal implements Command {
    private final String why;
    private OutputStream err;
    private ExitCallback exit;

    Refusal(String why) {
        this.why = why;
    }

    @Override
    public void setInputStream(InputStream in) {
        // nothing is read
    }

    @Override
    public void setOutputStream(OutputStream out) {
        // nothing is written
    }

    @Override
    public void setErrorStream(OutputStream err) {
        this.err = err;
    }

    @Override
    public void setExitCallback(ExitCallback exit) {
        this.exit = exit;
    }

    @Override
    public void start(ChannelSession channel, Environment environment) throws IOException {
        Thread thread = new Thread(this::answer, "mien-refusal");
        thread.setDaemon(true);
        thread.start();
    }

    private void answer() {
        try {
            // A terminal in raw mode needs both.
            err.write((why + "\r\n").getBytes(StandardCharsets.UTF_8));
            err.flush();
        } catch (IOException e) {
            // nobody listens any more
        } finally {
            exit.onExit(1);
        }
    }

    @Override
    public void destroy(ChannelSession channel) {
        // nothing is held
    }
}
