// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.service;

import java.nio.file.Path;
import org.mien.core.WeightFiles;
import org.mien.core.internal.model.WeightsInfos;
import org.mien.core.internal.plugin.OwnThread;
import org.mien.core.internal.plugin.Registry;

/** {@link WeightFiles}. */
final class WeightFilesService implements WeightFiles {
    private final Registry registry;

    WeightFilesService(Registry registry) {
        this.registry = registry;
    }

    @Override
    public Contents read(Path file) {
        return OwnThread.run("weights of " + file, () -> WeightsInfos.of(registry, file), () -> {});
    }
}
