// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.provision.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.mien.core.MienException;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;

/** A bundle that is installed alone, or updated. */
final class BundleInstall {
    private final BundleContext context;
    private final Store store;

    BundleInstall(BundleContext context, Store store) {
        this.context = context;
        this.store = store;
    }

    /** Installs or updates it, and starts it; takes it back when it does not start. */
    void run(String source, Incoming piece) {
        Bundle bundle = piece.before();
        try {
            if (!piece.same()) {
                try (InputStream in = Files.newInputStream(piece.file())) {
                    if (bundle == null) {
                        bundle = context.installBundle(Ground.ALONE + piece.name(), in);
                    } else {
                        bundle.update(in);
                    }
                }
            }
            bundle.start();
            store.keep(bundle, piece.file());
        } catch (IOException | BundleException | RuntimeException e) {
            throw new MienException(
                    "'" + source + "' does not start: " + Words.reason(e) + undo(piece, bundle));
        }
    }

    private String undo(Incoming piece, Bundle bundle) {
        if (bundle == null) {
            return ". Nothing was changed";
        }
        try {
            if (piece.before() == null) {
                bundle.uninstall();
                return ". It was removed again";
            }
            Path copy = Store.jar(store.alone(), piece.name());
            if (!piece.same() && Files.exists(copy)) {
                try (InputStream in = Files.newInputStream(copy)) {
                    bundle.update(in);
                }
                Store.installed(store.alone(), List.of(bundle));
                bundle.start();
                return ". The version before is there again";
            }
            return piece.same() ? "" : ". The version before is gone; add it again, or remove it";
        } catch (IOException | BundleException | RuntimeException e) {
            return ". It could not be taken back: " + Words.reason(e);
        }
    }
}
