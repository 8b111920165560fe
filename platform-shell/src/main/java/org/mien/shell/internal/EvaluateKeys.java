// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.mien.core.Runs;

/** Completes the keys of a run that is to be evaluated. */
@Service
public final class EvaluateKeys extends PipelineKeys {
    @Reference Runs runs;

    @Override
    String pipeline(String argument) {
        return runs.all().stream()
                .filter(run -> run.id().equals(argument))
                .map(Runs.Run::pipeline)
                .findFirst()
                .orElse("");
    }
}
