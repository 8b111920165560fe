// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.List;
import java.util.stream.Stream;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.api.console.Candidate;

/** Completes the id of a backbone. */
@Service
public final class BackboneIds extends NameCompleter {
    @Override
    Stream<Candidate> candidates(List<String> arguments, String word) {
        return plugins.all().stream()
                .filter(plugin -> plugin.kind().equals("backbone"))
                .map(plugin -> name(plugin.id(), plugin.problem()));
    }
}
