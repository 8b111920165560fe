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
import org.mien.core.MienException;
import org.mien.core.internal.plugin.Keys;
import org.mien.core.internal.plugin.Words;

/**
 * The rates of parts of a network: what {@code train.PART.lr} and its like say, and {@code
 * train.PHASE.PART.lr} for one phase. Which parts there are only the built network knows.
 */
final class PartRates {
    private static final String TRAIN = "train.";

    private final String who;
    private final Map<String, String> texts;
    private final Set<String> phases;

    /**
     * Of a pipeline.
     *
     * @param who for messages
     * @param texts all its keys
     * @param phases names of its method's phases; they count before parts of the same name
     */
    PartRates(String who, Map<String, String> texts, Set<String> phases) {
        this.who = who;
        this.texts = texts;
        this.phases = phases;
    }

    /** Keys of a phase: those of all phases, and its own in their places. */
    Map<String, String> ofPhase(String phase) {
        return over(texts, TRAIN + phase + ".");
    }

    /** Rates of each part that has its own, by its path, in a phase. */
    Map<String, PlatformKeys.Rates> in(String phase) {
        Map<String, PlatformKeys.Rates> rates = new LinkedHashMap<>();
        Set<String> parts = new TreeSet<>();
        named(texts.keySet()).values().forEach(named -> part(named).ifPresent(parts::add));
        for (String part : parts) {
            Map<String, String> own = ofPhase(phase);
            for (String before : List.of(TRAIN, TRAIN + phase + ".")) {
                for (String around : around(part)) {
                    if (!before.equals(TRAIN) || !phases.contains(around)) {
                        own = over(own, before + around + ".");
                    }
                }
            }
            rates.put(part, Keys.bind(who, TRAIN, PlatformKeys.Rates.class, own));
        }
        return rates;
    }

    /** With the keys that begin with a prefix in the places of those of {@code train.*}. */
    private Map<String, String> over(Map<String, String> base, String prefix) {
        Map<String, String> own = new LinkedHashMap<>(base);
        texts.forEach(
                (key, value) -> {
                    if (key.startsWith(prefix)) {
                        own.put(TRAIN + key.substring(prefix.length()), value);
                    }
                });
        return own;
    }

    /** A path and the paths around it, the outermost first. */
    private static List<String> around(String path) {
        List<String> all = new ArrayList<>();
        for (int end = path.indexOf('.'); end >= 0; end = path.indexOf('.', end + 1)) {
            all.add(path.substring(0, end));
        }
        all.add(path);
        return all;
    }

    /** Of some keys those that can be rates of parts, each with what it names. */
    static Map<String, String> named(Set<String> keys) {
        Set<String> rates = new TreeSet<>();
        Keys.describe("", PlatformKeys.Rates.class).forEach(key -> rates.add(key.name()));
        Map<String, String> named = new LinkedHashMap<>();
        for (String key : keys) {
            int end = key.lastIndexOf('.');
            if (key.startsWith(TRAIN)
                    && end > TRAIN.length()
                    && rates.contains(key.substring(end + 1))) {
                named.put(key, key.substring(TRAIN.length(), end));
            }
        }
        return named;
    }

    /** The part that a key names, without its phase; nothing for a phase alone. */
    private Optional<String> part(String named) {
        int dot = named.indexOf('.');
        if (!phases.contains(dot < 0 ? named : named.substring(0, dot))) {
            return Optional.of(named);
        }
        return dot < 0 ? Optional.empty() : Optional.of(named.substring(dot + 1));
    }

    /**
     * Refuses keys of parts that there are not.
     *
     * @param frozen parts that keys name, to stand
     * @param paths of all weights and states
     * @param top names of the parts that hang on the build
     */
    void check(Set<String> frozen, Set<String> paths, Set<String> top) {
        Set<String> known = new TreeSet<>();
        paths.forEach(path -> known.addAll(around(path)));
        named(texts.keySet())
                .forEach(
                        (key, named) -> {
                            String part = part(named).orElse(null);
                            if (part != null && !known.contains(part)) {
                                boolean alone = part.equals(named);
                                throw none(
                                        key,
                                        alone
                                                ? " names '"
                                                        + part
                                                        + "', which is no phase and no part."
                                                : " names the part '"
                                                        + part
                                                        + "', and there is none.",
                                        nearest(key, known),
                                        known,
                                        top);
                            }
                        });
        for (String part : frozen) {
            if (!known.contains(part)) {
                throw none(
                        "train.freeze",
                        " names the part '" + part + "', and there is none.",
                        Words.nearest(part, known),
                        known,
                        top);
            }
        }
    }

    private Optional<String> nearest(String key, Set<String> known) {
        String end = key.substring(key.lastIndexOf('.'));
        Set<String> near = new TreeSet<>();
        known.forEach(path -> near.add(TRAIN + path + end));
        phases.forEach(phase -> near.add(TRAIN + phase + end));
        return Words.nearest(key, near);
    }

    private MienException none(
            String key, String what, Optional<String> near, Set<String> known, Set<String> top) {
        List<String> stages =
                known.stream().filter(path -> path.matches("backbone\\.[^.]*")).toList();
        return new MienException(
                who
                        + ": key '"
                        + key
                        + "'"
                        + what
                        + near.map(one -> " Did you mean '" + one + "'?").orElse("")
                        + " Phases are "
                        + String.join(", ", phases)
                        + ". Parts are "
                        + String.join(", ", top)
                        + ", and what lies in them"
                        + (stages.isEmpty() ? "" : ", such as " + String.join(", ", stages)));
    }
}
