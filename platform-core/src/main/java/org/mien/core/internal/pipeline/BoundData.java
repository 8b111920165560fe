// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.pipeline;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.mien.api.Key;
import org.mien.core.MienException;
import org.mien.core.Plugins;
import org.mien.core.internal.plugin.Keys;
import org.mien.core.internal.plugin.Kind;
import org.mien.core.internal.plugin.Registry;
import org.mien.core.internal.plugin.Registry.Entry;
import org.mien.core.internal.plugin.Words;

/**
 * A dataset with its keys and those by which the platform reads data: of a pipeline, or by itself.
 *
 * @param dataset the plugin
 * @param settings its keys
 * @param data how splits are made
 * @param image what a file may be
 * @param seed of what is drawn
 */
public record BoundData(
        Entry dataset,
        Record settings,
        PlatformKeys.Data data,
        PlatformKeys.Image image,
        long seed) {
    private static final String PREFIX = "dataset.";

    /**
     * What is drawn by.
     *
     * @param seed of every draw
     */
    public record Seed(
            @Key(value = "1", min = 0, doc = "seed of the carved validation split") long seed) {}

    /** That of a pipeline. */
    public static BoundData of(BoundPipeline bound) {
        return new BoundData(
                bound.dataset(),
                bound.datasetSettings(),
                bound.data(),
                bound.image(),
                bound.parts().seed());
    }

    /**
     * A dataset by itself.
     *
     * @param id of a dataset that is there
     * @param given its keys, as {@code dataset.path} or just {@code path}, and keys {@code data.*},
     *     {@code image.*} and {@code seed}
     * @throws MienException for the first thing that is wrong
     */
    public static BoundData of(Registry registry, String id, Map<String, String> given) {
        Entry dataset = registry.get(Kind.DATASET, id);
        String who = dataset.who();
        Set<String> known = new TreeSet<>(Set.of("seed"));
        Keys.describe("data.", PlatformKeys.Data.class).forEach(key -> known.add(key.name()));
        Keys.describe("image.", PlatformKeys.Image.class).forEach(key -> known.add(key.name()));
        Set<String> own = new TreeSet<>();
        for (Plugins.Key key : Keys.describe(PREFIX, Registry.settings(dataset))) {
            own.add(key.name());
        }
        known.addAll(own);
        Map<String, String> texts = new LinkedHashMap<>();
        given.forEach(
                (key, value) -> {
                    String full = own.contains(PREFIX + key) ? PREFIX + key : key;
                    if (!known.contains(full)) {
                        throw new MienException(
                                who + ": unknown key '" + key + "'." + Words.hint(key, known));
                    }
                    if (texts.put(full, value) != null) {
                        throw new MienException(
                                who + ": key '" + full + "' is given twice. Take one out");
                    }
                });
        return new BoundData(
                dataset,
                BoundPipeline.bind(dataset, texts),
                Keys.bind(who, "data.", PlatformKeys.Data.class, texts),
                Keys.bind(who, "image.", PlatformKeys.Image.class, texts),
                Keys.bind(who, "", Seed.class, texts).seed());
    }
}
