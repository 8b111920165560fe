// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which of several equal networks of a file is meant: that which the authors of a known layout use
 * afterwards. docs/weights.md has the table with where it is from.
 */
final class Preference {
    /** Where checkpoints keep the weights, the usual ones first. */
    private static final List<String> WRAPPERS =
            List.of(
                    "state_dict",
                    "model_state_dict",
                    "model",
                    "net",
                    "network",
                    "backbone",
                    "encoder",
                    "module",
                    "weights",
                    "params");

    /** A name, and those that stand back where it is. */
    private static final Map<String, List<String>> BEFORE =
            Map.ofEntries(
                    // An average of the weights is what is evaluated.
                    Map.entry("state_dict_ema", List.of("state_dict", "model", "model_state_dict")),
                    Map.entry("ema_state_dict", List.of("state_dict", "model_state_dict", "model")),
                    Map.entry("model_ema", List.of("model", "state_dict", "model_state_dict")),
                    Map.entry(
                            "ema_model",
                            List.of("model", "state_dict", "model_state_dict", "online_model")),
                    Map.entry("model_ema_state_dict", List.of("model_state_dict")),
                    Map.entry("ema_model_state_dict", List.of("model_state_dict")),
                    Map.entry("ema", List.of("model", "net", "state_dict")),
                    Map.entry("average", List.of("backbone")), // a run's last checkpoint
                    Map.entry("params_ema", List.of("params")),
                    Map.entry("net_ema", List.of("net")),
                    Map.entry("g_ema", List.of("g", "g_running")),
                    // DINO, iBOT, EsViT; mean teachers.
                    Map.entry("teacher", List.of("student")),
                    // MoCo 1 and 2; MoCo 3; BYOL; solo-learn.
                    Map.entry("encoder_q", List.of("encoder_k")),
                    Map.entry("base_encoder", List.of("momentum_encoder")),
                    Map.entry("online_network", List.of("target_network")),
                    Map.entry("online_encoder", List.of("target_encoder")),
                    Map.entry("online_network_state_dict", List.of("target_network_state_dict")),
                    Map.entry("online_net", List.of("target_net")),
                    Map.entry("backbone", List.of("momentum_backbone")),
                    Map.entry("encoder", List.of("momentum_encoder")));

    /** Under these names lies an average of what lies beside them. */
    private static final Set<String> AVERAGES =
            Set.of("average", "ema", "model_ema", "ema_model", "state_dict_ema", "averaged");

    private Preference() {}

    /**
     * The one that is meant.
     *
     * @param places of equal networks, keys and names with dots
     * @return its index; nothing when no layout is known in which one stands before all others
     */
    static Optional<Integer> among(List<String> places) {
        for (int i = 0; i < places.size(); i++) {
            boolean first = true;
            for (int k = 0; k < places.size(); k++) {
                first &= i == k || before(places.get(i), places.get(k));
            }
            if (first) {
                return Optional.of(i);
            }
        }
        return Optional.empty();
    }

    /** Whether a place stands before another by the first keys in which they differ. */
    private static boolean before(String one, String other) {
        List<String> mine = keys(one);
        List<String> theirs = keys(other);
        while (!mine.isEmpty() && !theirs.isEmpty() && mine.get(0).equals(theirs.get(0))) {
            mine.remove(0);
            theirs.remove(0);
        }
        if (mine.isEmpty() != theirs.isEmpty()) { // one lies within the other
            return mine.isEmpty()
                    ? !AVERAGES.contains(theirs.get(0))
                    : AVERAGES.contains(mine.get(0));
        }
        return !mine.isEmpty()
                && BEFORE.getOrDefault(mine.get(0), List.of()).contains(theirs.get(0));
    }

    /** Keys of a place, without what wraps for several devices. */
    private static List<String> keys(String place) {
        List<String> keys = new ArrayList<>();
        for (String key : place.toLowerCase(Locale.ROOT).split("[./]")) {
            if (!key.isEmpty() && !key.equals("module")) {
                keys.add(key);
            }
        }
        return keys;
    }

    /**
     * What a file is for when nobody says: a preferred one of the usual places, else the largest.
     */
    static Network usual(List<Network> networks) {
        for (String wrapper : WRAPPERS) {
            for (Network network : networks) {
                String path = network.path();
                if (path.equals(wrapper) || path.endsWith("." + wrapper)) {
                    return rival(network, networks);
                }
            }
        }
        return networks.stream()
                .filter(network -> !isOptimizer(network))
                .max(Comparator.comparingInt(network -> network.tensors().size()))
                .map(network -> rival(network, networks))
                .orElse(networks.get(0));
    }

    /** Whether it is what an optimiser remembers. */
    static boolean isOptimizer(Network network) {
        return network.path().toLowerCase(Locale.ROOT).contains("optim");
    }

    /** One that stands before it, and is as large. */
    private static Network rival(Network network, List<Network> networks) {
        for (Network other : networks) {
            if (other.tensors().size() * 2 >= network.tensors().size()
                    && before(other.path(), network.path())) {
                return other;
            }
        }
        return network;
    }
}
