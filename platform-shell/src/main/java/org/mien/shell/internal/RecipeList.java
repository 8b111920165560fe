// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.mien.core.Figure;
import org.mien.core.Pipelines;

/** {@code fer:recipe-list}. */
@Service
@Command(
        scope = "fer",
        name = "recipe-list",
        description = "Lists the recipes that plugins bring: published trainings, used by name")
public final class RecipeList extends FerCommand {
    @Reference Pipelines pipelines;

    @Override
    void run() {
        List<Pipelines.Published> recipes = pipelines.recipes();
        if (json) {
            screen.line(Json.line(Json.of(recipes.stream().map(Json::of).toList())));
            return;
        }
        if (recipes.isEmpty()) {
            screen.line("No recipes. They come with the plugins of their methods.");
            return;
        }
        Table table =
                new Table()
                        .text("name", "state", "method", "backbone", "dataset")
                        .text("paper's figure", "you give", "why");
        for (Pipelines.Published recipe : recipes) {
            table.row(
                    recipe.name(),
                    recipe.state().name(),
                    Json.value(recipe, "method"),
                    Json.value(recipe, "backbone"),
                    Json.value(recipe, "dataset"),
                    figures(recipe.figures()),
                    String.join(", ", recipe.needs().keySet()),
                    recipe.why());
        }
        screen.lines(table.lines());
    }

    /** Figures for people. */
    static String figures(List<Figure> figures) {
        return figures.stream()
                .map(one -> one.data() + " " + one.metric() + " " + figure(one))
                .collect(Collectors.joining(", "));
    }

    /** A figure: with the digits that it has. */
    static String figure(Figure figure) {
        return figure.share()
                ? Text.percent(figure.value())
                : String.format(Locale.ROOT, "%s", figure.value());
    }
}
