// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.apache.karaf.features.BundleInfo;
import org.apache.karaf.features.Dependency;
import org.apache.karaf.features.Feature;
import org.apache.karaf.features.FeaturesService;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.mien.core.MienException;
import org.mien.core.Pipelines;
import org.mien.core.Plugins;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;

/** {@code fer:plugin-add}. */
@Service
@Command(
        scope = "fer",
        name = "plugin-add",
        description = "Installs plugins, or updates them, from a jar, a features.xml or a .kar")
public final class PluginAdd extends FerCommand {
    @Reference Pipelines pipelines;
    @Reference Plugins plugins;

    /** Features are installed without touching what is there. */
    private static final EnumSet<FeaturesService.Option> CALM =
            EnumSet.of(FeaturesService.Option.NoAutoRefreshBundles, FeaturesService.Option.Upgrade);

    @Reference BundleContext context;

    @Reference FeaturesService features;

    @Option(name = "--dry-run", description = "Only say what would be done")
    boolean dry;

    @Argument(
            index = 0,
            name = "FILE",
            description = "A bundle (.jar), a features.xml, a .kar, or mvn:GROUP/ARTIFACT/VERSION",
            required = true)
    @Completion(ImageFiles.class)
    String source;

    @Argument(index = 1, name = "option", description = "Options", multiValued = true)
    List<String> rest;

    @Override
    void run() {
        List<String> more = plain(rest);
        if (!more.isEmpty()) {
            throw new MienException("plugin-add takes one thing; leave '" + more.get(0) + "' away");
        }
        Source from = Source.of(source, screen.folder(), folder(context));
        boolean kept = false;
        try {
            kept = add(from);
        } catch (IOException e) {
            throw new MienException("'" + source + "' cannot be read: " + e.getMessage());
        } finally {
            if (!kept) {
                from.forget();
            }
        }
    }

    /** Where the files of features stay. */
    static Path folder(BundleContext context) {
        String data = context.getProperty("karaf.data");
        return Path.of(data == null ? "data" : data).toAbsolutePath().resolve("plugins");
    }

    /** Gives whether its files are needed from now on. */
    private boolean add(Source from) throws IOException {
        Addition addition = new Addition(context);
        Set<Feature> wanted = new LinkedHashSet<>();
        if (from.bundle() != null) {
            addition.add(source, from.bundle(), true);
        } else {
            wanted.addAll(features(from, addition));
        }
        Set<String> names = wanted.stream().map(Feature::getId).collect(Collectors.toSet());
        Set<String> refreshed = addition.refreshed();
        if (!json) {
            say(addition, names, refreshed);
        }
        addition.check(source);
        Set<String> ready = ready();
        if (!dry && from.bundle() != null) {
            install(addition.pieces().iterator().next(), from.bundle());
        } else if (!wanted.isEmpty()) {
            install(from, names);
        }
        Set<String> bundles =
                addition.pieces().stream().map(Addition.Piece::name).collect(Collectors.toSet());
        List<Plugins.Plugin> came =
                dry
                        ? List.of()
                        : plugins.all().stream()
                                .filter(plugin -> bundles.contains(plugin.bundle()))
                                .toList();
        Set<String> now = ready();
        now.removeAll(ready);
        tell(addition, names, refreshed, came, now);
        return !dry && from.bundle() == null;
    }

    private Set<String> ready() {
        return pipelines.all().stream()
                .filter(pipeline -> pipeline.state() == Pipelines.State.READY)
                .map(Pipelines.Pipeline::name)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    // --- what is said

    private void say(Addition addition, Set<String> names, Set<String> refreshed) {
        if (addition.pieces().isEmpty()) {
            screen.line("every bundle of it is installed already");
        } else {
            Table bundles = new Table().text("bundle", "version", "replaces");
            for (Addition.Piece piece : addition.pieces()) {
                bundles.row(
                        piece.name(),
                        piece.version().toString(),
                        piece.replaces() == null ? "" : piece.replaces().toString());
            }
            screen.lines(bundles.lines());
            screen.line("");
        }
        List<Addition.Need> needs = addition.needs();
        if (!needs.isEmpty()) {
            Table table = new Table().text("needs", "version", "here");
            for (Addition.Need need : needs) {
                table.row(need.name(), need.range(), need.here().isEmpty() ? "no" : need.here());
            }
            screen.lines(table.lines());
            screen.line("");
        }
        facts(
                "features",
                String.join(", ", names),
                "refreshed",
                refreshed.isEmpty() ? "nothing else" : String.join(", ", refreshed));
    }

    private void tell(
            Addition addition,
            Set<String> names,
            Set<String> refreshed,
            List<Plugins.Plugin> came,
            Set<String> ready) {
        if (json) {
            screen.line(
                    Json.line(
                            Json.object(
                                    "bundles",
                                    addition.pieces().stream()
                                            .map(
                                                    piece ->
                                                            Json.object(
                                                                    "bundle",
                                                                    piece.name(),
                                                                    "version",
                                                                    piece.version(),
                                                                    "replaces",
                                                                    piece.replaces()))
                                            .toList(),
                                    "features",
                                    names,
                                    "needs",
                                    addition.needs().stream()
                                            .map(
                                                    need ->
                                                            Json.object(
                                                                    "package", need.name(),
                                                                    "version", need.range(),
                                                                    "here", need.here()))
                                            .toList(),
                                    "refreshed",
                                    refreshed,
                                    "installed",
                                    !dry,
                                    "plugins",
                                    came.stream().map(Json::of).toList(),
                                    "ready",
                                    ready)));
            return;
        }
        if (dry) {
            screen.line("nothing was changed (--dry-run)");
            return;
        }
        screen.line("");
        if (came.isEmpty()) {
            screen.line("installed; it gives no plugin");
            return;
        }
        Table table = new Table().text("kind", "id", "version", "bundle", "problem");
        for (Plugins.Plugin plugin : came) {
            table.row(
                    plugin.kind(),
                    plugin.id(),
                    plugin.version(),
                    plugin.bundle(),
                    plugin.problem());
        }
        screen.lines(table.lines());
        if (!ready.isEmpty()) {
            screen.line("");
            facts("now READY", String.join(", ", ready));
        }
    }

    // --- a bundle

    private void install(Addition.Piece piece, Path file) {
        Bundle bundle = piece.before();
        try (InputStream in = Files.newInputStream(file)) {
            if (bundle == null) {
                bundle = context.installBundle("plugin:" + piece.name(), in);
            } else {
                bundle.update(in);
            }
            bundle.start();
        } catch (IOException | BundleException | RuntimeException e) {
            boolean undone = bundle != null && piece.before() == null;
            if (undone) {
                undo(bundle);
            }
            throw new MienException(
                    "'"
                            + source
                            + "' does not start: "
                            + reason(e)
                            + (undone
                                    ? ". It was removed again"
                                    : ". The version before is gone; add it again, or remove it"));
        }
    }

    private static void undo(Bundle bundle) {
        try {
            bundle.uninstall();
        } catch (BundleException e) {
            throw new MienException(
                    "bundle " + bundle.getSymbolicName() + " cannot be removed: " + reason(e));
        }
    }

    /** What is wrong at bottom, as text. */
    static String reason(Throwable thrown) {
        Throwable last = thrown;
        while (last.getCause() != null && last.getCause() != last) {
            last = last.getCause();
        }
        return last.getMessage() == null ? last.getClass().getSimpleName() : last.getMessage();
    }

    // --- features

    private List<Feature> features(Source from, Addition addition) throws IOException {
        Map<String, Feature> own = new LinkedHashMap<>();
        for (URI repository : from.repositories()) {
            try {
                for (Feature feature : features.repositoryProvidedFeatures(repository)) {
                    own.put(feature.getName(), feature);
                }
            } catch (Exception e) {
                throw new MienException("'" + source + "': its features are wrong: " + reason(e));
            }
        }
        List<Feature> wanted =
                own.values().stream()
                        .filter(PluginAdd::automatic)
                        .filter(one -> !features.isInstalled(one))
                        .toList();
        Set<String> seen = new LinkedHashSet<>();
        for (Feature feature : wanted) {
            collect(feature, own, seen, addition);
        }
        return wanted;
    }

    /** Whether a feature is meant to be installed with its repository, as in a .kar. */
    private static boolean automatic(Feature feature) {
        return feature.getInstall() == null
                || feature.getInstall().equals(Feature.DEFAULT_INSTALL_MODE);
    }

    private void collect(
            Feature feature, Map<String, Feature> own, Set<String> seen, Addition addition)
            throws IOException {
        if (!seen.add(feature.getId())) {
            return;
        }
        for (Dependency dependency : feature.getDependencies()) {
            Feature other = own.get(dependency.getName());
            try {
                if (other == null) {
                    other = features.getFeature(dependency.getName(), dependency.getVersion());
                }
            } catch (Exception e) {
                throw new MienException("feature '" + dependency.getName() + "': " + reason(e));
            }
            if (other == null) {
                throw new MienException(
                        "'"
                                + source
                                + "' is not installed, nothing was changed: feature '"
                                + feature.getName()
                                + "' needs the feature '"
                                + dependency.getName()
                                + "' in version "
                                + dependency.getVersion()
                                + ", which no repository has. feature:list shows those there are");
            }
            if (!features.isInstalled(other)) {
                collect(other, own, seen, addition);
            }
        }
        for (BundleInfo bundle : feature.getBundles()) {
            Path copy = Files.createTempFile("plugin", ".jar");
            try {
                Source.download(bundle.getLocation(), copy);
                addition.add(bundle.getLocation(), copy, false);
            } finally {
                Files.delete(copy);
            }
        }
    }

    /** Lets the features service try, and do it. */
    private void install(Source from, Set<String> names) {
        List<URI> added = new ArrayList<>();
        try {
            for (URI repository : from.repositories()) {
                features.addRepository(repository);
                added.add(repository);
            }
            EnumSet<FeaturesService.Option> trial = EnumSet.copyOf(CALM);
            trial.add(FeaturesService.Option.Simulate);
            features.installFeatures(names, trial);
            if (!dry) {
                features.installFeatures(names, CALM);
                added.clear();
            }
        } catch (Exception e) {
            throw new MienException(
                    "'" + source + "' is not installed, nothing was changed: " + reason(e));
        } finally {
            for (URI repository : added) {
                try {
                    features.removeRepository(repository);
                } catch (Exception e) {
                    screen.message("repository " + repository + " stays: " + reason(e) + "\n");
                }
            }
        }
    }
}
