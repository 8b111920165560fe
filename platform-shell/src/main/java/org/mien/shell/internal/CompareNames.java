// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.List;
import java.util.stream.Stream;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.api.console.Candidate;
import org.mien.core.Evaluations;
import org.mien.core.Runs;
import org.mien.core.Sweeps;

/** Completes what can be compared: a run, behind its colon one of its evaluations, a sweep. */
@Service
public final class CompareNames extends NameCompleter {
    @Reference Runs runs;
    @Reference Sweeps sweeps;
    @Reference Evaluations evaluations;

    @Override
    Stream<Candidate> candidates(List<String> arguments, String word) {
        int colon = word.indexOf(':');
        if (colon > 0) {
            String run = word.substring(0, colon);
            return evaluations.all(run).stream()
                    .filter(one -> !one.name().isEmpty())
                    .map(one -> name(run + ":" + one.name(), KeyValues.words(one.keys())));
        }
        return Stream.concat(
                runs.all().stream().map(run -> name(run.id(), run.state())),
                sweeps.all().stream().map(sweep -> name(sweep.name(), sweep.state())));
    }
}
