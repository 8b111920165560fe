// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.model;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.mien.api.data.Target;
import org.mien.api.data.Targets;
import org.mien.core.MienException;
import org.mien.core.internal.data.ClassNames;
import org.mien.nn.spi.Weights;
import org.mien.weights.BadWeights;
import org.mien.weights.Tensor;
import org.mien.weights.WeightsFile;

/**
 * Start values of arrays whose axes stand for classes, labels or values: taken row by row by their
 * names. A name that is new keeps the start that its rule gave.
 */
final class ByName {
    private final String key;
    private final NamedAxes axes;
    private final Targets here;
    private final SourceNames there;
    private final Map<Target, ClassNames> matched = new EnumMap<>(Target.class);
    private final Map<Target, Integer> arrays = new EnumMap<>(Target.class);
    private final Map<Target, List<String>> nameless = new EnumMap<>(Target.class);

    /**
     * Before anything is read.
     *
     * @param key what named the file
     * @param here what is learnt
     * @param there what the file was trained with
     * @throws MienException when names differ and the network cannot be matched by them
     */
    ByName(String key, NamedAxes axes, Targets here, SourceNames there) {
        this.key = key;
        this.axes = axes;
        this.here = here;
        this.there = there;
        axes.unmatched().forEach(this::needSame);
    }

    private void needSame(Target kind, String why) {
        List<String> names = ClassNames.of(here, kind);
        Optional<List<String>> others = there.of(kind, names.size());
        if (others.isPresent() && others.get().isEmpty()) {
            return; // nothing in it stands for any
        }
        String word = ClassNames.word(kind);
        String difference =
                others.map(o -> ClassNames.of(names, o).difference("this pipeline", "it"))
                        .orElse("it does not say what it was trained with");
        if (!difference.isEmpty()) {
            throw new MienException(
                    "key '"
                            + key
                            + "': the "
                            + word
                            + " are not the same in the same order ("
                            + difference
                            + "), and those of this network cannot be matched by name: "
                            + why
                            + ". Bring the "
                            + word
                            + " of the dataset into that order, or start from a file of the"
                            + " backbone alone (backbone.weights)");
        }
    }

    /** Whether an array has an axis with names. */
    boolean concerns(Weights.Entry entry) {
        return !axes.of(entry.path()).isEmpty();
    }

    /**
     * Sets an array from a tensor.
     *
     * @return false when it does not fit, or nobody says what its rows are
     */
    boolean set(Weights weights, Weights.Entry entry, Tensor tensor, WeightsFile file)
            throws BadWeights {
        long[] shape = entry.var().shape();
        if (tensor.shape().length != shape.length) {
            return false;
        }
        Map<Integer, ClassNames> named = new LinkedHashMap<>();
        for (NamedAxes.Axis axis : axes.of(entry.path())) {
            Optional<List<String>> names = there.of(axis.kind(), tensor.shape()[axis.axis()]);
            if (names.isEmpty()) {
                nameless.computeIfAbsent(axis.kind(), kind -> new ArrayList<>()).add(tensor.name());
                return false;
            }
            named.put(axis.axis(), ClassNames.of(ClassNames.of(here, axis.kind()), names.get()));
            if (tensor.shape()[axis.axis()] != names.get().size()) {
                return false;
            }
        }
        for (int axis = 0; axis < shape.length; axis++) {
            if (!named.containsKey(axis) && shape[axis] != tensor.shape()[axis]) {
                return false;
            }
        }
        float[] values = file.floats(tensor);
        if (named.values().stream().anyMatch(names -> !names.areSame())) {
            float[] start = Weights.elements(weights.array(entry.path()));
            values = gathered(values, tensor.shape(), start, shape, named);
        }
        weights.set(entry.path(), values, shape);
        for (NamedAxes.Axis axis : axes.of(entry.path())) {
            matched.put(axis.kind(), named.get(axis.axis()));
            arrays.merge(axis.kind(), 1, Integer::sum);
        }
        return true;
    }

    /** The elements that are there, each at the place of its names; the others as they start. */
    private static float[] gathered(
            float[] values,
            long[] from,
            float[] start,
            long[] shape,
            Map<Integer, ClassNames> named) {
        float[] gathered = start.clone();
        int[] at = new int[shape.length];
        for (int i = 0; i < gathered.length; i++) {
            int rest = i;
            for (int axis = shape.length - 1; axis >= 0; axis--) {
                at[axis] = (int) (rest % shape[axis]);
                rest /= (int) shape[axis];
            }
            int place = 0;
            for (int axis = 0; axis < shape.length && place >= 0; axis++) {
                int of = named.containsKey(axis) ? named.get(axis).from(at[axis]) : at[axis];
                place = of < 0 ? -1 : place * (int) from[axis] + of;
            }
            if (place >= 0) {
                gathered[i] = values[place];
            }
        }
        return gathered;
    }

    /** What was taken by name, and what could not be, each a clause. */
    List<String> words() {
        List<String> words = new ArrayList<>();
        matched.forEach(
                (kind, names) -> {
                    if (names.areSame()) {
                        return;
                    }
                    StringBuilder text = new StringBuilder();
                    text.append(names.shared().size()).append(" of ").append(names.size());
                    text.append(' ').append(ClassNames.word(kind)).append(" by their names in ");
                    text.append(arrays.get(kind)).append(" arrays");
                    if (!names.added().isEmpty()) {
                        text.append(", new and fresh: ").append(ClassNames.list(names.added()));
                    }
                    if (!names.gone().isEmpty()) {
                        text.append(", left out: ").append(ClassNames.list(names.gone()));
                    }
                    words.add(text.toString());
                });
        nameless.forEach(
                (kind, tensors) ->
                        words.add(
                                String.join(", ", tensors)
                                        + " skipped, start by their rule: nothing says which "
                                        + ClassNames.word(kind)
                                        + " their rows are"
                                        + (kind == Target.CLASS
                                                ? " (method.init-classes=.. in their order)"
                                                : "")));
        return words;
    }

    /** Whether nobody said what the rows of a tensor are. */
    boolean isNameless(String tensor) {
        return nameless.values().stream().anyMatch(all -> all.contains(tensor));
    }
}
