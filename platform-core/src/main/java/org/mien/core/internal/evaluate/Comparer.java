// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.evaluate;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.mien.api.data.Target;
import org.mien.core.Evaluations;
import org.mien.core.MienException;
import org.mien.core.Spread;
import org.mien.core.internal.data.ClassNames;
import org.mien.core.internal.pipeline.PlatformKeys;
import org.mien.core.internal.run.RunFolders;

/** Lays evaluations of runs side by side. It reads their folders and needs no plugin. */
public final class Comparer {
    private static final String SEED = "seed";

    /** Before a key that counted for an evaluation only. */
    private static final String JUDGED = "evaluated with ";

    /** The most runs: more are no table that anyone reads. */
    private static final int MOST_RUNS = 200;

    private final Map<String, Path> folders;
    private final Map<String, Path> judged;
    private final String split;
    private final Map<String, RunFolders.Config> configs = new LinkedHashMap<>();
    private final Map<String, Evaluations.Evaluation> evaluations = new LinkedHashMap<>();
    private final List<String> notes = new ArrayList<>();

    /**
     * A comparison.
     *
     * @param folders of the runs, by id
     * @param split on which they were evaluated
     */
    public Comparer(Map<String, Path> folders, String split) {
        this(folders, folders, split);
    }

    /**
     * A comparison of evaluations.
     *
     * @param folders of the runs, by the name under which they are shown
     * @param judged folder of the evaluation of each, the run's for its own
     * @param split on which they were evaluated
     */
    public Comparer(Map<String, Path> folders, Map<String, Path> judged, String split) {
        this.folders = folders;
        this.judged = judged;
        this.split = split;
        if (folders.size() < 2 || folders.size() > MOST_RUNS) {
            throw new MienException(
                    "a comparison needs 2 to "
                            + MOST_RUNS
                            + " different runs; got "
                            + folders.keySet()
                            + ". fer:run-list shows them all.");
        }
    }

    public Evaluations.Comparison compare() {
        read();
        Map<String, Map<String, String>> values = values();
        List<String> keys = differing(values);
        Set<String> metrics = new LinkedHashSet<>();
        evaluations.values().forEach(one -> metrics.addAll(one.metrics().keySet()));
        List<Evaluations.Compared> compared = new ArrayList<>();
        for (String run : folders.keySet()) {
            Map<String, String> own = new LinkedHashMap<>();
            for (String key : keys) {
                if (values.get(run).containsKey(key)) {
                    own.put(key, values.get(run).get(key));
                }
            }
            Evaluations.Evaluation evaluation = evaluations.get(run);
            compared.add(
                    new Evaluations.Compared(
                            run,
                            configs.get(run).pipeline(),
                            evaluation.samples(),
                            own,
                            evaluation.metrics()));
        }
        List<Evaluations.Group> groups = groups(values, metrics);
        sameData();
        RunPairs tests = new RunPairs(judged, split, notes);
        long samples =
                evaluations.values().stream().mapToLong(Evaluations.Evaluation::samples).sum();
        Map<String, Map<String, RunPairs.Answer>> answers = tests.answers(groups, samples);
        Set<String> shares = new LinkedHashSet<>();
        evaluations.values().forEach(one -> shares.addAll(one.shares()));
        evaluations
                .values()
                .forEach(
                        one ->
                                shares.removeIf(
                                        metric ->
                                                one.metrics().containsKey(metric)
                                                        && !one.shares().contains(metric)));
        return new Evaluations.Comparison(
                split,
                keys,
                List.copyOf(metrics),
                compared,
                groups,
                answers == null ? List.of() : tests.pairs(groups, answers),
                notes,
                shares,
                methods(groups, metrics, values, answers == null ? Map.of() : answers));
    }

    private void read() {
        List<String> missing = new ArrayList<>();
        folders.forEach(
                (run, folder) -> {
                    Path file = RunFolders.evaluation(judged.get(run), split);
                    if (Files.exists(file)) {
                        configs.put(run, RunFolders.config(folder));
                        evaluations.put(run, RunFolders.read(file, Evaluations.Evaluation.class));
                    } else {
                        missing.add(run);
                    }
                });
        if (!missing.isEmpty()) {
            throw new MienException(
                    "not evaluated on the split '"
                            + split
                            + "': "
                            + String.join(", ", missing)
                            + ". Do it with: "
                            + missing.stream()
                                    .map(
                                            run ->
                                                    "fer:evaluate "
                                                            + run.replaceFirst(":", " --as ")
                                                            + " --split "
                                                            + split)
                                    .collect(Collectors.joining("; ")));
        }
    }

    /** Run to every key, with the versions of the plugins as if they were keys. */
    private Map<String, Map<String, String>> values() {
        Map<String, Map<String, String>> all = new LinkedHashMap<>();
        configs.forEach(
                (run, config) -> {
                    Map<String, String> values = new LinkedHashMap<>();
                    config.values()
                            .forEach(
                                    (key, value) -> {
                                        if (!PlatformKeys.changesNothing(key)) {
                                            values.put(key, value.value());
                                        }
                                    });
                    for (RunFolders.Part part : config.plugins()) {
                        values.put("version of " + part.kind() + " " + part.id(), part.version());
                    }
                    // Under which keys a figure was got is as much a difference as a key of
                    // training.
                    evaluations
                            .get(run)
                            .keys()
                            .forEach((key, value) -> values.put(JUDGED + key, value));
                    all.put(run, values);
                });
        return all;
    }

    private static List<String> differing(Map<String, Map<String, String>> values) {
        Set<String> keys = new LinkedHashSet<>();
        values.values().forEach(own -> keys.addAll(own.keySet()));
        return keys.stream()
                .filter(
                        key ->
                                values.values().stream().map(own -> own.get(key)).distinct().count()
                                        > 1)
                .toList();
    }

    /** Whether another value is the same training once more: another seed, another fold. */
    private static boolean repeats(String key) {
        return key.equals(SEED) || key.endsWith(".fold");
    }

    /** Runs whose values are alike but for the seed and the fold. */
    private List<Evaluations.Group> groups(
            Map<String, Map<String, String>> values, Set<String> metrics) {
        Map<Map<String, String>, List<String>> alike = new LinkedHashMap<>();
        values.forEach(
                (run, own) -> {
                    Map<String, String> rest = new HashMap<>(own);
                    rest.keySet().removeIf(Comparer::repeats);
                    alike.computeIfAbsent(rest, key -> new ArrayList<>()).add(run);
                });
        List<Evaluations.Group> groups = new ArrayList<>();
        for (List<String> runs : alike.values()) {
            Map<String, Spread> spreads = new LinkedHashMap<>();
            for (String metric : metrics) {
                double[] found =
                        runs.stream()
                                .map(run -> evaluations.get(run).metrics().get(metric))
                                .filter(value -> value != null && Double.isFinite(value))
                                .mapToDouble(value -> value)
                                .toArray();
                if (found.length > 0) {
                    spreads.put(metric, spread(found));
                }
            }
            groups.add(new Evaluations.Group(List.copyOf(runs), spreads));
        }
        return groups;
    }

    public static Spread spread(double[] values) {
        double sum = 0;
        double least = values[0];
        double most = values[0];
        for (double value : values) {
            sum += value;
            least = Math.min(least, value);
            most = Math.max(most, value);
        }
        double mean = sum / values.length;
        double squares = 0;
        for (double value : values) {
            squares += (value - mean) * (value - mean);
        }
        double deviation =
                values.length < 2 ? Double.NaN : Math.sqrt(squares / (values.length - 1));
        return new Spread(values.length, mean, deviation, least, most);
    }

    /** Says so when epochs were chosen by different metrics. */
    private void chosen() {
        Map<String, RunFolders.State> states = new LinkedHashMap<>();
        folders.forEach(
                (run, folder) ->
                        RunFolders.known(folder).ifPresent(state -> states.put(run, state)));
        if (states.values().stream().map(RunFolders.State::chosenBy).distinct().count() > 1) {
            notes.add(
                    states.entrySet().stream()
                            .map(
                                    one ->
                                            String.format(
                                                    Locale.ROOT,
                                                    "%s by %s (%.4f)",
                                                    one.getKey(),
                                                    one.getValue().chosenBy(),
                                                    one.getValue().chosenValue()))
                            .collect(
                                    Collectors.joining(
                                            ", ",
                                            "The epochs of the runs were chosen by different"
                                                    + " metrics of the validation split: ",
                                            ".")));
        }
    }

    private void sameData() {
        long sizes =
                evaluations.values().stream()
                        .map(Evaluations.Evaluation::samples)
                        .distinct()
                        .count();
        if (sizes > 1) {
            notes.add("The runs were not evaluated on the same number of samples.");
        }
        chosen();
        if (evaluations.values().stream().map(Evaluations.Evaluation::keys).distinct().count()
                > 1) {
            notes.add(
                    "The figures were not got under the same keys: see '"
                            + JUDGED
                            + "..' above. What was evaluated otherwise is in no group with"
                            + " others.");
        }
        sameClasses();
    }

    /** Says which classes, labels and values only some of the runs have, whatever their order. */
    private void sameClasses() {
        String first = configs.keySet().iterator().next();
        for (String run : configs.keySet()) {
            for (Target kind : List.of(Target.CLASS, Target.MULTI_LABEL, Target.VALUES)) {
                ClassNames names =
                        ClassNames.of(
                                ClassNames.of(configs.get(first).targets(), kind),
                                ClassNames.of(configs.get(run).targets(), kind));
                if (!names.added().isEmpty() || !names.gone().isEmpty()) {
                    notes.add(
                            "The runs do not have the same "
                                    + ClassNames.word(kind)
                                    + ": "
                                    + names.difference(first, run)
                                    + ".");
                    return;
                }
            }
        }
    }

    private List<Evaluations.Versus> methods(
            List<Evaluations.Group> groups,
            Set<String> metrics,
            Map<String, Map<String, String>> values,
            Map<String, Map<String, RunPairs.Answer>> answers) {
        Map<String, String> seeds = new LinkedHashMap<>();
        Map<String, Map<String, Double>> found = new LinkedHashMap<>();
        Map<String, Map<String, Boolean>> right = new LinkedHashMap<>();
        values.forEach(
                (run, own) -> {
                    Map<String, String> repeated = new TreeMap<>(own);
                    repeated.keySet().removeIf(key -> !repeats(key));
                    seeds.put(run, repeated.toString());
                });
        evaluations.forEach((run, one) -> found.put(run, one.metrics()));
        answers.forEach(
                (run, own) -> {
                    Map<String, Boolean> samples = new HashMap<>();
                    own.forEach((id, one) -> samples.put(one.truth() + "\n" + id, one.right()));
                    right.put(run, samples);
                });
        return new Methods(new Methods.Known(seeds, found, right), notes)
                .of(groups, metrics, RunPairs.MOST_TESTS);
    }
}
