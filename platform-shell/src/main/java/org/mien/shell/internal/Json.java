// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.mien.core.Evaluations;
import org.mien.core.Figure;
import org.mien.core.Jobs;
import org.mien.core.Pipelines;
import org.mien.core.Plugins;
import org.mien.core.Runs;
import org.mien.core.Spread;
import org.mien.core.Sweeps;
import org.mien.core.Value;

/** What the platform knows as JSON. A number that is none (NaN, infinite) is null. */
final class Json {
    private Json() {}

    /** One line, in ASCII whatever the encoding of the terminal. */
    static String line(JsonElement element) {
        String text = element.toString();
        StringBuilder line = new StringBuilder(text.length());
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c < 0x7f) {
                line.append(c);
            } else {
                line.append(String.format(Locale.ROOT, "\\u%04x", (int) c));
            }
        }
        return line.toString();
    }

    /** Text, numbers, truths, maps and lists. */
    static JsonElement of(Object value) {
        if (value instanceof JsonElement element) {
            return element;
        }
        if (value instanceof Number number) {
            return Double.isFinite(number.doubleValue())
                    ? new JsonPrimitive(number)
                    : JsonNull.INSTANCE;
        }
        if (value instanceof Boolean truth) {
            return new JsonPrimitive(truth);
        }
        if (value instanceof Map<?, ?> map) {
            JsonObject object = new JsonObject();
            map.forEach((key, entry) -> object.add(key.toString(), of(entry)));
            return object;
        }
        if (value instanceof Collection<?> collection) {
            JsonArray array = new JsonArray();
            collection.forEach(entry -> array.add(of(entry)));
            return array;
        }
        return value == null ? JsonNull.INSTANCE : new JsonPrimitive(value.toString());
    }

    /** Values with their origin. */
    static JsonObject values(Map<String, Value> values) {
        JsonObject object = new JsonObject();
        values.forEach(
                (key, value) ->
                        object.add(key, object("value", value.value(), "origin", value.origin())));
        return object;
    }

    /** An object of names and values, in this order. */
    static JsonObject object(Object... namesAndValues) {
        JsonObject object = new JsonObject();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            object.add((String) namesAndValues[i], of(namesAndValues[i + 1]));
        }
        return object;
    }

    static JsonObject of(Runs.Run run) {
        return object(
                "run", run.id(),
                "pipeline", run.pipeline(),
                "state", run.state(),
                "started", run.started(),
                "seconds", run.seconds(),
                "epochs", run.epochs(),
                "bestEpoch", run.bestEpoch(),
                "chosenBy", run.chosenBy(),
                "chosenValue", run.chosenValue(),
                "evaluations", run.evaluations(),
                "folder", run.folder(),
                "text", run.text());
    }

    static JsonObject of(Pipelines.Pipeline pipeline) {
        JsonObject object =
                object(
                        "name", pipeline.name(),
                        "state", pipeline.state().name(),
                        "why", pipeline.why(),
                        "source", pipeline.source(),
                        "values", values(pipeline.values()));
        if (!pipeline.lastGood().isEmpty()) {
            object.add("lastGood", values(pipeline.lastGood()));
        }
        return object;
    }

    static JsonObject of(Jobs.Job job) {
        return object(
                "run", job.run(),
                "pipeline", job.pipeline(),
                "state", job.state(),
                "epoch", job.epoch(),
                "epochs", job.epochs(),
                "step", job.step(),
                "steps", job.steps(),
                "text", job.text());
    }

    static JsonObject of(Evaluations.Evaluation evaluation) {
        List<JsonObject> tables =
                evaluation.tables().stream()
                        .map(
                                table ->
                                        object(
                                                "name", table.name(),
                                                "columns", table.columns(),
                                                "rows", table.rows(),
                                                "shares", List.copyOf(table.shares())))
                        .toList();
        List<JsonObject> maps =
                evaluation.heatMaps().stream()
                        .map(
                                map ->
                                        object(
                                                "name", map.name(),
                                                "rows", map.rows(),
                                                "columns", map.columns(),
                                                "values", map.values()))
                        .toList();
        return object(
                "run", evaluation.run(),
                "evaluation", evaluation.name(),
                "keys", evaluation.keys(),
                "split", evaluation.split(),
                "samples", evaluation.samples(),
                "metrics", evaluation.metrics(),
                "shares", List.copyOf(evaluation.shares()),
                "tables", tables,
                "heatMaps", maps,
                "notes", evaluation.notes());
    }

    static JsonObject of(Evaluations.Comparison found) {
        return object(
                "split",
                found.split(),
                "keys",
                found.keys(),
                "metrics",
                found.metrics(),
                "shares",
                List.copyOf(found.shares()),
                "runs",
                found.runs().stream()
                        .map(
                                run ->
                                        object(
                                                "run", run.run(),
                                                "pipeline", run.pipeline(),
                                                "samples", run.samples(),
                                                "values", run.values(),
                                                "metrics", run.metrics()))
                        .toList(),
                "groups",
                found.groups().stream().map(Json::of).toList(),
                "tests",
                found.pairs().stream()
                        .map(
                                pair ->
                                        object(
                                                "first", pair.first(),
                                                "second", pair.second(),
                                                "samples", pair.samples(),
                                                "onlyFirst", pair.onlyFirst(),
                                                "onlySecond", pair.onlySecond(),
                                                "p", pair.p(),
                                                "holm", pair.adjusted()))
                        .toList(),
                "methods",
                found.methods().stream()
                        .map(
                                one ->
                                        object(
                                                "first", one.first(),
                                                "second", one.second(),
                                                "metric", one.metric(),
                                                "seeds", one.seeds(),
                                                "difference", one.difference(),
                                                "p", one.seedsP(),
                                                "holm", one.seedsAdjusted(),
                                                "least", one.leastP(),
                                                "samples", one.samples(),
                                                "samplesP", one.samplesP(),
                                                "samplesHolm", one.samplesAdjusted()))
                        .toList(),
                "notes",
                found.notes());
    }

    private static JsonObject of(Evaluations.Group group) {
        return object("runs", group.runs(), "metrics", spreads(group.metrics()));
    }

    private static JsonObject spreads(Map<String, Spread> spreads) {
        JsonObject metrics = new JsonObject();
        spreads.forEach(
                (name, spread) ->
                        metrics.add(
                                name,
                                object(
                                        "n", spread.n(),
                                        "mean", spread.mean(),
                                        "deviation", spread.deviation(),
                                        "least", spread.least(),
                                        "most", spread.most())));
        return metrics;
    }

    static JsonObject of(Pipelines.Published recipe) {
        return object(
                "name", recipe.name(),
                "state", recipe.state().name(),
                "why", recipe.why(),
                "bundle", recipe.bundle(),
                "version", recipe.version(),
                "method", value(recipe, "method"),
                "backbone", value(recipe, "backbone"),
                "dataset", value(recipe, "dataset"),
                "paper", recipe.paper(),
                "figures", figures(recipe.figures()),
                "needs", recipe.needs(),
                "note", recipe.note(),
                "values", values(recipe.values()));
    }

    /** A key's value, empty when it has none. */
    static String value(Pipelines.Published recipe, String key) {
        Value value = recipe.values().get(key);
        return value == null ? "" : value.value();
    }

    private static List<JsonObject> figures(List<Figure> figures) {
        return figures.stream()
                .map(
                        figure ->
                                object(
                                        "data", figure.data(),
                                        "metric", figure.metric(),
                                        "value", figure.value(),
                                        "share", figure.share()))
                .toList();
    }

    static JsonObject of(Sweeps.Sweep sweep) {
        return object(
                "sweep", sweep.name(),
                "state", sweep.state(),
                "why", sweep.why(),
                "done", sweep.done(),
                "all", sweep.all(),
                "source", sweep.source(),
                "what", sweep.what(),
                "paper", sweep.paper(),
                "note", sweep.note(),
                "base", sweep.base(),
                "split", sweep.split(),
                "seeds", sweep.seeds(),
                "keys", values(sweep.keys()),
                "cells", sweep.cells().stream().map(Json::of).toList(),
                "folder", sweep.folder());
    }

    private static JsonObject of(Sweeps.Cell cell) {
        return object(
                "name",
                cell.name(),
                "keys",
                cell.keys(),
                "figures",
                figures(cell.figures()),
                "runs",
                cell.runs().stream()
                        .map(
                                run ->
                                        object(
                                                "seed", run.seed(),
                                                "run", run.run(),
                                                "state", run.state(),
                                                "text", run.text(),
                                                "metrics", run.metrics()))
                        .toList(),
                "metrics",
                spreads(cell.metrics()));
    }

    static JsonObject of(Plugins.Plugin plugin) {
        return object(
                "kind", plugin.kind(),
                "id", plugin.id(),
                "version", plugin.version(),
                "bundle", plugin.bundle(),
                "problem", plugin.problem(),
                "keys", keys(plugin.keys()));
    }

    static List<JsonObject> keys(List<Plugins.Key> keys) {
        return keys.stream()
                .map(
                        key ->
                                object(
                                        "name", key.name(),
                                        "type", key.type(),
                                        "default", key.value(),
                                        "bounds", key.bounds(),
                                        "doc", key.doc()))
                .toList();
    }
}
