// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.mien.core.Sweeps;

/** Completes the keys of what a sweep starts from. */
@Service
public final class SweepKeys extends PipelineKeys {
    @Reference Sweeps sweeps;

    @Override
    String pipeline(String argument) {
        return sweeps.all().stream()
                .filter(sweep -> sweep.name().equals(argument))
                .map(Sweeps.Sweep::base)
                .findFirst()
                .orElse(argument);
    }
}
