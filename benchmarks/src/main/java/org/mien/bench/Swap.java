// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.bench;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import org.mien.core.Pipelines;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;

/**
 * Times the swap of a method while the platform runs: {@code bundle:update}, with which every
 * pipeline of the method goes down, until the demo pipeline is READY again. It runs when this
 * bundle is started and writes the milliseconds to the file that {@code mien.bench.swaps} names.
 */
public final class Swap implements BundleActivator {
    private static final int SWAPS = 30;

    /** For the framework. */
    public Swap() {}

    @Override
    public void start(BundleContext context) throws IOException, BundleException {
        Bundle method =
                Arrays.stream(context.getBundles())
                        .filter(bundle -> "org.mien.method.linear".equals(bundle.getSymbolicName()))
                        .findFirst()
                        .orElseThrow(
                                () -> new IllegalStateException("no bundle has method 'linear'"));
        Path jar = Files.createTempFile("method", ".jar");
        ServiceReference<Pipelines> reference = context.getServiceReference(Pipelines.class);
        Pipelines pipelines = context.getService(reference);
        List<String> lines = new ArrayList<>();
        try {
            try (InputStream now = URI.create(method.getLocation()).toURL().openStream()) {
                Files.write(jar, now.readAllBytes());
            }
            long before = id(context);
            for (int i = 0; i < SWAPS; i++) {
                long begin = System.nanoTime();
                try (InputStream in = Files.newInputStream(jar)) {
                    method.update(in);
                }
                long now = id(context);
                if (now == before) {
                    throw new IllegalStateException("the method did not go down");
                }
                before = now;
                while (!ready(pipelines)) {
                    if (System.nanoTime() - begin > 30e9) {
                        throw new IllegalStateException("the pipeline did not come back in 30 s");
                    }
                    LockSupport.parkNanos(200_000);
                }
                lines.add(Double.toString((System.nanoTime() - begin) / 1e6));
            }
        } finally {
            context.ungetService(reference);
            Files.delete(jar);
        }
        Files.write(Path.of(System.getProperty("mien.bench.swaps")), lines);
    }

    /** Number of the service that the method is now; 0 while there is none. */
    private static long id(BundleContext context) {
        try {
            ServiceReference<?>[] found =
                    context.getAllServiceReferences(
                            "org.mien.api.method.Method", "(mien.id=linear)");
            return found == null ? 0 : (long) found[0].getProperty(Constants.SERVICE_ID);
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private static boolean ready(Pipelines pipelines) {
        return pipelines.all().stream()
                .anyMatch(
                        pipeline ->
                                pipeline.name().equals("demo")
                                        && pipeline.state() == Pipelines.State.READY);
    }

    @Override
    public void stop(BundleContext context) {
        // It has nothing that lives on.
    }
}
