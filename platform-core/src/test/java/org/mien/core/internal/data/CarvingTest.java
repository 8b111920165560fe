// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.mien.api.data.Sample;
import org.mien.api.data.Sample.Split;

/** How much becomes the validation split. */
class CarvingTest {
    private static Map<Split, List<Sample>> people(int... sizes) {
        List<Sample> all = new ArrayList<>();
        for (int person = 0; person < sizes.length; person++) {
            for (int i = 0; i < sizes[person]; i++) {
                String id = person + "-" + i;
                all.add(Sample.of(id, id).label(i % 2).subject("p" + person).build());
            }
        }
        return splits(all);
    }

    private static Map<Split, List<Sample>> splits(List<Sample> training) {
        Map<Split, List<Sample>> splits = new EnumMap<>(Split.class);
        splits.put(Split.TRAIN, training);
        splits.put(Split.VALIDATION, new ArrayList<>());
        return splits;
    }

    @Test
    void theShareIsKeptAsNearAsWholePeopleAllow() {
        for (long seed = 1; seed < 20; seed++) {
            Map<Split, List<Sample>> splits = people(40, 4, 4);
            String words = new Carving(0.1, seed).carve(splits);
            assertEquals(4, splits.get(Split.VALIDATION).size(), "seed " + seed);
            assertEquals(44, splits.get(Split.TRAIN).size(), "seed " + seed);
            assertEquals(
                    "carved from training: share 0.1, by the run's seed: 4 of 48 samples (8.3 %), 1"
                            + " of 3 people",
                    words);
            splits = people(6, 7, 4, 30);
            new Carving(10 / 47.0, seed).carve(splits);
            assertEquals(10, splits.get(Split.VALIDATION).size(), "seed " + seed);
            splits = people(40, 44);
            new Carving(0.1, seed).carve(splits);
            assertEquals(40, splits.get(Split.VALIDATION).size(), "seed " + seed);
        }
    }

    @Test
    void onePersonStaysInTrainingAndItIsSaid() {
        Map<Split, List<Sample>> splits = people(9);
        assertTrue(new Carving(0.5, 1).carve(splits).startsWith("none: all training samples are"));
        assertEquals(9, splits.get(Split.TRAIN).size());
    }

    @Test
    void aClassKeepsASampleInTraining() {
        List<Sample> all = new ArrayList<>();
        for (int i = 0; i < 11; i++) {
            all.add(Sample.of("s" + i, "s" + i).label(i == 0 ? 1 : 0).build());
        }
        Map<Split, List<Sample>> splits = splits(all);
        String words = new Carving(0.5, 1).carve(splits);
        assertTrue(splits.get(Split.TRAIN).stream().anyMatch(one -> one.label() == 1));
        assertEquals(5, splits.get(Split.VALIDATION).size());
        assertTrue(words.endsWith("5 of 11 samples (45.5 %)"), words);
    }
}
