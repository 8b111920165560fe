// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.service;

import org.mien.core.internal.io.Atomic;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

import java.io.IOException;
import java.nio.file.Path;

/**
 * Says that the platform is ready: in the log, and by the file {@code ready} in Karaf's data
 * folder, for which the launcher waits where there is no shell.
 */
@Component(
        service = {},
        immediate = true)
public final class Ready {
    private static final Logger LOG = LoggerFactory.getLogger(Ready.class);

    /**
     * Made by Declarative Services.
     *
     * @param platform the platform
     */
    @Activate
    public Ready(@Reference Platform platform) {
        LOG.info("the platform is ready: {}", platform.engine());
        String data = System.getProperty("karaf.data");
        if (data != null) {
            try {
                Atomic.write(Path.of(data, "ready"), platform.engine() + "\n");
            } catch (IOException e) {
                LOG.warn("the file {}/ready cannot be written: {}", data, e.getMessage());
            }
        }
    }
}
