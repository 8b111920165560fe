// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.run;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.mien.core.internal.io.Atomic;
import org.mien.core.internal.io.Json;

/**
 * What is to be known of a run beside its keys and numbers, in {@code notes.json}.
 *
 * @param warnings keys that do nothing in it, classes that it cannot learn, and the like
 * @param skipped samples that were left out, each with the reason; the first of them
 * @param left how many were left out in all
 */
public record RunNotes(List<String> warnings, List<String> skipped, int left) {
    /** Samples that are named. */
    public static final int SHOWN = 1_000;

    private static final String FILE = "notes.json";

    /** Older files may lack what is newer. */
    public RunNotes {
        warnings = warnings == null ? List.of() : List.copyOf(warnings);
        skipped = skipped == null ? List.of() : List.copyOf(skipped);
    }

    /**
     * Notes.
     *
     * @param bad samples that were left out, with the reason
     */
    public static RunNotes of(List<String> warnings, Map<String, String> bad) {
        List<String> some =
                bad.entrySet().stream()
                        .limit(SHOWN)
                        .map(one -> one.getKey() + ": " + one.getValue())
                        .toList();
        return new RunNotes(warnings, some, bad.size());
    }

    /** Writes them. */
    public void write(Path run) throws IOException {
        Atomic.write(run.resolve(FILE), Json.pretty(this));
    }

    /** Those of a run; none where it has none. */
    public static RunNotes of(Path run) {
        return Files.exists(run.resolve(FILE))
                ? RunFolders.read(run.resolve(FILE), RunNotes.class)
                : new RunNotes(List.of(), List.of(), 0);
    }
}
