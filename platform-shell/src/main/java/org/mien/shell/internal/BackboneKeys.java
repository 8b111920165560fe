// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.List;
import java.util.stream.Stream;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.api.console.Candidate;
import org.mien.core.Mien;

/** Completes the keys of {@code fer:backbone-info}. */
@Service
public final class BackboneKeys extends NameCompleter {
    @Override
    Stream<Candidate> candidates(List<String> arguments, String word) {
        List<Mien.Key> keys =
                mien.plugins().stream()
                        .filter(plugin -> plugin.kind().equals("backbone"))
                        .filter(plugin -> arguments.contains(plugin.id()))
                        .flatMap(plugin -> plugin.keys().stream())
                        .toList();
        return keys(keys, word);
    }
}
