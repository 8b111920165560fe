// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.data;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import org.mien.api.data.Picture;
import org.mien.api.data.Sample;
import org.mien.api.data.Sample.Split;
import org.mien.core.Datasets;
import org.mien.core.MienException;
import org.mien.core.internal.io.Digests;
import org.mien.core.internal.pipeline.BoundData;
import org.mien.vision.Images;
import org.mien.vision.Limits;

/**
 * Reads every sample once: counts, people, pictures that cannot be read, pictures that are there
 * twice.
 */
public final class DatasetChecker {
    private final Splits splits;
    private final List<String> unreadable = new ArrayList<>();
    private final Map<String, List<String>> byContent = new LinkedHashMap<>();
    private int read;

    public DatasetChecker(Splits splits) {
        this.splits = splits;
    }

    /**
     * Checks.
     *
     * @param pipeline its name; empty for a dataset by itself
     */
    public Datasets.Check check(
            String pipeline,
            BoundData bound,
            BiConsumer<Integer, Integer> progress,
            BooleanSupplier stop) {
        int all = 0;
        for (Split split : Split.values()) {
            all += splits.of(split).size();
        }
        Map<String, Map<String, Integer>> counts = new LinkedHashMap<>();
        for (Split split : Split.values()) {
            Map<String, Integer> classes = new LinkedHashMap<>();
            splits.names().forEach(name -> classes.put(name, 0));
            for (Sample sample : splits.of(split)) {
                if (stop.getAsBoolean()) {
                    throw new MienException(
                            "the check was stopped after " + read + " of " + all + " samples");
                }
                splits.named(sample).forEach(name -> classes.merge(name, 1, Integer::sum));
                look(split, sample, bound.image().limits());
                read++;
                progress.accept(read, all);
            }
            if (!splits.of(split).isEmpty()) {
                counts.put(Splits.word(split), classes);
            }
        }
        return new Datasets.Check(
                pipeline,
                bound.dataset().id(),
                counts,
                splits.validation(),
                unreadable,
                byContent.values().stream().filter(group -> group.size() > 1).toList(),
                DataWords.people(splits),
                DataWords.shared(splits),
                notes());
    }

    private List<String> notes() {
        List<String> notes = new ArrayList<>(splits.told());
        notes.addAll(DataWords.alike(splits.names()));
        return notes;
    }

    private void look(Split split, Sample sample, Limits limits) {
        try {
            Picture picture = splits.read(sample);
            Picture decoded = Images.decode(picture, limits);
            byContent
                    .computeIfAbsent(digest(decoded), key -> new ArrayList<>(1))
                    .add(Splits.word(split) + ": " + sample.id());
        } catch (IOException | MienException e) {
            unreadable.add(sample.id() + ": " + e.getMessage());
        }
    }

    private static String digest(Picture picture) {
        ByteBuffer size = ByteBuffer.allocate(8).putInt(picture.width()).putInt(picture.height());
        byte[] pixels = new byte[picture.bytes().remaining()];
        picture.bytes().duplicate().get(pixels);
        return Digests.of(size.array(), pixels).substring(0, 32);
    }
}
