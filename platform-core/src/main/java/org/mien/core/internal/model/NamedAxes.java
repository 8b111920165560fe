// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.model;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mien.api.data.Target;
import org.mien.api.data.Targets;
import org.mien.api.net.Net;
import org.mien.core.MienException;
import org.mien.core.internal.data.ClassNames;
import org.mien.core.internal.pipeline.BoundPipeline;
import org.mien.core.internal.pipeline.Built;
import org.mien.nn.spi.Parts;

/**
 * Which axes of a network's arrays stand for classes, labels or values. Nobody declares them and
 * nobody guesses from a length: the network is built once more, as names and shapes, with one class
 * (label, value) more than there are, and an axis that is one longer then is one of them. What
 * changes otherwise, by two or in which arrays there are, cannot be matched by name.
 */
final class NamedAxes {
    /**
     * An axis.
     *
     * @param axis its number
     * @param kind what stands along it
     */
    record Axis(int axis, Target kind) {}

    private static final List<Target> KINDS =
            List.of(Target.CLASS, Target.MULTI_LABEL, Target.VALUES);

    private final Map<String, List<Axis>> axes = new HashMap<>();
    private final Map<Target, String> unmatched = new LinkedHashMap<>();

    private NamedAxes() {}

    /** No axis stands for anything: of a backbone alone. */
    static NamedAxes none() {
        return new NamedAxes();
    }

    /**
     * Of a pipeline.
     *
     * @param built its network, with the parts of training where those are there
     */
    static NamedAxes of(BoundPipeline bound, Built built) {
        NamedAxes found = new NamedAxes();
        Targets targets = built.parts().targets();
        Map<String, long[]> shapes = shapes(built.parts());
        boolean training = !built.made().isEmpty();
        for (Target kind : KINDS) {
            int count = ClassNames.of(targets, kind).size();
            if (count == 0) {
                continue;
            }
            try {
                Built longer = bound.build(more(targets, kind));
                if (training) {
                    int classes = longer.parts().targets().classes().size();
                    long[] counts = new long[classes];
                    Arrays.fill(counts, 1);
                    longer.phases(counts);
                }
                found.compare(kind, count, shapes, shapes(longer.parts()));
            } catch (MienException e) {
                found.unmatched.put(
                        kind, "it cannot be built with one more to see which: " + e.getMessage());
            }
        }
        return found;
    }

    private static Targets more(Targets targets, Target kind) {
        List<String> names = new ArrayList<>();
        names.addAll(kind == Target.MULTI_LABEL ? targets.multiLabel() : targets.classes());
        names.add("one more of " + names.size());
        List<Targets.Value> values = new ArrayList<>(targets.values());
        values.add(new Targets.Value("one more of " + values.size(), -1, 1));
        return switch (kind) {
            case MULTI_LABEL -> targets.withMultiLabel(names);
            case VALUES -> targets.withValues(values.toArray(Targets.Value[]::new));
            default -> targets.withClasses(names);
        };
    }

    private static Map<String, long[]> shapes(Parts parts) {
        Map<String, long[]> shapes = new LinkedHashMap<>();
        for (Map<String, Net> some : List.of(parts.inference(), parts.training())) {
            some.forEach((name, net) -> net.each(name, (path, v) -> shapes.put(path, v.shape())));
        }
        return shapes;
    }

    private void compare(
            Target kind, int count, Map<String, long[]> shapes, Map<String, long[]> longer) {
        if (!shapes.keySet().equals(longer.keySet())) {
            unmatched.put(kind, "it has arrays of its own for each of them");
            return;
        }
        shapes.forEach(
                (path, shape) -> {
                    long[] other = longer.get(path);
                    if (Arrays.equals(shape, other)) {
                        return;
                    }
                    if (shape.length != other.length) {
                        unmatched.put(kind, path + " has other axes with each number of them");
                        return;
                    }
                    for (int axis = 0; axis < shape.length; axis++) {
                        if (shape[axis] == count && other[axis] == count + 1) {
                            axes.computeIfAbsent(path, key -> new ArrayList<>())
                                    .add(new Axis(axis, kind));
                        } else if (shape[axis] != other[axis]) {
                            unmatched.put(
                                    kind,
                                    path
                                            + " is "
                                            + shape[axis]
                                            + " long with "
                                            + count
                                            + " of them and "
                                            + other[axis]
                                            + " with one more");
                        }
                    }
                });
    }

    /** The axes of an array that stand for something with names. */
    List<Axis> of(String path) {
        return axes.getOrDefault(path, List.of());
    }

    /** Kinds whose names cannot be matched in this network, with the reason. */
    Map<Target, String> unmatched() {
        return unmatched;
    }
}
