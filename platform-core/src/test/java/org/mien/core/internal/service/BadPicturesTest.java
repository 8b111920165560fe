// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.service;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mien.api.run.RunEvent;
import org.mien.core.Evaluations;
import org.mien.core.Runs;
import org.mien.core.internal.plugin.Kind;
import org.mien.core.internal.run.RunFolders;

/** Pictures that cannot be read are found before they cost anything, or left out. */
class BadPicturesTest extends OnPlatform {
    @BeforeEach
    void bindPngs() {
        bind(Kind.DATASET, "pngs", new Pngs());
        configure("png", "dataset=pngs", "dataset.own=true", "backbone=small", "method=head");
    }

    @AfterEach
    void mend() {
        Pngs.DAMAGED.clear();
        Pngs.GONE.clear();
    }

    @Test
    void allAreNamedBeforeTheFirstStep() {
        String why = refused(() -> train("png", "dataset.bad=3,65,70"));
        assertTrue(why.startsWith("2 of 12 samples of the split validation"), why);
        assertTrue(why.contains("'png-65': ") && why.contains("'png-70': "), why);
        assertTrue(why.contains("data.bad = skip"), why);
        assertTrue(refused(() -> train("png", "dataset.bad=3,5")).contains("split train"));
        assertEquals(List.of(), mien.runs().all());
        assertEquals("DONE", train("png", "dataset.bad=40", "train.epochs=1").state());
    }

    @Test
    void theyAreLeftOutAndTold() throws Exception {
        Pngs.DAMAGED.add(7);
        List<RunEvent> events = Collections.synchronizedList(new ArrayList<>());
        Map<String, String> keys = map("data.bad=skip", "dataset.bad=3,65,40", "train.epochs=1");
        Runs.Run run = mien.jobs().train("png", keys, events::add, () -> false);
        assertEquals("DONE", run.state());
        assertEquals(28, mien.runs().details(run.id()).splits().get("train"));
        assertEquals(11, mien.runs().details(run.id()).splits().get("validation"));
        String said = events.stream().map(RunEvent::text).reduce("", String::concat);
        assertTrue(
                said.contains(
                        "warning: 3 of 42 samples cannot be read and are left out (data.bad = skip):"
                                + " 'png-3': "),
                said);
        String notes = Files.readString(run.folder().resolve("notes.json"));
        assertTrue(notes.contains("png-7: ") && notes.contains("\"left\": 3"), notes);
        assertTrue(
                Files.readString(mien.runs().report(run.id()))
                        .contains("3 samples could not be read"));
        Evaluations.Evaluation test = mien.evaluations().evaluate(run.id(), "test", Map.of());
        assertEquals(29, test.samples());
        assertTrue(test.notes().toString().contains("'png-40': "), test.notes().toString());
        for (int i = 0; i < 16; i++) {
            Pngs.DAMAGED.add(i);
            Pngs.DAMAGED.add(60 + i);
        }
        assertTrue(
                refused(() -> train("png", "data.bad=skip")).contains("which is more than half"));
    }

    @Test
    void aBadOneInValidationCostsNoEpochAndTheRunGoesOnWithoutIt() {
        Pngs.DAMAGED.add(66);
        assertTrue(refused(() -> train("png", "train.epochs=2")).contains("sample 'png-66'"));
        Runs.Run run = mien.runs().all().get(0);
        assertEquals("FAILED", run.state());
        assertTrue(Files.exists(run.folder().resolve(RunFolders.LAST)), run.toString());
        Pngs.GONE.add(66);
        Pngs.GONE.add(40);
        List<RunEvent> events = Collections.synchronizedList(new ArrayList<>());
        Runs.Run done = mien.jobs().resume(run.id(), events::add, () -> false);
        assertEquals("DONE", done.state());
        String said = events.stream().map(RunEvent::text).reduce("", String::concat);
        assertTrue(
                said.contains(
                        "the dataset has changed since it began: validation lost 1 (png-66); test"
                                + " lost 1 (png-40). Nothing was read of them yet"),
                said);
        assertTrue(events.stream().anyMatch(one -> one.kind() == RunEvent.Kind.EPOCH));
        long steps = events.stream().filter(one -> one.kind() == RunEvent.Kind.STEP).count();
        assertTrue(steps <= 2, steps + " steps of the first epoch again");
    }

    @Test
    void aRunThatHasReadWhatChangedSaysWhat() {
        mien.jobs().train("png", map("train.epochs=3"), event -> {}, stopAfter(4));
        Runs.Run run = mien.runs().all().get(0);
        assertEquals("CANCELLED", run.state());
        Pngs.GONE.add(4);
        Pngs.GONE.add(61);
        String why = refused(() -> mien.jobs().resume(run.id(), event -> {}, () -> false));
        assertTrue(why.contains("train lost 1 (png-4); validation lost 1 (png-61)"), why);
        assertTrue(why.contains("It has read of them"), why);
    }
}
