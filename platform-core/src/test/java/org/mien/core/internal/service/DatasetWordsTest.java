// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.mien.api.data.Dataset;
import org.mien.api.data.Picture;
import org.mien.api.data.Sample;
import org.mien.api.data.Targets;
import org.mien.api.run.RunEvent;
import org.mien.core.Datasets;
import org.mien.core.internal.data.Splits;
import org.mien.core.internal.pipeline.BoundData;
import org.mien.core.internal.plugin.Kind;

/** What is said of a dataset when a training begins and when it is checked. */
class DatasetWordsTest extends OnPlatform {
    /** The colours, with a class that looks like another, and a word of what was left out. */
    public static final class Noted implements Dataset<Fakes.Colours.Settings> {
        @Override
        public Class<Fakes.Colours.Settings> settings() {
            return Fakes.Colours.Settings.class;
        }

        @Override
        public Open open(Fakes.Colours.Settings settings) {
            Open colours = new Fakes.Colours().open(settings);
            return new Open() {
                @Override
                public Targets targets() {
                    return Targets.classes(List.of("red", "blue", "blue\u00a0"));
                }

                @Override
                public Stream<Sample> samples() throws IOException {
                    return colours.samples();
                }

                @Override
                public Picture read(Sample sample) throws IOException {
                    return colours.read(sample);
                }

                @Override
                public List<String> notes() {
                    return List.of("3 files were left out: .txt 3");
                }

                @Override
                public void close() {}
            };
        }
    }

    private static final String ALIKE = "classes that look the same: blue, blue[U+00A0]";

    @Test
    void aTrainingBeginsWithClassesAndNotes() throws IOException {
        bind(Kind.DATASET, "noted", new Noted());
        List<RunEvent> events = Collections.synchronizedList(new ArrayList<>());
        Map<String, String> keys = map("dataset=noted", "train.epochs=1");
        var run = mien.jobs().train("demo", keys, events::add, () -> false);
        assertEquals("DONE", run.state(), run.text());
        assertEquals(RunEvent.Kind.STARTED, events.get(0).kind());
        List<String> lines = events.get(0).text().lines().toList();
        assertEquals(
                List.of(
                        "classes, with their samples to train on: red (18), blue (18),"
                                + " blue\u00a0 (18)",
                        ALIKE,
                        "dataset: 3 files were left out: .txt 3"),
                lines.subList(1, 4));
        // It stays with the run, and its reader sees it.
        String config = Files.readString(run.folder().resolve("config.json"));
        assertTrue(config.contains("3 files were left out: .txt 3"), config);
        String report = Files.readString(run.folder().resolve("report.html"));
        assertTrue(report.contains("Of the dataset: 3 files were left out: .txt 3."), report);
    }

    @Test
    void aCheckSeesPeopleInTwoSplitsAndNotes() {
        bind(Kind.DATASET, "noted", new Noted());
        Datasets.Check check = check("dataset=noted", "dataset.samples=63");
        // Six pictures of each person: the eleventh has three to learn from and three to test on.
        assertEquals(List.of("person 10: train 3, test 3"), check.shared());
        assertEquals(11, check.people().get("train") + check.people().get("validation"));
        assertEquals(6, check.people().get("test"));
        assertEquals(List.of("3 files were left out: .txt 3", ALIKE), check.notes());
        Datasets.Check plain = check("dataset.samples=60");
        assertEquals(List.of(), plain.shared());
        assertEquals(List.of(), plain.notes());
        assertEquals(5, plain.people().get("test"));
    }

    @Test
    void aDatasetIsCheckedWithoutAPipeline() {
        Datasets.Check check = alone("samples=63", "dataset.bad=3", "seed=2", "data.validation=0");
        assertEquals("", check.pipeline());
        assertEquals("colours", check.dataset());
        assertEquals(21, check.counts().get("train").get("red"));
        assertEquals("none", check.validation());
        assertEquals(1, check.unreadable().size());
        assertEquals(List.of("person 10: train 3, test 3"), check.shared());
        assertEquals("carved", alone("samples=63").validation().substring(0, 6));
        assertTrue(refused(() -> alone("sample=63")).contains("unknown key 'sample'"));
        assertTrue(refused(() -> alone("train.lr=1")).contains("unknown key 'train.lr'"));
        assertTrue(
                refused(() -> alone("samples=1", "dataset.samples=2"))
                        .contains("key 'dataset.samples' is given twice"));
        assertTrue(refused(() -> alone("samples=many")).contains("dataset.samples"));
        // A pipeline of the name counts.
        configure("colours", "dataset=colours", "backbone=small", "method=head");
        assertEquals("colours", alone("dataset.samples=63").pipeline());
    }

    @Test
    void classesAreMergedRenamedAndLeftOut() throws IOException {
        bind(Kind.DATASET, "noted", new Noted());
        Datasets.Check merged = check("data.map=blue:cool, green:cool");
        assertEquals(Map.of("red", 10, "cool", 20), merged.counts().get("test"));
        assertEquals(List.of("class cool is green and blue"), merged.notes());
        Datasets.Check some = check("data.classes=blue, red");
        assertEquals(List.of("blue", "red"), List.copyOf(some.counts().get("test").keySet()));
        assertEquals(Map.of("blue", 10, "red", 10), some.counts().get("test"));
        assertEquals(List.of("classes left out by data.classes: green"), some.notes());
        // What is chosen is chosen by its new name.
        String gone = refused(() -> check("data.classes=blue,red", "data.map=red:warm"));
        assertTrue(gone.contains("data.classes names class 'red'; expected some of warm"), gone);
        assertTrue(refused(() -> check("data.map=rad:warm")).contains("Did you mean 'red'?"));
        assertTrue(refused(() -> check("data.map=red")).contains("expected CLASS:NAME"));
        assertTrue(refused(() -> check("data.map=red:a,red:b")).contains("'red' twice"));
        assertTrue(refused(() -> check("data.classes=red,red")).contains("names one twice"));

        // A run learns them, and is evaluated on them.
        var run = train("demo", "data.map=blue:cool, green:cool", "train.epochs=1");
        assertEquals("DONE", run.state(), run.text());
        assertEquals(List.of("red", "cool"), mien.runs().details(run.id()).targets().classes());
        assertEquals(30, mien.evaluations().evaluate(run.id(), "test", Map.of()).samples());
        var two = train("demo", "data.classes=blue,red", "train.epochs=1");
        assertEquals("DONE", two.state(), two.text());
        assertEquals(20, mien.evaluations().evaluate(two.id(), "test", Map.of()).samples());
    }

    @Test
    void aShareIsTrainedOnAndAShareOfItHasWrongLabels() {
        Map<String, Sample> plain = training("seed=1");
        Map<String, Sample> drawn = training("seed=1", "data.fraction=0.5", "data.noise=0.25");
        assertEquals(54, plain.size());
        assertEquals(27, drawn.size());
        assertEquals(7, wrong(drawn, plain), "a quarter of 27");
        assertEquals(drawn, training("seed=1", "data.fraction=0.5", "data.noise=0.25"));
        assertNotEquals(
                drawn.keySet(),
                training("seed=2", "data.fraction=0.5", "data.validation=0").keySet());
        for (int label = 0; label < 3; label++) {
            int wanted = label;
            Map<String, Sample> half = training("seed=1", "data.fraction=0.5");
            assertEquals(9, half.values().stream().filter(s -> s.label() == wanted).count());
        }
        // What is chosen and reported on stays as it is.
        try (Splits splits = splits("seed=1", "data.noise=0.9");
                Splits clean = splits("seed=1")) {
            assertEquals(clean.of(Sample.Split.TEST), splits.of(Sample.Split.TEST));
            assertEquals(clean.of(Sample.Split.VALIDATION), splits.of(Sample.Split.VALIDATION));
            assertEquals(
                    List.of("49 of 54 samples that are trained on have a wrong label (data.noise)"),
                    splits.told());
        }
        assertTrue(
                refused(() -> splits("data.noise=0.1", "data.classes=red"))
                        .contains("data.noise gives samples another class, and the dataset has 1"));
    }

    private Map<String, Sample> training(String... keys) {
        try (Splits splits = splits(keys)) {
            Map<String, Sample> all = new LinkedHashMap<>();
            splits.of(Sample.Split.TRAIN).forEach(sample -> all.put(sample.id(), sample));
            return all;
        }
    }

    private static long wrong(Map<String, Sample> drawn, Map<String, Sample> plain) {
        return drawn.values().stream()
                .filter(sample -> sample.label() != plain.get(sample.id()).label())
                .count();
    }

    private Splits splits(String... keys) {
        return new Splits(BoundData.of(registry, "colours", map(keys)));
    }

    private Datasets.Check alone(String... keys) {
        return mien.datasets().check("colours", map(keys), (read, all) -> {}, () -> false);
    }

    private Datasets.Check check(String... keys) {
        return mien.datasets().check("demo", map(keys), (read, all) -> {}, () -> false);
    }
}
