// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.engine.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.mien.engine.Torch;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Starts the engine with its bundle. */
public final class Activator implements BundleActivator {
    private static final String GENERATION = "mien.engine.generation";
    private static final Logger LOG = LoggerFactory.getLogger(Activator.class);

    @Override
    public void start(BundleContext context) throws IOException {
        String folder = context.getProperty("mien.torch");
        if (folder == null) {
            throw new IllegalStateException(
                    "engine: the property mien.torch is not set; expected the folder of libtorch");
        }
        Path natives = Path.of(folder).toAbsolutePath().normalize();
        // The JVM binds a native library to one class loader for as long as that lives. After a
        // refresh this bundle has a new one, so each generation loads its own hard links.
        int number = Integer.getInteger(GENERATION, 0);
        boolean fresh = !Torch.isStarted();
        Torch torch = Torch.start(fresh && number > 0 ? links(natives, context, number) : natives);
        if (fresh) {
            System.setProperty(GENERATION, Integer.toString(number + 1));
        }
        LOG.info("PyTorch {} from {}, {} threads", torch.version(), natives, torch.threads());
        switch (torch.oneDnn()) {
            case RIGHT -> {}
            case MENDED ->
                    LOG.info(
                            "oneDNN guesses the sizes of caches, which this machine hides from it");
            case WRONG ->
                    LOG.warn(
                            "oneDNN's convolutions are wrong on this machine: each shape is checked"
                                    + " before its first use; 'mien doctor' says more");
            case UNUSED ->
                    LOG.warn(
                            "oneDNN is not used: {}",
                            "off".equals(System.getProperty(Torch.ONE_DNN))
                                    ? Torch.ONE_DNN + " says so"
                                    : "this libtorch has none");
        }
        context.registerService(Torch.class, torch, null);
    }

    private static Path links(Path natives, BundleContext context, int number) throws IOException {
        Path folder = context.getDataFile("natives-" + number).toPath();
        Files.createDirectories(folder);
        try (Stream<Path> files = Files.list(natives)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                Path link = folder.resolve(file.getFileName().toString());
                Files.deleteIfExists(link);
                try {
                    Files.createLink(link, file);
                } catch (IOException | UnsupportedOperationException e) {
                    LOG.debug("no hard link for {}, copying", file, e);
                    Files.copy(file, link);
                }
            }
        }
        return folder;
    }

    @Override
    public void stop(BundleContext context) {
        // The natives stay loaded: a process has one libtorch.
    }
}
