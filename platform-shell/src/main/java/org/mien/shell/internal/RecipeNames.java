// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.List;
import java.util.stream.Stream;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.apache.karaf.shell.api.console.Candidate;
import org.mien.core.Pipelines;

/** Completes the name of a recipe. */
@Service
public final class RecipeNames extends NameCompleter {
    @Reference Pipelines pipelines;

    @Override
    Stream<Candidate> candidates(List<String> arguments, String word) {
        return pipelines.recipes().stream()
                .map(recipe -> name(recipe.name(), recipe.state().name()));
    }
}
