// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.provision.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.karaf.features.FeaturesService;
import org.mien.core.Jobs;
import org.mien.core.MienException;
import org.mien.core.Pipelines;
import org.mien.core.Plugins;
import org.mien.core.Runs;
import org.mien.provision.Provisioning;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.resolver.Resolver;

/** Adds and removes plugins, one call at a time. */
@Component(service = Provisioning.class)
public final class Provisioner implements Provisioning {
    private final BundleContext context;
    private final FeaturesService features;
    private final Resolver resolver;
    private final ConfigurationAdmin configurations;
    private final Plugins plugins;
    private final Pipelines pipelines;
    private final Jobs jobs;
    private final Runs runs;
    private final FeatureIndex index;
    private final Store store;
    private final Settings settings;

    /**
     * Made by Declarative Services.
     *
     * @param context whose framework takes the bundles
     * @param features installs features
     * @param resolver the framework's own
     * @param configurations tells which PIDs are taken
     * @param plugins that are there
     * @param pipelines that may become ready, or wait
     * @param jobs that may stop
     * @param runs of the jobs
     * @param index which has to hear of what came
     */
    @Activate
    public Provisioner(
            BundleContext context,
            @Reference FeaturesService features,
            @Reference Resolver resolver,
            @Reference ConfigurationAdmin configurations,
            @Reference Plugins plugins,
            @Reference Pipelines pipelines,
            @Reference Jobs jobs,
            @Reference Runs runs,
            @Reference FeatureIndex index) {
        this.context = context;
        this.features = features;
        this.resolver = resolver;
        this.configurations = configurations;
        this.plugins = plugins;
        this.pipelines = pipelines;
        this.jobs = jobs;
        this.runs = runs;
        this.index = index;
        store = new Store(folder("karaf.data", "data").resolve("plugins"));
        settings = new Settings(folder("karaf.etc", "etc"), store, this::configured);
    }

    private Path folder(String property, String otherwise) {
        String value = context.getProperty(property);
        return Path.of(value == null ? otherwise : value).toAbsolutePath().normalize();
    }

    private boolean configured(String pid) {
        try {
            return configurations.listConfigurations("(service.pid=" + pid + ")") != null;
        } catch (IOException | InvalidSyntaxException e) {
            throw new MienException("the configurations cannot be listed: " + e.getMessage());
        }
    }

    @Override
    public synchronized Addition add(
            String source, Path from, boolean trial, Consumer<Addition> before) {
        Path folder = null;
        try {
            folder = store.fresh();
            Source what = Source.of(source, from, folder);
            Adder adder = new Adder(context, features, resolver, store, settings, folder);
            Set<String> ready = ready();
            Addition told = adder.add(what, trial, before);
            boolean done = !trial || told.unchanged();
            Set<String> bundles = adder.bundles();
            List<Plugins.Plugin> given =
                    done
                            ? plugins.all().stream()
                                    .filter(plugin -> bundles.contains(plugin.bundle()))
                                    .toList()
                            : List.of();
            Set<String> now = ready();
            now.removeAll(ready);
            return new Addition(
                    told.bundles(),
                    told.features(),
                    told.settings(),
                    told.needs(),
                    told.refreshed(),
                    told.unchanged(),
                    !trial,
                    given,
                    List.copyOf(now));
        } catch (IOException e) {
            throw new MienException("'" + source + "' cannot be read: " + Words.reason(e));
        } finally {
            index.renew();
            if (folder != null) {
                Store.delete(folder);
            }
        }
    }

    private Set<String> ready() {
        return pipelines.all().stream()
                .filter(pipeline -> pipeline.state() == Pipelines.State.READY)
                .map(Pipelines.Pipeline::name)
                .collect(Collectors.toCollection(TreeSet::new));
    }

    @Override
    public synchronized Removal remove(String id, boolean trial, Consumer<Removal> before) {
        try {
            return new Remover(context, features, store, plugins)
                    .remove(id, trial, this::affected, before);
        } finally {
            index.renew();
        }
    }

    /** Who will wait and who will stop without some plugins. */
    private Removal affected(List<Plugins.Plugin> go) {
        // Another bundle may give the same plugin.
        List<Plugins.Plugin> stay =
                plugins.all().stream().filter(one -> !go.contains(one)).toList();
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
        return new Removal("", "", List.of(), go, wait, stop, false);
    }

    private static boolean same(Plugins.Plugin one, Plugins.Plugin other) {
        return one.kind().equals(other.kind()) && one.id().equals(other.id());
    }
}
