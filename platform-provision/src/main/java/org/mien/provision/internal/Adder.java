// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.provision.internal;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.zip.ZipException;
import org.apache.karaf.features.FeaturesService;
import org.mien.core.MienException;
import org.mien.provision.Provisioning.Addition;
import org.mien.provision.Provisioning.Need;
import org.mien.provision.Provisioning.Piece;
import org.mien.provision.Provisioning.Setting;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.service.resolver.Resolver;

/** One thing that is added: looked at as a whole, told, and done. */
final class Adder {
    private final BundleContext context;
    private final FeaturesService features;
    private final Resolver resolver;
    private final Store store;
    private final Ground ground;
    private final Settings settings;
    private final Path folder;

    /** Bundles that are kept, by symbolic name. */
    private final Map<String, Incoming> brought = new LinkedHashMap<>();

    /** Bundles that come with features that are known here. */
    private final List<Incoming> others = new ArrayList<>();

    /**
     * For one addition.
     *
     * @param folder an empty one, of the store
     */
    Adder(
            BundleContext context,
            FeaturesService features,
            Resolver resolver,
            Store store,
            Settings settings,
            Path folder) {
        this.context = context;
        this.features = features;
        this.resolver = resolver;
        this.store = store;
        this.settings = settings;
        this.folder = folder;
        ground = new Ground(context, store.root());
    }

    /** Bundles that are part of it, by symbolic name. */
    Set<String> bundles() {
        Set<String> names = new HashSet<>(brought.keySet());
        others.forEach(piece -> names.add(piece.name()));
        return names;
    }

    /** Adds it; what it gives then is not yet in the answer. */
    Addition add(Source source, boolean trial, Consumer<Addition> before) throws IOException {
        return source.bundle() != null
                ? alone(source, trial, before)
                : together(source, trial, before);
    }

    // --- a bundle

    private Addition alone(Source source, boolean trial, Consumer<Addition> before)
            throws IOException {
        Incoming piece = read(source.name(), source.bundle());
        Bundle there = there(piece.name(), null);
        piece = piece.over(there, there != null && same(there, piece.file()));
        brought.put(piece.name(), piece);
        boolean unchanged = piece.same() && there.getState() == Bundle.ACTIVE;
        Verdict.own(source.name(), ground, brought.values());
        Addition told = told(source, Set.of(), List.of(), unchanged, before);
        if (piece.fragment()) {
            throw Verdict.refusal(
                    source.name(),
                    piece.name()
                            + " is a fragment of "
                            + piece.host()
                            + ". Bring it with that bundle, in a features.xml");
        }
        if (!trial && !unchanged) {
            new BundleInstall(context, store).run(source.name(), piece);
        }
        return told;
    }

    private boolean same(Bundle there, Path file) {
        String location = there.getLocation();
        return location.startsWith(store.root().toUri().toString())
                        && Store.same(Path.of(URI.create(location)).getParent(), there, file)
                || Store.same(store.alone(), there, file);
    }

    // --- features

    private Addition together(Source source, boolean trial, Consumer<Addition> before)
            throws IOException {
        Known known = new Known(features, store);
        Selection selection = new Selection(source, known);
        Path home = home(source, selection, known);
        Path ready = Files.createDirectory(folder.resolve("ready"));
        Map<String, String> addresses = new HashMap<>();
        for (Descriptor.Feature feature : selection.features()) {
            for (Descriptor.Jar jar : feature.allJars()) {
                if (!addresses.containsKey(jar.address())) {
                    addresses.put(jar.address(), bring(source, selection, jar, ready, home));
                }
            }
        }
        for (String address : selection.others()) {
            other(selection, address);
        }
        List<Settings.Planned> files = new ArrayList<>();
        for (Descriptor.Feature feature : selection.installed()) {
            files.addAll(settings.plan(source.name(), feature, selection::open));
        }
        String name = "added-" + home.getFileName();
        Path xml = ready.resolve(Store.FEATURES);
        DescriptorWriter.write(xml, name, selection.features(), addresses);
        Path now = home.resolve(Store.FEATURES);
        boolean unchanged =
                Files.exists(now)
                        && Files.mismatch(now, xml) < 0
                        && selection.installed().stream().allMatch(known::installed)
                        && brought.values().stream().allMatch(Adder::runs)
                        && files.stream().allMatch(one -> one.content() == null);
        Verdict.own(source.name(), ground, brought.values());
        Set<String> ids =
                selection.installed().stream()
                        .map(Descriptor.Feature::id)
                        .collect(Collectors.toCollection(LinkedHashSet::new));
        List<Setting> shown = files.stream().map(Settings.Planned::setting).toList();
        Addition told = told(source, ids, shown, unchanged, before);
        if (unchanged) {
            return told;
        }
        FeatureInstall install =
                new FeatureInstall(
                        context,
                        features,
                        store,
                        ready,
                        home,
                        known.repository(now.toUri().toString()),
                        folder);
        install.tryOut(source.name(), selection.wanted());
        if (!trial) {
            write(
                    source,
                    files,
                    () ->
                            install.run(
                                    source.name(),
                                    selection.wanted(),
                                    alone(),
                                    brought.values(),
                                    was(selection, known)));
        }
        return told;
    }

    private static boolean runs(Incoming piece) {
        return piece.same() && (piece.fragment() || piece.before().getState() == Bundle.ACTIVE);
    }

    /** Bundles that were added alone and come with a feature now. */
    private List<Bundle> alone() {
        return brought.values().stream()
                .map(Incoming::before)
                .filter(bundle -> bundle != null && bundle.getLocation().startsWith(Ground.ALONE))
                .toList();
    }

    /** Versions of its features that are installed now. */
    private static Set<String> was(Selection selection, Known known) {
        return selection.features().stream()
                .map(feature -> known.installedNow(feature.name))
                .filter(id -> !id.isEmpty())
                .collect(Collectors.toSet());
    }

    private void write(Source source, List<Settings.Planned> files, Runnable install) {
        List<Path> made;
        try {
            made = settings.write(files);
        } catch (IOException e) {
            throw Verdict.refusal(source.name(), "etc cannot be written: " + e.getMessage());
        }
        try {
            install.run();
        } catch (RuntimeException e) {
            Settings.undo(made);
            throw e;
        }
    }

    /** Where its files go: where those of its features lie already, or a place of its own. */
    private Path home(Source source, Selection selection, Known known) {
        Set<URI> there = new LinkedHashSet<>();
        Set<String> names = new LinkedHashSet<>();
        for (Descriptor.Feature feature : selection.features()) {
            names.add(feature.name);
            if (known.added(feature.name) != null) {
                there.add(known.added(feature.name));
            }
        }
        if (names.isEmpty()) {
            throw Verdict.refusal(source.name(), "it has no feature");
        }
        if (there.isEmpty()) {
            return store.home(names.iterator().next());
        }
        Path file = Path.of(there.iterator().next());
        if (there.size() > 1 || !store.root().equals(file.getParent().getParent())) {
            throw Verdict.refusal(
                    source.name(),
                    "its features came with several files before. Remove their plugins first"
                            + " (plugin-remove)");
        }
        List<String> lost = known.installedOf(there.iterator().next());
        lost.removeAll(names);
        if (!lost.isEmpty()) {
            throw Verdict.refusal(
                    source.name(),
                    "feature '"
                            + lost.get(0)
                            + "' came with it before and is in it no more. Remove it first:"
                            + " plugin-remove "
                            + lost.get(0));
        }
        return file.getParent();
    }

    /** Copies a bundle to where its features will be; gives its address there. */
    private String bring(
            Source source, Selection selection, Descriptor.Jar jar, Path ready, Path home)
            throws IOException {
        Address address = selection.address(jar.address());
        Bundle there = context.getBundle(address.text());
        if (there != null && !ground.came(there)) {
            return address.text(); // a bundle of the platform that the feature lists, as it is
        }
        Path copy = Files.createTempFile(folder, "bundle", null);
        try (InputStream in = selection.open(jar.address())) {
            Source.copy(address.text(), in, copy);
        }
        Incoming piece = read(address.text(), copy);
        Path file = Store.jar(ready, piece.name());
        Incoming twin = brought.get(piece.name());
        if (twin != null && Files.mismatch(copy, file) >= 0) {
            throw Verdict.refusal(
                    source.name(), "it brings two bundles of the name " + piece.name());
        }
        if (twin == null) {
            Files.move(copy, file);
            Bundle before = there(piece.name(), home);
            boolean same = before != null && Store.same(home, before, file);
            brought.put(piece.name(), piece.at(file).over(before, same));
        }
        return Store.jar(home, piece.name()).toUri().toString();
    }

    private void other(Selection selection, String address) throws IOException {
        Path copy = Files.createTempFile(folder, "other", null);
        try (InputStream in = selection.open(address)) {
            Source.copy(address, in, copy);
        }
        Incoming piece = read(address, copy);
        boolean there =
                ground.bundles(piece.name()).stream()
                        .anyMatch(bundle -> bundle.getVersion().equals(piece.version()));
        if (!there) {
            others.add(piece);
        }
        Files.delete(copy);
    }

    // --- both

    private static Incoming read(String from, Path file) throws IOException {
        Incoming piece;
        try (Zip zip = new Zip(from, file)) {
            piece = Incoming.read(from, file, zip.headers());
        } catch (ZipException e) {
            throw new MienException("'" + from + "' is no bundle: it is no jar");
        }
        if (!piece.name().matches("[A-Za-z0-9][A-Za-z0-9._-]{0,199}")) {
            throw new MienException(
                    "'"
                            + from
                            + "' is no bundle: its Bundle-SymbolicName has something else than"
                            + " letters, digits, '.', '_' and '-'");
        }
        return piece;
    }

    /** The plugin's bundle of a name; of several the one at its place in the store. */
    private Bundle there(String name, Path home) {
        List<Bundle> all = ground.bundles(name).stream().filter(ground::plugin).toList();
        String location = home == null ? "" : Store.jar(home, name).toUri().toString();
        return all.stream()
                .filter(bundle -> bundle.getLocation().equals(location))
                .findFirst()
                .orElse(all.isEmpty() ? null : all.get(0));
    }

    /** Tells what will be done, and refuses what cannot. */
    private Addition told(
            Source source,
            Collection<String> ids,
            List<Setting> files,
            boolean unchanged,
            Consumer<Addition> before) {
        List<Incoming> come = new ArrayList<>(others);
        brought.values().stream().filter(piece -> !piece.same()).forEach(come::add);
        Verdict verdict = new Verdict(context, ground, resolver, come);
        List<Piece> pieces = new ArrayList<>();
        brought.values().forEach(piece -> pieces.add(piece(piece)));
        others.forEach(piece -> pieces.add(piece(piece)));
        List<Need> needs = verdict.needs();
        Addition told =
                new Addition(
                        pieces,
                        List.copyOf(ids),
                        files,
                        needs,
                        List.copyOf(verdict.refreshed()),
                        unchanged,
                        false,
                        List.of(),
                        List.of());
        before.accept(told);
        if (!unchanged) {
            verdict.check(source.name());
        }
        return told;
    }

    private static Piece piece(Incoming piece) {
        return new Piece(
                piece.name(),
                piece.version().toString(),
                piece.before() == null ? null : piece.before().getVersion().toString(),
                piece.same());
    }
}
