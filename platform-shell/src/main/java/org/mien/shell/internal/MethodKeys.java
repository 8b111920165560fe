// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.api.console.Candidate;
import org.mien.core.Mien;

/** Completes the keys of {@code fer:method-info}. */
@Service
public final class MethodKeys extends NameCompleter {
    @Override
    Stream<Candidate> candidates(List<String> arguments, String word) {
        List<Mien.Key> keys = new ArrayList<>();
        keys.add(new Mien.Key("backbone", "text", null, "", "id of the backbone"));
        keys.add(new Mien.Key("labels", "an integer", "7", "from 1", "number of classes"));
        for (Mien.Plugin plugin : mien.plugins()) {
            boolean method =
                    plugin.kind().equals("method")
                            && !arguments.isEmpty()
                            && plugin.id().equals(arguments.get(0));
            boolean backbone =
                    plugin.kind().equals("backbone")
                            && arguments.contains("backbone=" + plugin.id());
            if (method || backbone) {
                keys.addAll(plugin.keys());
            }
        }
        return keys(keys, word);
    }
}
