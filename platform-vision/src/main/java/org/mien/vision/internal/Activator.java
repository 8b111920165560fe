// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.vision.internal;

import java.io.IOException;
import java.nio.file.Path;
import org.mien.vision.OpenCv;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Loads OpenCV with its bundle. */
public final class Activator implements BundleActivator {
    private static final Logger LOG = LoggerFactory.getLogger(Activator.class);

    @Override
    public void start(BundleContext context) throws IOException {
        if (Natives.loaded()) {
            return;
        }
        String folder = context.getProperty("mien.opencv");
        if (folder == null) {
            throw new IllegalStateException(
                    "vision: the property mien.opencv is not set; expected the folder of OpenCV's"
                            + " libraries");
        }
        Path natives = Path.of(folder).toAbsolutePath().normalize();
        // The JVM binds a native library to one class loader for as long as that lives. After a
        // refresh this bundle has a new one, so each generation loads its own hard links.
        String generation = "mien.vision.generation";
        int number = Integer.getInteger(generation, 0);
        System.setProperty(generation, Integer.toString(number + 1));
        Natives.load(
                number == 0
                        ? natives
                        : Natives.links(
                                natives, context.getDataFile("natives-" + number).toPath()));
        LOG.info("OpenCV {} from {}", OpenCv.version(), natives);
    }

    @Override
    public void stop(BundleContext context) {
        // The natives stay loaded: a library cannot be unloaded while its loader lives.
    }
}
