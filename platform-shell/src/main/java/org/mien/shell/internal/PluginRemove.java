// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.List;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.mien.core.MienException;
import org.mien.provision.Provisioning;

/** {@code fer:plugin-remove}. */
@Service
@Command(
        scope = "fer",
        name = "plugin-remove",
        description = "Removes a plugin with its bundle, and says what will wait for it")
public final class PluginRemove extends FerCommand {
    @Reference Provisioning provisioning;

    @Option(name = "--dry-run", description = "Only say what would be done")
    boolean dry;

    @Argument(
            index = 0,
            name = "ID",
            description = "Id of a plugin, or symbolic name of its bundle",
            required = true)
    @Completion(PluginIds.class)
    String id;

    @Argument(index = 1, name = "option", description = "Options", multiValued = true)
    List<String> rest;

    @Override
    void run() {
        List<String> more = plain(rest);
        if (!more.isEmpty()) {
            throw new MienException(
                    "plugin-remove takes one plugin; leave '" + more.get(0) + "' away");
        }
        provisioning.remove(id, dry, this::say);
        if (!json) {
            screen.line(dry ? "nothing was changed (--dry-run)" : "removed");
        }
    }

    private void say(Provisioning.Removal told) {
        if (json) {
            screen.line(
                    Json.line(
                            Json.object(
                                    "bundle",
                                    told.bundle(),
                                    "version",
                                    told.version(),
                                    "features",
                                    told.features(),
                                    "plugins",
                                    told.plugins().stream().map(Json::of).toList(),
                                    "waiting",
                                    told.waiting(),
                                    "stopping",
                                    told.stopping(),
                                    "removed",
                                    told.done())));
            return;
        }
        facts(
                "bundle",
                (told.bundle() + " " + told.version()).strip(),
                "features",
                String.join(", ", told.features()),
                "plugins",
                String.join(
                        ", ",
                        told.plugins().stream().map(one -> one.kind() + " " + one.id()).toList()),
                "will wait",
                told.waiting().isEmpty() ? "no pipeline" : String.join(", ", told.waiting()),
                "will stop",
                told.stopping().isEmpty() ? "no job" : String.join(", ", told.stopping()));
    }
}
