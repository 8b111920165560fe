// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.apache.felix.utils.manifest.Clause;
import org.apache.felix.utils.manifest.Parser;
import org.apache.felix.utils.resource.CapabilitySet;
import org.apache.felix.utils.resource.RequirementImpl;
import org.apache.felix.utils.resource.ResourceBuilder;
import org.mien.core.MienException;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.Version;
import org.osgi.framework.namespace.HostNamespace;
import org.osgi.framework.namespace.IdentityNamespace;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.resource.Capability;
import org.osgi.resource.Namespace;
import org.osgi.resource.Requirement;
import org.osgi.resource.Resource;

/** Bundles that are about to be installed, held against those that are there. */
final class Addition {
    /** Bundles that no plugin may replace, or cause to be wired anew. */
    static final Set<String> PLATFORM =
            Set.of(
                    "org.mien.engine",
                    "org.mien.api",
                    "org.mien.nn",
                    "org.mien.vision",
                    "org.mien.weights",
                    "org.mien.core",
                    "org.mien.shell",
                    "org.mien.guard");

    /**
     * A bundle that is to come.
     *
     * @param name its symbolic name
     * @param before the bundle that it replaces, or null
     * @param replaces version of that
     */
    record Piece(
            String name,
            Version version,
            Bundle before,
            Version replaces,
            Map<String, String> headers,
            Resource resource) {}

    /**
     * A package of the platform that a bundle needs.
     *
     * @param range versions that it takes
     * @param here versions that are there, may be empty
     */
    record Need(String name, String range, String here) {}

    private final BundleContext context;
    private final Map<String, Piece> pieces = new LinkedHashMap<>();

    Addition(BundleContext context) {
        this.context = context;
    }

    /** Adds a bundle, unless that very version is there and {@code again} is false. */
    void add(String from, Path file, boolean again) throws IOException {
        Map<String, String> headers;
        try (ZipFile zip = new ZipFile(file.toFile())) {
            headers = Source.headers(from, zip);
        }
        Resource resource;
        try {
            resource = ResourceBuilder.build(from, headers);
        } catch (BundleException | IllegalArgumentException e) {
            throw new MienException("'" + from + "': its manifest is wrong: " + e.getMessage());
        }
        List<Capability> identities =
                resource.getCapabilities(IdentityNamespace.IDENTITY_NAMESPACE);
        if (identities.isEmpty()) {
            throw new MienException("'" + from + "' is no bundle: no Bundle-SymbolicName");
        }
        Map<String, Object> identity = identities.get(0).getAttributes();
        String name = (String) identity.get(IdentityNamespace.IDENTITY_NAMESPACE);
        Version version = (Version) identity.get(Constants.VERSION_ATTRIBUTE);
        Bundle before =
                Arrays.stream(context.getBundles())
                        .filter(bundle -> name.equals(bundle.getSymbolicName()))
                        .findFirst()
                        .orElse(null);
        if (again || before == null || !before.getVersion().equals(version)) {
            pieces.put(
                    name,
                    new Piece(
                            name,
                            version,
                            before,
                            before == null ? null : before.getVersion(),
                            headers,
                            resource));
        }
    }

    Collection<Piece> pieces() {
        return pieces.values();
    }

    /** The packages of the platform that the bundles import. */
    List<Need> needs() {
        Map<String, Need> needs = new TreeMap<>();
        for (Piece piece : pieces.values()) {
            for (Clause clause : Parser.parseHeader(piece.headers().get("Import-Package"))) {
                String name = clause.getName();
                boolean own = pieces.values().stream().anyMatch(other -> exports(other, name));
                if (!own && (name.startsWith("org.mien.") || name.startsWith("ai.djl."))) {
                    String range = clause.getAttribute(Constants.VERSION_ATTRIBUTE);
                    needs.put(name, new Need(name, range == null ? "any" : range, here(name)));
                }
            }
        }
        return List.copyOf(needs.values());
    }

    private static boolean exports(Piece piece, String name) {
        return piece.resource().getCapabilities(PackageNamespace.PACKAGE_NAMESPACE).stream()
                .anyMatch(
                        one ->
                                name.equals(
                                        one.getAttributes()
                                                .get(PackageNamespace.PACKAGE_NAMESPACE)));
    }

    /** Versions in which a package is there. */
    private String here(String name) {
        Set<String> versions = new TreeSet<>();
        there(PackageNamespace.PACKAGE_NAMESPACE)
                .filter(
                        one ->
                                name.equals(
                                        one.getAttributes()
                                                .get(PackageNamespace.PACKAGE_NAMESPACE)))
                .forEach(
                        one ->
                                versions.add(
                                        String.valueOf(
                                                one.getAttributes()
                                                        .get(Constants.VERSION_ATTRIBUTE))));
        return String.join(", ", versions);
    }

    /** What the bundles that stay, and those that come, have to give. */
    private Stream<Capability> there(String namespace) {
        Stream<Capability> stay =
                Arrays.stream(context.getBundles())
                        .filter(
                                bundle ->
                                        bundle.getState() != Bundle.INSTALLED
                                                && bundle.getState() != Bundle.UNINSTALLED
                                                && !pieces.containsKey(bundle.getSymbolicName()))
                        .map(bundle -> bundle.adapt(BundleRevision.class))
                        .filter(revision -> revision != null)
                        .flatMap(revision -> revision.getCapabilities(namespace).stream());
        return Stream.concat(
                stay,
                pieces.values().stream()
                        .flatMap(piece -> piece.resource().getCapabilities(namespace).stream()));
    }

    /** What the bundles need and nobody gives, in words; nothing when all is there. */
    List<String> missing() {
        Set<String> missing = new LinkedHashSet<>();
        for (Piece piece : pieces.values()) {
            for (Requirement need : piece.resource().getRequirements(null)) {
                String effective =
                        need.getDirectives().get(Namespace.REQUIREMENT_EFFECTIVE_DIRECTIVE);
                boolean now = effective == null || effective.equals("resolve");
                boolean dynamic = "dynamic".equals(need.getDirectives().get("resolution"));
                if (now
                        && !dynamic
                        && !RequirementImpl.isOptional(need)
                        && there(need.getNamespace())
                                .noneMatch(one -> CapabilitySet.matches(one, need))) {
                    missing.add(words(piece, need));
                }
            }
        }
        return List.copyOf(missing);
    }

    private String words(Piece piece, Requirement need) {
        if (!need.getNamespace().equals(PackageNamespace.PACKAGE_NAMESPACE)) {
            return piece.name()
                    + " needs "
                    + need.getNamespace()
                    + " "
                    + need.getDirectives().getOrDefault("filter", "").strip()
                    + ", which nothing here gives";
        }
        for (Clause clause : Parser.parseHeader(piece.headers().get("Import-Package"))) {
            String name = clause.getName();
            String range = clause.getAttribute(Constants.VERSION_ATTRIBUTE);
            String filter = need.getDirectives().getOrDefault("filter", "");
            if (filter.contains("(" + PackageNamespace.PACKAGE_NAMESPACE + "=" + name + ")")) {
                String here = here(name);
                return piece.name()
                        + " needs the package "
                        + name
                        + (range == null ? "" : " in version " + range)
                        + "; here "
                        + (here.isEmpty() ? "no bundle exports it" : "it is " + here);
            }
        }
        return piece.name() + " needs a package that is not here: " + need;
    }

    /** Bundles that would be wired anew, besides those that come. */
    Set<String> refreshed() {
        List<Bundle> replaced =
                pieces.values().stream()
                        .map(Piece::before)
                        .filter(bundle -> bundle != null)
                        .toList();
        Set<String> refreshed = new TreeSet<>();
        for (Bundle bundle :
                replaced.isEmpty()
                        ? List.<Bundle>of()
                        : context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION)
                                .adapt(FrameworkWiring.class)
                                .getDependencyClosure(replaced)) {
            boolean platform = PLATFORM.contains(bundle.getSymbolicName());
            if (platform || !pieces.containsKey(bundle.getSymbolicName())) {
                refreshed.add(bundle.getSymbolicName());
            }
        }
        for (Bundle bundle : context.getBundles()) {
            if (PLATFORM.contains(bundle.getSymbolicName()) && takes(bundle)) {
                refreshed.add(bundle.getSymbolicName());
            }
        }
        return refreshed;
    }

    /** Whether a bundle would use what comes: at once, or when it is resolved the next time. */
    private boolean takes(Bundle bundle) {
        BundleRevision revision = bundle.adapt(BundleRevision.class);
        for (Piece piece : pieces.values()) {
            for (Capability one :
                    piece.resource().getCapabilities(PackageNamespace.PACKAGE_NAMESPACE)) {
                if (revision.getRequirements(PackageNamespace.PACKAGE_NAMESPACE).stream()
                        .anyMatch(need -> CapabilitySet.matches(one, need))) {
                    return true;
                }
            }
            for (Requirement host :
                    piece.resource().getRequirements(HostNamespace.HOST_NAMESPACE)) {
                if (revision.getCapabilities(HostNamespace.HOST_NAMESPACE).stream()
                        .anyMatch(one -> CapabilitySet.matches(one, host))) {
                    return true;
                }
            }
        }
        return false;
    }

    /**
     * Packages that the pieces export and the platform does, in any version: a type would be two.
     */
    private List<String> twice() {
        List<String> twice = new ArrayList<>();
        for (Bundle bundle : context.getBundles()) {
            if (!PLATFORM.contains(bundle.getSymbolicName())) {
                continue;
            }
            for (Capability one :
                    bundle.adapt(BundleRevision.class)
                            .getCapabilities(PackageNamespace.PACKAGE_NAMESPACE)) {
                String name = (String) one.getAttributes().get(PackageNamespace.PACKAGE_NAMESPACE);
                pieces.values().stream()
                        .filter(piece -> !PLATFORM.contains(piece.name()) && exports(piece, name))
                        .forEach(
                                piece ->
                                        twice.add(
                                                piece.name()
                                                        + " exports the package "
                                                        + name
                                                        + ", which is "
                                                        + bundle.getSymbolicName()
                                                        + "'s"));
            }
        }
        return twice;
    }

    /** Refuses what would hurt, in words. */
    void check(String source) {
        List<String> twice = twice();
        if (!twice.isEmpty()) {
            throw refusal(
                    source,
                    String.join("; ", twice)
                            + ". A plugin imports what it uses of the platform; build it with those"
                            + " packages neither exported nor inside");
        }
        Set<String> hurt = new TreeSet<>(refreshed());
        hurt.retainAll(PLATFORM);
        if (!hurt.isEmpty()) {
            throw refusal(
                    source,
                    String.join(", ", hurt)
                            + " would be replaced or wired anew, and every job with it. A plugin"
                            + " brings no bundle of the platform, exports no package that the platform"
                            + " uses and is no fragment of it; take that out of it");
        }
        List<String> missing = missing();
        if (!missing.isEmpty()) {
            throw refusal(
                    source,
                    String.join("; ", missing)
                            + ". Build it against this version of Mien, or add first what has it");
        }
    }

    private static MienException refusal(String source, String why) {
        return new MienException("'" + source + "' is not installed, nothing was changed: " + why);
    }
}
