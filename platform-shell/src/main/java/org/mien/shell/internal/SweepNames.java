// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.List;
import java.util.stream.Stream;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.api.console.Candidate;
import org.mien.core.Sweeps;

/** Completes the name of a sweep. */
@Service
public final class SweepNames extends NameCompleter {
    @Reference Sweeps sweeps;

    @Override
    Stream<Candidate> candidates(List<String> arguments, String word) {
        return sweeps.all().stream().map(sweep -> name(sweep.name(), sweep.state()));
    }
}
