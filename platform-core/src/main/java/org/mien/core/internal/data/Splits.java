// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.data;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.mien.api.data.Dataset;
import org.mien.api.data.Sample;
import org.mien.api.data.Sample.Split;
import org.mien.api.data.Targets;
import org.mien.api.method.Plan;
import org.mien.core.MienException;
import org.mien.core.internal.pipeline.BoundData;
import org.mien.core.internal.pipeline.BoundPipeline;
import org.mien.core.internal.plugin.Words;
import org.mien.nn.spi.Counter;

/** An opened dataset and its samples by split; held by one job, which closes it. */
public final class Splits implements AutoCloseable {
    private static final int MOST_SAMPLES = 50_000_000;

    private final String who;
    private Dataset.Open open;
    private final Targets targets;
    private final Map<Split, List<Sample>> samples = new LinkedHashMap<>();
    private final String validation;
    private List<String> told = List.of();

    public Splits(BoundPipeline bound) {
        this(BoundData.of(bound));
    }

    @SuppressWarnings("unchecked")
    public Splits(BoundData bound) {
        who = bound.dataset().who();
        Dataset<Record> service = (Dataset<Record>) bound.dataset().service();
        try {
            open = service.open(bound.settings());
        } catch (IOException | RuntimeException | LinkageError e) {
            throw Words.plugin(who, e);
        }
        try {
            open = ChosenClasses.of(open, bound.data());
            targets = open.targets();
            read();
            boolean own = !samples.get(Split.VALIDATION).isEmpty();
            double share = bound.data().validation();
            if (!own && share > 0) {
                carve(share, bound.seed());
            }
            if (bound.data().perClass() > 0) {
                limit(bound.data().perClass(), bound.seed());
            }
            draw(bound);
            validation =
                    own
                            ? "the dataset's own"
                            : samples.get(Split.VALIDATION).isEmpty()
                                    ? "none"
                                    : "carved from training: share "
                                            + share
                                            + ", by the run's seed";
        } catch (IOException | RuntimeException | LinkageError e) {
            close();
            throw Words.plugin(who, e);
        }
    }

    private void read() throws IOException {
        told = List.copyOf(open.notes());
        for (Split split : Split.values()) {
            samples.put(split, new ArrayList<>());
        }
        Set<String> ids = new HashSet<>();
        try (Stream<Sample> all = open.samples()) {
            for (Sample sample : (Iterable<Sample>) all::iterator) {
                if (!ids.add(sample.id())) {
                    throw new IllegalArgumentException(
                            "two samples have the id '" + sample.id() + "'; ids must be unique");
                }
                targets.check(sample);
                if (ids.size() > MOST_SAMPLES) {
                    throw new IllegalArgumentException(
                            "more than " + MOST_SAMPLES + " samples; split the dataset");
                }
                samples.get(sample.split()).add(sample);
            }
        }
    }

    /**
     * Moves a share of the training split into validation: whole subjects where subjects are known,
     * else the same share of each class.
     */
    private void carve(double share, long seed) {
        List<Sample> training = samples.get(Split.TRAIN);
        boolean subjects =
                training.stream().noneMatch(s -> s.subject() == null || s.subject().isEmpty());
        Map<String, List<Sample>> groups = new LinkedHashMap<>();
        for (Sample sample : training) {
            String group = subjects ? sample.subject() : "class " + sample.label();
            groups.computeIfAbsent(group, key -> new ArrayList<>()).add(sample);
        }
        Set<String> taken = new HashSet<>();
        if (subjects) {
            List<String> names = new ArrayList<>(groups.keySet());
            int[] order = Counter.of(seed, "validation").order(names.size());
            long wanted = Math.round(share * training.size());
            for (int i = 0; i < order.length && taken.size() < wanted; i++) {
                groups.get(names.get(order[i])).forEach(sample -> taken.add(sample.id()));
            }
        } else {
            groups.forEach(
                    (name, members) -> {
                        int[] order = Counter.of(seed, "validation", name).order(members.size());
                        long wanted = Math.round(share * members.size());
                        for (int i = 0; i < wanted; i++) {
                            taken.add(members.get(order[i]).id());
                        }
                    });
        }
        if (taken.size() >= training.size()) {
            return; // one subject only: training keeps it, and nothing is left to choose on
        }
        List<Sample> kept = new ArrayList<>();
        for (Sample sample : training) {
            (taken.contains(sample.id()) ? samples.get(Split.VALIDATION) : kept).add(sample);
        }
        samples.put(Split.TRAIN, kept);
    }

    /** Keeps some samples of each class in training, and those without a label. */
    private void limit(int most, long seed) {
        Map<Integer, List<Sample>> classes = new LinkedHashMap<>();
        for (Sample sample : samples.get(Split.TRAIN)) {
            classes.computeIfAbsent(sample.label(), key -> new ArrayList<>()).add(sample);
        }
        Set<String> left = new HashSet<>();
        classes.forEach(
                (label, members) -> {
                    if (label >= 0) {
                        int[] order =
                                Counter.of(seed, "per-class", targets.classes().get(label))
                                        .order(members.size());
                        for (int i = most; i < order.length; i++) {
                            left.add(members.get(order[i]).id());
                        }
                    }
                });
        samples.get(Split.TRAIN).removeIf(sample -> left.contains(sample.id()));
    }

    /** Less of the training split, and wrong labels in it, where an experiment wants them. */
    private void draw(BoundData bound) {
        List<Sample> training = samples.get(Split.TRAIN);
        List<String> more = new ArrayList<>(told);
        if (bound.data().fraction() < 1) {
            List<Sample> some = TrainingDraws.some(training, bound.data().fraction(), bound.seed());
            more.add(
                    some.size()
                            + " of "
                            + training.size()
                            + " samples are trained on (data.fraction)");
            training = some;
        }
        if (bound.data().noise() > 0) {
            int classes = targets.classes().size();
            List<Sample> noisy =
                    TrainingDraws.noisy(training, bound.data().noise(), classes, bound.seed());
            int wrong = 0;
            for (int i = 0; i < noisy.size(); i++) {
                wrong += noisy.get(i).label() == training.get(i).label() ? 0 : 1;
            }
            more.add(
                    wrong
                            + " of "
                            + training.size()
                            + " samples that are trained on have a wrong label (data.noise)");
            training = noisy;
        }
        samples.put(Split.TRAIN, new ArrayList<>(training));
        told = List.copyOf(more);
    }

    public Dataset.Open open() {
        return open;
    }

    String who() {
        return who;
    }

    /** What its samples are labelled with. */
    public Targets targets() {
        return targets;
    }

    /** What a plan reads of it. */
    public Targets read(Plan plan) {
        return targets.only(plan.read());
    }

    /** Where the validation split comes from, in words. */
    public String validation() {
        return validation;
    }

    /** Samples of a split; may be empty. */
    public List<Sample> of(Split split) {
        return samples.get(split);
    }

    /** Samples of a split that must not be empty. */
    public List<Sample> some(Split split) {
        List<Sample> found = of(split);
        if (found.isEmpty()) {
            List<String> there =
                    samples.entrySet().stream()
                            .filter(entry -> !entry.getValue().isEmpty())
                            .map(entry -> word(entry.getKey()) + " " + entry.getValue().size())
                            .toList();
            throw new MienException(
                    who
                            + " has no samples in the split '"
                            + word(split)
                            + "'; it has: "
                            + (there.isEmpty() ? "none at all" : String.join(", ", there)));
        }
        return found;
    }

    /** What the dataset says of itself: what it left out, which of several files it read. */
    public List<String> told() {
        return told;
    }

    /** Samples of each class in training. */
    public long[] counts() {
        long[] counts = new long[targets.classes().size()];
        for (Sample sample : of(Split.TRAIN)) {
            if (sample.label() >= 0) {
                counts[sample.label()]++;
            }
        }
        return counts;
    }

    /**
     * Classes, or labels that hold several at once where there are none, and people of each split.
     */
    public DataFacts facts() {
        Map<String, Map<String, Integer>> classes = new LinkedHashMap<>();
        Map<String, Set<String>> people = new LinkedHashMap<>();
        samples.forEach(
                (split, all) -> {
                    if (all.isEmpty()) {
                        return;
                    }
                    Map<String, Integer> counts = new LinkedHashMap<>();
                    names().forEach(name -> counts.put(name, 0));
                    Set<String> names = new HashSet<>();
                    for (Sample sample : all) {
                        named(sample).forEach(name -> counts.merge(name, 1, Integer::sum));
                        if (sample.subject() != null && !sample.subject().isEmpty()) {
                            names.add(sample.subject());
                        }
                    }
                    classes.put(word(split), counts);
                    people.put(word(split), names);
                });
        return DataFacts.of(classes, people, told);
    }

    /** What samples are counted by. */
    public List<String> names() {
        return targets.classes().isEmpty() ? targets.multiLabel() : targets.classes();
    }

    /** Of {@link #names}, those of a sample; {@link DataFacts#UNLABELLED} where there are none. */
    public List<String> named(Sample sample) {
        List<String> named = new ArrayList<>();
        if (sample.label() >= 0) {
            named.add(targets.classes().get(sample.label()));
        } else if (targets.classes().isEmpty()) {
            float[] held = sample.multiLabel();
            for (int i = 0; i < held.length; i++) {
                if (held[i] >= 0.5) {
                    named.add(targets.multiLabel().get(i));
                }
            }
        }
        return named.isEmpty() ? List.of(DataFacts.UNLABELLED) : named;
    }

    public static String word(Split split) {
        return split.name().toLowerCase(Locale.ROOT);
    }

    public static Split parse(String word) {
        return Arrays.stream(Split.values())
                .filter(split -> split != Split.NONE && word(split).equals(word))
                .findFirst()
                .orElseThrow(
                        () ->
                                new MienException(
                                        "split '"
                                                + word
                                                + "' is unknown; expected train, validation or"
                                                + " test"));
    }

    @Override
    public void close() {
        try {
            open.close();
        } catch (IOException | RuntimeException e) {
            throw Words.plugin(who, e);
        }
    }
}
