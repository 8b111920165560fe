// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import org.apache.karaf.shell.api.action.lifecycle.Service;

/** Completes the keys of a pipeline that is to be trained. */
@Service
public final class TrainKeys extends PipelineKeys {
    @Override
    String pipeline(String argument) {
        return argument;
    }
}
