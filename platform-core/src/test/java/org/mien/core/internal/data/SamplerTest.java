// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.mien.api.data.Sample;
import org.mien.core.MienException;
import org.mien.core.internal.pipeline.PlatformKeys.Sampling;
import org.mien.nn.spi.Counter;

class SamplerTest {
    private static Sample of(int label) {
        return Sample.of("", "").split(Sample.Split.TRAIN).label(label).build();
    }

    /** So many samples of each class, one class after the other. */
    private static List<Sample> split(int... counts) {
        List<Sample> all = new ArrayList<>();
        for (int k = 0; k < counts.length; k++) {
            for (int i = 0; i < counts[k]; i++) {
                all.add(of(k));
            }
        }
        return all;
    }

    private static Sampler sampler(Sampling rule, int... counts) {
        return new Sampler(rule, 0.15, 7, split(counts));
    }

    /** How often an epoch has each class of {@link #split}. */
    private static int[] classes(int[] draw, int... counts) {
        int[] found = new int[counts.length];
        for (int position : draw) {
            int k = 0;
            for (int end = counts[0]; position >= end; end += counts[++k]) {
                continue;
            }
            found[k]++;
        }
        return found;
    }

    @Test
    void shuffledEachComesOnce() {
        Sampler sampler = sampler(Sampling.SHUFFLE, 5, 3);
        assertEquals(8, sampler.length());
        int[] draw = sampler.epoch(2);
        assertArrayEquals(Counter.of(7L, 2, "order").order(8), draw);
    }

    /** The epoch of RAF-DB with which APViT was trained. */
    @Test
    void rareClassesAreRepeatedByTheRootOfTheirShare() {
        int[] raf = {1290, 281, 717, 4772, 1982, 705, 2524};
        Sampler sampler = sampler(Sampling.REPEAT_SQRT, raf);
        assertEquals(15_545, sampler.length());
        int[] draw = sampler.epoch(0);
        assertArrayEquals(new int[] {2580, 843, 1434, 4772, 1982, 1410, 2524}, classes(draw, raf));
    }

    @Test
    void balancedEachClassIsAsLikely() {
        int[] counts = {900, 90, 10};
        Sampler sampler = sampler(Sampling.BALANCED, counts);
        assertEquals(1000, sampler.length());
        for (int count : classes(sampler.epoch(0), counts)) {
            assertEquals(1000 / 3.0, count, 60); // four deviations
        }
    }

    @Test
    void smallestEachClassIsCutAnewInEachEpoch() {
        int[] counts = {40, 8, 20};
        Sampler sampler = sampler(Sampling.SMALLEST, counts);
        assertEquals(24, sampler.length());
        int[] seen = new int[68];
        for (int epoch = 0; epoch < 20; epoch++) {
            int[] draw = sampler.epoch(epoch);
            assertArrayEquals(new int[] {8, 8, 8}, classes(draw, counts));
            assertEquals(24, Arrays.stream(draw).distinct().count(), "without replacement");
            Arrays.stream(draw).forEach(i -> seen[i]++);
        }
        assertTrue(Arrays.stream(seen).allMatch(count -> count > 0), "all come in the end");
    }

    @Test
    void anEpochIsAFunctionOfSeedAndEpoch() {
        for (Sampling rule : Sampling.values()) {
            int[] first = sampler(rule, 30, 6, 4).epoch(3);
            assertArrayEquals(first, sampler(rule, 30, 6, 4).epoch(3));
            assertFalse(Arrays.equals(first, sampler(rule, 30, 6, 4).epoch(4)));
            Sampler other = new Sampler(rule, 0.15, 8, split(30, 6, 4));
            assertFalse(Arrays.equals(first, other.epoch(3)));
        }
    }

    @Test
    void withoutClassesOnlyShuffleIsThere() {
        List<Sample> none = IntStream.range(0, 4).mapToObj(i -> of(-1)).toList();
        assertEquals(4, new Sampler(Sampling.SHUFFLE, 0.15, 1, none).length());
        assertEquals(
                "data.sampler = repeat-sqrt counts classes, and no training sample has one. Set"
                        + " data.sampler = shuffle",
                assertThrows(
                                MienException.class,
                                () -> new Sampler(Sampling.REPEAT_SQRT, 0.15, 1, none))
                        .getMessage());
    }
}
