// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.pipeline;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.mien.api.InputSpec;
import org.mien.api.net.Net;
import org.mien.api.net.Trunk;
import org.mien.api.net.Var;
import org.mien.core.MienException;
import org.mien.core.Plugins;
import org.mien.core.internal.plugin.Border;
import org.mien.core.internal.plugin.Keys;
import org.mien.core.internal.plugin.Kind;
import org.mien.core.internal.plugin.Registry;
import org.mien.core.internal.plugin.Registry.Entry;
import org.mien.core.internal.plugin.Words;
import org.mien.nn.spi.Cost;

/** A backbone with its keys, without a method. Nobody keeps one longer than a call. */
public final class BoundBackbone {
    private static final String PREFIX = "backbone.";

    private final Entry entry;
    private final Record settings;

    private BoundBackbone(Entry entry, Record settings) {
        this.entry = entry;
        this.settings = settings;
    }

    /** Whether it has a key, written with or without {@code backbone.}. */
    public static boolean knows(Registry registry, String id, String key) {
        Entry entry = registry.get(Kind.BACKBONE, id);
        return Keys.describe(PREFIX, Registry.settings(entry)).stream()
                .anyMatch(one -> one.name().equals(key) || one.name().equals(PREFIX + key));
    }

    /**
     * Binds keys.
     *
     * @param keys with or without {@code backbone.}
     */
    public static BoundBackbone of(Registry registry, String id, Map<String, String> keys) {
        Entry entry = registry.get(Kind.BACKBONE, id);
        Set<String> known = new TreeSet<>();
        Keys.describe(PREFIX, Registry.settings(entry)).forEach(key -> known.add(key.name()));
        Map<String, String> texts = new LinkedHashMap<>();
        keys.forEach(
                (key, value) -> {
                    String full = known.contains(PREFIX + key) ? PREFIX + key : key;
                    if (!known.contains(full)) {
                        throw new MienException(
                                entry.who()
                                        + ": unknown key '"
                                        + key
                                        + "'."
                                        + Words.hint(
                                                full.startsWith(PREFIX) ? full : PREFIX + full,
                                                known));
                    }
                    if (texts.put(full, value) != null) {
                        throw new MienException("key '" + full + "' is given twice. Give it once.");
                    }
                });
        Record settings = Keys.bind(entry.who(), PREFIX, Registry.settings(entry), texts);
        return new BoundBackbone(entry, settings);
    }

    public Entry entry() {
        return entry;
    }

    /** What it reads with its keys. */
    public InputSpec input() {
        return Border.call(entry, () -> entry.backbone().input(settings));
    }

    /** A fresh chain. */
    public Trunk trunk(InputSpec input) {
        return Border.call(entry, () -> entry.backbone().trunk(settings, input));
    }

    /** What it costs. */
    public Plugins.BackboneInfo info() {
        InputSpec input = input();
        Trunk trunk = trunk(input);
        List<Cost> costs = Border.call(entry, () -> Cost.of(trunk));
        long[] elements = {0, 0}; // all, and those that an optimiser moves
        List<Plugins.BackboneStage> stages = new ArrayList<>();
        for (Cost cost : costs) {
            Net net = trunk.parts().get(cost.gives().name());
            long[] fixed = {0};
            net.each(
                    "",
                    (path, var) -> {
                        elements[0] += var.size();
                        elements[1] += var.trained() ? var.size() : 0;
                        fixed[0] += var.init() == Var.Init.FIXED ? var.size() : 0;
                    });
            stages.add(
                    new Plugins.BackboneStage(
                            cost.gives().name(),
                            cost.gives().words(),
                            net.parameters(),
                            fixed[0],
                            cost.multiplyAdds(),
                            cost.forward(),
                            cost.training()));
        }
        long all = 4 * elements[0];
        return new Plugins.BackboneInfo(
                entry.id(),
                "3 x " + input.height() + " x " + input.width(),
                input.mean(),
                input.deviation(),
                stages,
                all,
                2 * all,
                all + 3 * 4 * elements[1],
                Keys.describe(PREFIX, Registry.settings(entry)));
    }
}
