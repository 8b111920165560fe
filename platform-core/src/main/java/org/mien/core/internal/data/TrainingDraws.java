// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.data;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.mien.api.data.Sample;
import org.mien.core.MienException;
import org.mien.nn.spi.Counter;

/** What an experiment does to the training split, by the run's seed: less of it, wrong labels. */
final class TrainingDraws {
    private TrainingDraws() {}

    /**
     * Keeps a share of each class, at least one sample of it.
     *
     * @param share more than 0
     * @return what is kept, in its order
     */
    static List<Sample> some(List<Sample> training, double share, long seed) {
        Map<Integer, List<Sample>> classes = new TreeMap<>();
        for (Sample sample : training) {
            classes.computeIfAbsent(sample.label(), key -> new ArrayList<>()).add(sample);
        }
        Set<String> kept = new HashSet<>();
        classes.forEach(
                (label, members) -> {
                    int[] order = Counter.of(seed, "fraction", label).order(members.size());
                    long wanted = Math.max(1, Math.round(share * order.length));
                    for (int i = 0; i < wanted; i++) {
                        kept.add(members.get(order[i]).id());
                    }
                });
        return training.stream().filter(sample -> kept.contains(sample.id())).toList();
    }

    /**
     * Gives a share of the samples another class, each other one as likely: symmetric label noise.
     *
     * @param classes their number
     * @return the samples in their order; of those that have another class, votes are gone
     */
    static List<Sample> noisy(List<Sample> training, double share, int classes, long seed) {
        if (classes < 2) {
            throw new MienException(
                    "data.noise gives samples another class, and the dataset has "
                            + classes
                            + "; expected two or more. Leave data.noise out");
        }
        List<Integer> labelled = new ArrayList<>();
        for (int i = 0; i < training.size(); i++) {
            if (training.get(i).label() >= 0) {
                labelled.add(i);
            }
        }
        List<Sample> noisy = new ArrayList<>(training);
        int[] order = Counter.of(seed, "wrong labels").order(labelled.size());
        long wanted = Math.round(share * labelled.size());
        for (int i = 0; i < wanted; i++) {
            int place = labelled.get(order[i]);
            Sample sample = training.get(place);
            int step = 1 + Counter.of(seed, "wrong labels", sample.id()).nextInt(classes - 1);
            noisy.set(
                    place,
                    Sample.of(sample.id(), sample.where())
                            .split(sample.split())
                            .label((sample.label() + step) % classes)
                            .multiLabel(sample.multiLabel())
                            .values(sample.values())
                            .subject(sample.subject())
                            .attributes(sample.attributes())
                            .build());
        }
        return noisy;
    }
}
