// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.List;
import java.util.stream.Stream;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.api.console.Candidate;

/** Completes what a sweep can be made of: a sweep, a pipeline or a recipe. */
@Service
public final class SweepStarts extends NameCompleter {
    @Override
    Stream<Candidate> candidates(List<String> arguments, String word) {
        return Stream.of(
                        mien.sweeps().stream().map(sweep -> name(sweep.name(), sweep.state())),
                        mien.pipelines().stream().map(one -> name(one.name(), "pipeline")),
                        mien.recipes().stream().map(recipe -> name(recipe.name(), "recipe")))
                .flatMap(names -> names);
    }
}
