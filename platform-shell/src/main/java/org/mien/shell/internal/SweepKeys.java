// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.stream.Stream;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.mien.core.Mien;

/** Completes the keys of what a sweep starts from. */
@Service
public final class SweepKeys extends PipelineKeys {
    @Override
    String pipeline(String argument) {
        Stream<Mien.Sweep> sweeps = mien.sweeps().stream();
        return sweeps.filter(sweep -> sweep.name().equals(argument))
                .map(Mien.Sweep::base)
                .findFirst()
                .orElse(argument);
    }
}
