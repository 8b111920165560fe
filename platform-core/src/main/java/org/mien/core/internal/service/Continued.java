// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.service;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.mien.core.MienException;
import org.mien.core.Value;
import org.mien.core.internal.io.Digests;
import org.mien.core.internal.run.Checkpoint;
import org.mien.core.internal.run.Ending;
import org.mien.core.internal.run.JobState;
import org.mien.core.internal.run.RunFolders;
import org.mien.core.internal.run.StartedFrom;

/**
 * A run that is trained longer, as another run: what it has learnt and how far it came are copied,
 * and so is its log, so that the curves of the new run are whole.
 */
final class Continued {
    /** What is copied beside the last checkpoint, where it is there. */
    private static final List<String> COPIED =
            List.of(RunFolders.LAST, RunFolders.BEST, "metrics.jsonl", "samples.jsonl");

    /** Keys whose change would make other steps of the epochs that were trained. */
    private static final List<String> FIXED =
            List.of("seed", "dataset", "method", "backbone", "train.batch");

    private final Path run;
    private final RunFolders.Config config;
    private final RunFolders.State state;

    /**
     * Of a run.
     *
     * @param run its folder
     * @param pipeline its pipeline as somebody named it, or empty
     * @throws MienException when it has no checkpoint, or is of another pipeline
     */
    Continued(Path run, String pipeline) {
        this.run = run;
        config = RunFolders.config(run);
        state = RunFolders.state(run);
        if (!pipeline.isEmpty() && !pipeline.equals(config.pipeline())) {
            throw new MienException(
                    who()
                            + " is of the pipeline '"
                            + config.pipeline()
                            + "', not of '"
                            + pipeline
                            + "'. To start that one from its weights give method.init="
                            + run.getFileName());
        }
        if (!config.complete() || !Files.isRegularFile(run.resolve(RunFolders.LAST))) {
            throw new MienException(
                    who() + " has no checkpoint to begin with. Train it with train --resume first");
        }
        if (state.state() != JobState.DONE) {
            throw new MienException(
                    who()
                            + " has not come to its end, it is "
                            + state.state()
                            + ". To go on with it: train --resume="
                            + run.getFileName());
        }
    }

    private String who() {
        return "run '" + run.getFileName() + "'";
    }

    /** How it was trained. */
    RunFolders.Config config() {
        return config;
    }

    private static String value(Map<String, Value> values, String key) {
        Value value = values.get(key);
        return value == null || value.value() == null ? "" : value.value();
    }

    /**
     * Refuses keys with which nothing would be trained, or with which what was trained would not
     * have been.
     */
    void check(RunFolders.Config longer) {
        Map<String, String> changed = new TreeMap<>();
        for (String key : longer.values().keySet()) {
            boolean fixed =
                    FIXED.contains(key)
                            || key.matches("(dataset|method|backbone|data)\\..*")
                                    && !key.matches("data\\.cache|method\\.init|.*\\.weights");
            String now = value(longer.values(), key);
            if (fixed && !now.equals(value(config.values(), key))) {
                changed.put(key, now);
            }
        }
        if (!changed.isEmpty()) {
            throw new MienException(
                    who()
                            + " was trained with other values of "
                            + String.join(", ", changed.keySet())
                            + ", and goes on with its own only. To train with others from its"
                            + " weights give method.init="
                            + run.getFileName());
        }
        int epochs = Integer.parseInt(value(longer.values(), "train.epochs"));
        if (epochs <= state.epochs()) {
            throw new MienException(
                    who()
                            + " has "
                            + state.epochs()
                            + " epochs; give train.epochs above that, as train.epochs="
                            + 2 * Math.max(1, state.epochs()));
        }
        int patience = Integer.parseInt(value(longer.values(), "train.patience"));
        int since = state.epochs() - state.bestEpoch();
        if (patience > 0 && since >= patience) {
            throw new MienException(
                    who()
                            + " has not become better for "
                            + since
                            + " epochs, at which train.patience = "
                            + patience
                            + " ends it. Give a larger one, or train.patience=0");
        }
    }

    /**
     * Makes the new run of it.
     *
     * @param to folder of the new run
     * @param longer its keys
     * @param now the time
     */
    void write(Path to, RunFolders.Config longer, String now) throws IOException {
        for (String file : COPIED) {
            if (Files.exists(run.resolve(file))) {
                Files.copy(
                        run.resolve(file), to.resolve(file), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        Path last = run.resolve(RunFolders.LAST);
        int arrays;
        try (Checkpoint.Opened opened = Checkpoint.open(last)) {
            arrays = opened.checkpoint().arrays().size();
        }
        List<StartedFrom> starts = new ArrayList<>(config.starts());
        starts.add(
                new StartedFrom(
                        "continue",
                        last.toString(),
                        Digests.of(last),
                        "the last checkpoint of " + who() + ", " + state.epochs() + " epochs",
                        "",
                        "",
                        arrays,
                        arrays,
                        List.of(),
                        List.of(),
                        List.of(),
                        List.of()));
        RunFolders.write(
                to,
                config.longer(new LinkedHashMap<>(longer.values()), longer.engine()).from(starts));
        RunFolders.write(
                to,
                new RunFolders.State(
                                config.pipeline(),
                                JobState.QUEUED,
                                now,
                                0,
                                state.epochs(),
                                state.bestEpoch(),
                                state.chosenBy(),
                                state.chosenValue(),
                                "",
                                state.shares())
                        .with(new Ending(JobState.QUEUED, "")));
    }
}
