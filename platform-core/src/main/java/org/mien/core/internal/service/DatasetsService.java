// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.service;

import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import org.mien.core.Datasets;
import org.mien.core.Value;
import org.mien.core.internal.data.DatasetChecker;
import org.mien.core.internal.data.Splits;
import org.mien.core.internal.pipeline.BoundData;
import org.mien.core.internal.pipeline.BoundPipeline;
import org.mien.core.internal.pipeline.Recipes;
import org.mien.core.internal.plugin.Kind;
import org.mien.core.internal.plugin.Leases;
import org.mien.core.internal.plugin.Registry;

/** {@link Datasets}. */
final class DatasetsService implements Datasets {
    private final Registry registry;
    private final Recipes recipes;
    private final Leases leases;

    DatasetsService(Registry registry, Recipes recipes, Leases leases) {
        this.registry = registry;
        this.recipes = recipes;
        this.leases = leases;
    }

    @Override
    public Check check(
            String pipeline,
            Map<String, String> overrides,
            BiConsumer<Integer, Integer> progress,
            BooleanSupplier stop) {
        boolean alone =
                !recipes.knows(pipeline) && registry.find(Kind.DATASET, pipeline).isPresent();
        Map<String, Value> values =
                alone ? Map.of() : recipes.values(pipeline, Recipes.typed(overrides));
        AtomicBoolean interrupted = new AtomicBoolean();
        return leases.run(
                "the check of '" + pipeline + "'",
                lease -> {
                    BoundData bound =
                            alone
                                    ? BoundData.of(registry, pipeline, overrides)
                                    : BoundData.of(BoundPipeline.of(registry, pipeline, values));
                    try (Splits splits = new Splits(bound)) {
                        return new DatasetChecker(splits)
                                .check(
                                        alone ? "" : pipeline,
                                        bound,
                                        progress,
                                        () ->
                                                stop.getAsBoolean()
                                                        || interrupted.get()
                                                        || lease.isOver());
                    }
                },
                () -> interrupted.set(true));
    }
}
