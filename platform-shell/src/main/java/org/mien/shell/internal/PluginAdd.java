// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import com.google.gson.JsonElement;
import java.util.List;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.mien.core.MienException;
import org.mien.core.Plugins;
import org.mien.provision.Provisioning;

/** {@code fer:plugin-add}. */
@Service
@Command(
        scope = "fer",
        name = "plugin-add",
        description = "Installs plugins, or updates them, from a jar, a features.xml or a .kar")
public final class PluginAdd extends FerCommand {
    @Reference Provisioning provisioning;

    @Option(name = "--dry-run", description = "Only say what would be done")
    boolean dry;

    @Argument(
            index = 0,
            name = "FILE",
            description = "A bundle (.jar), a features.xml, a .kar, or mvn:GROUP/ARTIFACT/VERSION",
            required = true)
    @Completion(ImageFiles.class)
    String source;

    @Argument(index = 1, name = "option", description = "Options", multiValued = true)
    List<String> rest;

    @Override
    void run() {
        List<String> more = plain(rest);
        if (!more.isEmpty()) {
            throw new MienException("plugin-add takes one thing; leave '" + more.get(0) + "' away");
        }
        Provisioning.Addition added =
                provisioning.add(source, screen.folder(), dry, json ? told -> {} : this::say);
        if (json) {
            screen.line(Json.line(json(added)));
        } else {
            tell(added);
        }
    }

    private void say(Provisioning.Addition told) {
        Table bundles = new Table().text("bundle", "version", "replaces");
        for (Provisioning.Piece piece : told.bundles()) {
            String replaces = piece.replaces() == null ? "" : piece.replaces();
            bundles.row(piece.name(), piece.version(), piece.same() ? "unchanged" : replaces);
        }
        screen.lines(bundles.lines());
        screen.line("");
        if (!told.settings().isEmpty()) {
            Table table = new Table().text("file in etc", "feature", "");
            for (Provisioning.Setting setting : told.settings()) {
                String stays = setting.there() ? "is there and stays as it is" : "";
                table.row(setting.path(), setting.feature(), stays);
            }
            screen.lines(table.lines());
            screen.line("");
        }
        if (!told.needs().isEmpty()) {
            Table table = new Table().text("needs", "version", "here");
            for (Provisioning.Need need : told.needs()) {
                table.row(need.name(), need.range(), need.here().isEmpty() ? "no" : need.here());
            }
            screen.lines(table.lines());
            screen.line("");
        }
        facts(
                "features",
                String.join(", ", told.features()),
                "refreshed",
                told.refreshed().isEmpty() ? "nothing else" : String.join(", ", told.refreshed()));
    }

    private void tell(Provisioning.Addition added) {
        if (dry) {
            screen.line("nothing was changed (--dry-run)");
            return;
        }
        screen.line("");
        if (added.unchanged()) {
            screen.line("unchanged; all of it is installed already, with this very content");
        }
        if (added.plugins().isEmpty()) {
            screen.line(added.unchanged() ? "it gives no plugin" : "installed; it gives no plugin");
            return;
        }
        Table table = new Table().text("kind", "id", "version", "bundle", "problem");
        for (Plugins.Plugin plugin : added.plugins()) {
            table.row(
                    plugin.kind(),
                    plugin.id(),
                    plugin.version(),
                    plugin.bundle(),
                    plugin.problem());
        }
        screen.lines(table.lines());
        if (!added.ready().isEmpty()) {
            screen.line("");
            facts("now READY", String.join(", ", added.ready()));
        }
    }

    private static JsonElement json(Provisioning.Addition added) {
        return Json.object(
                "bundles",
                added.bundles().stream()
                        .map(
                                piece ->
                                        Json.object(
                                                "bundle", piece.name(),
                                                "version", piece.version(),
                                                "replaces", piece.replaces(),
                                                "unchanged", piece.same()))
                        .toList(),
                "features",
                added.features(),
                "files",
                added.settings().stream()
                        .map(
                                setting ->
                                        Json.object(
                                                "path", setting.path(),
                                                "feature", setting.feature(),
                                                "stays", setting.there()))
                        .toList(),
                "needs",
                added.needs().stream()
                        .map(
                                need ->
                                        Json.object(
                                                "package", need.name(),
                                                "version", need.range(),
                                                "here", need.here()))
                        .toList(),
                "refreshed",
                added.refreshed(),
                "installed",
                added.done(),
                "unchanged",
                added.unchanged(),
                "plugins",
                added.plugins().stream().map(Json::of).toList(),
                "ready",
                added.ready());
    }
}
