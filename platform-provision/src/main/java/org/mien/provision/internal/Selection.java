// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.provision.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.karaf.features.BundleInfo;
import org.apache.karaf.features.Dependency;
import org.apache.karaf.features.Feature;
import org.mien.core.MienException;

/**
 * The features of a source, with all they need: those of its files, those of the files that they
 * name and are needed, and those that are known here already. Every address of all of them is
 * judged before the first bundle is opened.
 */
final class Selection {
    private static final int MOST_FILES = 50;

    /** A feature, with the folder in which its files may lie. */
    private record Found(Descriptor.Feature feature, String who, Path folder) {}

    private final Source source;
    private final Known known;

    /** Features of the source itself, all of which are kept. */
    private final Map<String, Found> own = new LinkedHashMap<>();

    /** Features of files that they name. */
    private final Map<String, Found> named = new LinkedHashMap<>();

    private final Set<String> opened = new HashSet<>();

    /** Features that are kept, by name. */
    private final Map<String, Found> kept = new LinkedHashMap<>();

    /** Features that are installed now, and what they need of ours. */
    private final Set<String> now = new LinkedHashSet<>();

    /** Bundles of features that are known and not installed, and come with them. */
    private final Set<String> others = new LinkedHashSet<>();

    private final Map<String, Address> addresses = new HashMap<>();

    Selection(Source source, Known known) throws IOException {
        this.source = source;
        this.known = known;
        List<Source.File> files = new ArrayList<>(source.files());
        for (Source.File file : files) {
            judge(file);
            take(file, own);
        }
        for (Source.File file : files) {
            nested(file);
        }
        own.forEach(
                (name, found) -> {
                    kept.put(name, found);
                    if (found.feature().automatic()) {
                        need(name);
                    }
                });
        own.values().forEach(found -> follow(found.feature(), false));
        kept.keySet().forEach(this::free);
    }

    /** Features that are kept. */
    Collection<Descriptor.Feature> features() {
        return kept.values().stream().map(Found::feature).toList();
    }

    /** Features that are to be installed, those that others need included. */
    Collection<Descriptor.Feature> installed() {
        return now.stream()
                .filter(kept::containsKey)
                .map(name -> kept.get(name).feature())
                .toList();
    }

    /** Features that are to be installed by name, {@code name/version}. */
    Set<String> wanted() {
        Set<String> wanted = new LinkedHashSet<>();
        own.values().stream()
                .map(Found::feature)
                .filter(Descriptor.Feature::automatic)
                .forEach(feature -> wanted.add(feature.id()));
        return wanted;
    }

    /** Addresses of bundles of features that are known here and come with them. */
    Set<String> others() {
        return others;
    }

    /** What was judged. */
    Address address(String text) {
        Address address = addresses.get(text);
        return address == null ? Address.of("a feature", text) : address;
    }

    private void take(Source.File file, Map<String, Found> features) {
        file.descriptor()
                .features
                .forEach(
                        (name, feature) -> {
                            Found found = new Found(feature, file.who(), file.folder());
                            Found other = own.containsKey(name) ? own.get(name) : named.get(name);
                            if (other != null) {
                                throw new MienException(
                                        file.who()
                                                + " and "
                                                + other.who()
                                                + " both have a feature '"
                                                + name
                                                + "'");
                            }
                            features.put(name, found);
                        });
    }

    private void judge(Source.File file) {
        for (String address : file.descriptor().repositories) {
            if (!known.repository(address)) {
                judge(file.who() + ", <repository>", address, file.folder(), false);
            }
        }
        for (Descriptor.Feature feature : file.descriptor().features.values()) {
            String who = file.who() + ", feature '" + feature.name + "',";
            for (Descriptor.Jar jar : feature.allJars()) {
                judge(who + " <bundle>", jar.address(), file.folder(), false);
            }
            for (Descriptor.Written written : feature.written) {
                if (written.address() != null) {
                    judge(
                            who + (written.pid() == null ? " <configfile>" : " <config>"),
                            written.address(),
                            file.folder(),
                            true);
                }
            }
        }
    }

    private void judge(String who, String address, Path folder, boolean near) {
        addresses.put(address, source.judge(who, address, folder, near));
    }

    /** Reads the files that a file names, and those that they name. */
    private void nested(Source.File first) throws IOException {
        Deque<Source.File> open = new ArrayDeque<>(List.of(first));
        while (!open.isEmpty()) {
            Source.File file = open.pop();
            for (String address : file.descriptor().repositories) {
                if (known.repository(address) || !opened.add(address)) {
                    continue;
                }
                if (opened.size() > MOST_FILES) {
                    throw new MienException(
                            first.who()
                                    + " names more than "
                                    + MOST_FILES
                                    + " other files of features, the limit");
                }
                Address judged = address(address);
                boolean itself =
                        source.files().stream()
                                .anyMatch(
                                        one ->
                                                judged.file() != null
                                                        && judged.file().equals(one.path()));
                if (itself) {
                    continue;
                }
                String who = "'" + address + "', which " + file.who() + " names,";
                Path folder = judged.file() == null ? null : judged.file().getParent();
                try (InputStream in = judged.open(file.who())) {
                    Source.File next =
                            new Source.File(who, Source.descriptor(who, in), folder, judged.file());
                    judge(next);
                    take(next, named);
                    open.push(next);
                }
            }
        }
    }

    /** A feature is to be installed, with what it needs. */
    private void need(String name) {
        if (now.add(name)) {
            follow(kept.get(name).feature(), true);
        }
    }

    /** A feature of the source; one that a file only names gives way to one that is here. */
    private Found found(String name) {
        return own.containsKey(name) || known.other(name) != null ? own.get(name) : named.get(name);
    }

    private void follow(Descriptor.Feature feature, boolean install) {
        List<Descriptor.Wanted> all = new ArrayList<>(feature.wanted);
        feature.conditionals.forEach(one -> all.addAll(one.wanted()));
        for (Descriptor.Wanted wanted : all) {
            String name = wanted.name();
            Found found = found(name);
            Feature here = found == null ? known.feature(name, wanted.version()) : null;
            if (found == null && here == null) {
                throw refusal(
                        "feature '"
                                + feature.name
                                + "' needs the feature '"
                                + name
                                + "'"
                                + (wanted.version().isEmpty()
                                        ? ""
                                        : " in version " + wanted.version())
                                + ", which no repository has. feature:list shows those there are");
            }
            if (wanted.first() && (here == null || !known.installed(here))) {
                throw refusal(
                        "feature '"
                                + feature.name
                                + "' has the feature '"
                                + name
                                + "' as a prerequisite, which would be installed before the rest"
                                + " can be tried. Add that first, or leave prerequisite=\"true\""
                                + " away");
            }
            if (found != null) {
                if (kept.putIfAbsent(name, found) == null && !install) {
                    follow(found.feature(), false);
                }
                if (install) {
                    need(name);
                }
            } else if (install && !known.installed(here)) {
                others(here, new HashSet<>());
            }
        }
    }

    /** Bundles of a feature that is known and not installed. */
    private void others(Feature feature, Set<String> seen) {
        if (!seen.add(feature.getId())) {
            return;
        }
        for (Dependency dependency : feature.getDependencies()) {
            Feature other = known.feature(dependency.getName(), dependency.getVersion());
            if (other == null) {
                throw refusal(
                        "feature '"
                                + feature.getName()
                                + "' needs the feature '"
                                + dependency.getName()
                                + "', which no repository has");
            }
            if (!known.installed(other)) {
                others(other, seen);
            }
        }
        for (BundleInfo bundle : feature.getBundles()) {
            String who = "feature '" + feature.getName() + "',";
            addresses.put(bundle.getLocation(), Address.of(who, bundle.getLocation()));
            others.add(bundle.getLocation());
        }
    }

    /** Refuses a feature whose name is another's. */
    private void free(String name) {
        String other = known.other(name);
        if (other != null) {
            throw refusal(
                    "its feature '"
                            + name
                            + "' has the name of one that is here, of "
                            + other
                            + ", and would take its place. Give it another name");
        }
    }

    private MienException refusal(String why) {
        return Verdict.refusal(source.name(), why);
    }

    /** Opens what an address has. */
    InputStream open(String address) {
        Address judged = address(address);
        if (judged.file() != null && !Files.isReadable(judged.file())) {
            throw refusal(
                    "there is no file '" + judged.file() + "' that can be read; build it first");
        }
        return judged.open("'" + source.name() + "'");
    }
}
