// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.run;

import com.google.gson.JsonParseException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.mien.api.data.Sample;
import org.mien.api.data.Sample.Split;
import org.mien.core.MienException;
import org.mien.core.internal.data.Splits;
import org.mien.core.internal.io.Atomic;
import org.mien.core.internal.io.Json;

/**
 * Which samples a run began with, in {@code samples.jsonl}: what has changed in the data can be
 * told, and a run can go on where only samples changed that nothing was read of yet.
 */
public final class SampleIds {
    private static final String FILE = "samples.jsonl";

    /** With more of them only their numbers are compared. */
    private static final int MOST = 200_000;

    /** Samples that a message names. */
    private static final int NAMED = 5;

    private SampleIds() {}

    /** A line. */
    private record Line(String split, String id, int label) {}

    /** Writes them, if they are not too many. */
    public static void write(Path run, Splits splits) throws IOException {
        StringBuilder text = new StringBuilder();
        int count = 0;
        for (Split split : Split.values()) {
            for (Sample sample : splits.of(split)) {
                text.append(Json.line(new Line(Splits.word(split), sample.id(), sample.label())));
                text.append('\n');
                if (++count > MOST) {
                    Files.deleteIfExists(run.resolve(FILE));
                    return;
                }
            }
        }
        Atomic.write(run.resolve(FILE), text.toString());
    }

    private static Map<String, Map<String, Integer>> read(Path run) {
        Map<String, Map<String, Integer>> splits = new LinkedHashMap<>();
        try (Stream<String> lines = Files.lines(run.resolve(FILE))) {
            lines.limit(MOST)
                    .map(line -> Json.read(line, Line.class))
                    .forEach(
                            line ->
                                    splits.computeIfAbsent(
                                                    line.split(), none -> new LinkedHashMap<>())
                                            .put(line.id(), line.label()));
        } catch (IOException | JsonParseException | NullPointerException e) {
            return Map.of();
        }
        return splits;
    }

    /**
     * Holds the data against those that a run began with.
     *
     * @param before how the run was written down
     * @param now how it would be written down now
     * @return what is to be said; nothing when nothing has changed
     * @throws MienException when samples have changed that the run has read
     */
    public static List<String> goesOn(
            Path run, RunFolders.Config before, RunFolders.Config now, Splits splits) {
        String who = "run '" + run.getFileName() + "'";
        if (!before.targets().equals(now.targets())) {
            throw new MienException(
                    who
                            + " was trained on "
                            + before.targets()
                            + "; the dataset now has "
                            + now.targets()
                            + ". Bring the dataset back, or train anew");
        }
        Map<String, Map<String, Integer>> then =
                Files.exists(run.resolve(FILE)) ? read(run) : Map.of();
        if (then.isEmpty()) {
            if (before.splits().equals(now.splits())) {
                return List.of();
            }
            throw new MienException(
                    who
                            + " was trained on "
                            + before.splits()
                            + " samples; the dataset now has "
                            + now.splits()
                            + ". Bring the dataset back, or train anew");
        }
        List<String> changed = new ArrayList<>();
        boolean read = false;
        boolean chosen = RunFolders.state(run).epochs() > 0;
        for (Split split : Split.values()) {
            String word = Splits.word(split);
            String what = changed(word, then.getOrDefault(word, Map.of()), splits.of(split));
            if (!what.isEmpty()) {
                changed.add(what);
                read |= split == Split.TRAIN || split == Split.VALIDATION && chosen;
            }
        }
        if (changed.isEmpty()) {
            return List.of();
        }
        String all = "the dataset has changed since it began: " + String.join("; ", changed);
        if (read) {
            throw new MienException(
                    who
                            + " cannot go on: "
                            + all
                            + ". It has read of them. Bring them back, or train anew");
        }
        return List.of(all + ". Nothing was read of them yet, so it goes on");
    }

    private static String changed(String split, Map<String, Integer> then, List<Sample> now) {
        Set<String> gone = new LinkedHashSet<>(then.keySet());
        List<String> come = new ArrayList<>();
        List<String> other = new ArrayList<>();
        List<String> order = new ArrayList<>();
        for (Sample sample : now) {
            order.add(sample.id());
            if (!gone.remove(sample.id())) {
                come.add(sample.id());
            } else if (then.get(sample.id()) != sample.label()) {
                other.add(sample.id());
            }
        }
        List<String> said = new ArrayList<>();
        said(said, "lost", gone.stream().toList());
        said(said, "got", come);
        said(said, "has another class for", other);
        if (said.isEmpty() && !order.equals(List.copyOf(then.keySet()))) {
            said.add("has its samples in another order");
        }
        return said.isEmpty() ? "" : split + " " + String.join(", ", said);
    }

    private static void said(List<String> said, String what, List<String> ids) {
        if (!ids.isEmpty()) {
            said.add(
                    what
                            + " "
                            + ids.size()
                            + " ("
                            + String.join(", ", ids.subList(0, Math.min(NAMED, ids.size())))
                            + (ids.size() > NAMED ? ", .." : "")
                            + ")");
        }
    }
}
