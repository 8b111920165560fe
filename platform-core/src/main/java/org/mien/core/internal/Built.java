// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.mien.api.InputSpec;
import org.mien.api.method.Build;
import org.mien.api.method.Model;
import org.mien.api.method.Phase;
import org.mien.api.net.Net;
import org.mien.api.net.Trunk;
import org.mien.core.MienException;
import org.mien.nn.spi.Weights;

/** A model with the parts that hang on its build. */
final class Built {
    private final Recipe recipe;
    private final List<String> labels;
    private final InputSpec input;
    private final Trunk trunk;
    private final Map<String, Net> inference = new LinkedHashMap<>();
    private final Map<String, Net> training = new LinkedHashMap<>();
    private Model model;
    private long[] counts;

    Built(Recipe recipe, List<String> labels) {
        this.recipe = recipe;
        this.labels = List.copyOf(labels);
        this.trunk = recipe.trunk();
        this.input = recipe.input();
        if (trunk != null) {
            inference.put("backbone", trunk);
        }
    }

    void model(Model made) {
        if (made == null) {
            throw new MienException(
                    recipe.method().who()
                            + ": build gave no model. This is a fault of the plugin.");
        }
        model = made;
    }

    Model model() {
        return model;
    }

    InputSpec input() {
        return input;
    }

    List<String> labels() {
        return labels;
    }

    Map<String, Net> inference() {
        return inference;
    }

    Map<String, Net> training() {
        return training;
    }

    /**
     * The phases, with the parts they hang on.
     *
     * @param trainingCounts training samples of each class
     */
    List<Phase> phases(long[] trainingCounts) {
        counts = trainingCounts.clone();
        List<Phase> phases;
        try {
            phases = List.copyOf(model.phases(build()));
        } catch (RuntimeException | LinkageError e) {
            throw Words.plugin(recipe.method().who(), e);
        }
        Set<String> planned = recipe.plan().phases().keySet();
        List<String> names = phases.stream().map(Phase::name).toList();
        if (!planned.equals(new LinkedHashSet<>(names)) || names.size() != planned.size()) {
            throw new MienException(
                    recipe.method().who()
                            + ": its plan names the phases "
                            + planned
                            + ", its model trains "
                            + names
                            + ". This is a fault of the plugin.");
        }
        return phases;
    }

    /** Adds every part to the weights. */
    void hang(Weights weights) {
        inference.forEach(weights::add);
        training.forEach(weights::add);
    }

    /** Paths of what a phase moves. */
    static Set<String> moved(Phase phase, Weights weights) {
        Set<String> paths = new LinkedHashSet<>();
        if (phase.moves().isEmpty()) {
            paths.addAll(weights.entries().keySet());
        }
        for (Net net : phase.moves()) {
            net.each("", (path, var) -> paths.add(weights.path(var)));
        }
        return paths;
    }

    Build build() {
        return new Build() {
            @Override
            public Trunk trunk() {
                if (trunk == null) {
                    throw new IllegalStateException(
                            "asked for a backbone that its plan does not need");
                }
                return trunk;
            }

            @Override
            public InputSpec input() {
                return input;
            }

            @Override
            public List<String> labels() {
                return labels;
            }

            @Override
            public long[] counts() {
                if (counts == null) {
                    throw new IllegalStateException("counts() is there in phases(build) only");
                }
                return counts.clone();
            }

            @Override
            public <N extends Net> N part(String name, N net) {
                if (inference.containsKey(name) || training.containsKey(name)) {
                    throw new IllegalArgumentException("two parts are named '" + name + "'");
                }
                (counts == null ? inference : training).put(name, net);
                return net;
            }
        };
    }

    /** Parameters by part. */
    static Map<String, Long> parameters(Map<String, Net> parts) {
        Map<String, Long> sizes = new LinkedHashMap<>();
        new ArrayList<>(parts.keySet())
                .forEach(name -> sizes.put(name, parts.get(name).parameters()));
        return sizes;
    }
}
