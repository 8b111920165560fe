// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.net.URI;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.karaf.features.Feature;
import org.apache.karaf.features.FeaturesService;
import org.apache.karaf.features.Repository;
import org.apache.karaf.shell.api.action.Argument;
import org.apache.karaf.shell.api.action.Command;
import org.apache.karaf.shell.api.action.Completion;
import org.apache.karaf.shell.api.action.Option;
import org.apache.karaf.shell.api.action.lifecycle.Reference;
import org.apache.karaf.shell.api.action.lifecycle.Service;
import org.mien.core.Jobs;
import org.mien.core.MienException;
import org.mien.core.Pipelines;
import org.mien.core.Plugins;
import org.mien.core.Runs;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.wiring.FrameworkWiring;

/** {@code fer:plugin-remove}. */
@Service
@Command(
        scope = "fer",
        name = "plugin-remove",
        description = "Removes a plugin with its bundle, and says what will wait for it")
public final class PluginRemove extends FerCommand {
    @Reference Jobs jobs;
    @Reference Pipelines pipelines;
    @Reference Plugins plugins;
    @Reference Runs runs;

    @Reference BundleContext context;

    @Reference FeaturesService features;

    @Option(name = "--dry-run", description = "Only say what would be done")
    boolean dry;

    @Argument(
            index = 0,
            name = "ID",
            description = "Id of a plugin, or symbolic name of its bundle",
            required = true)
    @Completion(PluginIds.class)
    String id;

    @Argument(index = 1, name = "option", description = "Options", multiValued = true)
    List<String> rest;

    @Override
    void run() {
        List<String> more = plain(rest);
        if (!more.isEmpty()) {
            throw new MienException(
                    "plugin-remove takes one plugin; leave '" + more.get(0) + "' away");
        }
        Bundle bundle = find();
        refuse(bundle);
        String name = bundle.getSymbolicName();
        List<Feature> owners = owners(bundle);
        Set<String> bundles = new HashSet<>(Set.of(name));
        for (Feature feature : owners) {
            feature.getBundles().stream()
                    .map(one -> context.getBundle(one.getLocation()))
                    .filter(one -> one != null && owners.containsAll(owners(one)))
                    .forEach(one -> bundles.add(one.getSymbolicName()));
        }
        List<Plugins.Plugin> go =
                plugins.all().stream().filter(one -> bundles.contains(one.bundle())).toList();
        // Another bundle may give the same plugin.
        List<Plugins.Plugin> stay =
                plugins.all().stream().filter(one -> !bundles.contains(one.bundle())).toList();
        List<Plugins.Plugin> missed =
                go.stream()
                        .filter(one -> stay.stream().noneMatch(other -> same(one, other)))
                        .toList();
        List<String> wait =
                pipelines.all().stream()
                        .filter(one -> one.state() != Pipelines.State.FAILED)
                        .filter(one -> plugins.asked(one.values(), missed))
                        .map(Pipelines.Pipeline::name)
                        .toList();
        List<String> stop =
                jobs.all().stream()
                        .filter(job -> !Set.of("DONE", "FAILED", "CANCELLED").contains(job.state()))
                        .map(Jobs.Job::run)
                        .filter(run -> plugins.asked(runs.details(run).values(), missed))
                        .toList();
        if (json) {
            screen.line(
                    Json.line(
                            Json.object(
                                    "bundle",
                                    name,
                                    "version",
                                    bundle.getVersion(),
                                    "features",
                                    owners.stream().map(Feature::getId).toList(),
                                    "plugins",
                                    go.stream().map(Json::of).toList(),
                                    "waiting",
                                    wait,
                                    "stopping",
                                    stop,
                                    "removed",
                                    !dry)));
        } else {
            facts(
                    "bundle",
                    name + " " + bundle.getVersion(),
                    "features",
                    String.join(", ", owners.stream().map(Feature::getId).toList()),
                    "plugins",
                    String.join(", ", go.stream().map(one -> one.kind() + " " + one.id()).toList()),
                    "will wait",
                    wait.isEmpty() ? "no pipeline" : String.join(", ", wait),
                    "will stop",
                    stop.isEmpty() ? "no job" : String.join(", ", stop));
        }
        if (!dry) {
            remove(bundle, owners);
        }
        if (!json) {
            screen.line(dry ? "nothing was changed (--dry-run)" : "removed");
        }
    }

    private static boolean same(Plugins.Plugin one, Plugins.Plugin other) {
        return one.kind().equals(other.kind()) && one.id().equals(other.id());
    }

    private Bundle find() {
        List<String> names =
                plugins.all().stream()
                        .filter(plugin -> plugin.id().equals(id))
                        .map(Plugins.Plugin::bundle)
                        .distinct()
                        .toList();
        if (names.size() > 1) {
            throw new MienException(
                    "'"
                            + id
                            + "' comes from several bundles: "
                            + String.join(", ", names)
                            + ". Give the name of one");
        }
        String name = names.isEmpty() ? id : names.get(0);
        return Arrays.stream(context.getBundles())
                .filter(bundle -> name.equals(bundle.getSymbolicName()))
                .findFirst()
                .orElseThrow(
                        () ->
                                new MienException(
                                        "no plugin and no bundle is named '"
                                                + id
                                                + "'. Plugins: "
                                                + plugins.all().stream()
                                                        .map(Plugins.Plugin::id)
                                                        .distinct()
                                                        .collect(Collectors.joining(", "))
                                                + "."));
    }

    private void refuse(Bundle bundle) {
        Set<String> others =
                context
                        .getBundle(Constants.SYSTEM_BUNDLE_LOCATION)
                        .adapt(FrameworkWiring.class)
                        .getDependencyClosure(List.of(bundle))
                        .stream()
                        .map(Bundle::getSymbolicName)
                        .filter(Addition.PLATFORM::contains)
                        .collect(Collectors.toSet());
        boolean gives =
                plugins.all().stream()
                        .anyMatch(one -> one.bundle().equals(bundle.getSymbolicName()));
        if (!others.isEmpty() || !gives && !imports(bundle)) {
            throw new MienException(
                    "bundle '"
                            + bundle.getSymbolicName()
                            + "' is no plugin and stays"
                            + (others.isEmpty()
                                    ? ""
                                    : ": the platform stands on it ("
                                            + String.join(", ", others)
                                            + ")"));
        }
    }

    private static boolean imports(Bundle bundle) {
        String imports = bundle.getHeaders("").get(Constants.IMPORT_PACKAGE);
        return imports != null && imports.contains("org.mien.api");
    }

    /** Installed features that bring a bundle. */
    private List<Feature> owners(Bundle bundle) {
        try {
            return Arrays.stream(features.listInstalledFeatures())
                    .filter(
                            feature ->
                                    feature.getBundles().stream()
                                            .anyMatch(
                                                    one ->
                                                            one.getLocation()
                                                                    .equals(bundle.getLocation())))
                    .toList();
        } catch (Exception e) {
            throw new MienException("the features cannot be listed: " + PluginAdd.reason(e));
        }
    }

    private void remove(Bundle bundle, List<Feature> owners) {
        try {
            if (owners.isEmpty()) {
                bundle.uninstall();
                return;
            }
            features.uninstallFeatures(
                    owners.stream().map(Feature::getId).collect(Collectors.toSet()),
                    EnumSet.of(FeaturesService.Option.NoAutoRefreshBundles));
            tidy();
        } catch (BundleException e) {
            throw new MienException(
                    "bundle '" + bundle.getSymbolicName() + "': " + PluginAdd.reason(e));
        } catch (Exception e) {
            throw new MienException(
                    "the features that bring it cannot be removed: " + PluginAdd.reason(e));
        }
        if (bundle.getState() != Bundle.UNINSTALLED) {
            throw new MienException(
                    "bundle '"
                            + bundle.getSymbolicName()
                            + "' is still there, since another feature needs it; feature:list"
                            + " --installed shows them");
        }
    }

    /** Forgets the repositories that plugin-add brought and nobody uses any more. */
    private void tidy() throws Exception {
        Path folder = PluginAdd.folder(context);
        for (Repository repository : features.listRepositories()) {
            URI uri = repository.getURI();
            Path file = "file".equals(uri.getScheme()) ? Path.of(uri) : null;
            if (file != null
                    && file.startsWith(folder)
                    && Arrays.stream(repository.getFeatures()).noneMatch(features::isInstalled)) {
                features.removeRepository(uri);
                Source.delete(folder.resolve(folder.relativize(file).getName(0)));
            }
        }
    }
}
