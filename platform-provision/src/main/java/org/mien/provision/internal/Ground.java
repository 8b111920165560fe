// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.provision.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.felix.utils.manifest.Clause;
import org.apache.felix.utils.manifest.Parser;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;

/**
 * What plugins stand on: every bundle that is no plugin and did not come with one. Nobody may
 * replace it, take its name, become a part of it or cause it to be wired anew.
 */
final class Ground {
    /** Beginning of the location of a bundle that was added alone. */
    static final String ALONE = "plugin:";

    /** A bundle of the platform has one word after this, a plugin that ships with Mien two. */
    private static final Pattern OURS = Pattern.compile("org\\.mien(\\.[^.]+)?");

    private static final Pattern SHIPPED =
            Pattern.compile("org\\.mien\\.(backbone|method|preprocess|dataset|evaluator)\\..+");

    private final BundleContext context;
    private final Path store;

    Ground(BundleContext context, Path store) {
        this.context = context;
        this.store = store;
    }

    /** Whether a bundle is a plugin, or came with one. */
    boolean plugin(Bundle bundle) {
        return came(bundle)
                || !ours(bundle.getSymbolicName()) && imports(bundle) && bundle.getBundleId() != 0;
    }

    /** Whether plugin-add brought it. */
    boolean came(Bundle bundle) {
        return bundle.getLocation().startsWith(ALONE)
                || bundle.getLocation().startsWith(store.toUri().toString());
    }

    /** Whether a symbolic name is, or could be, one of the platform's own bundles. */
    static boolean ours(String name) {
        return name != null && OURS.matcher(name).matches();
    }

    private static boolean imports(Bundle bundle) {
        String imports = bundle.getHeaders("").get(Constants.IMPORT_PACKAGE);
        return imports != null && imports.contains("org.mien.api");
    }

    /** Whose name it is, in words; empty when a new bundle may have it. */
    Optional<String> owner(String name) {
        boolean framework = name.equals(Constants.SYSTEM_BUNDLE_SYMBOLICNAME);
        if (framework
                || ours(name)
                || name.startsWith("org.mien.") && !SHIPPED.matcher(name).matches()) {
            return Optional.of(framework ? "the framework" : "the platform");
        }
        return bundles(name).stream()
                .filter(bundle -> !plugin(bundle))
                .findFirst()
                .map(bundle -> "a bundle that is no plugin, " + name + " " + bundle.getVersion());
    }

    /** Installed bundles of a name. */
    List<Bundle> bundles(String name) {
        return Arrays.stream(context.getBundles())
                .filter(bundle -> name.equals(bundle.getSymbolicName()))
                .toList();
    }

    /** Native libraries that a bundle with these headers brings and somebody here has, by owner. */
    Map<String, String> natives(String self, String header) {
        Map<String, String> twice = new TreeMap<>();
        if (header == null) {
            return twice;
        }
        Set<String> brought = libraries(header);
        for (Bundle bundle : context.getBundles()) {
            String theirs = bundle.getHeaders("").get(Constants.BUNDLE_NATIVECODE);
            if (theirs != null && !self.equals(bundle.getSymbolicName())) {
                for (String library : libraries(theirs)) {
                    if (brought.contains(library)) {
                        twice.put(library, bundle.getSymbolicName());
                    }
                }
            }
        }
        for (String property : List.of("mien.torch", "mien.opencv")) {
            String folder = System.getProperty(property, "");
            if (!folder.isEmpty() && Files.isDirectory(Path.of(folder))) {
                try (Stream<Path> files = Files.list(Path.of(folder))) {
                    files.map(file -> file.getFileName().toString())
                            .filter(brought::contains)
                            .forEach(name -> twice.put(name, folder));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
        return twice;
    }

    private static Set<String> libraries(String header) {
        Set<String> names = new TreeSet<>();
        for (Clause clause : Parser.parseHeader(header)) {
            String path = clause.getName();
            names.add(path.substring(path.lastIndexOf('/') + 1));
        }
        return names;
    }
}
