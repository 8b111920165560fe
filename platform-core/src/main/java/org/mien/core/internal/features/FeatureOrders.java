// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.features;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.mien.api.InputSpec;
import org.mien.api.data.Sample.Split;
import org.mien.api.spi.Settings;
import org.mien.core.Features;
import org.mien.core.MienException;
import org.mien.core.Plugins;
import org.mien.core.Value;
import org.mien.core.internal.data.Splits;
import org.mien.core.internal.pipeline.BoundBackbone;
import org.mien.core.internal.pipeline.BoundPipeline;
import org.mien.core.internal.pipeline.PlatformKeys;
import org.mien.core.internal.pipeline.Recipes;
import org.mien.core.internal.pipeline.StepGroup;
import org.mien.core.internal.plugin.Keys;
import org.mien.core.internal.plugin.Kind;
import org.mien.core.internal.plugin.Registry;
import org.mien.core.internal.plugin.Registry.Entry;
import org.mien.engine.Torch;

/** From what was asked for to a backbone and what it reads. */
public final class FeatureOrders {
    /** Features of a file, in memory until it is written. */
    public static final long FILE_BYTES = 128L << 20;

    private static final String PREFIX = "backbone.";
    private static final String PREPROCESS = "preprocess";

    private final Registry registry;
    private final Recipes recipes;
    private final Torch torch;
    private final long fileBytes;

    public FeatureOrders(Registry registry, Recipes recipes, Torch torch, long fileBytes) {
        this.registry = registry;
        this.recipes = recipes;
        this.torch = torch;
        this.fileBytes = fileBytes;
    }

    public Features.Written write(
            Features.Order order, BiConsumer<Integer, Integer> progress, BooleanSupplier stop) {
        int inputs =
                (order.tensor() == null ? 0 : 1)
                        + (order.images().isEmpty() ? 0 : 1)
                        + (order.pipeline().isEmpty() ? 0 : 1);
        if (inputs != 1) {
            throw new MienException(
                    "features are taken of one input: an array (.npy), images, or a pipeline's"
                            + " dataset");
        }
        if (!order.split().isEmpty() && order.pipeline().isEmpty()) {
            throw new MienException("a split is there for a pipeline's dataset only");
        }
        if (!order.pipeline().isEmpty()) {
            return ofPipeline(order, progress, stop);
        }
        Map<String, String> own = new LinkedHashMap<>();
        Map<String, String> others = new LinkedHashMap<>();
        order.keys()
                .forEach(
                        (key, value) -> {
                            boolean ours =
                                    order.tensor() != null
                                            || BoundBackbone.knows(registry, order.backbone(), key)
                                            || !isStep(order, key);
                            (ours ? own : others).put(key, value);
                        });
        BoundBackbone backbone = BoundBackbone.of(registry, order.backbone(), own);
        Function<InputSpec, FeatureSource> open =
                order.tensor() != null
                        ? read -> new FeatureSource.ReadyArray(order.tensor(), read)
                        : read ->
                                new FeatureSource.Photos(
                                        order.images(),
                                        read,
                                        steps(others),
                                        Keys.bind(
                                                        "features",
                                                        "image.",
                                                        PlatformKeys.Image.class,
                                                        others)
                                                .limits());
        return write(order, backbone, open, order.keys(), order.weights(), progress, stop);
    }

    /** Whether a key is one of the steps from image to input. */
    private boolean isStep(Features.Order order, String key) {
        if (key.equals(PREPROCESS)) {
            return true;
        }
        List<Plugins.Key> known =
                new ArrayList<>(Keys.describe("image.", PlatformKeys.Image.class));
        for (Entry step : entries(order.keys())) {
            known.addAll(Keys.describe(Registry.prefix(step), Registry.settings(step)));
        }
        return known.stream().anyMatch(one -> one.name().equals(key));
    }

    private List<Entry> entries(Map<String, String> keys) {
        return StepGroup.ids(keys.getOrDefault(PREPROCESS, "")).stream()
                .map(id -> registry.get(Kind.PREPROCESSOR, id))
                .toList();
    }

    private List<BoundPipeline.Step> steps(Map<String, String> keys) {
        List<String> named = Settings.list(keys.getOrDefault(PREPROCESS, ""));
        List<BoundPipeline.Step> steps =
                BoundPipeline.steps(registry, StepGroup.of("features", named), keys);
        BoundPipeline.checkSteps("features", steps, List.of("face"), "a backbone by itself");
        return steps;
    }

    private Features.Written ofPipeline(
            Features.Order order, BiConsumer<Integer, Integer> progress, BooleanSupplier stop) {
        Map<String, String> own = new LinkedHashMap<>();
        Map<String, Value> others = new LinkedHashMap<>();
        order.keys()
                .forEach(
                        (key, value) -> {
                            if (key.startsWith(PREFIX)
                                    || BoundBackbone.knows(registry, order.backbone(), key)) {
                                own.put(key.startsWith(PREFIX) ? key : PREFIX + key, value);
                            } else {
                                others.put(key, new Value(value, "command line"));
                            }
                        });
        BoundPipeline bound =
                BoundPipeline.of(
                        registry, order.pipeline(), recipes.values(order.pipeline(), others));
        Path weights = order.weights();
        if (bound.parts().backbone().equals(order.backbone())) {
            bound.values()
                    .forEach(
                            (key, value) -> {
                                if (key.startsWith(PREFIX)
                                        && BoundBackbone.knows(registry, order.backbone(), key)) {
                                    own.putIfAbsent(key, value.value());
                                }
                            });
            if (weights == null && !bound.backboneWeights().isEmpty()) {
                weights = Path.of(bound.backboneWeights()).toAbsolutePath().normalize();
            }
        }
        List<Split> splits =
                order.split().isEmpty()
                        ? List.of(Split.TRAIN, Split.VALIDATION, Split.TEST, Split.NONE)
                        : List.of(Splits.parse(order.split()));
        // What the features depend on, and nothing else: another learning rate changes none.
        Map<String, String> record = new TreeMap<>(own);
        bound.values()
                .forEach(
                        (key, value) -> {
                            if (!key.matches("(backbone|method|train|report)([.].*)?|evaluators")) {
                                record.put(key, value.value());
                            }
                        });
        return write(
                order,
                BoundBackbone.of(registry, order.backbone(), own),
                read -> new FeatureSource.Samples(bound, splits, read),
                record,
                weights,
                progress,
                stop);
    }

    private Features.Written write(
            Features.Order order,
            BoundBackbone backbone,
            Function<InputSpec, FeatureSource> open,
            Map<String, String> keys,
            Path weights,
            BiConsumer<Integer, Integer> progress,
            BooleanSupplier stop) {
        try (FeatureSource source = open.apply(backbone.input());
                Extraction extraction =
                        new Extraction(order, backbone, source, keys, weights, fileBytes, torch)) {
            return extraction.write(progress, stop);
        }
    }
}
