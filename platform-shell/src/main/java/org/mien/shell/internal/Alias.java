// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.List;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.mien.core.MienException;
import org.mien.core.Runs;

/** {@code fer:alias}. */
@Service
@Command(
        scope = "fer",
        name = "alias",
        description = "Gives a run another name, which may have been another run's until now")
public final class Alias extends FerCommand {
    @Reference Runs runs;

    @Argument(
            index = 0,
            name = "NAME RUN",
            description = "The name, for example prod, and the id of a run",
            required = true,
            multiValued = true)
    @Completion(RunIds.class)
    List<String> words;

    @Override
    void run() {
        List<String> typed = plain(words);
        if (typed.size() != 2) {
            throw new MienException(
                    "an alias is a name and a run: " + screen.typed("alias NAME RUN"));
        }
        String name = typed.get(0);
        String before = runs.aliases().getOrDefault(name, "");
        String run = runs.alias(name, typed.get(1));
        screen.line(
                json
                        ? Json.line(
                                Json.object(
                                        "alias",
                                        name,
                                        "run",
                                        run,
                                        "before",
                                        before.isEmpty() ? null : before))
                        : name
                                + " is run "
                                + run
                                + (before.isEmpty() || before.equals(run)
                                        ? ""
                                        : ", before " + before));
    }
}
