// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.List;
import java.util.stream.Stream;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.api.console.Candidate;
import org.mien.core.Pipelines;
import org.mien.core.Sweeps;

/** Completes what a sweep can be made of: a sweep, a pipeline or a recipe. */
@Service
public final class SweepStarts extends NameCompleter {
    @Reference Pipelines pipelines;
    @Reference Sweeps sweeps;

    @Override
    Stream<Candidate> candidates(List<String> arguments, String word) {
        return Stream.of(
                        sweeps.all().stream().map(sweep -> name(sweep.name(), sweep.state())),
                        pipelines.all().stream().map(one -> name(one.name(), "pipeline")),
                        pipelines.recipes().stream().map(recipe -> name(recipe.name(), "recipe")))
                .flatMap(names -> names);
    }
}
