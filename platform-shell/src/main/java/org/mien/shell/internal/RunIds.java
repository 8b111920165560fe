// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.List;
import java.util.stream.Stream;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.api.console.Candidate;
import org.mien.core.Runs;

/** Completes the id of a run. */
@Service
public final class RunIds extends NameCompleter {
    @Reference Runs runs;

    @Override
    Stream<Candidate> candidates(List<String> arguments, String word) {
        return Stream.concat(
                runs.aliases().entrySet().stream()
                        .map(one -> name(one.getKey(), "run " + one.getValue())),
                runs.all().stream().map(run -> name(run.id(), run.state())));
    }
}
