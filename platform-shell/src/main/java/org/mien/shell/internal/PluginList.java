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
import org.mien.core.Plugins;

/** {@code fer:plugin-list}. */
@Service
@Command(
        scope = "fer",
        name = "plugin-list",
        description = "Lists the plugins that are installed, and their keys")
public final class PluginList extends FerCommand {
    @Reference Plugins plugins;

    @Option(name = "--keys", description = "The keys of each plugin too")
    boolean keys;

    @Argument(
            index = 0,
            name = "ID",
            description = "Only plugins of these ids, with their keys",
            multiValued = true)
    @Completion(PluginIds.class)
    List<String> ids;

    @Override
    void run() {
        List<String> wanted = plain(ids);
        List<Plugins.Plugin> all = plugins.all();
        for (String id : wanted) {
            if (all.stream().noneMatch(plugin -> plugin.id().equals(id))) {
                throw new MienException(
                        "plugin '"
                                + id
                                + "' is not installed. Installed: "
                                + String.join(
                                        ", ",
                                        all.stream().map(Plugins.Plugin::id).distinct().toList())
                                + ".");
            }
        }
        List<Plugins.Plugin> shown =
                all.stream().filter(p -> wanted.isEmpty() || wanted.contains(p.id())).toList();
        if (json) {
            screen.line(Json.line(Json.of(shown.stream().map(Json::of).toList())));
            return;
        }
        if (shown.isEmpty()) {
            screen.line("No plugins are installed. feature:list shows what can be installed.");
            return;
        }
        Table table = new Table().text("kind", "id", "version", "bundle", "problem");
        for (Plugins.Plugin plugin : shown) {
            table.row(
                    plugin.kind(),
                    plugin.id(),
                    plugin.version(),
                    plugin.bundle(),
                    plugin.problem());
        }
        screen.lines(table.lines());
        if (keys || !wanted.isEmpty()) {
            for (Plugins.Plugin plugin : shown) {
                screen.line("");
                screen.line(plugin.kind() + " " + plugin.id());
                screen.lines(keys(plugin.keys()));
            }
        }
    }
}
