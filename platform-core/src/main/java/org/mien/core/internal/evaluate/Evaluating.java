// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.evaluate;

import org.mien.api.data.Sample.Split;
import org.mien.api.evaluate.Evaluator;
import org.mien.api.evaluate.Findings;
import org.mien.core.Evaluations;
import org.mien.core.MienException;
import org.mien.core.internal.data.Loader;
import org.mien.core.internal.data.PictureCache;
import org.mien.core.internal.data.Splits;
import org.mien.core.internal.model.TrainedRun;
import org.mien.core.internal.pipeline.Built;
import org.mien.core.internal.pipeline.Recipe;
import org.mien.core.internal.plugin.Registry;
import org.mien.core.internal.plugin.Words;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Lets the evaluators of a run judge it. */
public final class Evaluating {
    private Evaluating() {}

    /**
     * Judges a run.
     *
     * @param trained the run, which stays open
     * @param registry the evaluators there are, for an error
     * @param split on what
     * @param folders folder of a run, by its id
     */
    @SuppressWarnings("unchecked")
    public static Evaluations.Evaluation evaluate(
            TrainedRun trained, Registry registry, Split split, Function<String, Path> folders) {
        Recipe recipe = trained.recipe();
        Built built = trained.built();
        Path run = trained.folder();
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
            List<Evaluations.Table> tables = new ArrayList<>();
            List<String> notes = new ArrayList<>();
            Findings findings = new Collected(metrics, tables, notes);
            if (recipe.judges().isEmpty()) {
                throw new MienException(
                        "the run has no evaluators. Say which on the command line: evaluators="
                                + String.join(",", registry.ids(Registry.Kind.EVALUATOR)));
            }
            try (RunResults results =
                    new RunResults(trained, splits, splits.some(split), loader, folders)) {
                for (Recipe.Judge judge : recipe.judges()) {
                    try {
                        ((Evaluator<Record>) judge.entry().service())
                                .evaluate(results, judge.settings(), findings);
                    } catch (RuntimeException | LinkageError e) {
                        throw Words.plugin(judge.entry().who(), e);
                    }
                }
                if (names) {
                    AnswersFile.write(run, Splits.word(split), results);
                    Pictures.write(run, Splits.word(split), recipe, splits);
                }
                return new Evaluations.Evaluation(
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
            Map<String, Double> metrics, List<Evaluations.Table> tables, List<String> notes)
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
            tables.add(new Evaluations.Table(name, List.copyOf(columns), plain));
        }

        @Override
        public void note(String text) {
            notes.add(text);
        }
    }
}
