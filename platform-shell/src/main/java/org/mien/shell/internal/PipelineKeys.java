// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.console.Candidate;
import org.mien.core.Pipelines;
import org.mien.core.Plugins;

/** Completes the keys of a pipeline: the platform's, and those of the plugins that it names. */
public abstract class PipelineKeys extends NameCompleter {
    @Reference Pipelines pipelines;

    /** Name of the pipeline that an argument means; may be unknown. */
    abstract String pipeline(String argument);

    @Override
    final Stream<Candidate> candidates(List<String> arguments, String word) {
        Map<String, String> values = new HashMap<>();
        if (!arguments.isEmpty()) {
            String name = pipeline(arguments.get(0));
            pipelines.all().stream()
                    .filter(pipeline -> pipeline.name().equals(name))
                    .flatMap(pipeline -> pipeline.values().entrySet().stream())
                    .forEach(entry -> values.put(entry.getKey(), entry.getValue().value()));
            pipelines.recipes().stream()
                    .filter(recipe -> recipe.name().equals(name))
                    .flatMap(recipe -> recipe.values().entrySet().stream())
                    .forEach(entry -> values.putIfAbsent(entry.getKey(), entry.getValue().value()));
        }
        for (String argument : arguments) {
            int equals = argument.indexOf('=');
            if (equals > 0) {
                values.put(argument.substring(0, equals), argument.substring(equals + 1));
            }
        }
        Set<String> named = new HashSet<>();
        for (String kind : List.of("dataset", "backbone", "method", "preprocess", "evaluators")) {
            String text = values.get(kind);
            for (String id : text == null ? new String[0] : text.split(",")) {
                named.add(kind(kind) + " " + id.strip());
            }
        }
        List<Plugins.Key> keys = new ArrayList<>(plugins.platformKeys());
        for (Plugins.Plugin plugin : plugins.all()) {
            if (named.contains(plugin.kind() + " " + plugin.id())) {
                keys.addAll(plugin.keys());
            }
        }
        return keys(keys, word);
    }
}
