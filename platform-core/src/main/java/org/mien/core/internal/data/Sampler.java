// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.data;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.mien.api.data.Sample;
import org.mien.core.MienException;
import org.mien.core.internal.pipeline.PlatformKeys;
import org.mien.nn.spi.Counter;

/**
 * Which training samples an epoch goes through, and in which order: a function of seed and epoch
 * alone, so that a run goes on in the middle of one. Classes are those of the dataset, whatever a
 * method has made of them; samples without one count as a class of their own.
 */
public final class Sampler {
    private final PlatformKeys.Sampling rule;
    private final long seed;
    private final int size;
    private final int[][] classes;
    private final int[] once;

    /**
     * Of a training split.
     *
     * @param rule how samples are drawn
     * @param below share of a class below which {@code REPEAT_SQRT} repeats it
     * @param seed of the run
     * @param training the split, in order
     * @throws MienException when the rule counts classes and there are none
     */
    public Sampler(PlatformKeys.Sampling rule, double below, long seed, List<Sample> training) {
        this.rule = rule;
        this.seed = seed;
        size = training.size();
        Map<Integer, List<Integer>> members = new TreeMap<>();
        for (int i = 0; i < training.size(); i++) {
            members.computeIfAbsent(training.get(i).label(), label -> new ArrayList<>()).add(i);
        }
        if (rule != PlatformKeys.Sampling.SHUFFLE && members.keySet().equals(Set.of(-1))) {
            throw new MienException(
                    "data.sampler = "
                            + word(rule)
                            + " counts classes, and no training sample has one. Set data.sampler ="
                            + " shuffle");
        }
        classes =
                members.values().stream()
                        .map(some -> some.stream().mapToInt(i -> i).toArray())
                        .toArray(int[][]::new);
        once =
                switch (rule) {
                    case SHUFFLE -> all();
                    case BALANCED -> new int[size];
                    case REPEAT_SQRT -> repeated(below);
                    case SMALLEST -> new int[classes.length * smallest()];
                };
    }

    private static String word(PlatformKeys.Sampling rule) {
        return rule.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private int[] all() {
        int[] all = new int[size];
        Arrays.setAll(all, i -> i);
        return all;
    }

    private int smallest() {
        return Arrays.stream(classes).mapToInt(some -> some.length).min().orElse(0);
    }

    /** Each class ceil(sqrt(below / share)) times (Gupta et al. 2019, LVIS, rounded up). */
    private int[] repeated(double below) {
        List<Integer> positions = new ArrayList<>();
        for (int[] some : classes) {
            double share = (double) some.length / size;
            int times = (int) Math.max(1, Math.ceil(Math.sqrt(below / share)));
            for (int i = 0; i < times; i++) {
                Arrays.stream(some).forEach(positions::add);
            }
        }
        return positions.stream().mapToInt(i -> i).toArray();
    }

    /** Samples of an epoch, those that come again counted again; the same in every epoch. */
    public int length() {
        return once.length;
    }

    /** For the record of a run. */
    public String words() {
        return word(rule);
    }

    /**
     * The samples of an epoch.
     *
     * @param epoch from 0
     * @return positions in the training split, in the order in which they are trained
     */
    public int[] epoch(int epoch) {
        int[] some =
                switch (rule) {
                    case SHUFFLE, REPEAT_SQRT -> once;
                    case BALANCED -> balanced(epoch);
                    case SMALLEST -> cut(epoch);
                };
        int[] order = Counter.of(seed, epoch, "order").order(some.length);
        return Arrays.stream(order).map(i -> some[i]).toArray();
    }

    /** As many draws with replacement as there are samples, each class as likely as any other. */
    private int[] balanced(int epoch) {
        Counter random = Counter.of(seed, epoch, "balanced");
        int[] positions = new int[once.length];
        for (int i = 0; i < positions.length; i++) {
            int[] some = classes[random.nextInt(classes.length)];
            positions[i] = some[random.nextInt(some.length)];
        }
        return positions;
    }

    /** Of each class as many as the smallest has, others in each epoch. */
    private int[] cut(int epoch) {
        int[] positions = new int[once.length];
        int most = smallest();
        for (int k = 0; k < classes.length; k++) {
            int[] order = Counter.of(seed, epoch, "smallest", k).order(classes[k].length);
            for (int i = 0; i < most; i++) {
                positions[k * most + i] = classes[k][order[i]];
            }
        }
        return positions;
    }
}
