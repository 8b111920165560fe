// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.service;

import java.io.IOException;
import java.nio.file.Path;
import org.mien.core.Mien;
import org.mien.core.internal.io.Atomic;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

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
     * @param mien the platform
     */
    @Activate
    public Ready(@Reference Mien mien) {
        LOG.info("the platform is ready: {}", mien.engine());
        String data = System.getProperty("karaf.data");
        if (data != null) {
            try {
                Atomic.write(Path.of(data, "ready"), mien.engine() + "\n");
            } catch (IOException e) {
                LOG.warn("the file {}/ready cannot be written: {}", data, e.getMessage());
            }
        }
    }
}
