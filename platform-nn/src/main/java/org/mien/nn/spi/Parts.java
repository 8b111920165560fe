// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn.spi;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.mien.api.Feature;
import org.mien.api.InputSpec;
import org.mien.api.data.Targets;
import org.mien.api.method.Build;
import org.mien.api.method.Phase;
import org.mien.api.method.Plan;
import org.mien.api.net.Net;
import org.mien.api.net.Trunk;
import org.mien.api.net.Var;

/** What a method builds with: holds the parts that are hung on it, in order. */
public final class Parts implements Build {
    private static final String BACKBONE = "backbone";

    private final Trunk trunk;
    private final InputSpec input;
    private final Targets targets;
    private final Map<String, Trunk> roles;
    private final Map<String, Net> inference = new LinkedHashMap<>();
    private final Map<String, Net> training = new LinkedHashMap<>();
    private final List<Net> held = new ArrayList<>();
    private long[] counts;
    private Gallery gallery;

    /**
     * With the backbone as its first part.
     *
     * @param trunk as {@link #cut} gave it; null for a method that needs none
     * @param input size, mean and deviation of every view
     * @param targets what is learnt
     */
    public Parts(Trunk trunk, InputSpec input, Targets targets) {
        this(trunk, input, targets, Map.of());
    }

    /**
     * With backbones that never move, too.
     *
     * @param trunk as {@link #cut} gave it; null for a method that needs none
     * @param input size, mean and deviation of every view
     * @param targets what is learnt
     * @param frozen trunks by role, each cut after what is read
     */
    public Parts(Trunk trunk, InputSpec input, Targets targets, Map<String, Trunk> frozen) {
        this.roles = new LinkedHashMap<>(frozen);
        this.trunk = trunk;
        this.input = input;
        this.targets = targets;
        if (trunk != null) {
            inference.put(BACKBONE, trunk);
        }
    }

    /**
     * A chain up to what a plan reads: the stage it names, else the last feature of its kinds.
     *
     * @param whole the backbone's chain
     * @param plan the plan
     * @return a trunk of fresh stages; null for a plan on no backbone
     * @throws IllegalArgumentException when there is no such stage or kind
     */
    public static Trunk cut(Trunk whole, Plan plan) {
        if (plan.stage().isEmpty() || plan.kinds().isEmpty()) {
            return cut(whole, plan.kinds());
        }
        Trunk cut = whole.upTo(plan.stage());
        plan.kinds().forEach(cut::feature);
        return cut;
    }

    /**
     * A chain up to the last feature wanted.
     *
     * @param whole the backbone's chain
     * @param kinds kinds of feature that a plan asks for
     * @return a trunk of fresh stages; null when nothing is asked for
     * @throws IllegalArgumentException when it does not give one of them
     */
    public static Trunk cut(Trunk whole, Set<Feature.Kind> kinds) {
        List<Feature> features = whole.features();
        Feature last = null;
        for (Feature.Kind kind : kinds) {
            Feature wanted = whole.feature(kind);
            if (last == null || features.indexOf(wanted) > features.indexOf(last)) {
                last = wanted;
            }
        }
        return last == null ? null : whole.upTo(last);
    }

    /**
     * From now on parts are those of training.
     *
     * @param samples training samples of each class
     * @return this
     */
    public Parts training(long[] samples) {
        counts = samples.clone();
        return this;
    }

    /**
     * Parts that predict.
     *
     * @return by name, in order
     */
    public Map<String, Net> inference() {
        return Collections.unmodifiableMap(inference);
    }

    /**
     * Parts of training only.
     *
     * @return by name, in order
     */
    public Map<String, Net> training() {
        return Collections.unmodifiableMap(training);
    }

    /**
     * Holds the backbone or stages of it still, because the pipeline says so.
     *
     * @param names {@code backbone}, or names of stages that the plan reads; none for nothing
     * @return parameters that do not move
     * @throws IllegalArgumentException for another name, with those there are
     */
    public long hold(List<String> names) {
        for (String name : names) {
            Net part =
                    trunk == null ? null : name.equals(BACKBONE) ? trunk : trunk.parts().get(name);
            if (part == null) {
                throw new IllegalArgumentException(
                        "freeze = "
                                + String.join(",", names)
                                + ": "
                                + (trunk == null
                                        ? "the method reads no backbone"
                                        : "there is no stage '"
                                                + name
                                                + "'; expected backbone, or some of its stages that"
                                                + " are read: "
                                                + String.join(", ", trunk.parts().keySet())));
            }
            held.add(part);
        }
        return weights(held).stream().mapToLong(Var::size).sum();
    }

    private static Set<Var> weights(Collection<? extends Net> nets) {
        Set<Var> vars = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Net net : nets) {
            net.each(
                    "",
                    (path, var) -> {
                        if (var.trained()) {
                            vars.add(var);
                        }
                    });
        }
        return vars;
    }

    /**
     * Whether a phase has nothing left to move.
     *
     * @param phase the phase
     * @return true where all weights that it moves are held
     */
    public boolean standsStill(Phase phase) {
        List<Net> moves = new ArrayList<>(phase.moves());
        if (moves.isEmpty()) {
            moves.addAll(inference.values());
            moves.addAll(training.values());
            moves.removeAll(roles.values());
        }
        return weights(held).containsAll(weights(moves));
    }

    /**
     * Adds every part to weights.
     *
     * @param weights where to
     */
    public void hang(Weights weights) {
        inference.forEach(weights::add);
        training.forEach(weights::add);
        roles.values().forEach(weights::freeze);
        held.forEach(weights::hold);
    }

    @Override
    public Trunk trunk() {
        if (trunk == null) {
            throw new IllegalStateException("asked for a backbone that its plan does not need");
        }
        return trunk;
    }

    @Override
    public Trunk frozen(String role) {
        Trunk found = roles.get(role);
        if (found == null) {
            throw new IllegalArgumentException(
                    "asked for the frozen backbone '"
                            + role
                            + "'; its plan names "
                            + (roles.isEmpty() ? "none" : String.join(", ", roles.keySet())));
        }
        if (inference.get(role) != found && training.get(role) != found) {
            part(role, found);
        }
        return found;
    }

    @Override
    public void gallery(Gallery drawn) {
        if (counts == null) {
            throw new IllegalStateException("gallery(..) is there in phases(build) only");
        }
        gallery = drawn;
    }

    /**
     * What draws pictures with parts of training.
     *
     * @return the gallery, or null where the method gave none
     */
    public Gallery gallery() {
        return gallery;
    }

    @Override
    public InputSpec input() {
        return input;
    }

    @Override
    public Targets targets() {
        return targets;
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
}
