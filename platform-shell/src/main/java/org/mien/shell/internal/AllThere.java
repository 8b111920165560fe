// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.apache.karaf.features.BootFinished;
import org.mien.core.Jobs;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.FrameworkListener;
import org.osgi.framework.startlevel.FrameworkStartLevel;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Says once that all is there, the boot features, every start level and the platform: in the log,
 * and by the file {@code ready} in Karaf's data folder, for which the launcher waits where there is
 * no shell.
 */
@Component(
        service = {},
        immediate = true)
public final class AllThere {
    private static final Logger LOG = LoggerFactory.getLogger(AllThere.class);

    private final BundleContext context;
    private final FrameworkListener levels = this::framework;
    private boolean said;

    /**
     * Made by Declarative Services.
     *
     * @param context of this bundle
     * @param jobs of the platform, whose last service it is to come
     * @param booted that the boot features are installed; after the first start it is there before
     *     their bundles start
     */
    @Activate
    public AllThere(BundleContext context, @Reference Jobs jobs, @Reference BootFinished booted) {
        this.context = context;
        context.addFrameworkListener(levels);
        look();
    }

    @Deactivate
    void deactivate() {
        context.removeFrameworkListener(levels);
    }

    private void framework(FrameworkEvent event) {
        if (event.getType() == FrameworkEvent.STARTLEVEL_CHANGED) {
            look();
        }
    }

    private synchronized void look() {
        int level =
                context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION)
                        .adapt(FrameworkStartLevel.class)
                        .getStartLevel();
        // Of the framework's own property Karaf makes the level at which it waits for its lock.
        if (said || level < Integer.getInteger(Constants.FRAMEWORK_BEGINNING_STARTLEVEL, 1)) {
            return;
        }
        said = true;
        LOG.info("the platform is ready");
        String data = System.getProperty("karaf.data");
        if (data != null) {
            try {
                write(Path.of(data, "ready"), "ready\n");
            } catch (IOException e) {
                LOG.warn("the file {}/ready cannot be written: {}", data, e.getMessage());
            }
        }
    }

    /** Whole or not at all. */
    private static void write(Path file, String text) throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        Files.writeString(part, text);
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
