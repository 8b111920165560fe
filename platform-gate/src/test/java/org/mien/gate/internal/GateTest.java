// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.gate.internal;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.URL;
import java.net.URLConnection;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Hashtable;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.felix.framework.FrameworkFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.launch.Framework;
import org.osgi.service.url.AbstractURLStreamHandlerService;
import org.osgi.service.url.URLConstants;
import org.osgi.service.url.URLStreamHandlerService;

@Timeout(60)
class GateTest {
    private static final class Handler extends AbstractURLStreamHandlerService {
        @Override
        public URLConnection openConnection(URL url) {
            throw new UnsupportedOperationException(url.toString());
        }
    }

    @TempDir private Path cache;

    private Framework framework;
    private BundleContext context;

    @BeforeEach
    void begin() throws Exception {
        framework =
                new FrameworkFactory()
                        .newFramework(
                                Map.of(
                                        Constants.FRAMEWORK_STORAGE,
                                        cache.toString(),
                                        // Of a JVM only one framework may own all addresses.
                                        "felix.service.urlhandlers",
                                        "false"));
        framework.start();
        context = framework.getBundleContext();
    }

    @AfterEach
    void end() throws Exception {
        framework.stop();
        framework.waitForStop(0);
    }

    private void register(String protocol) {
        context.registerService(
                URLStreamHandlerService.class,
                new Handler(),
                new Hashtable<>(Map.of(URLConstants.URL_HANDLER_PROTOCOL, protocol)));
    }

    private CompletableFuture<Void> passes(Gate gate) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        gate.start(context);
                    } catch (InvalidSyntaxException e) {
                        throw new IllegalStateException(e);
                    }
                });
    }

    @Test
    void whatIsThereIsNotWaitedFor() throws Exception {
        register("mvn");
        passes(new Gate()).get(20, TimeUnit.SECONDS);
    }

    @Test
    void itWaitsForAddressesOfMavenAndForNoOthers() throws Exception {
        CompletableFuture<Void> passed = passes(new Gate());
        register("wrap");
        assertThrows(TimeoutException.class, () -> passed.get(300, TimeUnit.MILLISECONDS));
        register("mvn");
        passed.get(20, TimeUnit.SECONDS);
    }

    @Test
    void aGateThatNobodyOpensHoldsNothingUpForEver() throws Exception {
        long begin = System.nanoTime();
        passes(new Gate(Duration.ofMillis(200))).get(20, TimeUnit.SECONDS);
        assertTrue(System.nanoTime() - begin >= Duration.ofMillis(200).toNanos());
    }
}
