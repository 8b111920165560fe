// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.itest.late;

import java.time.Duration;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/** Holds up the thread of start levels, as a busy machine may, while all others go on. */
public final class Late implements BundleActivator {
    private static final Duration PAUSE = Duration.ofSeconds(3);

    /** For the framework. */
    public Late() {}

    @Override
    public void start(BundleContext context) throws InterruptedException {
        Thread.sleep(PAUSE.toMillis());
    }

    @Override
    public void stop(BundleContext context) {}
}
