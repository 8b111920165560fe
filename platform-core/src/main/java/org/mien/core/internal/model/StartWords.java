// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.model;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.mien.api.net.Var;
import org.mien.core.Plugins;
import org.mien.core.internal.plugin.Keys;
import org.mien.core.internal.plugin.Registry;
import org.mien.core.internal.plugin.Registry.Entry;
import org.mien.core.internal.run.StartedFrom;
import org.mien.nn.spi.Weights;
import org.mien.weights.Tensor;
import org.mien.weights.WeightsFile;

/** What is said of start values that do not fit as they are. */
final class StartWords {
    private StartWords() {}

    /** What was made of a tensor of another shape. */
    static String fitted(Tensor tensor, Var var, Entry backbone) {
        return tensor.name()
                + " of shape "
                + Arrays.toString(tensor.shape())
                + " was fitted to "
                + Arrays.toString(var.shape())
                + " by "
                + backbone.who();
    }

    /** Why a tensor ends a training: its shape, and what can be done. */
    static String otherShape(
            String key,
            WeightsFile file,
            Tensor tensor,
            Weights.Entry entry,
            Entry backbone,
            String prefix) {
        List<String> keys =
                Keys.describe(prefix, Registry.settings(backbone)).stream()
                        .map(Plugins.Key::name)
                        .toList();
        return "key '"
                + key
                + "': "
                + tensor.name()
                + " of "
                + file.file()
                + " has shape "
                + Arrays.toString(tensor.shape())
                + "; "
                + backbone.who()
                + " needs "
                + Arrays.toString(entry.var().shape())
                + " at "
                + entry.path()
                + ". "
                + (keys.isEmpty()
                        ? "It has no keys that change this"
                        : "Set its keys ("
                                + String.join(", ", keys)
                                + ") to what the file was made with, where they change this")
                + "; or take another backbone or file (fer:weights-show FILE says which backbone a"
                + " file is for)";
    }

    /** Why nothing of a file can be used. */
    static String nothing(
            String key, WeightsFile file, Set<String> names, Map<String, String> published) {
        return "key '"
                + key
                + "': none of the "
                + names.size()
                + " tensors of "
                + file.file()
                + " has a name that is needed. It has "
                + StartedFrom.list(names)
                + "; needed are "
                + StartedFrom.list(new TreeSet<>(published.values()))
                + ". fer:weights-show FILE says which backbone it is for";
    }
}
