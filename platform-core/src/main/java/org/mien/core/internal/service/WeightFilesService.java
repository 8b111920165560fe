// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.service;

import java.nio.file.Path;
import org.mien.core.WeightFiles;
import org.mien.core.internal.model.WeightsInfos;
import org.mien.core.internal.plugin.Leases;
import org.mien.core.internal.plugin.Registry;

/** {@link WeightFiles}. */
final class WeightFilesService implements WeightFiles {
    private final Registry registry;
    private final Leases leases;

    WeightFilesService(Registry registry, Leases leases) {
        this.registry = registry;
        this.leases = leases;
    }

    @Override
    public Contents read(Path file) {
        return leases.run(
                "the look into " + file, lease -> WeightsInfos.of(registry, file), () -> {});
    }
}
