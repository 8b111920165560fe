// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.service;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.mien.api.Key;
import org.mien.api.data.Preprocessor;
import org.mien.api.run.RunEvent;
import org.mien.core.Evaluations;
import org.mien.core.Runs;
import org.mien.core.internal.plugin.Kind;
import org.mien.core.internal.run.Checkpoint;
import org.mien.core.internal.run.RunFolders;

/** What is configured is what happens; what cannot happen is said before a training starts. */
class WhatCountsTest extends OnPlatform {
    private Runs.Run last;

    /** Trains; gives what was said as it began, a line each. */
    private List<String> said(String... keys) {
        List<RunEvent> events = Collections.synchronizedList(new ArrayList<>());
        last = mien.jobs().train("demo", map(keys), events::add, () -> false);
        return events.stream()
                .filter(event -> event.kind() == RunEvent.Kind.STARTED)
                .flatMap(event -> event.text().lines())
                .toList();
    }

    private static float[] head(Runs.Run run) {
        Path file = run.folder().resolve(RunFolders.LAST);
        try (Checkpoint.Opened opened = Checkpoint.open(file)) {
            return opened.checkpoint().arrays().entrySet().stream()
                    .filter(
                            one ->
                                    one.getKey().startsWith("head")
                                            && one.getKey().endsWith("weight"))
                    .findFirst()
                    .orElseThrow()
                    .getValue()
                    .elements();
        }
    }

    @Test
    void whatIsGatheredAtTheEndOfAnEpochMovesWeights() {
        List<String> said = said("train.accumulate=50", "train.epochs=1");
        assertTrue(
                said.contains(
                        "warning: train.accumulate = 50, and an epoch has 4 steps: weights move once"
                                + " an epoch, at its end"),
                said.toString());
        float[] moved = head(last);
        said("train.accumulate=4", "train.epochs=1");
        assertArrayEquals(head(last), moved);
        said = said("train.accumulate=50", "train.lr=0", "train.epochs=1");
        assertTrue(
                said.contains("warning: train.lr = 0: no weight of phase 'train' moves"),
                said.toString());
        assertFalse(Arrays.equals(head(last), moved));
    }

    @Test
    void whatLiesBeyondTheRunIsSaid() throws Exception {
        List<String> said =
                said(
                        "train.epochs=2",
                        "train.warmup=5",
                        "train.schedule=multi-step",
                        "train.milestones=1,7,9",
                        "train.table=3:1e-3",
                        "train.patience=1",
                        "train.plateau=2",
                        "train.momentum=0.5",
                        "data.repeat-below=0.3",
                        "report.gallery=2");
        List<String> expected =
                List.of(
                        "warning: train.patience = 1 can never end a run of 2 epochs early; the"
                                + " largest that can is 0",
                        "warning: train.plateau = 2 does nothing: no schedule is plateau",
                        "warning: train.warmup = 5.0, and there are 2 epochs: the rate never reaches"
                                + " train.lr",
                        "warning: train.milestones: epoch 7, 9 is never reached, there are 2 epochs",
                        "warning: train.table = 3:1e-3 does nothing: the schedule is multi-step",
                        "warning: train.momentum = 0.5 does nothing: the optimizer is adamw",
                        "warning: data.repeat-below = 0.3 does nothing: data.sampler is not"
                                + " repeat-sqrt",
                        "warning: report.gallery = 2 does nothing: method 'head' draws nothing while"
                                + " it trains");
        assertEquals(expected, said.stream().filter(one -> one.startsWith("warning")).toList());
        String notes = Files.readString(last.folder().resolve("notes.json"));
        String report = Files.readString(mien.runs().report(last.id()));
        assertTrue(notes.contains("train.plateau = 2 does nothing"), notes);
        assertTrue(report.contains("train.plateau = 2 does nothing"));
        assertEquals(
                List.of(),
                said("train.epochs=3").stream().filter(one -> one.startsWith("warning")).toList());
    }

    /** A step that varies by a share. */
    public static final class Flips implements Preprocessor<Flips.Settings> {
        /**
         * @param share at which it varies
         */
        public record Settings(@Key(value = "0.5", min = 0, max = 1, doc = "share") double share) {}

        @Override
        public When when() {
            return When.EACH_USE;
        }

        @Override
        public Class<Settings> settings() {
            return Settings.class;
        }

        @Override
        public Set<String> varying() {
            return Set.of("share");
        }

        @Override
        public boolean idle(Settings s) {
            return s.share() == 0;
        }

        @Override
        public Step open(Settings s, String view) {
            return List::of;
        }
    }

    @Test
    void aStepThatNeverActsIsSaidAndAKeyThatVariesInAnEvaluation() {
        bind(Kind.PREPROCESSOR, "flips", new Flips());
        List<String> said = said("preprocess=flips,noise:0", "flips.share=0", "train.epochs=1");
        assertTrue(
                said.contains(
                        "warning: preprocess: preprocessor 'flips' changes no picture with the keys"
                                + " it has (flips.share=0)"),
                said.toString());
        assertTrue(
                said.stream()
                        .anyMatch(one -> one.contains("'noise:0.0' gives preprocessor 'noise'")),
                said.toString());
        Evaluations.Evaluation evaluation =
                mien.evaluations()
                        .evaluate(
                                last.id(),
                                "test",
                                map("flips.share=1", "train.lr=1", "train.batch=4"));
        String notes = String.join("\n", evaluation.notes());
        assertTrue(notes.contains("flips.share changed nothing here: preprocessor 'flips'"), notes);
        assertTrue(notes.contains("train.lr counts in training only"), notes);
        assertFalse(notes.contains("train.batch"), notes);
    }

    @Test
    void aClassThatIsLackingIsSaid() {
        bind(Kind.DATASET, "lacking", new Pngs());
        List<String> said =
                said("dataset=lacking", "dataset.only=2", "train.epochs=1", "data.validation=0.5");
        assertTrue(
                said.contains("warning: no training sample of 'blue': it cannot be learnt"),
                said.toString());
        assertTrue(
                said.stream().anyMatch(one -> one.startsWith("warning: no validation sample of")),
                said.toString());
        assertTrue(said.get(0).contains("10 of 20 samples (50.0 %)"), said.get(0));
    }

    @Test
    void theKeysOfThePluginThatIsLeftOutGoWithItInEveryCommand() {
        bind(Kind.DATASET, "pngs", new Pngs());
        bind(Kind.PREPROCESSOR, "flips", new Flips());
        configure(
                "two",
                "dataset=colours",
                "dataset.samples=30",
                "backbone=small",
                "method=head",
                "preprocess=noise,flips",
                "flips.share=0.3");
        Map<String, String> over = new LinkedHashMap<>(map("dataset=pngs", "preprocess=noise"));
        over.put("train.epochs", "1");
        Runs.Run run = mien.jobs().train("two", over, event -> {}, () -> false);
        assertEquals("DONE", run.state());
        assertEquals(30, mien.runs().details(run.id()).splits().get("test"));
        mien.datasets().check("two", over, (read, all) -> {}, () -> false);
        Runs.Run first = mien.jobs().train("two", map("train.epochs=1"), event -> {}, () -> false);
        Evaluations.Evaluation other =
                mien.evaluations()
                        .evaluate(first.id(), "test", map("dataset=pngs", "preprocess=noise"));
        assertEquals(30, other.samples());
    }
}
