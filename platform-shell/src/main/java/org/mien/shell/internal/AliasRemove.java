// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.List;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.mien.core.Runs;

/** {@code fer:alias-remove}. */
@Service
@Command(scope = "fer", name = "alias-remove", description = "Takes aliases back; their runs stay")
public final class AliasRemove extends FerCommand {
    @Reference Runs runs;

    @Argument(
            index = 0,
            name = "NAME",
            description = "Aliases; fer:alias-list shows them",
            required = true,
            multiValued = true)
    @Completion(RunIds.class)
    List<String> names;

    @Override
    void run() {
        for (String name : plain(names)) {
            runs.removeAlias(name);
            screen.line(
                    json
                            ? Json.line(Json.object("alias", name, "removed", "true"))
                            : "removed " + name);
        }
    }
}
