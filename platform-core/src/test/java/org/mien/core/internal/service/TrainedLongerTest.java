// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.service;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.mien.core.Runs;
import org.mien.core.internal.run.RunFolders;
import org.mien.core.internal.run.StartedFrom;

/** A run that is done is trained longer, as another run. */
class TrainedLongerTest extends OnPlatform {
    private Runs.Run longer(String from, String... keys) {
        return mien.jobs().trainOn("demo", from, map(keys), event -> {}, () -> false);
    }

    @Test
    void itEndsAsIfItHadBeenTrainedSoLongAtOnce() throws IOException {
        train("demo", "train.epochs=2");
        Runs.Run longer = longer("demo-1", "train.epochs=4");
        Runs.Run whole = train("demo", "train.epochs=4");
        assertEquals("demo-2", longer.id());
        assertEquals(4, longer.epochs());
        for (String file : new String[] {RunFolders.LAST, RunFolders.BEST, "metrics.jsonl"}) {
            assertArrayEquals(
                    Files.readAllBytes(whole.folder().resolve(file)),
                    Files.readAllBytes(longer.folder().resolve(file)),
                    file);
        }
        StartedFrom from = RunFolders.config(longer.folder()).starts().get(0);
        assertEquals("continue", from.key());
        assertTrue(from.words().contains("the last checkpoint of run 'demo-1', 2 epochs"));
        assertEquals("4", mien.runs().details(longer.id()).values().get("train.epochs").value());
        assertEquals(2, mien.runs().all().get(0).epochs());
    }

    @Test
    void whatCannotGoOnIsRefusedAndLeavesNoRun() {
        train("demo", "train.epochs=2");
        String done = refused(() -> mien.jobs().resume("demo-1", event -> {}, () -> false));
        assertTrue(done.contains("train demo --continue demo-1 train.epochs=4"), done);
        String few = refused(() -> longer("demo-1", "train.epochs=2"));
        assertTrue(few.contains("has 2 epochs; give train.epochs above"), few);
        String batch = refused(() -> longer("demo-1", "train.epochs=4", "train.batch=8", "seed=2"));
        assertTrue(batch.contains("other values of seed, train.batch"), batch);
        String other =
                refused(() -> mien.jobs().trainOn("x", "demo-1", Map.of(), e -> {}, () -> false));
        assertTrue(other.contains("is of the pipeline 'demo', not of 'x'"), other);
        assertEquals(1, mien.runs().all().size());
        mien.jobs().train("demo", Map.of(), event -> {}, stopAfter(6));
        assertTrue(refused(() -> longer("demo-2")).contains("train --resume=demo-2"));
    }
}
