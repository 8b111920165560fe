// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.api.console.Candidate;
import org.mien.core.Plugins;

/** Completes the keys of {@code fer:method-info}. */
@Service
public final class MethodKeys extends NameCompleter {
    @Override
    Stream<Candidate> candidates(List<String> arguments, String word) {
        List<Plugins.Key> keys = new ArrayList<>();
        keys.add(new Plugins.Key("backbone", "text", null, "", "id of the backbone"));
        keys.add(new Plugins.Key("labels", "an integer", "7", "from 1", "number of classes"));
        for (Plugins.Plugin plugin : plugins.all()) {
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
