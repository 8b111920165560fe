// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.provision.internal;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.apache.karaf.features.FeaturesService;
import org.mien.core.MienException;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Features that are installed, or replaced by others of their names, whole or not at all. They keep
 * their place on the disk, and so the addresses of their bundles: the features service compares
 * what lies there with what it installed, and updates a bundle in place whose content differs,
 * whatever its version.
 */
final class FeatureInstall {
    private static final Logger LOG = LoggerFactory.getLogger(FeatureInstall.class);

    /** What is there is not touched. */
    private static final EnumSet<FeaturesService.Option> CALM =
            EnumSet.of(FeaturesService.Option.NoAutoRefreshBundles, FeaturesService.Option.Upgrade);

    private final BundleContext context;
    private final FeaturesService features;
    private final Store store;
    private final Path ready;
    private final Path home;
    private final Path old;
    private final boolean known;

    /**
     * To be done.
     *
     * @param ready a folder with the features and their bundles
     * @param home where that belongs
     * @param known whether the features service knows what is there now
     * @param scratch a folder of the same file system
     */
    FeatureInstall(
            BundleContext context,
            FeaturesService features,
            Store store,
            Path ready,
            Path home,
            boolean known,
            Path scratch) {
        this.context = context;
        this.features = features;
        this.store = store;
        this.ready = ready;
        this.home = home;
        this.known = known;
        old = scratch.resolve("old");
    }

    private URI repository() {
        return home.resolve(Store.FEATURES).toUri();
    }

    /** Puts what is ready in the place of what is there. */
    private void swap() throws IOException {
        if (Files.isDirectory(home)) {
            Files.move(home, old);
        }
        Files.move(ready, home);
    }

    /** Puts what was there in its place again. */
    private void swapBack() throws IOException {
        if (Files.isDirectory(home) && !Files.isDirectory(ready)) {
            Files.move(home, ready);
        }
        if (Files.isDirectory(old)) {
            Files.move(old, home);
        }
    }

    /** Lets the features service say whether it could, and changes nothing. */
    void tryOut(String source, Set<String> wanted) {
        if (known) {
            // Two files with one feature would be one too many; the resolver has said what it can.
            return;
        }
        try {
            swap();
            try {
                features.addRepository(repository());
                EnumSet<FeaturesService.Option> trial = EnumSet.copyOf(CALM);
                trial.add(FeaturesService.Option.Simulate);
                features.installFeatures(wanted, trial);
            } finally {
                features.removeRepository(repository());
                swapBack();
            }
        } catch (Exception e) {
            throw Verdict.refusal(source, Words.reason(e));
        }
    }

    /**
     * Does it.
     *
     * @param wanted features, {@code name/version}
     * @param alone bundles that were added alone and now come with a feature
     * @param brought the bundles of the features
     * @param before features of these names that were installed
     */
    void run(
            String source,
            Set<String> wanted,
            List<Bundle> alone,
            Collection<Incoming> brought,
            Set<String> before) {
        List<String> gone = new ArrayList<>();
        try {
            swap();
            tell(brought);
            for (Bundle bundle : alone) {
                bundle.uninstall();
                gone.add(bundle.getSymbolicName());
            }
            features.installFeatures(wanted, CALM);
            List<Bundle> installed = new ArrayList<>();
            for (Incoming piece : brought) {
                Bundle bundle = at(Store.jar(home, piece.name()));
                if (bundle != null) {
                    renew(bundle, piece);
                    installed.add(bundle);
                }
            }
            Store.installed(home, installed);
            for (Incoming piece : brought) {
                store.forget(piece.name());
            }
        } catch (Exception e) {
            String why = Words.reason(e);
            String undone = undo(before, brought, gone);
            throw new MienException(
                    "'"
                            + source
                            + "' is not installed: "
                            + why
                            + (undone.isEmpty()
                                    ? ". What was there before is there again"
                                    : ". What was there before could not be brought back whole: "
                                            + undone));
        }
    }

    /** What somebody updated by hand has an old checksum, and is not seen to differ. */
    private void renew(Bundle bundle, Incoming piece) throws BundleException, IOException {
        boolean stale =
                piece.before() == bundle
                        && !piece.same()
                        && bundle.getLastModified() == piece.modified();
        if (stale) {
            try (InputStream in = Files.newInputStream(Store.jar(home, piece.name()))) {
                bundle.update(in);
            }
        }
        if (bundle.getState() != Bundle.ACTIVE && !piece.fragment()) {
            bundle.start();
        }
    }

    private Bundle at(Path jar) {
        return context.getBundle(jar.toUri().toString());
    }

    /** Tells the features service of what lies there now. */
    private void tell(Collection<Incoming> brought) throws Exception {
        for (Incoming piece : brought) {
            forget(Store.jar(home, piece.name()));
        }
        features.addRepository(repository());
        if (known) {
            features.refreshRepository(repository());
        }
    }

    /**
     * Bundles with the content that lies there again: the features service may take an update that
     * failed for done, or for one that never was.
     */
    private List<Bundle> asBefore(Collection<Incoming> brought)
            throws BundleException, IOException {
        List<Bundle> bundles = new ArrayList<>();
        for (Incoming piece : brought) {
            Path jar = Store.jar(home, piece.name());
            Bundle bundle = at(jar);
            if (bundle != null && Files.isRegularFile(jar)) {
                try (InputStream in = Files.newInputStream(jar)) {
                    bundle.update(in);
                }
                if (!piece.fragment()) {
                    bundle.start();
                }
                bundles.add(bundle);
            }
        }
        return bundles;
    }

    /**
     * Lets the features service forget a file: it keeps a copy of each by its address, and would
     * take that for the bundle whenever anything is installed.
     */
    private static void forget(Path jar) throws IOException {
        Path copies = Path.of(System.getProperty("karaf.data", "data"), "tmp");
        if (!Files.isDirectory(copies)) {
            return;
        }
        String name = "*-" + jar.getFileName();
        try (DirectoryStream<Path> all = Files.newDirectoryStream(copies, name)) {
            for (Path copy : all) {
                if (copy.getFileName().toString().matches("[0-9a-f]{1,8}-.*")) {
                    Files.delete(copy);
                }
            }
        }
    }

    /** Brings back what was there; gives what could not be, in words. */
    private String undo(Set<String> before, Collection<Incoming> brought, List<String> gone) {
        try {
            if (!known) {
                features.removeRepository(repository(), true);
            }
            swapBack();
            if (known) {
                tell(brought);
                if (!before.isEmpty()) {
                    features.installFeatures(before, CALM);
                }
                Store.installed(home, asBefore(brought));
            }
            for (String name : gone) {
                Path copy = Store.jar(store.alone(), name);
                try (InputStream in = Files.newInputStream(copy)) {
                    Bundle bundle = context.installBundle(Ground.ALONE + name, in);
                    Store.installed(store.alone(), List.of(bundle));
                    bundle.start();
                }
            }
            return "";
        } catch (Exception e) {
            LOG.warn("what was there before plugin-add could not be brought back", e);
            return Words.reason(e);
        }
    }
}
