// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.provision.internal;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.apache.karaf.features.Feature;
import org.apache.karaf.features.FeaturesService;
import org.apache.karaf.features.Repository;
import org.mien.core.MienException;
import org.mien.core.Plugins;
import org.mien.provision.Provisioning.Removal;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.wiring.FrameworkWiring;

/** One plugin that is removed, with its bundle and the features that bring it. */
final class Remover {
    private final BundleContext context;
    private final FeaturesService features;
    private final Store store;
    private final Ground ground;
    private final Plugins plugins;

    Remover(BundleContext context, FeaturesService features, Store store, Plugins plugins) {
        this.context = context;
        this.features = features;
        this.store = store;
        this.plugins = plugins;
        ground = new Ground(context, store.root());
    }

    /**
     * Removes it.
     *
     * @param affected fills in who will wait and who will stop
     */
    Removal remove(
            String id,
            boolean trial,
            Function<List<Plugins.Plugin>, Removal> affected,
            Consumer<Removal> before) {
        Bundle bundle = find(id);
        List<Feature> owners = new ArrayList<>();
        Set<String> names = new HashSet<>();
        if (bundle == null) {
            owners.add(feature(id));
        } else {
            refuse(bundle);
            owners.addAll(owners(bundle));
            names.add(bundle.getSymbolicName());
        }
        for (Feature feature : owners) {
            feature.getBundles().stream()
                    .map(one -> context.getBundle(one.getLocation()))
                    .filter(one -> one != null && owners.containsAll(owners(one)))
                    .forEach(one -> names.add(one.getSymbolicName()));
        }
        List<Plugins.Plugin> go =
                plugins.all().stream().filter(one -> names.contains(one.bundle())).toList();
        Removal found = affected.apply(go);
        Removal told =
                new Removal(
                        bundle == null ? "" : bundle.getSymbolicName(),
                        bundle == null ? "" : bundle.getVersion().toString(),
                        owners.stream().map(Feature::getId).toList(),
                        go,
                        found.waiting(),
                        found.stopping(),
                        !trial);
        before.accept(told);
        if (!trial) {
            remove(bundle, owners);
        }
        return told;
    }

    private Bundle find(String id) {
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
        List<Bundle> all = ground.bundles(names.isEmpty() ? id : names.get(0));
        return all.isEmpty() ? null : all.get(0);
    }

    /** A feature that was added, whose bundle somebody has removed. */
    private Feature feature(String id) {
        for (Feature feature : installed()) {
            boolean added = feature.getBundles().stream().anyMatch(one -> mine(one.getLocation()));
            if (feature.getName().equals(id) && added) {
                return feature;
            }
        }
        throw new MienException(
                "no plugin and no bundle is named '"
                        + id
                        + "'. Plugins: "
                        + plugins.all().stream()
                                .map(Plugins.Plugin::id)
                                .distinct()
                                .collect(Collectors.joining(", "))
                        + ".");
    }

    private boolean mine(String location) {
        return location.startsWith(store.root().toUri().toString());
    }

    private void refuse(Bundle bundle) {
        Set<String> others =
                context
                        .getBundle(Constants.SYSTEM_BUNDLE_LOCATION)
                        .adapt(FrameworkWiring.class)
                        .getDependencyClosure(List.of(bundle))
                        .stream()
                        .map(Bundle::getSymbolicName)
                        .filter(Ground::ours)
                        .collect(Collectors.toSet());
        if (!others.isEmpty() || !ground.plugin(bundle)) {
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

    private List<Feature> installed() {
        try {
            return List.of(features.listInstalledFeatures());
        } catch (Exception e) {
            throw new MienException("the features cannot be listed: " + Words.reason(e));
        }
    }

    /** Installed features that bring a bundle, under whatever address it came. */
    private List<Feature> owners(Bundle bundle) {
        String file = store.root().toUri() + "";
        String name = bundle.getSymbolicName() + ".jar";
        return installed().stream()
                .filter(
                        feature ->
                                feature.getBundles().stream()
                                        .map(one -> one.getLocation())
                                        .anyMatch(
                                                at ->
                                                        at.equals(bundle.getLocation())
                                                                || at.startsWith(file)
                                                                        && at.endsWith("/" + name)))
                .toList();
    }

    private void remove(Bundle bundle, List<Feature> owners) {
        try {
            Set<String> required =
                    owners.stream()
                            .filter(features::isRequired)
                            .map(Feature::getId)
                            .collect(Collectors.toSet());
            if (!required.isEmpty()) {
                features.uninstallFeatures(
                        required, EnumSet.of(FeaturesService.Option.NoAutoRefreshBundles));
            }
            if (bundle != null && bundle.getState() != Bundle.UNINSTALLED && owners.isEmpty()
                    || bundle != null && bundle.getLocation().startsWith(Ground.ALONE)) {
                bundle.uninstall();
            }
            if (bundle != null) {
                store.forget(bundle.getSymbolicName());
            }
            tidy();
        } catch (BundleException | IOException e) {
            throw new MienException(
                    "bundle '" + bundle.getSymbolicName() + "': " + Words.reason(e));
        } catch (MienException e) {
            throw e;
        } catch (Exception e) {
            throw new MienException(
                    "the features that bring it cannot be removed: " + Words.reason(e));
        }
        if (bundle != null && bundle.getState() != Bundle.UNINSTALLED) {
            throw new MienException(
                    "bundle '"
                            + bundle.getSymbolicName()
                            + "' is still there, since another feature needs it; feature:list"
                            + " --installed shows them");
        }
    }

    /** Forgets the files of features that plugin-add brought and nobody uses any more. */
    private void tidy() throws Exception {
        for (Repository repository : features.listRepositories()) {
            URI uri = repository.getURI();
            if (mine(uri.toString())
                    && Arrays.stream(repository.getFeatures()).noneMatch(features::isInstalled)) {
                features.removeRepository(uri);
                Path within = store.root().relativize(Path.of(uri));
                Store.delete(store.root().resolve(within.getName(0)));
            }
        }
    }
}
