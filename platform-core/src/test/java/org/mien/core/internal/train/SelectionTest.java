// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.train;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.mien.api.evaluate.Evaluator;
import org.mien.api.evaluate.Findings;
import org.mien.api.evaluate.Results;
import org.mien.core.Evaluations;
import org.mien.core.Runs;
import org.mien.core.internal.plugin.Kind;
import org.mien.core.internal.run.Checkpoint;
import org.mien.core.internal.run.RunFolders;
import org.mien.core.internal.service.Fakes;
import org.mien.core.internal.service.OnPlatform;

/** What an epoch is chosen by. */
class SelectionTest extends OnPlatform {
    /** Says what it was told to say, one number at each judgement. */
    private static final class Says implements Evaluator<Fakes.None> {
        private final Deque<Double> numbers;

        Says(Double... numbers) {
            this.numbers = new ArrayDeque<>(List.of(numbers));
        }

        @Override
        public Class<Fakes.None> settings() {
            return Fakes.None.class;
        }

        @Override
        public void evaluate(Results results, Fakes.None settings, Findings findings) {
            assertEquals(6, results.samples().size());
            findings.number("worth", numbers.remove());
        }
    }

    private static List<Double> epochs(Runs.Run run, String name) throws IOException {
        return Files.readAllLines(run.folder().resolve("metrics.jsonl")).stream()
                .filter(line -> line.contains("\"event\":\"epoch\""))
                .map(line -> line.replaceAll(".*\"" + name + "\":([^,}]*).*", "$1"))
                .map(Double::valueOf)
                .toList();
    }

    @Test
    void theBestEpochIsThatOfTheMetric() throws IOException {
        for (String metric : List.of("accuracy", "mean-class-accuracy", "macro-f1", "loss")) {
            Runs.Run run = train("demo", "select=" + metric, "train.epochs=4", "train.lr=0.3");
            List<Double> values = epochs(run, "validation." + metric);
            double best =
                    values.stream()
                            .reduce(metric.equals("loss") ? Math::min : Math::max)
                            .orElseThrow();
            assertEquals(values.indexOf(best) + 1, run.bestEpoch(), metric + " " + values);
            assertEquals(metric, run.chosenBy());
            assertEquals(best, run.chosenValue(), 1e-12);
            assertEquals(4, epochs(run, "validation.accuracy").size(), "it is always told");
            String report = Files.readString(mien.runs().report(run.id()));
            assertTrue(report.contains("validation " + metric), report);
            assertTrue(report.contains("best " + metric + " on the validation split"), report);
            assertTrue(
                    Files.readString(run.folder().resolve("run.json"))
                            .contains("\"chosenBy\": \"" + metric + "\""));
        }
    }

    @Test
    void anEvaluatorMayChoose() {
        // It judges once before the first step, then after each epoch.
        bind(Kind.EVALUATOR, "says", new Says(9.0, 0.2, 0.9, 0.5, 0.4, 0.3));
        String[] keys = {
            "evaluators=says",
            "select=says.worth",
            "select.mode=max",
            "train.patience=2",
            "train.epochs=9"
        };
        Runs.Run most = train("demo", keys);
        assertEquals(2, most.bestEpoch());
        assertEquals(4, most.epochs(), "two epochs without a better one");
        assertEquals("says.worth", most.chosenBy());
        assertEquals(0.9, most.chosenValue());
        bind(Kind.EVALUATOR, "again", new Says(9.0, 0.2, 0.9, 0.1, 0.4, 0.3));
        Runs.Run least =
                train(
                        "demo",
                        "evaluators=again,share",
                        "select=again.worth",
                        "select.mode=min",
                        "train.epochs=5");
        assertEquals(3, least.bestEpoch());
        assertEquals(0.1, least.chosenValue());
        Checkpoint best = Checkpoint.read(least.folder().resolve(RunFolders.BEST));
        assertEquals("3", best.metadata().get("best.epoch"));
    }

    @Test
    void plateauGoesByIt() throws IOException {
        bind(Kind.EVALUATOR, "says", new Says(9.0, 0.1, 0.2, 0.3, 0.2, 0.1));
        Runs.Run run =
                train(
                        "demo",
                        "evaluators=says",
                        "select=says.worth",
                        "select.mode=max",
                        "train.epochs=5",
                        "train.schedule=plateau",
                        "train.plateau=1",
                        "train.lr=0.5",
                        "train.gamma=0.5");
        assertEquals(List.of(0.5, 0.5, 0.5, 0.5, 0.25), epochs(run, "lr"));
    }

    @Test
    void whatIsNoMetricIsSaidBeforeAnythingIsTrained() {
        String near = refused(() -> train("demo", "select=acuracy"));
        assertTrue(near.contains("Did you mean 'accuracy'?"), near);
        assertTrue(near.contains("macro-f1") && near.contains("share.METRIC"), near);
        String mode = refused(() -> train("demo", "select=share.width"));
        assertTrue(mode.contains("Set select.mode = max or select.mode = min"), mode);
        String none = refused(() -> train("demo", "select=macro-f1", "data.validation=0"));
        assertTrue(none.contains("select = macro-f1 watches the validation split"), none);
        String metric = refused(() -> train("demo", "select=share.wide", "select.mode=max"));
        assertTrue(metric.contains("gives no metric 'wide'"), metric);
        assertTrue(metric.contains("accuracy, undefined, width"), metric);
        Path folder = mien.runs().all().get(mien.runs().all().size() - 1).folder();
        assertFalse(Files.exists(folder.resolve(RunFolders.LAST)), "nothing was trained");
        // Whether an evaluator's accuracy is better the larger it is, nobody need say.
        assertEquals("DONE", train("demo", "select=share.accuracy", "train.epochs=1").state());
    }

    @Test
    void aRunStaysOfUseWithOtherEvaluators() {
        bind(Kind.EVALUATOR, "says", new Says(1.0, 1.0));
        Runs.Run run =
                train(
                        "demo",
                        "evaluators=says",
                        "select=says.worth",
                        "select.mode=max",
                        "train.epochs=1");
        Evaluations.Evaluation judged =
                mien.evaluations().evaluate(run.id(), "test", Map.of("evaluators", "share"));
        assertEquals(30, judged.samples());
    }
}
