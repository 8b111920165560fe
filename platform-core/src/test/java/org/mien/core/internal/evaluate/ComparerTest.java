// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.evaluate;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mien.api.data.Targets;
import org.mien.core.Csv;
import org.mien.core.Evaluations;
import org.mien.core.MienException;
import org.mien.core.Spread;
import org.mien.core.Value;
import org.mien.core.internal.io.CsvReader;
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
                        id, "test", 10, metrics, Set.of(), List.of(), List.of(), List.of()));
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
                new RunFolders.State("a", JobState.DONE, "", 1, 3, 2, by, value, "", Set.of()));
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
        CsvReader.read(file, read::add);
        assertEquals(rows, read);
    }

    @Test
    void whatWasEvaluatedOtherwiseIsMarkedAndInNoGroup() throws IOException {
        Evaluations.Evaluation own =
                RunFolders.read(
                        RunFolders.evaluation(runs.get("a-2"), "test"),
                        Evaluations.Evaluation.class);
        Map<String, Path> judged = new LinkedHashMap<>(runs);
        Path other = Files.createDirectories(runs.get("a-2").resolve("evaluations/other"));
        RunFolders.write(other, own.as("other", Map.of("dataset", "fer2013")));
        judged.put("a-2", other);
        Evaluations.Comparison found = new Comparer(runs, judged, "test").compare();
        assertTrue(found.keys().contains("evaluated with dataset"), found.keys().toString());
        assertEquals("fer2013", found.runs().get(1).values().get("evaluated with dataset"));
        assertEquals(3, found.groups().size());
        assertTrue(
                found.notes().stream().anyMatch(note -> note.contains("not got under the same")),
                found.notes().toString());
    }

    @Test
    void methodsAreTestedOverSeedsAndSamples() throws IOException {
        for (int seed = 1; seed <= 3; seed++) {
            run("c-" + seed, "linear", seed, 0.5 + 0.01 * seed, "rrrrrrrrww");
            run("d-" + seed, "fdrl", seed, 0.3 + 0.02 * seed, "rrrwwwwwww");
        }
        runs.keySet().removeIf(run -> run.startsWith("a") || run.startsWith("b"));
        Evaluations.Comparison found = compare();
        Evaluations.Versus versus = found.methods().get(0);
        assertEquals(List.of("c-1", "c-2", "c-3"), versus.first());
        assertEquals(3, versus.seeds());
        assertEquals(0.18, versus.difference(), 1e-12);
        assertEquals(0.25, versus.seedsP(), 1e-12, "2 of the 8 ways");
        assertEquals(0.25, versus.leastP(), 1e-12);
        // Five samples differ, each at all three seeds to the same side: 2 of 32 ways.
        assertEquals(10, versus.samples());
        assertEquals(0.0625, versus.samplesP(), 1e-12);
        assertTrue(
                found.notes()
                        .contains(
                                "With 3 seeds in common no p over seeds is below 0.2500, however"
                                        + " large the difference; 6 seeds are needed for one below"
                                        + " 0.05."),
                found.notes().toString());
    }

    @Test
    void signsAreFlippedAsByHand() {
        // 1, 2 and 4 with signs: 7, 5, 3, 1 and their negatives.
        assertEquals(6 / 8.0, SignFlip.p(new double[] {1, -2, 4}), 1e-12);
        assertEquals(2 / 8.0, SignFlip.p(new double[] {1, 2, 4}), 1e-12);
        assertEquals(Double.NaN, SignFlip.p(new double[] {1}));
        assertEquals(6 / 8.0, SignFlip.whole(new int[] {1, 0, -2, 4}), 1e-12);
        // With ones alone it is McNemar's exact test.
        int[] ones = new int[14];
        Arrays.fill(ones, 0, 9, 1);
        Arrays.fill(ones, 9, 10, -1);
        assertEquals(McNemar.p(9, 1), SignFlip.whole(ones), 1e-12);
        int[] many = new int[10_000];
        for (int i = 0; i < many.length; i++) {
            many[i] = i < 5_100 ? 1 : -1;
        }
        assertEquals(McNemar.p(5_100, 4_900), SignFlip.whole(many), 2e-4, "all but normal");
        double[] thirty = new double[30];
        Arrays.fill(thirty, 1);
        assertTrue(SignFlip.p(thirty) < 1e-4);
        assertArrayEquals(
                new double[] {0.03, 0.06, 0.06, Double.NaN},
                SignFlip.holm(new double[] {0.01, 0.04, 0.03, Double.NaN}),
                1e-12);
    }

    @Test
    void everyTextOfATableComesBackAndNoneIsAFormula() throws IOException {
        List<String> texts =
                List.of(
                        "=1+1",
                        "@x",
                        "-2+3",
                        "+a",
                        "\tx",
                        "'=1",
                        "''=1",
                        "-0.5",
                        "1e-3",
                        "a,b",
                        "say \"x\"",
                        "two\nlines",
                        "'tis",
                        " x ",
                        "");
        String line = Csv.line(texts);
        assertEquals(
                "'=1+1,'@x,'-2+3,'+a,\"'\tx\",''=1,'''=1,-0.5,1e-3,\"a,b\",\"say \"\"x\"\"\","
                        + "\"two\nlines\",'tis,\" x \",\r\n",
                line);
        Path file = work.resolve("texts.csv");
        Files.writeString(file, line);
        List<List<String>> read = new ArrayList<>();
        CsvReader.read(file, read::add);
        assertEquals(List.of(texts), read);
        assertEquals("-5,,1.5\r\n", Csv.line(Arrays.asList(-5, null, 1.5)));
    }

    @Test
    void twoEvaluatorsDoNotOverwriteEachOther() {
        Collected found = new Collected();
        found.of("one");
        found.share("accuracy", 0.5);
        found.of("two");
        found.number("accuracy", 7);
        found.number("loss", 2);
        assertEquals(Map.of("accuracy", 0.5, "two.accuracy", 7.0, "loss", 2.0), found.metrics());
        assertEquals(Set.of("accuracy"), found.shares());
        assertEquals(
                List.of(
                        "Two evaluators give the metric 'accuracy': that name is of 'one', that of"
                                + " 'two' is 'two.accuracy'."),
                found.of("run", "test", 1).notes());
    }
}
