// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.List;
import java.util.stream.Stream;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.api.console.Candidate;

/** Completes the id of a plugin. */
@Service
public final class PluginIds extends NameCompleter {
    @Override
    Stream<Candidate> candidates(List<String> arguments, String word) {
        return plugins.all().stream().map(plugin -> name(plugin.id(), plugin.kind()));
    }
}
