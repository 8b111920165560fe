// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.pipeline;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.mien.api.method.Model;
import org.mien.api.method.Phase;
import org.mien.api.net.Net;
import org.mien.api.net.Var;
import org.mien.core.MienException;
import org.mien.core.internal.plugin.Border;
import org.mien.core.internal.plugin.Registry.Entry;
import org.mien.nn.spi.Parts;

/** A model with the parts that hang on its build. */
public final class Built {
    private final String pipeline;
    private final Entry method;
    private final Set<String> planned;
    private final List<String> freeze;
    private final BiConsumer<Set<String>, Set<String>> check;
    private final Parts parts;
    private Model model;
    private List<Phase> made = List.of();
    private long still;

    /**
     * Nothing is built yet.
     *
     * @param pipeline who it is of, to begin an error with
     * @param method whose model it is
     * @param planned names of the phases that it planned
     * @param freeze what the pipeline holds still
     * @param check refuses keys of parts that are not there, by the paths of all weights and states
     *     and the names of the parts that hang on the build
     * @param parts what it builds with
     */
    Built(
            String pipeline,
            Entry method,
            Set<String> planned,
            List<String> freeze,
            BiConsumer<Set<String>, Set<String>> check,
            Parts parts) {
        this.pipeline = pipeline;
        this.method = method;
        this.planned = planned;
        this.freeze = freeze;
        this.check = check;
        this.parts = parts;
    }

    void model(Model made) {
        if (made == null) {
            throw new MienException(
                    method.who() + ": build gave no model. This is a fault of the plugin.");
        }
        model = made;
    }

    public Model model() {
        return model;
    }

    /** Holds still what the pipeline says. */
    void freeze() {
        try {
            still = parts.hold(freeze);
        } catch (IllegalArgumentException e) {
            throw new MienException(pipeline + ": " + e.getMessage());
        }
    }

    /** Parameters that the pipeline holds still. */
    public long still() {
        return still;
    }

    /** What the model is built with, and its parts. */
    public Parts parts() {
        return parts;
    }

    /**
     * The phases, with the parts they hang on.
     *
     * @param trainingCounts training samples of each class
     */
    public List<Phase> phases(long[] trainingCounts) {
        List<Phase> phases =
                Border.call(
                        method, () -> List.copyOf(model.phases(parts.training(trainingCounts))));
        List<String> names = phases.stream().map(Phase::name).toList();
        if (!planned.equals(new LinkedHashSet<>(names)) || names.size() != planned.size()) {
            throw new MienException(
                    method.who()
                            + ": its plan names the phases "
                            + planned
                            + ", its model trains "
                            + names
                            + ". This is a fault of the plugin.");
        }
        for (Phase phase : phases) {
            if (still > 0 && parts.standsStill(phase)) {
                throw new MienException(
                        pipeline
                                + ": freeze = "
                                + String.join(",", freeze)
                                + " leaves the phase '"
                                + phase.name()
                                + "' of "
                                + method.who()
                                + " nothing that moves; freeze fewer stages");
            }
        }
        Set<String> paths = new LinkedHashSet<>();
        Set<String> top = new LinkedHashSet<>();
        for (Map<String, Net> some : List.of(parts.inference(), parts.training())) {
            some.forEach(
                    (name, net) -> {
                        top.add(name);
                        net.each(name, (path, var) -> paths.add(path));
                    });
        }
        check.accept(paths, top);
        made = phases;
        return phases;
    }

    /** What {@link #phases} gave. */
    public List<Phase> made() {
        return made;
    }

    /** Elements of arrays that never move, over all parts. */
    public static long fixed(Map<String, Net> parts) {
        long[] sum = {0};
        for (Net net : List.copyOf(parts.values())) {
            net.each("", (path, var) -> sum[0] += var.init() == Var.Init.FIXED ? var.size() : 0);
        }
        return sum[0];
    }

    /** Parameters of the parts of each part that has several, and of the weights beside them. */
    public Map<String, Map<String, Long>> pieces() {
        Map<String, Map<String, Long>> all = new LinkedHashMap<>();
        for (Map<String, Net> some : List.of(parts.inference(), parts.training())) {
            for (String name : List.copyOf(some.keySet())) {
                Net net = some.get(name);
                Map<String, Long> sizes = new LinkedHashMap<>();
                net.each(
                        "",
                        (path, var) ->
                                sizes.merge(
                                        path.replaceFirst("[.].*", ""),
                                        var.trained() ? var.size() : 0,
                                        Long::sum));
                sizes.values().removeIf(size -> size == 0);
                if (!net.parts().isEmpty() && sizes.size() > 1) {
                    all.put(name, sizes);
                }
            }
        }
        return all;
    }

    /** Parameters by part. */
    public static Map<String, Long> parameters(Map<String, Net> parts) {
        Map<String, Long> sizes = new LinkedHashMap<>();
        new ArrayList<>(parts.keySet())
                .forEach(name -> sizes.put(name, parts.get(name).parameters()));
        return sizes;
    }
}
