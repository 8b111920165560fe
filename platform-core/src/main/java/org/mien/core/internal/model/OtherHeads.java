// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.mien.api.data.Target;
import org.mien.nn.spi.Weights;
import org.mien.weights.Tensor;

/**
 * The classifier of a published network under another name than the method's: {@code fc} for {@code
 * head}. It is taken only where it is the one layer that can be it, and its rows are matched by the
 * names of classes like any other's, so never where nobody says them.
 */
final class OtherHeads {
    private static final String USUAL =
            "(.*\\.)?(fc|head|heads|classifier|logits|linear|last_linear)";

    private OtherHeads() {}

    /**
     * Arrays of a layer that no tensor of the file has a name for, with tensors for it.
     *
     * @param wanted arrays by path
     * @param taken paths that have a tensor
     * @param byName knows which arrays stand for classes
     * @param tensors that no array has, by name
     * @param there what the classes of the file are called
     * @return path to name; empty where none, or more than one, can be it
     */
    static Map<String, String> of(
            Map<String, Weights.Entry> wanted,
            Set<String> taken,
            ByName byName,
            Map<String, Tensor> tensors,
            SourceNames there) {
        Map<String, List<Weights.Entry>> layers = new LinkedHashMap<>();
        wanted.forEach(
                (path, entry) -> {
                    if (!taken.contains(path) && byName.concerns(entry)) {
                        layers.computeIfAbsent(parent(path), key -> new ArrayList<>()).add(entry);
                    }
                });
        if (layers.size() != 1) {
            return Map.of();
        }
        List<Weights.Entry> layer = layers.values().iterator().next();
        Map<String, Map<String, String>> fitting = new LinkedHashMap<>();
        for (String parent : parents(tensors.keySet())) {
            fits(parent, layer, tensors, there).ifPresent(found -> fitting.put(parent, found));
        }
        if (fitting.size() > 1) {
            fitting.keySet().removeIf(parent -> !parent.matches(USUAL));
        }
        return fitting.size() == 1 ? fitting.values().iterator().next() : Map.of();
    }

    private static String parent(String path) {
        return path.substring(0, Math.max(0, path.lastIndexOf('.')));
    }

    private static String last(String path) {
        return path.substring(path.lastIndexOf('.') + 1);
    }

    private static Collection<String> parents(Set<String> names) {
        return names.stream().map(OtherHeads::parent).distinct().toList();
    }

    private static Optional<Map<String, String>> fits(
            String parent,
            List<Weights.Entry> layer,
            Map<String, Tensor> tensors,
            SourceNames there) {
        Map<String, String> found = new LinkedHashMap<>();
        for (Weights.Entry entry : layer) {
            String name = (parent.isEmpty() ? "" : parent + ".") + last(entry.path());
            Tensor tensor = tensors.get(name);
            if (tensor == null || !alike(entry.var().shape(), tensor.shape(), there)) {
                return Optional.empty();
            }
            found.put(entry.path(), name);
        }
        return Optional.of(found);
    }

    /** The same but for the number of classes, which is that of the file. */
    private static boolean alike(long[] wanted, long[] shape, SourceNames there) {
        if (wanted.length != shape.length || shape.length == 0) {
            return false;
        }
        long count = shape[0];
        boolean all =
                there.of(Target.CLASS, count)
                        .map(names -> names.size() == count)
                        .orElse(count == wanted[0]);
        return all && Arrays.equals(wanted, 1, wanted.length, shape, 1, shape.length);
    }

    /** Layers that give classes, taken out of the names: what they skip is said by classes. */
    static List<String> skipped(
            Set<String> names, Map<String, Tensor> tensors, int here, boolean bodyAlone) {
        List<String> heads = new ArrayList<>();
        for (String name : List.copyOf(names)) {
            if (!name.matches("(.*\\.)?(fc|head|heads|classifier|logits)\\.weight")) {
                continue;
            }
            long[] shape = tensors.get(name).shape();
            if (shape.length != 2) {
                continue;
            }
            String bias = name.replaceFirst("weight$", "bias");
            names.remove(name);
            heads.add(
                    name
                            + (names.remove(bias) ? ", " + bias : "")
                            + " skipped: "
                            + shape[0]
                            + " classes, here "
                            + (here == 0 ? "none" : here)
                            + (bodyAlone && shape[0] == here
                                    ? " (method.init takes them, too, by the names in"
                                            + " method.init-classes)"
                                    : ""));
        }
        return heads;
    }
}
