// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.List;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.mien.core.MienException;
import org.mien.core.Pipelines;

/** {@code fer:recipe-show}. */
@Service
@Command(
        scope = "fer",
        name = "recipe-show",
        description = "Shows a recipe: what its paper reports, what it needs, and its keys")
public final class RecipeShow extends FerCommand {
    @Reference Pipelines pipelines;

    @Argument(
            index = 0,
            name = "NAME",
            description = "Names of recipes; fer:recipe-list shows them",
            required = true,
            multiValued = true)
    @Completion(RecipeNames.class)
    List<String> names;

    @Override
    void run() {
        List<Pipelines.Published> all = pipelines.recipes();
        List<Pipelines.Published> found =
                plain(names).stream().map(name -> find(all, name)).toList();
        if (found.isEmpty()) {
            throw new MienException("which recipe? " + known(all));
        }
        for (int i = 0; i < found.size(); i++) {
            if (json) {
                screen.line(Json.line(Json.of(found.get(i))));
            } else {
                screen.lines(i == 0 ? List.of() : List.of(""));
                show(found.get(i));
            }
        }
    }

    private static Pipelines.Published find(List<Pipelines.Published> all, String name) {
        return all.stream()
                .filter(recipe -> recipe.name().equals(name))
                .findFirst()
                .orElseThrow(
                        () ->
                                new MienException(
                                        "recipe '" + name + "' does not exist. " + known(all)));
    }

    private static String known(List<Pipelines.Published> all) {
        return all.isEmpty()
                ? "There are none; they come with the plugins of their methods."
                : "Known: "
                        + String.join(", ", all.stream().map(Pipelines.Published::name).toList())
                        + ".";
    }

    private void show(Pipelines.Published recipe) {
        facts(
                "recipe", recipe.name(),
                "state", (recipe.state() + " " + recipe.why()).strip(),
                "bundle", recipe.bundle() + " " + recipe.version(),
                "paper", recipe.paper(),
                "paper's figure", RecipeList.figures(recipe.figures()),
                "note", recipe.note(),
                "next", screen.typed(next(recipe)));
        if (!recipe.needs().isEmpty()) {
            Table needs = new Table().text("you give", "what it is");
            recipe.needs().forEach(needs::row);
            screen.line("");
            screen.lines(needs.lines());
        }
        screen.line("");
        screen.lines(values(recipe.values()));
    }

    private static String next(Pipelines.Published recipe) {
        StringBuilder next = new StringBuilder("train ").append(recipe.name());
        recipe.needs().keySet().forEach(key -> next.append(' ').append(key).append("=.."));
        return next.toString();
    }
}
