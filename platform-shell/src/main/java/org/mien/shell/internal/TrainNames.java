// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.List;
import java.util.stream.Stream;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.api.console.Candidate;
import org.mien.core.Pipelines;

/** Completes the name of what can be trained: a pipeline or a recipe. */
@Service
public final class TrainNames extends NameCompleter {
    @Reference Pipelines pipelines;

    @Override
    Stream<Candidate> candidates(List<String> arguments, String word) {
        return Stream.concat(
                pipelines.all().stream()
                        .map(pipeline -> name(pipeline.name(), pipeline.state().name())),
                pipelines.recipes().stream().map(recipe -> name(recipe.name(), "recipe")));
    }
}
