// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.gate.internal;

import java.time.Duration;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.service.url.URLConstants;
import org.osgi.service.url.URLStreamHandlerService;
import org.osgi.util.tracker.ServiceTracker;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Starts only once addresses {@code mvn:} can be read. Its start level is the one before that of
 * Karaf's features service, which asks for just that: where it is there already, that service
 * starts once, and installs the boot features once. Where it comes while the service starts, the
 * service may start a second time and shut down the first, with the features half installed.
 */
public final class Gate implements BundleActivator {
    /** Longer than a busy machine takes to read the configuration, shorter than anybody waits. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private static final Logger LOG = LoggerFactory.getLogger(Gate.class);

    private final Duration patience;

    /** Made by the framework. */
    public Gate() {
        this(PATIENCE);
    }

    Gate(Duration patience) {
        this.patience = patience;
    }

    /**
     * Returns when addresses {@code mvn:} can be read, or after a minute, with an error in the log.
     */
    @Override
    public void start(BundleContext context) throws InvalidSyntaxException {
        String wanted =
                "(&("
                        + Constants.OBJECTCLASS
                        + "="
                        + URLStreamHandlerService.class.getName()
                        + ")("
                        + URLConstants.URL_HANDLER_PROTOCOL
                        + "=mvn))";
        ServiceTracker<Object, Object> handler =
                new ServiceTracker<>(context, context.createFilter(wanted), null);
        handler.open();
        try {
            if (handler.waitForService(patience.toMillis()) == null) {
                LOG.error(
                        "no service reads addresses 'mvn:' after {} s; expected pax-url-aether with"
                                + " etc/org.ops4j.pax.url.mvn.cfg. Without it no feature can be"
                                + " installed",
                        patience.toSeconds());
            }
        } catch (InterruptedException e) {
            // The framework is told to stop; it goes on to do so.
            Thread.currentThread().interrupt();
        } finally {
            handler.close();
        }
    }

    /** There is nothing to stop. */
    @Override
    public void stop(BundleContext context) {
        LOG.debug("the gate has gone");
    }
}
