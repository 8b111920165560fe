// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.model;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.mien.api.data.Targets;
import org.mien.api.net.Trunk;
import org.mien.api.net.Var;
import org.mien.core.MienException;
import org.mien.core.internal.pipeline.BoundPipeline;
import org.mien.core.internal.pipeline.Built;
import org.mien.core.internal.plugin.Border;
import org.mien.core.internal.plugin.Kind;
import org.mien.core.internal.plugin.Registry.Entry;
import org.mien.core.internal.run.StartedFrom;
import org.mien.nn.spi.Weights;
import org.mien.weights.BadWeights;
import org.mien.weights.Match;
import org.mien.weights.Place;
import org.mien.weights.Tensor;
import org.mien.weights.WeightsFile;

/** Start values of a run, from a file of weights or an earlier run. */
public final class StartValues {
    /** First step of the path of a pipeline's backbone. */
    static final String BACKBONE = "backbone.";

    /**
     * A backbone with a place in the network.
     *
     * @param prefix beginning of the paths under which its start values lie
     * @param plugin who says their published names
     * @param trunk what it made
     */
    private record Body(String prefix, Entry plugin, Trunk trunk) {
        boolean has(Weights.Entry entry) {
            return entry.start().startsWith(prefix);
        }
    }

    private final List<Body> bodies;
    private final Entry method;
    private final int classes;
    private final Weights weights;
    private final NamedAxes axes;
    private final Targets targets;
    private final List<String> initClasses;

    private StartValues(
            List<Body> bodies,
            Entry method,
            Weights weights,
            NamedAxes axes,
            Targets targets,
            List<String> initClasses) {
        this.bodies = List.copyOf(bodies);
        this.method = method;
        this.classes = targets.classes().size();
        this.weights = weights;
        this.axes = axes;
        this.targets = targets;
        this.initClasses = initClasses;
    }

    /** The backbone, then those that never move. */
    private static List<Body> bodies(BoundPipeline bound, Built built) {
        List<Body> bodies = new ArrayList<>();
        if (bound.trunk() != null) {
            bodies.add(new Body(BACKBONE, bound.backbone(), built.parts().trunk()));
        }
        bound.frozen()
                .forEach(
                        (role, second) ->
                                bodies.add(
                                        new Body(
                                                role + ".",
                                                second.entry(),
                                                built.parts().frozen(role))));
        return bodies;
    }

    private Optional<Body> body(Weights.Entry entry) {
        return bodies.stream().filter(body -> body.has(entry)).findFirst();
    }

    /**
     * Refuses a pipeline whose files or earlier runs are not there.
     *
     * @param runs folder of the runs
     */
    public static void check(BoundPipeline bound, Path runs) {
        StartFiles.backbone(bound);
        bound.frozen().forEach((role, second) -> StartFiles.frozen(role, second, runs));
        if (!bound.init().isEmpty()) {
            StartFiles.earlier("method.init", bound.init(), runs);
        }
    }

    /**
     * Loads what the pipeline names: first {@code method.init}, then {@code backbone.weights} over
     * it, and what never moves.
     *
     * @param weights filled by their rules
     * @param runs folder of the runs
     * @return what was loaded, in words too
     */
    public static List<StartedFrom> load(
            BoundPipeline bound, Built built, Weights weights, Path runs) {
        StartValues values =
                new StartValues(
                        bodies(bound, built),
                        bound.method(),
                        weights,
                        bound.init().isEmpty() ? NamedAxes.none() : NamedAxes.of(bound, built),
                        built.parts().targets(),
                        bound.initClasses());
        List<StartedFrom> all = new ArrayList<>();
        if (!bound.init().isEmpty()) {
            Place place = StartFiles.earlier("method.init", bound.init(), runs);
            all.add(values.load("method.init", place, null));
        }
        Place file = StartFiles.backbone(bound);
        if (file != null) {
            all.add(values.load("backbone.weights", file, values.bodies.get(0)));
        }
        for (Map.Entry<String, BoundPipeline.Frozen> role : bound.frozen().entrySet()) {
            Body body =
                    values.bodies.stream()
                            .filter(one -> one.prefix().equals(role.getKey() + "."))
                            .findFirst()
                            .orElseThrow();
            Place weightsFile = StartFiles.frozen(role.getKey(), role.getValue(), runs);
            all.add(values.load(role.getKey() + ".weights", weightsFile, body));
        }
        return all;
    }

    /**
     * Loads a file into a backbone alone.
     *
     * @param key what named the file
     * @param weights of the trunk, under {@code backbone}
     * @return what was loaded
     */
    public static StartedFrom backbone(
            String key, Entry backbone, Trunk trunk, Weights weights, Path file) {
        Body body = new Body(BACKBONE, backbone, trunk);
        return new StartValues(
                        List.of(body), null, weights, NamedAxes.none(), Targets.none(), List.of())
                .load(key, Place.of(file.toString()), body);
    }

    private StartedFrom load(String key, Place place, Body only) {
        try (WeightsFile file = WeightsFile.open(place)) {
            SourceNames there = new SourceNames(file.file(), file, initClasses);
            NamedAxes named = only == null ? axes : NamedAxes.none();
            return load(key, file, only, there, new ByName(key, named, targets, there));
        } catch (BadWeights e) {
            throw new MienException("key '" + key + "': " + e.getMessage());
        }
    }

    /**
     * What a file is asked for.
     *
     * @param arrays by path
     * @param published path to the name that its tensor has in the files of others
     * @param own path to the name that it has in a checkpoint of ours
     * @param shapes of what must be found
     */
    private record Wanted(
            Map<String, Weights.Entry> arrays,
            Map<String, String> published,
            Map<String, String> own,
            Map<String, long[]> shapes) {}

    private Wanted wanted(Body only) {
        Wanted wanted =
                new Wanted(
                        new LinkedHashMap<>(),
                        new LinkedHashMap<>(),
                        new LinkedHashMap<>(),
                        new LinkedHashMap<>());
        weights.entries()
                .forEach(
                        (path, entry) -> {
                            if (only == null ? weights.isFrozen(path) : !only.has(entry)) {
                                return;
                            }
                            wanted.arrays().put(path, entry);
                            wanted.published().put(path, published(entry));
                            wanted.own()
                                    .put(
                                            path,
                                            only == null
                                                    ? entry.start()
                                                    : entry.start()
                                                            .substring(only.prefix().length()));
                            // Those that start from another are found with it.
                            if (entry.var().init() != Var.Init.FIXED
                                    && entry.path().equals(entry.start())) {
                                wanted.shapes().put(path, entry.var().shape());
                            }
                        });
        return wanted;
    }

    private StartedFrom load(
            String key, WeightsFile file, Body only, SourceNames there, ByName byName)
            throws BadWeights {
        Wanted wanted = wanted(only);
        Match match = Match.of(file, List.of(wanted.published(), wanted.own()), wanted.shapes());
        match.requireOne(file.place());
        Map<String, Tensor> tensors = match.network().tensors();
        Set<String> names = new LinkedHashSet<>(tensors.keySet());
        names.removeIf(StartValues::counts);
        if (match.found().isEmpty()) {
            throw new MienException(StartWords.nothing(key, file, names, wanted.published()));
        }
        Map<String, String> found = new LinkedHashMap<>(match.found());
        List<String> notes = new ArrayList<>(match.notes(file.place()));
        Map<String, Tensor> left = new LinkedHashMap<>(tensors);
        left.keySet().removeAll(found.values());
        Map<String, String> heads =
                OtherHeads.of(wanted.arrays(), found.keySet(), byName, left, there);
        heads.forEach((path, name) -> notes.add(name + " for " + path));
        found.putAll(heads);
        int all = names.size();
        Filled filled = new Filled();
        for (Weights.Entry entry : wanted.arrays().values()) {
            String name = found.get(entry.path());
            if (name != null) {
                fill(key, file, entry, name, tensors.get(name), byName, filled);
            } else if (entry.var().init() != Var.Init.FIXED) {
                filled.missing.add(entry.path());
            }
        }
        names.removeAll(filled.used);
        names.removeAll(filled.passed);
        filled.skipped.addAll(OtherHeads.skipped(names, tensors, classes, only != null));
        notes.addAll(filled.fitted);
        notes.addAll(byName.words());
        if (!file.passed().isEmpty()) {
            notes.add(
                    "passed over as data, nothing of it run: " + String.join(", ", file.passed()));
        }
        return new StartedFrom(
                key,
                file.place().toString(),
                file.sha256(),
                file.format(),
                match.network().path(),
                match.prefix(),
                all,
                filled.used.size(),
                filled.skipped,
                List.copyOf(names),
                filled.missing,
                notes);
    }

    /** What became of the tensors of a file, by name, and of the arrays. */
    private static final class Filled {
        private final Set<String> used = new LinkedHashSet<>();
        private final Set<String> passed = new LinkedHashSet<>();
        private final List<String> skipped = new ArrayList<>();
        private final List<String> missing = new ArrayList<>();
        private final List<String> fitted = new ArrayList<>();
    }

    private void fill(
            String key,
            WeightsFile file,
            Weights.Entry entry,
            String name,
            Tensor tensor,
            ByName byName,
            Filled filled)
            throws BadWeights {
        Optional<Body> body = body(entry);
        boolean concerns = byName.concerns(entry);
        boolean isSet =
                concerns
                        ? byName.set(weights, entry, tensor, file)
                        : set(entry, body, tensor, file);
        long[] shape = entry.var().shape();
        if (isSet) {
            filled.used.add(name);
            if (!concerns && !Arrays.equals(shape, tensor.shape())) {
                Entry backbone = body.orElseThrow().plugin();
                filled.fitted.add(StartWords.fitted(tensor, entry.var(), backbone));
            }
        } else if (byName.isNameless(tensor.name())) {
            filled.passed.add(name);
        } else if (body.isPresent()) {
            throw new MienException(
                    StartWords.otherShape(
                            key, file, tensor, entry, body.get().plugin(), body.get().prefix()));
        } else {
            filled.skipped.add(
                    name
                            + " skipped: shape "
                            + Arrays.toString(tensor.shape())
                            + ", here "
                            + Arrays.toString(shape));
            filled.passed.add(name);
        }
    }

    private boolean set(Weights.Entry entry, Optional<Body> body, Tensor tensor, WeightsFile file)
            throws BadWeights {
        long[] shape = entry.var().shape();
        if (Arrays.equals(shape, tensor.shape())) {
            weights.set(entry.path(), file.floats(tensor), shape);
            return true;
        }
        if (body.isEmpty()) {
            return false;
        }
        Optional<float[]> fitted = fit(body.get(), entry, tensor, file);
        fitted.ifPresent(values -> weights.set(entry.path(), values, shape));
        return fitted.isPresent();
    }

    private static Optional<float[]> fit(
            Body body, Weights.Entry entry, Tensor tensor, WeightsFile file) throws BadWeights {
        if (tensor.shape().length != entry.var().shape().length) {
            return Optional.empty();
        }
        float[] values = file.floats(tensor);
        return Border.call(
                body.plugin(),
                () ->
                        body.plugin()
                                .backbone()
                                .fit(
                                        body.trunk(),
                                        entry.start().substring(body.prefix().length()),
                                        values,
                                        tensor.shape()));
    }

    /** Counters of batches that PyTorch keeps; nothing needs them. */
    static boolean counts(String name) {
        return name.endsWith("num_batches_tracked");
    }

    private String published(Weights.Entry entry) {
        Optional<Body> body = body(entry);
        return body.isPresent()
                ? published(
                        body.get().plugin(), entry.start().substring(body.get().prefix().length()))
                : published(method, entry.start());
    }

    /** The published name of an array: of the backbone's its own, of a method's part as it says. */
    static String published(BoundPipeline bound, String path) {
        return path.startsWith(BACKBONE) && bound.backbone() != null
                ? published(bound.backbone(), path.substring(BACKBONE.length()))
                : published(bound.method(), path);
    }

    private static String published(Entry plugin, String path) {
        return Border.call(
                plugin,
                () ->
                        plugin.kind() == Kind.BACKBONE
                                ? plugin.backbone().published(path)
                                : plugin.method().published(path));
    }
}
