// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.provision.internal;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.apache.felix.utils.manifest.Clause;
import org.apache.felix.utils.manifest.Parser;
import org.apache.felix.utils.resource.CapabilitySet;
import org.apache.felix.utils.resource.RequirementImpl;
import org.mien.core.MienException;
import org.mien.provision.Provisioning.Need;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.namespace.PackageNamespace;
import org.osgi.framework.wiring.BundleRevision;
import org.osgi.framework.wiring.FrameworkWiring;
import org.osgi.resource.Capability;
import org.osgi.resource.Requirement;
import org.osgi.service.resolver.ResolutionException;
import org.osgi.service.resolver.Resolver;

/** Bundles that are to come, held against those that are there. */
final class Verdict {
    private static final String PACKAGE = PackageNamespace.PACKAGE_NAMESPACE;

    private final BundleContext context;
    private final Ground ground;
    private final Resolver resolver;
    private final Collection<Incoming> come;
    private final Wirings wirings;

    /**
     * Bundles that come together.
     *
     * @param come those whose content is new
     */
    Verdict(BundleContext context, Ground ground, Resolver resolver, Collection<Incoming> come) {
        this.context = context;
        this.ground = ground;
        this.resolver = resolver;
        this.come = come;
        wirings = new Wirings(context, come);
    }

    /** The packages of the platform that the bundles import. */
    List<Need> needs() {
        Map<String, Need> needs = new TreeMap<>();
        for (Incoming piece : come) {
            for (Clause clause : Parser.parseHeader(piece.headers().get("Import-Package"))) {
                String name = clause.getName();
                boolean own = come.stream().anyMatch(other -> other.exports(name));
                if (!own && (name.startsWith("org.mien.") || name.startsWith("ai.djl."))) {
                    String range = clause.getAttribute(Constants.VERSION_ATTRIBUTE);
                    needs.put(name, new Need(name, range == null ? "any" : range, here(name)));
                }
            }
        }
        return List.copyOf(needs.values());
    }

    /** Versions in which a package is there. */
    private String here(String name) {
        Set<String> versions = new TreeSet<>();
        for (Bundle bundle : context.getBundles()) {
            BundleRevision revision = bundle.adapt(BundleRevision.class);
            if (revision != null && bundle.getState() != Bundle.INSTALLED) {
                for (Capability one : revision.getCapabilities(PACKAGE)) {
                    if (name.equals(one.getAttributes().get(PACKAGE))) {
                        versions.add(
                                String.valueOf(
                                        one.getAttributes().get(Constants.VERSION_ATTRIBUTE)));
                    }
                }
            }
        }
        return String.join(", ", versions);
    }

    /** What the bundles need and nobody gives, in words; nothing when all is there. */
    private List<String> missing() {
        Set<String> missing = new LinkedHashSet<>();
        for (Incoming piece : come) {
            for (Requirement need : piece.resource().getRequirements(null)) {
                boolean dynamic = "dynamic".equals(need.getDirectives().get("resolution"));
                if (wirings.isEffective(need)
                        && !dynamic
                        && !RequirementImpl.isOptional(need)
                        && wirings.findProviders(need).isEmpty()) {
                    missing.add(words(piece, need));
                }
            }
        }
        return List.copyOf(missing);
    }

    private String words(Incoming piece, Requirement need) {
        String filter = need.getDirectives().getOrDefault("filter", "").strip();
        if (!need.getNamespace().equals(PACKAGE)) {
            return piece.name()
                    + " needs "
                    + need.getNamespace()
                    + " "
                    + filter
                    + ", which nothing here gives";
        }
        for (Clause clause : Parser.parseHeader(piece.headers().get("Import-Package"))) {
            String name = clause.getName();
            String range = clause.getAttribute(Constants.VERSION_ATTRIBUTE);
            if (filter.contains("(" + PACKAGE + "=" + name + ")")) {
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
        Set<String> names = new TreeSet<>();
        come.forEach(piece -> names.add(piece.name()));
        List<Bundle> replaced =
                come.stream().map(Incoming::before).filter(bundle -> bundle != null).toList();
        Set<String> refreshed = new TreeSet<>();
        for (Bundle bundle : replaced.isEmpty() ? List.<Bundle>of() : closure(replaced)) {
            if (!names.contains(bundle.getSymbolicName()) || !ground.plugin(bundle)) {
                refreshed.add(bundle.getSymbolicName());
            }
        }
        for (Bundle bundle : context.getBundles()) {
            if (Ground.ours(bundle.getSymbolicName()) && takes(bundle)) {
                refreshed.add(bundle.getSymbolicName());
            }
        }
        return refreshed;
    }

    private Collection<Bundle> closure(Collection<Bundle> bundles) {
        return context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION)
                .adapt(FrameworkWiring.class)
                .getDependencyClosure(bundles);
    }

    /** Whether a bundle would use what comes: at once, or when it is resolved the next time. */
    private boolean takes(Bundle bundle) {
        BundleRevision revision = bundle.adapt(BundleRevision.class);
        return come.stream()
                .flatMap(piece -> piece.resource().getCapabilities(PACKAGE).stream())
                .anyMatch(
                        one ->
                                revision.getRequirements(PACKAGE).stream()
                                        .anyMatch(need -> CapabilitySet.matches(one, need)));
    }

    /**
     * Packages that the pieces export and the platform does, in any version: a type would be two.
     */
    private List<String> twice() {
        List<String> twice = new ArrayList<>();
        for (Bundle bundle : context.getBundles()) {
            if (Ground.ours(bundle.getSymbolicName())) {
                for (Capability one : bundle.adapt(BundleRevision.class).getCapabilities(PACKAGE)) {
                    String name = (String) one.getAttributes().get(PACKAGE);
                    come.stream()
                            .filter(piece -> piece.exports(name))
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
        }
        return twice;
    }

    /** Refuses bundles that take what belongs to the platform; with the reason, for each kind. */
    static void own(String source, Ground ground, Collection<Incoming> pieces) {
        for (Incoming piece : pieces) {
            ground.owner(piece.name())
                    .ifPresent(
                            owner -> {
                                throw refusal(
                                        source,
                                        "a bundle of it calls itself "
                                                + piece.name()
                                                + ", which is the name of "
                                                + owner
                                                + ". A plugin has a name of its own and brings no"
                                                + " bundle of the platform; rename it, or take it"
                                                + " out");
                            });
            if (piece.fragment()) {
                fragment(source, ground, piece, pieces);
            }
            ground.natives(piece.name(), piece.headers().get(Constants.BUNDLE_NATIVECODE))
                    .forEach(
                            (library, owner) -> {
                                throw refusal(
                                        source,
                                        piece.name()
                                                + " brings the native library "
                                                + library
                                                + ", which "
                                                + owner
                                                + " has already; a process loads it once. Take"
                                                + " it out");
                            });
        }
    }

    private static void fragment(
            String source, Ground ground, Incoming piece, Collection<Incoming> pieces) {
        String host = piece.host();
        boolean own =
                pieces.stream().anyMatch(other -> other != piece && other.name().equals(host));
        List<Bundle> hosts = ground.bundles(host);
        if (!own && (hosts.isEmpty() || !hosts.stream().allMatch(ground::plugin))) {
            throw refusal(
                    source,
                    piece.name()
                            + " is a fragment of "
                            + (host.isEmpty() ? "another bundle" : host)
                            + (hosts.isEmpty() && !host.equals("system.bundle")
                                    ? ", which is not here"
                                    : ", which is no plugin: it would become a part of the"
                                            + " platform")
                            + ". A plugin is a bundle that stands alone");
        }
    }

    /** Refuses what would hurt or cannot work, in words. */
    void check(String source) {
        List<String> twice = twice();
        if (!twice.isEmpty()) {
            throw refusal(
                    source,
                    String.join("; ", twice)
                            + ". A plugin imports what it uses of the platform; build it with those"
                            + " packages neither exported nor inside");
        }
        Set<String> hurt = refreshed();
        hurt.removeIf(name -> ground.bundles(name).stream().allMatch(ground::plugin));
        if (!hurt.isEmpty()) {
            throw refusal(
                    source,
                    String.join(", ", hurt)
                            + " would be wired anew, and every job with it. A plugin exports no"
                            + " package that the platform uses; take that out of it");
        }
        List<String> missing = missing();
        if (!missing.isEmpty()) {
            throw refusal(
                    source,
                    String.join("; ", missing)
                            + ". Build it against this version of Mien, or add first what has it");
        }
        try {
            resolver.resolve(wirings);
        } catch (ResolutionException e) {
            throw refusal(
                    source,
                    "its bundles cannot be wired with those that are here: "
                            + String.valueOf(e.getMessage()).strip());
        }
    }

    static MienException refusal(String source, String why) {
        return new MienException("'" + source + "' is not installed, nothing was changed: " + why);
    }
}
