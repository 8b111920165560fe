// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.service;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.mien.api.Feature;
import org.mien.api.InputSpec;
import org.mien.api.method.Phase;
import org.mien.api.net.Trunk;
import org.mien.core.MienException;
import org.mien.core.Plugins;
import org.mien.core.Value;
import org.mien.core.internal.job.JobQueue;
import org.mien.core.internal.job.Stuck;
import org.mien.core.internal.pipeline.BoundBackbone;
import org.mien.core.internal.pipeline.BoundPipeline;
import org.mien.core.internal.pipeline.Built;
import org.mien.core.internal.pipeline.DryBuild;
import org.mien.core.internal.pipeline.PlatformKeys;
import org.mien.core.internal.plugin.Keys;
import org.mien.core.internal.plugin.Kind;
import org.mien.core.internal.plugin.Leases;
import org.mien.core.internal.plugin.Registry;

/** {@link Plugins}. */
final class PluginsService implements Plugins {
    /** Plugins that may go one after the other while they are listed. */
    private static final int MOST_TRIES = 20;

    private final Registry registry;
    private final Leases leases;
    private final JobQueue jobs;

    PluginsService(Registry registry, Leases leases, JobQueue jobs) {
        this.registry = registry;
        this.leases = leases;
        this.jobs = jobs;
    }

    @Override
    public List<Plugin> all() {
        // Their keys are asked for, which is their code.
        List<Plugin> plugins = new ArrayList<>(there());
        for (Stuck stuck : jobs.stuck()) {
            String problem =
                    "thread '"
                            + stuck.thread().getName()
                            + "' never returned from it"
                            + stuck.where();
            boolean there = false;
            for (int i = 0; i < plugins.size(); i++) {
                Plugin one = plugins.get(i);
                if (one.kind().equals(stuck.kind()) && one.id().equals(stuck.id())) {
                    plugins.set(i, with(one, problem));
                    there = true;
                }
            }
            if (!there) {
                plugins.add(
                        new Plugin(
                                stuck.kind(),
                                stuck.id(),
                                stuck.bundle(),
                                stuck.version(),
                                "was removed, but " + problem,
                                List.of()));
            }
        }
        jobs.leaks()
                .forEach(
                        (entry, arrays) ->
                                plugins.replaceAll(
                                        one ->
                                                one.kind().equals(entry.kind().word())
                                                                && one.id().equals(entry.id())
                                                                && one.bundle()
                                                                        .equals(entry.bundle())
                                                        ? with(one, leak(arrays))
                                                        : one));
        return plugins;
    }

    /** Those that are there now: one that goes while its keys are asked for is none of them. */
    private List<Plugin> there() {
        for (int tries = 1; ; tries++) {
            try {
                return leases.run("the list of plugins", lease -> registry.plugins(), () -> {});
            } catch (MienException e) {
                if (tries == MOST_TRIES) {
                    throw e;
                }
            }
        }
    }

    private static String leak(long arrays) {
        return arrays
                + " arrays were left behind by its steps: attached to what outlives them; their"
                + " memory is lost until the platform ends";
    }

    private static Plugin with(Plugin plugin, String problem) {
        return new Plugin(
                plugin.kind(),
                plugin.id(),
                plugin.bundle(),
                plugin.version(),
                plugin.problem().isEmpty() ? problem : plugin.problem() + "; " + problem,
                plugin.keys());
    }

    @Override
    public boolean asked(Map<String, Value> values, List<Plugin> some) {
        return BoundPipeline.names(registry, values, some);
    }

    @Override
    public List<Plugins.Key> platformKeys() {
        return PlatformKeys.all();
    }

    @Override
    public MethodInfo method(String method, Map<String, String> keys) {
        registry.get(Kind.METHOD, method);
        Map<String, Value> values = new LinkedHashMap<>();
        keys.forEach((key, value) -> values.put(key, new Value(value, "command line")));
        Value classes = values.remove("labels");
        values.put("method", new Value(method, "command line"));
        int labels = classes == null ? 7 : labels(classes.value());
        if (keys.containsKey("backbone")) {
            registry.get(Kind.BACKBONE, keys.get("backbone"));
        }
        return leases.run(
                "the look at method '" + method + "'",
                lease -> {
                    BoundPipeline bound = BoundPipeline.structure(registry, values);
                    Built built = DryBuild.of(bound, labels);
                    Trunk trunk = bound.trunk();
                    InputSpec input = built.parts().input();
                    List<String> features =
                            trunk == null
                                    ? List.of()
                                    : bound.plan().kinds().stream()
                                            .map(kind -> words(trunk.feature(kind)))
                                            .toList();
                    return new MethodInfo(
                            method,
                            bound.parts().backbone(),
                            bound.plan().kinds().stream().map(Feature.Kind::name).toList(),
                            features,
                            bound.plan().views(),
                            "3 x " + input.height() + " x " + input.width(),
                            Built.parameters(built.parts().inference()),
                            Built.parameters(built.parts().training()),
                            built.pieces(),
                            bound.unread(),
                            built.still(),
                            Built.fixed(built.parts().inference()),
                            Built.fixed(built.parts().training()),
                            built.made().stream().map(PluginsService::words).toList(),
                            Keys.describe("method.", Registry.settings(bound.method())));
                },
                () -> {});
    }

    private static int labels(String text) {
        if (!text.matches("[1-9]\\d{0,5}")) {
            throw new MienException(
                    "labels is '" + text + "'; expected a number of classes from 1");
        }
        return Integer.parseInt(text);
    }

    /** A phase, and when it does not run at every step. */
    private static String words(Phase phase) {
        return phase.name()
                + (phase.every() > 1 ? " each " + phase.every() + " steps" : "")
                + (phase.from() > 0 ? " from epoch " + phase.from() : "");
    }

    private static String words(Feature feature) {
        return feature.name() + ": " + feature.words();
    }

    @Override
    public BackboneInfo backbone(String backbone, Map<String, String> keys) {
        return leases.run(
                "the look at backbone '" + backbone + "'",
                lease -> BoundBackbone.of(registry, backbone, keys).info(),
                () -> {});
    }
}
