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
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.mien.api.data.Dataset;
import org.mien.api.data.Picture;
import org.mien.api.data.Sample;
import org.mien.api.data.Sample.Split;
import org.mien.api.data.Targets;
import org.mien.api.method.Plan;
import org.mien.core.MienException;
import org.mien.core.internal.pipeline.BoundData;
import org.mien.core.internal.pipeline.BoundPipeline;
import org.mien.core.internal.plugin.Border;
import org.mien.core.internal.plugin.Registry.Entry;
import org.mien.nn.spi.Counter;

/** An opened dataset and its samples by split; held by one job, which closes it. */
public final class Splits implements AutoCloseable {
    private static final int MOST_SAMPLES = 50_000_000;

    private final Entry dataset;
    private Dataset.Open open;
    private final Targets targets;
    private final Map<Split, List<Sample>> samples = new LinkedHashMap<>();
    private final String validation;
    private final boolean own;
    private final List<String> notes = new ArrayList<>();
    private List<String> told = List.of();

    /** The dataset of a pipeline as it is. */
    public Splits(BoundPipeline bound) {
        this(BoundData.of(bound));
    }

    /** A dataset as it is. */
    public Splits(BoundData bound) {
        this(bound, Targets.none());
    }

    /**
     * The dataset of a pipeline for a run that is to answer on it: classes, labels and values have
     * the run's places, found by name.
     *
     * @param learnt what the run learnt; a kind that is not in it stays as the dataset has it
     * @throws MienException when the dataset is labelled with what the run did not learn
     */
    public Splits(BoundPipeline bound, Targets learnt) {
        this(BoundData.of(bound), learnt);
    }

    private Splits(BoundData bound, Targets learnt) {
        dataset = bound.dataset();
        Dataset.Open opened = Border.call(dataset, () -> dataset.dataset().open(bound.settings()));
        open = opened;
        try {
            Dataset.Open chosen =
                    Border.call(dataset, () -> ChosenClasses.of(opened, bound.data()));
            open = chosen;
            open = Border.call(dataset, () -> AsLearnt.of(chosen, learnt, notes));
            targets = Border.call(dataset, open::targets);
            Border.act(dataset, this::read);
            own = !samples.get(Split.VALIDATION).isEmpty();
            double share = bound.data().validation();
            String carved = "none";
            if (!own && share > 0) {
                Carving carving = new Carving(share, bound.seed());
                carved = carving.carve(samples);
            }
            if (bound.data().perClass() > 0) {
                limit(bound.data().perClass(), bound.seed());
            }
            draw(bound);
            validation = own ? "the dataset's own" : carved;
        } catch (MienException e) {
            close();
            throw e;
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

    /** The picture of a sample. */
    public Picture read(Sample sample) {
        return Border.call(dataset, () -> open.read(sample));
    }

    /** The picture of the same person at rest, where the dataset has one. */
    public Optional<Picture> atRest(Sample sample) {
        return Border.call(dataset, () -> open.atRest(sample));
    }

    /** Whether anyone may see its pictures. */
    public boolean publishable() {
        return Border.call(dataset, open::publishable);
    }

    /** What its samples are labelled with. */
    public Targets targets() {
        return targets;
    }

    /** What a plan reads of it. */
    public Targets read(Plan plan) {
        return targets.only(plan.read());
    }

    /** What a reader of an evaluation on it is to know. */
    public List<String> notes() {
        return List.copyOf(notes);
    }

    /** Where the validation split comes from, in words. */
    public String validation() {
        return validation;
    }

    /** Whether the validation split is the dataset's own. */
    public boolean hasOwnValidation() {
        return own;
    }

    /** Takes samples out, as if the dataset had not had them. */
    public void leaveOut(Set<String> ids) {
        samples.values().forEach(all -> all.removeIf(sample -> ids.contains(sample.id())));
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
                    dataset.who()
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
        Border.act(dataset, open::close);
    }
}
