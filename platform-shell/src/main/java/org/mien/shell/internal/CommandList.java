// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.Comparator;
import java.util.List;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Service;

/** {@code fer:command-list}. */
@Service
@Command(
        scope = "fer",
        name = "command-list",
        description = "Lists the commands of the platform and of its plugins")
public final class CommandList extends FerCommand {
    /** The launcher's own way to stop a command. */
    private static final String HIDDEN = "interrupt";

    @Override
    void run() {
        List<org.apache.karaf.shell.api.console.Command> all =
                session.getRegistry().getCommands().stream()
                        .filter(one -> one.getScope().equals("fer"))
                        .filter(one -> !one.getName().equals(HIDDEN))
                        .sorted(
                                Comparator.comparing(
                                        org.apache.karaf.shell.api.console.Command::getName))
                        .toList();
        if (json) {
            screen.line(
                    Json.line(
                            Json.of(
                                    all.stream()
                                            .map(
                                                    one ->
                                                            Json.object(
                                                                    "command", one.getName(),
                                                                    "does", one.getDescription()))
                                            .toList())));
            return;
        }
        int widest = all.stream().mapToInt(one -> one.getName().length()).max().orElse(0);
        all.forEach(
                one -> screen.hold(Text.left(one.getName(), widest) + "  " + one.getDescription()));
    }
}
