// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.evaluate;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.mien.core.Evaluations;
import org.mien.core.MienException;
import org.mien.core.Value;
import org.mien.core.internal.io.Digests;
import org.mien.core.internal.pipeline.Names;
import org.mien.core.internal.pipeline.PlatformKeys;
import org.mien.core.internal.plugin.Words;
import org.mien.core.internal.run.RunFolders;

/**
 * Where the evaluations of a run lie: its own, with its own keys, in its folder; each other under a
 * name in {@code evaluations/NAME}, with files of the same names.
 */
public final class EvaluationFolders {
    /** Splits in the order in which they are told. */
    public static final List<String> SPLITS = List.of("test", "validation", "train");

    private static final String FOLDER = "evaluations";

    /** A name that is made up is no longer. */
    private static final int LONGEST = 40;

    private EvaluationFolders() {}

    /**
     * Where an evaluation goes.
     *
     * @param name of the evaluation; empty for the run's own
     * @param folder where it lies
     * @param keys other than the run's that change a number
     */
    public record Place(String name, Path folder, Map<String, String> keys) {
        /** Makes the folder. */
        public void make() throws IOException {
            Files.createDirectories(folder);
        }
    }

    /**
     * Finds the place of an evaluation.
     *
     * @param run folder of the run
     * @param as the name wanted; empty to make one up of the keys, if there are any
     * @param overrides keys that count for this evaluation only
     * @throws MienException when the name is taken by an evaluation with other keys
     */
    public static Place place(Path run, String as, Map<String, String> overrides) {
        Map<String, Value> own = RunFolders.config(run).values();
        Map<String, String> keys = new LinkedHashMap<>();
        overrides.forEach(
                (key, value) -> {
                    Value before = own.get(key);
                    boolean same = before != null && value.equals(before.value());
                    if (!same && !PlatformKeys.changesNothing(key)) {
                        keys.put(key, value);
                    }
                });
        if (as.isEmpty() && keys.isEmpty()) {
            return new Place("", run, keys);
        }
        String name = as;
        if (as.isEmpty()) {
            name = made(keys);
            Optional<Map<String, String>> others = keys(run, name);
            if (others.isPresent() && !others.get().equals(keys)) {
                String digest = Digests.of(keys.toString().getBytes(StandardCharsets.UTF_8));
                name += "-" + digest.substring(0, 8);
            }
        }
        Names.check("evaluation", name);
        Map<String, String> others = keys(run, name).orElse(keys);
        if (!others.equals(keys)) {
            throw new MienException(
                    "evaluation '"
                            + name
                            + "' of run '"
                            + run.getFileName()
                            + "' was made with other keys: "
                            + others
                            + ". Take another name (--as), or remove "
                            + folder(run, name));
        }
        return new Place(name, folder(run, name), keys);
    }

    /** {@code dataset-fer2013-preprocess-resize}. */
    private static String made(Map<String, String> keys) {
        StringBuilder name = new StringBuilder();
        keys.forEach(
                (key, value) -> {
                    String last = value.substring(value.lastIndexOf('/') + 1);
                    name.append(name.length() == 0 ? "" : "-");
                    name.append(key.substring(key.lastIndexOf('.') + 1)).append('-').append(last);
                });
        String plain = name.toString().replaceAll("[^A-Za-z0-9._]+", "-");
        return plain.substring(0, Math.min(LONGEST, plain.length()))
                .replaceAll("^[^A-Za-z0-9]+|-+$", "");
    }

    private static Path folder(Path run, String name) {
        return run.resolve(FOLDER).resolve(name);
    }

    /** Keys of a named evaluation, if there is one. */
    private static Optional<Map<String, String>> keys(Path run, String name) {
        return in(folder(run, name)).stream().map(Evaluations.Evaluation::keys).findFirst();
    }

    private static List<Evaluations.Evaluation> in(Path folder) {
        List<Evaluations.Evaluation> found = new ArrayList<>();
        for (String split : SPLITS) {
            Path file = RunFolders.evaluation(folder, split);
            if (Files.exists(file)) {
                found.add(RunFolders.read(file, Evaluations.Evaluation.class));
            }
        }
        return found;
    }

    /** Names of the named evaluations of a run. */
    public static List<String> names(Path run) {
        if (!Files.isDirectory(run.resolve(FOLDER))) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(run.resolve(FOLDER))) {
            return all.filter(Files::isDirectory)
                    .map(path -> path.getFileName().toString())
                    .filter(Names::may)
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new MienException(
                    "the evaluations of run '"
                            + run.getFileName()
                            + "' cannot be listed: "
                            + e.getMessage());
        }
    }

    /** Every evaluation of a run, its own first. */
    public static List<Evaluations.Evaluation> all(Path run) {
        List<Evaluations.Evaluation> all = new ArrayList<>(in(run));
        names(run).forEach(name -> all.addAll(in(folder(run, name))));
        return all;
    }

    /**
     * The folder of an evaluation that is there.
     *
     * @param name empty for the run's own
     * @throws MienException with the names there are
     */
    public static Path find(Path run, String name) {
        if (name.isEmpty()) {
            return run;
        }
        List<String> names = names(run);
        if (!names.contains(name)) {
            throw new MienException(
                    "run '"
                            + run.getFileName()
                            + "' has no evaluation '"
                            + name
                            + "'."
                            + Words.hint(name, names)
                            + " It has "
                            + (names.isEmpty()
                                    ? "none but its own"
                                    : "beside its own: " + String.join(", ", names))
                            + "; fer:evaluate "
                            + run.getFileName()
                            + " --as "
                            + name
                            + " key=value makes one");
        }
        return folder(run, name);
    }
}
