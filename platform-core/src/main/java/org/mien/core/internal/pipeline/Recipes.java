// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.pipeline;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.mien.core.Figure;
import org.mien.core.MienException;
import org.mien.core.Pipelines;
import org.mien.core.Plugins;
import org.mien.core.Value;
import org.mien.core.internal.plugin.Keys;
import org.mien.core.internal.plugin.Kind;
import org.mien.core.internal.plugin.Registry;
import org.mien.core.internal.plugin.Words;

/**
 * What can be trained by name: pipelines that are configured, and recipes, which bundles bring and
 * which become pipelines when they are used.
 */
public final class Recipes {
    /** Beginning of the keys that speak of a recipe; the others are those of the pipeline. */
    private static final String ABOUT = "recipe.";

    private static final String NEEDS = ABOUT + "needs";

    private static final Set<String> KNOWN =
            Set.of(ABOUT + "paper", ABOUT + "figure", ABOUT + "note", NEEDS);

    private final Registry registry;
    private final ConfiguredPipelines pipelines;
    private final Shipped shipped;

    public Recipes(Registry registry, ConfiguredPipelines pipelines, Shipped shipped) {
        this.registry = registry;
        this.pipelines = pipelines;
        this.shipped = shipped;
    }

    /** Every recipe, by name, those that cannot be used with the reason. */
    public List<Pipelines.Published> all() {
        return shipped.all(Shipped.Kind.RECIPE).stream().map(this::published).toList();
    }

    private Pipelines.Published published(Shipped.Text text) {
        Map<String, Value> values = own(text);
        Map<String, String> needs = new LinkedHashMap<>();
        List<Figure> figures = List.of();
        Pipelines.State state = Pipelines.State.READY;
        String why = "";
        try {
            check(text);
            figures = Figures.parse(text.values().get(ABOUT + "figure"));
            needs = needs(text, values);
            List<String> missing = BoundPipeline.missing(registry, values);
            if (!missing.isEmpty()) {
                state = Pipelines.State.WAITING;
                why = "for " + String.join("; ", missing);
            } else if (pipelines.find(text.name()).isPresent()) {
                why = "the pipeline of this name counts, not the recipe";
            }
        } catch (IllegalArgumentException | MienException e) {
            state = Pipelines.State.FAILED;
            why = e.getMessage();
        }
        return new Pipelines.Published(
                text.name(),
                text.bundle(),
                text.version(),
                state,
                why,
                text.values().getOrDefault(ABOUT + "paper", ""),
                text.values().getOrDefault(ABOUT + "note", ""),
                figures,
                needs,
                values);
    }

    private static void check(Shipped.Text text) {
        if (!text.problem().isEmpty()) {
            throw new IllegalArgumentException(text.problem());
        }
        for (String key : text.values().keySet()) {
            if (key.startsWith(ABOUT) && !KNOWN.contains(key) && !key.startsWith(NEEDS + ".")) {
                throw new IllegalArgumentException(
                        "unknown key '" + key + "'." + Words.hint(key, new TreeSet<>(KNOWN)));
            }
        }
        for (String key : List.of("dataset", "method")) {
            if (text.values().getOrDefault(key, "").isEmpty()) {
                throw new IllegalArgumentException("it has no key '" + key + "'");
            }
        }
    }

    /** The keys of the pipeline to be. */
    private static Map<String, Value> own(Shipped.Text text) {
        Map<String, Value> values = new LinkedHashMap<>();
        text.values()
                .forEach(
                        (key, value) -> {
                            if (!key.startsWith(ABOUT)) {
                                values.put(key, new Value(value, text.origin()));
                            }
                        });
        return values;
    }

    /** The keys that the user must give, with what each is. */
    private Map<String, String> needs(Shipped.Text text, Map<String, Value> values) {
        Map<String, String> needs = new LinkedHashMap<>();
        for (String key : list(text.values().get(NEEDS))) {
            String what = text.values().get(NEEDS + "." + key);
            needs.put(key, what == null ? doc(key, values) : what);
        }
        for (String key : text.values().keySet()) {
            String about = key.startsWith(NEEDS + ".") ? key.substring(NEEDS.length() + 1) : "";
            if (!about.isEmpty() && !needs.containsKey(about)) {
                throw new IllegalArgumentException(
                        "'" + key + "' is there, but '" + NEEDS + "' does not name " + about);
            }
        }
        return needs;
    }

    /** What a key is, as far as a plugin that is there says it. */
    private String doc(String key, Map<String, Value> values) {
        for (Kind kind : List.of(Kind.DATASET, Kind.BACKBONE, Kind.METHOD)) {
            Value id = values.get(kind.word());
            Optional<Registry.Entry> entry =
                    id == null ? Optional.empty() : registry.find(kind, id.value());
            if (entry.isPresent() && key.startsWith(Registry.prefix(entry.get()))) {
                return Keys.describe(Registry.prefix(entry.get()), Registry.settings(entry.get()))
                        .stream()
                        .filter(one -> one.name().equals(key))
                        .map(Plugins.Key::doc)
                        .findFirst()
                        .orElse("");
            }
        }
        return "";
    }

    private static List<String> list(String text) {
        List<String> list = new ArrayList<>();
        for (String one : text == null ? new String[0] : text.split(",")) {
            if (!one.isBlank()) {
                list.add(one.strip());
            }
        }
        return list;
    }

    /** Whether there is something of this name that can be trained. */
    public boolean knows(String name) {
        return pipelines.find(name).isPresent() || text(name).isPresent();
    }

    private Optional<Shipped.Text> text(String name) {
        return shipped.all(Shipped.Kind.RECIPE).stream()
                .filter(text -> text.name().equals(name))
                .findFirst();
    }

    /**
     * The keys of what is to be trained.
     *
     * @param name of a pipeline, or else of a recipe
     * @param over keys that count more
     * @throws MienException where there is none, or a recipe lacks what the user must give
     */
    public Map<String, Value> values(String name, Map<String, Value> over) {
        Map<String, Value> values = merged(name, over);
        if (pipelines.find(name).isEmpty()) {
            lacks(name, values);
        }
        return values;
    }

    /** The keys of what is to be trained, whether or not anything is lacking. */
    public Map<String, Value> merged(String name, Map<String, Value> over) {
        Optional<Configurations.Configured> configured = pipelines.find(name);
        Map<String, Value> values;
        if (configured.isPresent()) {
            if (!configured.get().problem().isEmpty()) {
                throw new MienException("pipeline " + name + ": " + configured.get().problem());
            }
            values = configured.get().values();
        } else {
            Shipped.Text text = text(name).orElseThrow(() -> unknown(name));
            try {
                check(text);
            } catch (IllegalArgumentException e) {
                throw faulty(text, e);
            }
            values = own(text);
        }
        return Overlay.of(values, over);
    }

    /** Refuses a recipe that waits for a plugin, or lacks what the user must give. */
    private void lacks(String name, Map<String, Value> values) {
        Shipped.Text text = text(name).orElseThrow(() -> unknown(name));
        Map<String, Value> own = own(text);
        Map<String, String> needs;
        try {
            needs = needs(text, own);
        } catch (IllegalArgumentException e) {
            throw faulty(text, e);
        }
        Map<String, Value> all = new LinkedHashMap<>(own);
        needs.forEach((key, what) -> all.putIfAbsent(key, new Value("", text.origin())));
        needs.keySet().removeAll(Overlay.gone(all, values));
        needs.keySet().removeAll(values.keySet());
        List<String> missing = BoundPipeline.missing(registry, values);
        if (missing.isEmpty() && needs.isEmpty()) {
            return;
        }
        StringBuilder why = new StringBuilder("recipe " + name + " cannot be used yet:");
        if (!missing.isEmpty()) {
            why.append(" it waits for ").append(String.join("; ", missing));
        }
        if (!needs.isEmpty()) {
            why.append(missing.isEmpty() ? " it needs " : "; and it needs ")
                    .append(
                            needs.entrySet().stream()
                                    .map(Recipes::words)
                                    .collect(Collectors.joining(", ")))
                    .append(". Give ")
                    .append(
                            needs.keySet().stream()
                                    .map(key -> key + "=..")
                                    .collect(Collectors.joining(" ")));
        }
        throw new MienException(why.toString());
    }

    private static String words(Map.Entry<String, String> need) {
        return need.getKey() + (need.getValue().isEmpty() ? "" : " (" + need.getValue() + ")");
    }

    private static MienException faulty(Shipped.Text text, IllegalArgumentException e) {
        return new MienException(
                text.origin()
                        + " cannot be used: "
                        + e.getMessage()
                        + ". This is a fault of the bundle");
    }

    private MienException unknown(String name) {
        Set<String> known = new TreeSet<>();
        pipelines.all().forEach(one -> known.add(one.name()));
        shipped.all(Shipped.Kind.RECIPE).forEach(one -> known.add(one.name()));
        return new MienException(
                "pipeline '"
                        + name
                        + "' is not configured, and no recipe has this name."
                        + Words.hint(name, known)
                        + " A pipeline is a file etc/"
                        + ConfiguredPipelines.PID
                        + "-NAME.cfg; a recipe comes with the plugin of its method.");
    }

    /** Keys as somebody typed them with a command. */
    public static Map<String, Value> typed(Map<String, String> overrides) {
        Map<String, Value> values = new LinkedHashMap<>();
        overrides.forEach((key, value) -> values.put(key, new Value(value, "command line")));
        return values;
    }
}
