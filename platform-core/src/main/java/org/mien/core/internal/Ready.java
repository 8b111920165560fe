// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal;

import org.mien.core.Mien;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says in the log that the platform is ready; the launcher waits for it where there is no shell.
 */
@Component(
        service = {},
        immediate = true)
public final class Ready {
    private static final Logger LOG = LoggerFactory.getLogger(Ready.class);

    /**
     * Made by Declarative Services.
     *
     * @param mien the platform
     */
    @Activate
    public Ready(@Reference Mien mien) {
        LOG.info("the platform is ready: {}", mien.engine());
    }
}
