// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.service;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import org.mien.core.Features;
import org.mien.core.internal.features.FeatureOrders;
import org.mien.core.internal.pipeline.Recipes;
import org.mien.core.internal.plugin.Leases;
import org.mien.core.internal.plugin.Registry;
import org.mien.engine.Torch;

/** {@link Features}. */
final class FeaturesService implements Features {
    private final Registry registry;
    private final Recipes recipes;
    private final Torch torch;
    private final Leases leases;

    FeaturesService(Registry registry, Recipes recipes, Torch torch, Leases leases) {
        this.registry = registry;
        this.recipes = recipes;
        this.torch = torch;
        this.leases = leases;
    }

    @Override
    public Written write(Order order, BiConsumer<Integer, Integer> progress, BooleanSupplier stop) {
        AtomicBoolean interrupted = new AtomicBoolean();
        return leases.run(
                "the writing of features of '" + order.backbone() + "'",
                lease ->
                        new FeatureOrders(registry, recipes, torch, FeatureOrders.FILE_BYTES)
                                .write(
                                        order,
                                        progress,
                                        () ->
                                                stop.getAsBoolean()
                                                        || interrupted.get()
                                                        || lease.isOver()),
                () -> interrupted.set(true));
    }
}
