// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.guard.internal;

import java.io.InputStream;
import java.io.OutputStream;
import org.apache.sshd.server.ExitCallback;
import org.apache.sshd.server.channel.ChannelSession;
import org.apache.sshd.server.command.Command;

/** A command of Karaf's that is started in another way, and does the rest itself. */
abstract class CommandAround implements Command {
    final Command command;

    CommandAround(Command command) {
        this.command = command;
    }

    @Override
    public void setInputStream(InputStream in) {
        command.setInputStream(in);
    }

    @Override
    public void setOutputStream(OutputStream out) {
        command.setOutputStream(out);
    }

    @Override
    public void setErrorStream(OutputStream err) {
        command.setErrorStream(err);
    }

    @Override
    public void setExitCallback(ExitCallback exit) {
        command.setExitCallback(exit);
    }

    @Override
    public void destroy(ChannelSession channel) throws Exception {
        command.destroy(channel);
    }
}
