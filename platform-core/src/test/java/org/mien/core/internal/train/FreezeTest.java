// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.train;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.mien.core.Plugins;
import org.mien.core.Runs;
import org.mien.core.internal.run.Checkpoint;
import org.mien.core.internal.run.RunFolders;
import org.mien.core.internal.service.OnPlatform;

/** The key freeze: parts of the backbone stand while the rest is trained. */
class FreezeTest extends OnPlatform {
    private static Map<String, Checkpoint.Values> arrays(Runs.Run run) {
        return Checkpoint.read(run.folder().resolve(RunFolders.LAST)).arrays();
    }

    /** Weights and running statistics of the backbone that differ between two runs. */
    private static Map<String, Boolean> moved(Runs.Run before, Runs.Run after) {
        Map<String, Boolean> moved = new TreeMap<>();
        Map<String, Checkpoint.Values> there = arrays(before);
        arrays(after)
                .forEach(
                        (path, values) -> {
                            if (path.startsWith("backbone.") || path.startsWith("head.")) {
                                boolean same =
                                        Arrays.equals(
                                                there.get(path).elements(), values.elements());
                                moved.put(path, !same);
                            }
                        });
        return moved;
    }

    @Test
    void whatIsFrozenStandsAndTheRestMoves() {
        Runs.Run start = train("demo", "train.epochs=1");
        for (String freeze : new String[] {"backbone", "conv", "conv,pool"}) {
            Runs.Run run =
                    train(
                            "demo",
                            "train.epochs=2",
                            "freeze=" + freeze,
                            "method.init=" + start.id());
            moved(start, run)
                    .forEach(
                            (path, moved) ->
                                    assertEquals(
                                            path.startsWith("head."), moved, freeze + ": " + path));
        }
        Runs.Run free = train("demo", "train.epochs=2", "method.init=" + start.id());
        assertFalse(moved(start, free).containsValue(false), "without the key all moves");
    }

    /** A run that was broken off goes on frozen, and ends with the bytes of a whole one. */
    @Test
    void aResumedRunIsFrozenToo() throws IOException {
        String[] keys = {"train.epochs=3", "freeze=conv"};
        Runs.Run whole = train("demo", keys);
        Runs.Run broken = mien.jobs().train("demo", map(keys), event -> {}, stopAfter(4));
        Path last = broken.folder().resolve(RunFolders.LAST);
        assertArrayEquals(
                arrays(whole).get("backbone.conv.0.weight").elements(),
                Checkpoint.read(last).arrays().get("backbone.conv.0.weight").elements());
        mien.jobs().resume(broken.id(), event -> {}, () -> false);
        sameRun(whole.folder(), broken.folder());
    }

    @Test
    void methodInfoCountsWhatIsLeft() {
        assertEquals(0, mien.plugins().method("head", map("backbone=small")).still());
        Plugins.MethodInfo info =
                mien.plugins().method("head", map("backbone=small", "freeze=conv"));
        assertEquals(6 * 27 + 12L, info.still());
        assertEquals(6 * 27 + 12L, info.inference().get("backbone"), "and counts as before");
    }

    @Test
    void whatIsNoStageIsRefusedWithThoseThereAre() {
        String words = refused(() -> train("demo", "freeze=conv,layer9"));
        assertTrue(words.contains("freeze = conv,layer9: there is no stage 'layer9'"), words);
        assertTrue(
                words.contains("backbone, or some of its stages that are read: conv, pool"), words);
        String dry =
                refused(() -> mien.plugins().method("head", map("backbone=small", "freeze=x")));
        assertTrue(dry.contains("no stage 'x'"), dry);
    }
}
