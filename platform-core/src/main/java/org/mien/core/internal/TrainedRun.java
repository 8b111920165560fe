// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal;

import ai.djl.Device;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.mien.api.data.Sample.Split;
import org.mien.api.evaluate.Evaluator;
import org.mien.api.evaluate.Findings;
import org.mien.core.Mien;
import org.mien.core.MienException;
import org.mien.engine.Torch;
import org.mien.nn.spi.Weights;

/** A run's chosen checkpoint, loaded to predict; held by one job or {@link OpenRun}. */
final class TrainedRun implements AutoCloseable {
    private final Registry registry;
    private final Torch torch;
    private final Path run;
    private final Map<String, String> overrides;
    private final Recipe recipe;
    private final Built built;
    private final Checkpoint.Opened opened;
    private final Weights weights;
    private final Predictor predictor;

    /**
     * Loads what predicts of a run.
     *
     * @param overrides keys that count for this use only
     */
    TrainedRun(Registry registry, Torch torch, Path run, Map<String, String> overrides) {
        this(registry, torch, run, overrides, false);
    }

    /**
     * Loads a run.
     *
     * @param overrides keys that count for this use only
     * @param draws whether parts of training are loaded, too, since the method may draw with them
     */
    TrainedRun(
            Registry registry,
            Torch torch,
            Path run,
            Map<String, String> overrides,
            boolean draws) {
        this.registry = registry;
        this.torch = torch;
        this.run = run;
        this.overrides = overrides;
        Runs.Config config = Runs.config(run);
        Map<String, Mien.Value> values = new LinkedHashMap<>(config.values());
        if (overrides.containsKey("preprocess")) {
            withoutStepsLeftOut(values, overrides.get("preprocess"));
        }
        overrides.forEach((key, value) -> values.put(key, new Mien.Value(value, "command line")));
        recipe = Recipe.of(registry, config.pipeline(), values);
        opened = Checkpoint.open(run.resolve(Runs.BEST));
        try {
            built = recipe.build(config.labels());
            if (draws) {
                built.phases(counts(config));
            }
            weights = new Weights(device(torch, recipe));
        } catch (RuntimeException | LinkageError e) {
            opened.close();
            throw e;
        }
        try {
            built.parts().inference().forEach(weights::add);
            if (built.parts().gallery() != null) {
                built.parts().training().forEach(weights::add);
            }
            opened.checkpoint().under(weights, "run '" + run.getFileName() + "' cannot be used");
        } catch (RuntimeException e) {
            close();
            throw e;
        }
        predictor = new Predictor(recipe, built, weights, torch);
    }

    /** Whoever names other steps need not unset the keys of those that are gone. */
    private static void withoutStepsLeftOut(Map<String, Mien.Value> values, String steps) {
        List<String> left = List.of(steps.strip().split("\\s*,\\s*"));
        Mien.Value before = values.get("preprocess");
        for (String id :
                before == null ? new String[0] : before.value().strip().split("\\s*,\\s*")) {
            if (!left.contains(id)) {
                values.keySet().removeIf(key -> key.startsWith(id + "."));
            }
        }
    }

    /** Training samples of each class. */
    private static long[] counts(Runs.Config config) {
        Map<String, Integer> known =
                config.data() == null
                        ? Map.of()
                        : config.data().classes().getOrDefault(Splits.word(Split.TRAIN), Map.of());
        return config.labels().stream().mapToLong(label -> known.getOrDefault(label, 1)).toArray();
    }

    /** The device of a recipe, or an error in words. */
    static Device device(Torch torch, Recipe recipe) {
        try {
            return torch.device(recipe.loop().device());
        } catch (IllegalArgumentException e) {
            throw new MienException("key 'train.device': " + e.getMessage() + ".");
        }
    }

    /** The same run, with what its method draws with. */
    TrainedRun drawing() {
        return new TrainedRun(registry, torch, run, overrides, true);
    }

    /** Another run, to predict. */
    TrainedRun other(Path other) {
        return new TrainedRun(registry, torch, other, Map.of());
    }

    String id() {
        return run.getFileName().toString();
    }

    Path folder() {
        return run;
    }

    /** Memory of its weights, in bytes; on a CPU they are packed and not there twice. */
    long bytes() {
        return Float.BYTES
                * weights.entries().values().stream().mapToLong(one -> one.var().size()).sum();
    }

    Recipe recipe() {
        return recipe;
    }

    Built built() {
        return built;
    }

    Predictor predictor() {
        return predictor;
    }

    /**
     * Judges it.
     *
     * @param split on what
     * @param folders folder of a run, by its id
     */
    @SuppressWarnings("unchecked")
    Mien.Evaluation evaluate(Split split, Function<String, Path> folders) {
        try (Splits splits = new Splits(recipe);
                Loader loader =
                        new Loader(
                                recipe,
                                built.parts().input(),
                                splits.open()::read,
                                PictureCache.none())) {
            boolean names = !built.parts().labels().isEmpty();
            if (names && !splits.labels().equals(built.parts().labels())) {
                throw new MienException(
                        "the dataset has the classes "
                                + splits.labels()
                                + ", the run was trained on "
                                + built.parts().labels());
            }
            Map<String, Double> metrics = new LinkedHashMap<>();
            List<Mien.Table> tables = new ArrayList<>();
            List<String> notes = new ArrayList<>();
            Findings findings = new Collected(metrics, tables, notes);
            if (recipe.judges().isEmpty()) {
                throw new MienException(
                        "the run has no evaluators. Say which on the command line: evaluators="
                                + String.join(",", registry.ids(Registry.Kind.EVALUATOR)));
            }
            try (RunResults results =
                    new RunResults(this, splits, splits.some(split), loader, folders)) {
                for (Recipe.Judge judge : recipe.judges()) {
                    try {
                        ((Evaluator<Record>) judge.entry().service())
                                .evaluate(results, judge.settings(), findings);
                    } catch (RuntimeException | LinkageError e) {
                        throw Words.plugin(judge.entry().who(), e);
                    }
                }
                if (names) {
                    Predictions.write(run, Splits.word(split), results);
                    Pictures.write(run, Splits.word(split), recipe, splits);
                }
                return new Mien.Evaluation(
                        results.run(),
                        Splits.word(split),
                        results.samples().size(),
                        metrics,
                        tables,
                        notes);
            }
        } catch (IOException e) {
            throw new MienException(
                    "the evaluation cannot be written to "
                            + run
                            + ": "
                            + e.getMessage()
                            + ". Check that the folder can be written and the disk has room.");
        }
    }

    /** Findings as data: text and numbers only, nothing of the evaluator. */
    private record Collected(
            Map<String, Double> metrics, List<Mien.Table> tables, List<String> notes)
            implements Findings {
        @Override
        public void metric(String name, double value) {
            metrics.put(name, value);
        }

        @Override
        public void table(String name, List<String> columns, List<? extends List<?>> rows) {
            List<List<Object>> plain = new ArrayList<>();
            for (List<?> row : rows) {
                List<Object> cells = new ArrayList<>();
                for (Object cell : row) {
                    cells.add(cell instanceof Number ? cell : String.valueOf(cell));
                }
                plain.add(cells);
            }
            tables.add(new Mien.Table(name, List.copyOf(columns), plain));
        }

        @Override
        public void note(String text) {
            notes.add(text);
        }
    }

    @Override
    public void close() {
        weights.close();
        opened.close();
    }
}
