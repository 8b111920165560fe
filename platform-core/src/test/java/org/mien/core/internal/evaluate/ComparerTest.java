// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.evaluate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mien.api.data.Targets;
import org.mien.core.Evaluations;
import org.mien.core.MienException;
import org.mien.core.Spread;
import org.mien.core.Value;
import org.mien.core.internal.io.Csv;
import org.mien.core.internal.run.JobState;
import org.mien.core.internal.run.RunFolders;

/** Runs side by side, from folders made by hand. */
class ComparerTest {
    @TempDir private Path work;
    private final Map<String, Path> runs = new LinkedHashMap<>();

    @BeforeEach
    void write() throws IOException {
        run("a-1", "linear", 1, 0.5, "rrwwrrwwrr");
        run("a-2", "linear", 2, 0.7, "rrrrrrrrrr");
        run("b-1", "fdrl", 1, 0.9, "wwwwwwwwww");
        run("a-3", "linear", 3, 0.9, null);
    }

    /** A run with its answers to ten samples: right or wrong; or none kept. */
    private void run(String id, String method, int seed, double accuracy, String answers)
            throws IOException {
        Path run = Files.createDirectories(work.resolve(id));
        runs.put(id, run);
        Map<String, Value> values = new LinkedHashMap<>();
        values.put("method", new Value(method, "demo.cfg"));
        values.put("train.lr", new Value("1e-3", method.equals("fdrl") ? "x" : "default"));
        values.put("seed", new Value("" + seed, "command line"));
        values.put("report.images", new Value(seed == 2 ? "none" : "all", "demo.cfg"));
        if (method.equals("fdrl")) {
            values.put("method.latents", new Value("9", "default"));
        }
        RunFolders.write(
                run,
                new RunFolders.Config(
                        "demo",
                        values,
                        Targets.classes(List.of("joy", "fear")),
                        Map.of("test", 10),
                        "none",
                        new RunFolders.Epoch("shuffle", 10),
                        List.of(new RunFolders.Part("dataset", "drawn", "x", "1.0")),
                        List.of(),
                        "engine",
                        "17",
                        null,
                        List.of()));
        Map<String, Double> metrics = new LinkedHashMap<>();
        metrics.put("accuracy", accuracy);
        metrics.put("undefined", Double.NaN);
        RunFolders.write(
                run,
                new Evaluations.Evaluation(
                        id, "test", 10, metrics, Set.of(), List.of(), List.of(), List.of()),
                Map.of());
        if (answers != null) {
            StringBuilder csv = new StringBuilder("id,truth,prediction,probability\r\n");
            for (int i = 0; i < answers.length(); i++) {
                csv.append("\"s, ").append(i).append("\",joy,");
                csv.append(answers.charAt(i) == 'r' ? "joy" : "fear").append(",0.5\r\n");
            }
            Files.writeString(AnswersFile.file(run, "test"), csv);
        }
    }

    private Evaluations.Comparison compare() {
        return new Comparer(runs, "test").compare();
    }

    @Test
    void onlyTheKeysThatDifferAreNamed() {
        Evaluations.Comparison found = compare();
        assertEquals(List.of("method", "seed", "method.latents"), found.keys());
        assertEquals(Map.of("method", "linear", "seed", "1"), found.runs().get(0).values());
        assertEquals("9", found.runs().get(2).values().get("method.latents"));
        assertEquals(List.of("accuracy", "undefined"), found.metrics());
    }

    @Test
    void runsThatDifferInTheSeedAreFolded() {
        List<Evaluations.Group> groups = compare().groups();
        assertEquals(
                List.of(List.of("a-1", "a-2", "a-3"), List.of("b-1")),
                groups.stream().map(Evaluations.Group::runs).toList());
        // By hand: mean 2.1 / 3, squares 0.04 + 0 + 0.04 over 2.
        Spread spread = groups.get(0).metrics().get("accuracy");
        assertEquals(3, spread.n());
        assertEquals(0.7, spread.mean(), 1e-12);
        assertEquals(0.2, spread.deviation(), 1e-12);
        assertEquals(0.5, spread.least());
        assertEquals(0.9, spread.most());
        assertEquals(Double.NaN, groups.get(1).metrics().get("accuracy").deviation());
        assertEquals(null, groups.get(0).metrics().get("undefined"));
    }

    @Test
    void anotherVersionOfAPluginIsAnotherGroup() throws IOException {
        Path config = runs.get("a-2").resolve("config.json");
        Files.writeString(
                config,
                Files.readString(config).replace("\"version\": \"1.0\"", "\"version\": \"1.1\""));
        Evaluations.Comparison found = compare();
        assertEquals(3, found.groups().size());
        assertEquals("1.1", found.runs().get(1).values().get("version of dataset drawn"));
    }

    @Test
    void epochsChosenByDifferentMetricsAreNamed() throws IOException {
        chosen("a-1", "accuracy", 0.5);
        chosen("a-2", "accuracy", 0.75);
        assertTrue(compare().notes().stream().noneMatch(note -> note.contains("chosen")));
        chosen("a-3", "loss", 1.25);
        assertTrue(
                compare()
                        .notes()
                        .contains(
                                "The epochs of the runs were chosen by different metrics of the"
                                        + " validation split: a-1 by accuracy (0.5000), a-2 by"
                                        + " accuracy (0.7500), a-3 by loss (1.2500)."));
    }

    private void chosen(String run, String by, double value) throws IOException {
        RunFolders.write(
                runs.get(run),
                new RunFolders.State("a", JobState.DONE, "", 1, 3, 2, by, value, ""));
    }

    @Test
    void methodsAreTestedOnTheSameSamples() {
        Evaluations.Comparison found = compare();
        assertEquals(2, found.pairs().size());
        Evaluations.Paired first = found.pairs().get(0);
        assertEquals("a-1", first.first());
        assertEquals("b-1", first.second());
        assertEquals(10, first.samples());
        assertEquals(6, first.onlyFirst());
        assertEquals(0, first.onlySecond());
        // By hand: 6 of 6 one way, 2 / 2^6; 10 of 10, 2 / 2^10; Holm doubles the smaller.
        assertEquals(2 / 64.0, first.p(), 1e-12);
        assertEquals(2 / 64.0, first.adjusted(), 1e-12);
        assertEquals(2 / 1024.0, found.pairs().get(1).p(), 1e-12);
        assertEquals(4 / 1024.0, found.pairs().get(1).adjusted(), 1e-12);
        assertTrue(found.notes().get(0).contains("not kept: a-3"), "" + found.notes());
    }

    @Test
    void otherSamplesAreNotTested() throws IOException {
        Path file = AnswersFile.file(runs.get("b-1"), "test");
        Files.writeString(file, Files.readString(file).replace("s, 3", "t, 3"));
        assertEquals(List.of(), compare().pairs());
        assertTrue(compare().notes().get(1).contains("different samples"), "" + compare().notes());
    }

    @Test
    void theExactTest() {
        // 2 (C(10, 0) + C(10, 1)) / 2^10
        assertEquals(22 / 1024.0, McNemar.p(1, 9), 1e-12);
        assertEquals(22 / 1024.0, McNemar.p(9, 1), 1e-12);
        assertEquals(1, McNemar.p(0, 0));
        assertEquals(1, McNemar.p(5, 5));
        // Large numbers: the normal distribution with a correction for continuity, z = 9.9 /
        // sqrt(100).
        assertEquals(0.3222, McNemar.p(4950, 5050), 5e-4);
    }

    @Test
    void runsThatWereNotEvaluatedAreNamedWithTheNextStep() {
        assertEquals(
                "not evaluated on the split 'train': a-1, b-1. Do it with: fer:evaluate a-1 --split"
                        + " train; fer:evaluate b-1 --split train",
                refused(Map.of("a-1", runs.get("a-1"), "b-1", runs.get("b-1")), "train"));
        assertTrue(refused(Map.of("a-1", runs.get("a-1")), "test").contains("needs 2 to 200"));
    }

    private static String refused(Map<String, Path> some, String split) {
        Map<String, Path> sorted = new java.util.TreeMap<>(some);
        return assertThrows(MienException.class, () -> new Comparer(sorted, split).compare())
                .getMessage();
    }

    @Test
    void valuesWithCommasQuotesAndLinesComeBack() throws IOException {
        List<List<String>> rows =
                List.of(List.of("a,b", "c\"d", "e\r\nf", ""), List.of("", "\u00e9", " g ", "\"\""));
        Path file = work.resolve("some.csv");
        StringBuilder text = new StringBuilder();
        rows.forEach(row -> text.append(Csv.line(row)));
        assertTrue(text.toString().startsWith("\"a,b\",\"c\"\"d\",\"e\r\nf\",\r\n"), "" + text);
        Files.write(file, text.toString().getBytes(StandardCharsets.UTF_8));
        List<List<String>> read = new ArrayList<>();
        Csv.read(file, read::add);
        assertEquals(rows, read);
    }
}
