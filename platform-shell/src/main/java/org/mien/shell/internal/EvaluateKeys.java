// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.mien.core.Mien;

/** Completes the keys of a run that is to be evaluated. */
@Service
public final class EvaluateKeys extends PipelineKeys {
    @Override
    String pipeline(String argument) {
        return mien.runs().stream()
                .filter(run -> run.id().equals(argument))
                .map(Mien.Run::pipeline)
                .findFirst()
                .orElse("");
    }
}
