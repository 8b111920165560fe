// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.evaluate;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.mien.core.Evaluations;

/** Runs of different groups against each other, by their answers to the same samples. */
final class RunPairs {
    /** The most tests; each reads two files of answers. */
    static final int MOST_TESTS = 500;

    /** The most samples whose answers are held at a time, over all runs. */
    private static final int MOST_ANSWERS = 20_000_000;

    private final Map<String, Path> judged;
    private final String split;
    private final List<String> notes;

    /**
     * Runs.
     *
     * @param judged folder of the evaluation of each
     * @param notes told what a reader is to know
     */
    RunPairs(Map<String, Path> judged, String split, List<String> notes) {
        this.judged = judged;
        this.split = split;
        this.notes = notes;
    }

    /**
     * The answers of each run that kept them; null where no test is made.
     *
     * @param groups between which there are tests
     * @param answers samples of all runs
     */
    Map<String, Map<String, Answer>> answers(List<Evaluations.Group> groups, long answers) {
        long tests = 0;
        long before = 0;
        for (Evaluations.Group group : groups) {
            tests += before * group.runs().size();
            before += group.runs().size();
        }
        if (tests == 0) {
            return null;
        }
        if (tests > MOST_TESTS || answers > MOST_ANSWERS) {
            notes.add("There are too many runs or samples to test each run against each.");
            return null;
        }
        Map<String, Map<String, Answer>> all = new LinkedHashMap<>();
        List<String> without = new ArrayList<>();
        judged.forEach(
                (run, folder) -> {
                    Path file = AnswersFile.file(folder, split);
                    if (Files.exists(file)) {
                        all.put(run, answers(file));
                    } else {
                        without.add(run);
                    }
                });
        if (!without.isEmpty()) {
            notes.add(
                    "No test for runs whose answers were not kept: "
                            + String.join(", ", without)
                            + ". Evaluate them again.");
        }
        return all;
    }

    /**
     * Tests between runs of different groups, where both kept their answers to the same samples.
     */
    List<Evaluations.Paired> pairs(
            List<Evaluations.Group> groups, Map<String, Map<String, Answer>> all) {
        List<Evaluations.Paired> pairs = new ArrayList<>();
        boolean otherSamples = false;
        for (int i = 0; i < groups.size(); i++) {
            for (int j = i + 1; j < groups.size(); j++) {
                for (String first : groups.get(i).runs()) {
                    for (String second : groups.get(j).runs()) {
                        if (all.containsKey(first) && all.containsKey(second)) {
                            Evaluations.Paired pair =
                                    pair(first, all.get(first), second, all.get(second));
                            otherSamples |= pair == null;
                            if (pair != null) {
                                pairs.add(pair);
                            }
                        }
                    }
                }
            }
        }
        if (otherSamples) {
            notes.add("No test between runs that were evaluated on different samples or labels.");
        }
        return McNemar.adjusted(pairs);
    }

    /** A label, and whether it was found. */
    record Answer(String truth, boolean right) {}

    private static Map<String, Answer> answers(Path file) {
        Map<String, Answer> answers = new HashMap<>();
        Map<String, String> labels = new HashMap<>();
        AnswersFile.read(
                file,
                row -> {
                    if (row.labelled()) {
                        String truth = labels.computeIfAbsent(row.truth(), name -> name);
                        answers.put(row.id(), new Answer(truth, row.right()));
                    }
                });
        return answers;
    }

    /** The test, or null when the runs did not answer the same questions. */
    private static Evaluations.Paired pair(
            String first, Map<String, Answer> a, String second, Map<String, Answer> b) {
        if (!a.keySet().equals(b.keySet())) {
            return null;
        }
        int onlyFirst = 0;
        int onlySecond = 0;
        for (Map.Entry<String, Answer> entry : a.entrySet()) {
            Answer one = entry.getValue();
            Answer other = b.get(entry.getKey());
            if (!Objects.equals(one.truth(), other.truth())) {
                return null;
            }
            onlyFirst += one.right() && !other.right() ? 1 : 0;
            onlySecond += other.right() && !one.right() ? 1 : 0;
        }
        double p = McNemar.p(onlyFirst, onlySecond);
        return new Evaluations.Paired(first, second, a.size(), onlyFirst, onlySecond, p, p);
    }
}
