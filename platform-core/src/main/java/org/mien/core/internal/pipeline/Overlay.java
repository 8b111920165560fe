// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.pipeline;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.mien.api.spi.Settings;
import org.mien.core.Value;

/**
 * Keys over others: the one rule for trainings, evaluations, predictions, checks, features and
 * sweeps. What is given counts; and where it names another plugin, the keys of the one that is left
 * out go with it, its defaults too, whatever the new one's keys are called.
 */
public final class Overlay {
    /** Keys that name one plugin each. */
    private static final List<String> SINGLE = List.of("dataset", "backbone", "method");

    /** Keys that name several. */
    private static final List<String> SEVERAL = List.of("preprocess", "evaluators");

    private Overlay() {}

    /**
     * Keys over others.
     *
     * @param base what was there
     * @param over what counts more
     */
    public static Map<String, Value> of(Map<String, Value> base, Map<String, Value> over) {
        Map<String, Value> values = new LinkedHashMap<>(base);
        values.keySet().removeAll(gone(base, over));
        values.putAll(over);
        return values;
    }

    /** The keys that go with the plugins that are left out. */
    static Set<String> gone(Map<String, Value> base, Map<String, Value> over) {
        Set<String> prefixes = new LinkedHashSet<>();
        Set<String> gone = new LinkedHashSet<>();
        for (String key : SINGLE) {
            if (!given(base, key).isEmpty()
                    && over.containsKey(key)
                    && !given(over, key).equals(given(base, key))) {
                prefixes.add(key + ".");
                if (key.equals("method")) {
                    gone.addAll(ofMethod(base));
                }
                if (key.equals("backbone")) {
                    gone.addAll(ofStages(base));
                }
            }
        }
        for (String key : SEVERAL) {
            if (over.containsKey(key) && base.containsKey(key)) {
                List<String> left = StepGroup.ids(given(over, key));
                for (String id : StepGroup.ids(given(base, key))) {
                    if (!left.contains(id)) {
                        prefixes.add(id + ".");
                        if (given(base, "select").startsWith(id + ".")) {
                            gone.addAll(Set.of("select", "select.mode"));
                        }
                    }
                }
            }
        }
        base.keySet().stream()
                .filter(key -> prefixes.stream().anyMatch(key::startsWith))
                .forEach(gone::add);
        return gone;
    }

    private static String given(Map<String, Value> values, String key) {
        Value value = values.get(key);
        return value == null || value.value() == null ? "" : value.value().strip();
    }

    /** Keys that only this method has: of its phases, its parts, and its frozen backbones. */
    private static Set<String> ofMethod(Map<String, Value> values) {
        Set<String> others = new HashSet<>();
        PlatformKeys.all().forEach(key -> others.add(key.name().split("\\.")[0]));
        for (String key : SEVERAL) {
            others.addAll(StepGroup.ids(given(values, key)));
        }
        return values.keySet().stream()
                .filter(
                        key -> {
                            String[] words = key.split("\\.");
                            return words.length > 1 && !others.contains(words[0])
                                    || words.length > 2 && words[0].equals("train")
                                    || key.equals("train.freeze");
                        })
                .collect(Collectors.toSet());
    }

    /** Keys that speak of stages of this backbone. */
    private static Set<String> ofStages(Map<String, Value> values) {
        Set<String> gone =
                values.keySet().stream()
                        .filter(key -> key.matches("train\\.([^.]+\\.)?backbone\\.[^.]+\\..*"))
                        .collect(Collectors.toSet());
        if (!Set.of("", "backbone").contains(given(values, "freeze"))) {
            gone.add("freeze");
        }
        if (Settings.list(given(values, "train.freeze")).stream()
                .anyMatch(part -> part.startsWith("backbone."))) {
            gone.add("train.freeze");
        }
        return gone;
    }
}
