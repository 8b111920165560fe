// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.itest;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertFalse;
import static org.junit.Assert.assertTrue;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Hashtable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.karaf.features.BundleInfo;
import org.apache.karaf.features.Feature;
import org.apache.karaf.features.FeaturesService;
import org.mien.core.MienException;
import org.mien.core.Pipelines;
import org.mien.core.Plugins;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.service.cm.ConfigurationAdmin;

/**
 * Every method that ships on every backbone that ships, each pair a pipeline over a few small drawn
 * faces. The platform says which fit, and why the others do not.
 */
final class Pairs {
    /**
     * A method on a backbone.
     *
     * @param size side of the input
     * @param why why it does not fit, or empty
     */
    record Pair(String method, String backbone, int size, String why) {
        boolean fits() {
            return why.isEmpty();
        }

        /** Name of its pipeline. */
        String pipeline() {
            return "pair-" + method + "-" + backbone;
        }
    }

    /** What makes a backbone small that has such a key. */
    private static final Map<String, String> SMALL =
            Map.of("patch", "8", "depth", "2", "width", "48", "heads", "3");

    /** Sides that are tried, smallest first: some methods want a large map. */
    private static final int[] SIDES = {32, 64, 112, 224};

    private static final Pattern FROM = Pattern.compile("from (\\d+)");
    private static final Pattern TRY = Pattern.compile("Try (.+)\\.$");

    private final Plugins plugins;
    private final Pipelines pipelines;
    private final ConfigurationAdmin configurations;

    private Pairs(Plugins plugins, Pipelines pipelines, ConfigurationAdmin configurations) {
        this.plugins = plugins;
        this.pipelines = pipelines;
        this.configurations = configurations;
    }

    /** Installs all that ships, asks about every pair, and checks the answers. */
    static List<Pair> of(
            Plugins plugins,
            Pipelines pipelines,
            FeaturesService features,
            ConfigurationAdmin configurations,
            BundleContext context)
            throws Exception {
        Pairs pairs = new Pairs(plugins, pipelines, configurations);
        for (String kind : List.of("method", "backbone")) {
            List<Feature> ship = new ArrayList<>();
            for (Feature feature : features.listFeatures()) {
                if (feature.getName().startsWith("mien-" + kind + "-")) {
                    ship.add(feature);
                }
            }
            assertFalse("no feature brings a " + kind, ship.isEmpty());
            features.installFeatures(
                    ship.stream().map(Feature::getName).collect(Collectors.toSet()),
                    EnumSet.noneOf(FeaturesService.Option.class));
            for (Feature feature : ship) {
                for (BundleInfo info : feature.getBundles()) {
                    Bundle bundle = context.getBundle(info.getLocation());
                    await(
                            feature.getName() + " brings a " + kind,
                            () ->
                                    pairs.plugins(kind).stream()
                                            .anyMatch(
                                                    one ->
                                                            one.bundle()
                                                                    .equals(
                                                                            bundle
                                                                                    .getSymbolicName())));
                }
            }
        }
        List<Pair> all = pairs.ask();
        check(all);
        return all;
    }

    private List<Plugins.Plugin> plugins(String kind) {
        return plugins.all().stream().filter(one -> one.kind().equals(kind)).toList();
    }

    private List<Pair> ask() throws IOException {
        List<Pair> asked = new ArrayList<>();
        for (Plugins.Plugin method : plugins("method")) {
            for (Plugins.Plugin backbone : plugins("backbone")) {
                assertEquals("", method.problem() + backbone.problem());
                asked.add(configure(method, backbone));
            }
        }
        Set<String> names = asked.stream().map(Pair::pipeline).collect(Collectors.toSet());
        Map<String, Pipelines.Pipeline> states = new LinkedHashMap<>();
        await(
                "a pipeline for each pair",
                () -> {
                    states.clear();
                    pipelines.all().forEach(one -> states.put(one.name(), one));
                    return states.keySet().containsAll(names);
                });
        List<Pair> all = new ArrayList<>();
        for (Pair pair : asked) {
            Pipelines.Pipeline state = states.get(pair.pipeline());
            assertEquals(
                    state.why(),
                    pair.fits() ? Pipelines.State.READY : Pipelines.State.FAILED,
                    state.state());
            all.add(new Pair(pair.method(), pair.backbone(), pair.size(), state.why()));
        }
        return all;
    }

    /** A pipeline at the smallest size at which the method can be built, if there is one. */
    private Pair configure(Plugins.Plugin method, Plugins.Plugin backbone) throws IOException {
        Map<String, Plugins.Key> known = new LinkedHashMap<>();
        backbone.keys().forEach(key -> known.put(key.name(), key));
        Matcher from = FROM.matcher(known.get("backbone.size").bounds());
        int least = from.find() ? Integer.parseInt(from.group(1)) : 1;
        int first = Math.max(least, SIDES[0]);
        int[] sizes =
                IntStream.concat(
                                IntStream.of(first),
                                Arrays.stream(SIDES).filter(side -> side > first))
                        .toArray();
        Map<String, String> keys = new LinkedHashMap<>();
        keys.put("backbone", backbone.id());
        SMALL.forEach(
                (key, value) -> {
                    if (known.containsKey("backbone." + key)) {
                        keys.put("backbone." + key, value);
                    }
                });
        int size = 0;
        String why = "";
        String preprocess = "";
        for (int side : sizes) {
            size = side;
            keys.put("backbone.size", Integer.toString(side));
            try {
                Plugins.MethodInfo info = plugins.method(method.id(), keys);
                preprocess = info.views().contains("left") ? "half-face" : "";
                why = "";
                break;
            } catch (MienException e) {
                why = e.getMessage();
            }
        }
        Pair pair = new Pair(method.id(), backbone.id(), size, why);
        Hashtable<String, Object> values = new Hashtable<>(keys);
        values.put("name", pair.pipeline());
        values.put("method", method.id());
        values.put("dataset", "schematic");
        values.put("dataset.train", "8");
        values.put("dataset.validation", "4");
        values.put("dataset.test", "4");
        values.put("dataset.size", Integer.toString(size));
        values.put("preprocess", preprocess);
        values.put("train.epochs", "1");
        values.put("train.batch", "4");
        values.put("train.device", "cpu");
        configurations
                .getFactoryConfiguration("org.mien.pipeline", pair.pipeline(), "?")
                .update(values);
        return pair;
    }

    /** Asks again and again, for what the framework does on threads of its own. */
    private static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + 60_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("within a minute not: " + what);
            }
            Thread.onSpinWait();
        }
    }

    private static void check(List<Pair> all) {
        Set<String> methods = new TreeSet<>();
        Set<String> backbones = new TreeSet<>();
        for (Pair pair : all) {
            methods.add(pair.method());
            backbones.add(pair.backbone());
        }
        assertEquals(table(all), methods.size() * backbones.size(), all.size());
        List<Pair> fitting = all.stream().filter(Pair::fits).toList();
        assertEquals(
                "every method fits a backbone",
                methods,
                fitting.stream().map(Pair::method).collect(Collectors.toCollection(TreeSet::new)));
        assertEquals(
                "every backbone fits a method",
                backbones,
                fitting.stream()
                        .map(Pair::backbone)
                        .collect(Collectors.toCollection(TreeSet::new)));
        assertTrue("some pair does not fit", fitting.size() < all.size());
        for (Pair pair : all) {
            if (!pair.fits()) {
                says(pair.why(), pair);
                // Who follows the advice gets there.
                Matcher advice = TRY.matcher(pair.why());
                assertTrue(pair.why(), advice.find());
                assertEquals(
                        pair.why(),
                        fitting.stream()
                                .filter(other -> other.method().equals(pair.method()))
                                .map(Pair::backbone)
                                .collect(Collectors.toCollection(TreeSet::new)),
                        new TreeSet<>(List.of(advice.group(1).split(" or "))));
            }
        }
    }

    /** That a refusal names both, and what one gives and the other needs. */
    static void says(String why, Pair pair) {
        for (String word :
                List.of(
                        "method '" + pair.method() + "'",
                        "backbone '" + pair.backbone() + "'",
                        " gives ",
                        " needs ")) {
            assertTrue(why, why.contains(word));
        }
        for (String word : List.of("fault", "Exception", "\tat ", "\n")) {
            assertFalse(why, why.contains(word));
        }
    }

    /** A line for each pair. */
    static String table(List<Pair> all) {
        return all.stream()
                .map(
                        pair ->
                                String.format(
                                        "%-16s %-20s %4d  %s",
                                        pair.method(),
                                        pair.backbone(),
                                        pair.size(),
                                        pair.fits() ? "fits" : pair.why()))
                .collect(Collectors.joining("\n", "\n", "\n"));
    }
}
