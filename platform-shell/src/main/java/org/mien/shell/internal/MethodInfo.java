// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.List;
import java.util.Map;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.mien.core.Plugins;

/** {@code fer:method-info}. */
@Service
@Command(
        scope = "fer",
        name = "method-info",
        description = "Shows what a method needs and how large it is on a backbone")
public final class MethodInfo extends FerCommand {
    @Reference Plugins plugins;

    @Argument(index = 0, name = "ID", description = "Id of a method", required = true)
    @Completion(MethodIds.class)
    String method;

    @Argument(
            index = 1,
            name = "key=value",
            description = "backbone=ID, labels=N, and keys of the method and the backbone",
            multiValued = true)
    @Completion(MethodKeys.class)
    List<String> rest;

    @Override
    void run() {
        Plugins.MethodInfo info =
                plugins.method(method, TypedKeys.of(plain(rest), plugins, screen.folder()));
        if (json) {
            screen.line(
                    Json.line(
                            Json.object(
                                    "method", info.method(),
                                    "backbone", info.backbone(),
                                    "kinds", info.kinds(),
                                    "features", info.features(),
                                    "views", info.views(),
                                    "input", info.input(),
                                    "phases", info.phases(),
                                    "inference", info.inference(),
                                    "inferenceParameters", sum(info.inference()),
                                    "training", info.training(),
                                    "trainingParameters", sum(info.training()),
                                    "pieces", info.pieces(),
                                    "unreadParameters", info.unread(),
                                    "frozenParameters", info.still(),
                                    "fixed", info.fixed(),
                                    "trainingFixed", info.trainingFixed(),
                                    "keys", Json.keys(info.keys()))));
            return;
        }
        facts(
                "method", info.method(),
                "backbone", info.backbone().isEmpty() ? "none" : info.backbone(),
                "needs", String.join(", ", info.kinds()),
                "gets", String.join(", ", info.features()),
                "views", String.join(", ", info.views()),
                "input", info.input(),
                "phases", String.join(", ", info.phases()));
        parts(
                "predicts",
                info.inference(),
                info.pieces(),
                info.unread(),
                info.still(),
                info.fixed());
        if (!info.training().isEmpty()) {
            parts("in training only", info.training(), info.pieces(), 0, 0, info.trainingFixed());
        }
        screen.line("");
        screen.lines(keys(info.keys()));
    }

    /** Papers count stages that nobody reads, and fixed positions, or do not: all readings. */
    private void parts(
            String title,
            Map<String, Long> parts,
            Map<String, Map<String, Long>> pieces,
            long unread,
            long still,
            long fixed) {
        Table table = new Table().text(title).numbers("parameters");
        parts.forEach(
                (part, parameters) -> {
                    table.row(part, Text.count(parameters));
                    pieces(table, pieces.getOrDefault(part, Map.of()));
                });
        table.row("in all", Text.count(sum(parts)));
        if (still > 0) {
            table.row("without what is frozen", Text.count(sum(parts) - still));
        }
        if (unread > 0) {
            table.row("with stages not read", Text.count(sum(parts) + unread));
        }
        if (fixed > 0) {
            table.row("with fixed arrays", Text.count(sum(parts) + fixed));
        }
        screen.line("");
        screen.lines(table.lines());
    }

    /** Pieces of one size that are only numbered, such as the blocks of a transformer, together. */
    private static void pieces(Table table, Map<String, Long> pieces) {
        List<String> names = List.copyOf(pieces.keySet());
        for (int from = 0, to; from < names.size(); from = to) {
            String first = names.get(from);
            long size = pieces.get(first);
            to = from + 1;
            while (to < names.size()
                    && pieces.get(names.get(to)) == size
                    && kind(names.get(to)).equals(kind(first))) {
                to++;
            }
            String last = names.get(to - 1);
            table.row(
                    "  " + first + (last.equals(first) ? "" : " to " + last),
                    Text.count(size * (to - from)));
        }
    }

    /** A name without its number. */
    private static String kind(String name) {
        return name.replaceFirst("\\d+$", "");
    }

    private static long sum(Map<String, Long> parts) {
        return parts.values().stream().mapToLong(Long::longValue).sum();
    }
}
