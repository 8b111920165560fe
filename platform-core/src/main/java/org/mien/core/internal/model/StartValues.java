// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.model;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.mien.api.net.Trunk;
import org.mien.api.net.Var;
import org.mien.core.MienException;
import org.mien.core.internal.pipeline.BoundPipeline;
import org.mien.core.internal.pipeline.Built;
import org.mien.core.internal.plugin.Border;
import org.mien.core.internal.plugin.Kind;
import org.mien.core.internal.plugin.Registry.Entry;
import org.mien.core.internal.run.Aliases;
import org.mien.core.internal.run.RunFolders;
import org.mien.core.internal.run.StartedFrom;
import org.mien.nn.spi.Weights;
import org.mien.weights.BadWeights;
import org.mien.weights.Match;
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

    private StartValues(List<Body> bodies, Entry method, int classes, Weights weights) {
        this.bodies = List.copyOf(bodies);
        this.method = method;
        this.classes = classes;
        this.weights = weights;
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
        file(bound);
        bound.frozen().forEach((role, second) -> frozen(role, second, runs));
        if (!bound.init().isEmpty()) {
            earlier("method.init", bound.init(), runs);
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
                        built.parts().targets().classes().size(),
                        weights);
        List<StartedFrom> all = new ArrayList<>();
        if (!bound.init().isEmpty()) {
            Path file = earlier("method.init", bound.init(), runs);
            all.add(values.load("method.init", file, null));
        }
        Path file = file(bound);
        if (file != null) {
            all.add(values.load("backbone.weights", file, values.bodies.get(0)));
        }
        for (Map.Entry<String, BoundPipeline.Frozen> role : bound.frozen().entrySet()) {
            Body body =
                    values.bodies.stream()
                            .filter(one -> one.prefix().equals(role.getKey() + "."))
                            .findFirst()
                            .orElseThrow();
            Path weightsFile = frozen(role.getKey(), role.getValue(), runs);
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
        return new StartValues(List.of(body), null, 0, weights).load(key, file, body);
    }

    /** Where a frozen backbone has its weights from. */
    private static Path frozen(String role, BoundPipeline.Frozen second, Path runs) {
        String key = role + ".weights";
        if (second.weights().isEmpty()) {
            throw new MienException(
                    "key '"
                            + key
                            + "' is not set: "
                            + second.entry().who()
                            + " never moves, so without weights it would judge by chance. Give a"
                            + " file of weights, or a run that trained it");
        }
        return earlier(key, second.weights(), runs);
    }

    private static Path file(BoundPipeline bound) {
        if (bound.backboneWeights().isEmpty()) {
            return null;
        }
        Path file = path("backbone.weights", bound.backboneWeights());
        if (bound.trunk() == null) {
            throw new MienException(
                    "key 'backbone.weights' is set, and the pipeline uses no backbone. Remove the"
                            + " key, or name a backbone");
        }
        if (!Files.isRegularFile(file)) {
            throw new MienException(
                    "key 'backbone.weights': "
                            + file
                            + " does not exist or is no file; expected weights as .safetensors,"
                            + " .npz or a state dict of PyTorch");
        }
        return file;
    }

    private static Path earlier(String key, String name, Path runs) {
        if (name.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
            String run =
                    Files.isDirectory(runs.resolve(name))
                            ? name
                            : new Aliases(runs).find(name).orElse(name);
            Path best = runs.resolve(run).resolve(RunFolders.BEST);
            if (Files.isRegularFile(best)) {
                return best;
            }
        }
        Path file = path(key, name);
        if (!Files.isRegularFile(file)) {
            throw new MienException(
                    "key '"
                            + key
                            + "' is '"
                            + name
                            + "': there is no run of this name with a finished epoch, and no file "
                            + file
                            + ". fer:run-list shows the runs");
        }
        return file;
    }

    private static Path path(String key, String text) {
        try {
            return Path.of(text).toAbsolutePath().normalize();
        } catch (InvalidPathException e) {
            throw new MienException("key '" + key + "' is '" + text + "'; expected a path");
        }
    }

    private StartedFrom load(String key, Path path, Body only) {
        try (WeightsFile file = WeightsFile.open(path)) {
            return load(key, file, only);
        } catch (BadWeights e) {
            throw new MienException("key '" + key + "': " + e.getMessage());
        }
    }

    private StartedFrom load(String key, WeightsFile file, Body only) throws BadWeights {
        Set<String> names = new LinkedHashSet<>(file.tensors().keySet());
        names.removeIf(StartValues::counts);
        Map<String, Weights.Entry> wanted = new LinkedHashMap<>();
        weights.entries()
                .forEach(
                        (place, entry) -> {
                            if (only == null ? !weights.isFrozen(place) : only.has(entry)) {
                                wanted.put(place, entry);
                            }
                        });
        Map<String, String> published = new LinkedHashMap<>();
        Map<String, String> own = new LinkedHashMap<>();
        wanted.forEach(
                (place, entry) -> {
                    published.put(place, published(entry));
                    own.put(
                            place,
                            only == null
                                    ? entry.start()
                                    : entry.start().substring(only.prefix().length()));
                });
        Match match = Match.of(names, List.of(published, own));
        if (match.found().isEmpty()) {
            throw new MienException(nothing(key, file, names, published));
        }
        List<String> skipped = new ArrayList<>();
        List<String> missing = new ArrayList<>();
        Set<String> used = new LinkedHashSet<>();
        for (Weights.Entry entry : wanted.values()) {
            String name = match.found().get(entry.path());
            if (name == null) {
                if (entry.var().init() != Var.Init.FIXED) {
                    missing.add(entry.path());
                }
                continue;
            }
            Tensor tensor = file.tensors().get(name);
            Optional<Body> body = body(entry);
            if (set(entry, body, tensor, file)) {
                used.add(name);
            } else if (body.isPresent()) {
                throw new MienException(
                        "key '"
                                + key
                                + "': "
                                + name
                                + " of "
                                + file.file()
                                + " has shape "
                                + Arrays.toString(tensor.shape())
                                + "; "
                                + body.get().plugin().who()
                                + " needs "
                                + Arrays.toString(entry.var().shape())
                                + " at "
                                + entry.path()
                                + ". Set the keys of the backbone to what the file was made with,"
                                + " or take another file (fer:weights-show FILE)");
            } else {
                skipped.add(
                        name
                                + " skipped: shape "
                                + Arrays.toString(tensor.shape())
                                + ", here "
                                + Arrays.toString(entry.var().shape()));
                names.remove(name);
            }
        }
        int tensors = names.size() + skipped.size();
        names.removeAll(used);
        skipped.addAll(heads(names, file));
        return new StartedFrom(
                key,
                file.file().toString(),
                file.sha256(),
                file.format(),
                file.wrapper(),
                match.prefix(),
                tensors,
                used.size(),
                skipped,
                List.copyOf(names),
                missing);
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

    /** Layers that give classes, taken out of the names: what they skip is said by classes. */
    private List<String> heads(Set<String> names, WeightsFile file) {
        List<String> heads = new ArrayList<>();
        int here = classes;
        for (String name : List.copyOf(names)) {
            if (!name.matches("(.*\\.)?(fc|head|heads|classifier|logits)\\.weight")) {
                continue;
            }
            long[] shape = file.tensors().get(name).shape();
            if (shape.length != 2) {
                continue;
            }
            String bias = name.replaceFirst("weight$", "bias");
            names.remove(name);
            heads.add(
                    name
                            + (names.remove(bias) ? ", " + bias : "")
                            + " skipped: "
                            + shape[0]
                            + " classes, here "
                            + (here == 0 ? "none" : here));
        }
        return heads;
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

    private String nothing(
            String key, WeightsFile file, Set<String> names, Map<String, String> published) {
        return "key '"
                + key
                + "': none of the "
                + names.size()
                + " tensors of "
                + file.file()
                + " has a name that is needed. It has "
                + StartedFrom.list(names)
                + "; needed are "
                + StartedFrom.list(new TreeSet<>(published.values()))
                + ". fer:weights-show FILE says which backbone it is for";
    }
}
