// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api.run;

import org.osgi.annotation.versioning.ConsumerType;

/**
 * Hears of every run. A service of this type is called by the platform, in order, one event at a
 * time for each run, off the training thread.
 *
 * <p>May be held by the platform while it is registered.
 */
@ConsumerType
@FunctionalInterface
public interface RunListener {
    /**
     * Something happened. What it throws is logged and costs the run nothing.
     *
     * @param event what
     */
    void on(RunEvent event);
}
