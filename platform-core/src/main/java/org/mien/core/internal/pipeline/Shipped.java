// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.pipeline;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.mien.core.internal.io.KeyFile;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.util.tracker.BundleTracker;

/**
 * The recipes and sweeps that bundles bring, found when a bundle starts and gone when it stops. It
 * holds their text only, nothing of a bundle.
 */
@Component(service = Shipped.class, immediate = true)
public final class Shipped {
    /** Kinds of file. */
    public enum Kind {
        RECIPE("recipe", "MIEN-INF/recipes"),
        SWEEP("sweep", "MIEN-INF/sweeps");

        private final String word;
        private final String folder;

        Kind(String word, String folder) {
            this.word = word;
            this.folder = folder;
        }

        String word() {
            return word;
        }
    }

    /**
     * A file of a bundle.
     *
     * @param kind its kind
     * @param name the file's name without its ending
     * @param bundle symbolic name
     * @param version of the bundle
     * @param owner number of the bundle; of two files with one name that of the least counts
     * @param values its keys in their order; none when it is broken
     * @param problem why it cannot be used, or empty
     */
    public record Text(
            Kind kind,
            String name,
            String bundle,
            String version,
            long owner,
            Map<String, String> values,
            String problem) {
        /** Where its values come from, for people. */
        public String origin() {
            return kind.word() + " " + name + " (" + bundle + ")";
        }

        Text with(String otherProblem) {
            return new Text(kind, name, bundle, version, owner, values, otherProblem);
        }
    }

    /** The most files of a kind in a bundle. */
    private static final int MOST_FILES = 200;

    private final List<Text> texts = new CopyOnWriteArrayList<>();
    private final BundleTracker<Bundle> tracker;

    /**
     * Made by Declarative Services.
     *
     * @param context to see the bundles; null where there is no framework
     */
    @Activate
    public Shipped(BundleContext context) {
        tracker = context == null ? null : new Bundles(context);
        if (tracker != null) {
            tracker.open();
        }
    }

    @Deactivate
    void close() {
        tracker.close();
    }

    private final class Bundles extends BundleTracker<Bundle> {
        Bundles(BundleContext context) {
            super(context, Bundle.STARTING | Bundle.ACTIVE, null);
        }

        @Override
        public Bundle addingBundle(Bundle bundle, BundleEvent event) {
            boolean any = false;
            for (Kind kind : Kind.values()) {
                Enumeration<URL> found = bundle.findEntries(kind.folder, "*.cfg", false);
                List<URL> files = found == null ? List.of() : Collections.list(found);
                for (URL file : files.subList(0, Math.min(files.size(), MOST_FILES))) {
                    add(bundle, kind, file);
                }
                any |= !files.isEmpty();
            }
            return any ? bundle : null;
        }

        @Override
        public void removedBundle(Bundle bundle, BundleEvent event, Bundle same) {
            gone(bundle.getBundleId());
        }
    }

    private void add(Bundle bundle, Kind kind, URL file) {
        String name = file.getPath().replaceFirst(".*/", "").replaceFirst("\\.cfg$", "");
        try (InputStream in = file.openStream()) {
            add(
                    kind,
                    name,
                    bundle.getSymbolicName(),
                    bundle.getVersion().toString(),
                    bundle.getBundleId(),
                    in.readNBytes(KeyFile.MOST_BYTES + 1));
        } catch (IOException e) {
            texts.add(
                    new Text(
                            kind,
                            name,
                            bundle.getSymbolicName(),
                            bundle.getVersion().toString(),
                            bundle.getBundleId(),
                            Map.of(),
                            "cannot be read: " + e.getMessage()));
        }
    }

    /** Takes a file of a bundle, whatever is in it. */
    public void add(
            Kind kind, String name, String bundle, String version, long owner, byte[] content) {
        Map<String, String> values = Map.of();
        String problem = "";
        try {
            if (!Names.may(name)) {
                throw new IllegalArgumentException(
                        "its name is not up to 64 letters, digits, dots, dashes and underscores");
            }
            values = KeyFile.parse(content);
        } catch (IllegalArgumentException e) {
            problem = e.getMessage();
        }
        texts.add(new Text(kind, name, bundle, version, owner, values, problem));
    }

    /** A bundle's files go. */
    public void gone(long owner) {
        texts.removeIf(text -> text.owner() == owner);
    }

    /** The files of a kind by name, those that do not count with the reason. */
    public List<Text> all(Kind kind) {
        List<Text> all = new ArrayList<>();
        texts.stream()
                .filter(text -> text.kind() == kind)
                .sorted(Comparator.comparing(Text::name).thenComparingLong(Text::owner))
                .forEach(
                        text -> {
                            boolean second =
                                    all.stream().anyMatch(one -> one.name().equals(text.name()));
                            all.add(
                                    second
                                            ? text.with(
                                                    "another bundle brought this name before it")
                                            : text);
                        });
        return all;
    }
}
