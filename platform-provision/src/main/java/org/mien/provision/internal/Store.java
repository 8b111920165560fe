// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.provision.internal;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Comparator;
import java.util.List;
import java.util.Properties;
import java.util.stream.Stream;
import org.mien.core.MienException;
import org.osgi.framework.Bundle;

/**
 * The folder with what was added, {@code plugins} in Karaf's data folder: a folder for each
 * features.xml with the bundles of it, from which the features service installs them again, one for
 * the bundles that were added alone, and a record of the files written to {@code etc}. What is here
 * is what is installed, byte for byte, so that it can be compared.
 */
final class Store {
    static final String FEATURES = "features.xml";

    private static final String ALONE = "_alone";
    private static final String INSTALLED = "installed.properties";
    private static final String WRITTEN = "_written.properties";

    private final Path root;

    Store(Path root) {
        this.root = root;
    }

    Path root() {
        return root;
    }

    /** An empty folder to prepare something in; whoever makes it deletes it. */
    Path fresh() throws IOException {
        Files.createDirectories(root);
        return Files.createTempDirectory(root, ".new-");
    }

    /** Where the files of a feature lie. */
    Path home(String feature) {
        return root.resolve(feature);
    }

    /** Where the bundles that were added alone lie. */
    Path alone() {
        return root.resolve(ALONE);
    }

    /** The copy of a bundle. */
    static Path jar(Path home, String name) {
        return home.resolve(name + ".jar");
    }

    /** Whether a bundle was installed from its copy in a folder, which has this very content. */
    static boolean same(Path home, Bundle bundle, Path file) {
        Path copy = jar(home, bundle.getSymbolicName());
        try {
            return Files.isRegularFile(copy)
                    && Files.mismatch(copy, file) < 0
                    && read(home.resolve(INSTALLED))
                            .getProperty(bundle.getSymbolicName(), "")
                            .equals(Long.toString(bundle.getLastModified()));
        } catch (IOException e) {
            throw new MienException("'" + copy + "' cannot be read: " + e.getMessage());
        }
    }

    /** Notes that bundles are installed from their copies in a folder. */
    static void installed(Path home, Iterable<Bundle> bundles) throws IOException {
        Properties all = read(home.resolve(INSTALLED));
        for (Bundle bundle : bundles) {
            all.setProperty(bundle.getSymbolicName(), Long.toString(bundle.getLastModified()));
        }
        write(home.resolve(INSTALLED), all);
    }

    /** Keeps the copy of a bundle that was added alone. */
    void keep(Bundle bundle, Path file) throws IOException {
        Files.createDirectories(alone());
        Path part = alone().resolve(bundle.getSymbolicName() + ".part");
        Files.copy(file, part, StandardCopyOption.REPLACE_EXISTING);
        Files.move(
                part,
                jar(alone(), bundle.getSymbolicName()),
                StandardCopyOption.ATOMIC_MOVE,
                StandardCopyOption.REPLACE_EXISTING);
        installed(alone(), List.of(bundle));
    }

    /** Forgets a bundle that was added alone. */
    void forget(String name) throws IOException {
        Files.deleteIfExists(jar(alone(), name));
    }

    /** The feature with which a file came to {@code etc}; null when it did not come so. */
    String writer(String path) throws IOException {
        return read(root.resolve(WRITTEN)).getProperty(path);
    }

    /** Notes with which feature a file came to {@code etc}. */
    void written(String path, String feature) throws IOException {
        Properties all = read(root.resolve(WRITTEN));
        all.setProperty(path, feature);
        write(root.resolve(WRITTEN), all);
    }

    private static Properties read(Path file) throws IOException {
        Properties properties = new Properties();
        if (Files.exists(file)) {
            try (InputStream in = Files.newInputStream(file)) {
                properties.load(in);
            }
        }
        return properties;
    }

    private static void write(Path file, Properties properties) throws IOException {
        Path part = file.resolveSibling(file.getFileName() + ".part");
        try (OutputStream out = Files.newOutputStream(part)) {
            properties.store(out, null);
        }
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Removes a folder with what is in it, if it is there. */
    static void delete(Path folder) {
        if (!Files.exists(folder)) {
            return;
        }
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new MienException("folder '" + folder + "' cannot be deleted: " + e.getMessage());
        }
    }
}
