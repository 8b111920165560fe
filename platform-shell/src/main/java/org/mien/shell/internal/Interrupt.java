// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.mien.core.MienException;

/** {@code fer:interrupt}. */
@Service
@Command(
        scope = "fer",
        name = "interrupt",
        description = "Interrupts a command that the launcher runs; the launcher's Ctrl-C calls it")
public final class Interrupt extends FerCommand {
    @Argument(
            index = 0,
            name = "MARK",
            description = "The mark that the launcher gave its command",
            required = true)
    String mark;

    @Override
    void run() {
        if (!Interrupts.interrupt(mark)) {
            throw new MienException("no command that can be interrupted has this mark");
        }
    }
}
