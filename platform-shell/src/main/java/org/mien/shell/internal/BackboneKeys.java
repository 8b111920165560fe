// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.api.console.Candidate;
import org.mien.core.Plugins;

/** Completes the keys of a backbone that is named; where none is, those of all. */
@Service
public final class BackboneKeys extends NameCompleter {
    @Override
    Stream<Candidate> candidates(List<String> arguments, String word) {
        List<Plugins.Plugin> backbones =
                plugins.all().stream().filter(one -> one.kind().equals("backbone")).toList();
        boolean named = backbones.stream().anyMatch(one -> arguments.contains(one.id()));
        Map<String, Plugins.Key> keys = new LinkedHashMap<>();
        backbones.stream()
                .filter(one -> !named || arguments.contains(one.id()))
                .flatMap(one -> one.keys().stream())
                .forEach(key -> keys.putIfAbsent(key.name(), key));
        return keys(List.copyOf(keys.values()), word);
    }
}
