// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.mien.api.data.Dataset;
import org.mien.api.data.Picture;
import org.mien.api.data.Sample;
import org.mien.api.data.Target;
import org.mien.api.data.Targets;

/**
 * What holds for every dataset. Give it a small one.
 *
 * @param <S> its settings
 */
public abstract class DatasetContract<S extends Record> extends PluginContract<S> {
    /** For subclasses. */
    protected DatasetContract() {}

    /**
     * The dataset.
     *
     * @return a new one
     */
    protected abstract Dataset<S> plugin();

    /**
     * Samples of each split whose pictures are read.
     *
     * @return the most that are read
     */
    protected int most() {
        return 25;
    }

    @Override
    final Object made() {
        return plugin();
    }

    @Override
    final Class<S> type(Object plugin) {
        return dataset(plugin).settings();
    }

    @SuppressWarnings("unchecked")
    private Dataset<S> dataset(Object plugin) {
        return (Dataset<S>) plugin;
    }

    @Override
    final Done work(Object plugin, S settings, Object kept) throws Exception {
        Map<String, Object> out = new TreeMap<>();
        try (Dataset.Open open = dataset(plugin).open(settings)) {
            out.put("the targets", open.targets());
            out.put("the samples", samples(open));
            for (Sample sample : turned(some(open), kept)) {
                out.put("the picture of " + sample, Pictures.told(open.read(sample)));
            }
        }
        return new Done(out, out);
    }

    @Override
    final void open(S settings) throws Exception {
        plugin().open(settings).close();
    }

    private static List<Sample> samples(Dataset.Open open) throws IOException {
        try (Stream<Sample> samples = open.samples()) {
            return samples.toList();
        }
    }

    /** The first few of each split. */
    private List<Sample> some(Dataset.Open open) throws IOException {
        Map<Sample.Split, List<Sample>> some = new EnumMap<>(Sample.Split.class);
        for (Sample sample : samples(open)) {
            List<Sample> split = some.computeIfAbsent(sample.split(), s -> new ArrayList<>());
            if (split.size() < most()) {
                split.add(sample);
            }
        }
        return some.values().stream().flatMap(List::stream).toList();
    }

    /** What is there when it is open is what was said before, and there is a sample. */
    @Test
    public void targetsAreThoseThatWereOffered() throws Exception {
        try (Dataset.Open open = plugin().open(settings())) {
            assertEquals(plugin().offers(settings()), open.targets().kinds(), "kinds of target");
            assertFalse(samples(open).isEmpty(), "no samples");
        }
    }

    /** Each kind of target is known of some sample. */
    @Test
    public void whatIsOfferedIsKnown() throws Exception {
        try (Dataset.Open open = plugin().open(settings())) {
            List<Sample> samples = samples(open);
            for (Target target : open.targets().kinds()) {
                assertTrue(
                        samples.stream().anyMatch(sample -> sample.knows(target)),
                        "no sample has " + target.words());
            }
        }
    }

    /** No two samples share an id, so none is in two splits. */
    @Test
    public void idsAreUniqueAndSplitsDisjoint() throws Exception {
        try (Dataset.Open open = plugin().open(settings())) {
            Map<String, Sample> seen = new java.util.HashMap<>();
            for (Sample sample : samples(open)) {
                assertFalse(sample.id().isBlank(), "a sample without an id: " + sample);
                Sample other = seen.put(sample.id(), sample);
                if (other != null) {
                    fail("two samples have the id of " + other + " and " + sample);
                }
            }
        }
    }

    /** Labels index the names; votes, labels at once and values are one number a name, in range. */
    @Test
    public void labelsAreWithinTheSet() throws Exception {
        try (Dataset.Open open = plugin().open(settings())) {
            Targets targets = open.targets();
            for (Sample sample : samples(open)) {
                try {
                    targets.check(sample);
                } catch (IllegalArgumentException e) {
                    fail(e.getMessage(), e);
                }
            }
        }
    }

    /** The same samples in the same order and the same notes, asked again and opened again. */
    @Test
    public void samplesAreTheSameAtEveryOpening() throws Exception {
        List<Sample> first;
        List<String> notes;
        try (Dataset.Open open = plugin().open(settings())) {
            first = samples(open);
            notes = open.notes();
            assertEquals(first, samples(open), "samples() asked twice");
        }
        try (Dataset.Open open = plugin().open(settings())) {
            assertEquals(first, samples(open), "opened twice");
            assertEquals(notes, open.notes(), "notes of what is opened twice");
        }
    }

    /** Pictures can be read, twice with the same bytes, and in another opening. */
    @Test
    public void readingTwiceGivesTheSame() throws Exception {
        try (Dataset.Open open = plugin().open(settings());
                Dataset.Open other = plugin().open(settings())) {
            for (Sample sample : some(open)) {
                Picture picture = open.read(sample);
                assertTrue(picture.bytes().remaining() > 0, "no bytes: " + sample);
                Pictures.same(picture, open.read(sample), "read twice: " + sample);
                Pictures.same(picture, other.read(sample), "in another opening: " + sample);
            }
        }
    }

    /** Several threads read at once. */
    @Test
    public void severalThreadsRead() throws Exception {
        try (Dataset.Open open = plugin().open(settings())) {
            List<Sample> samples = some(open);
            List<Picture> expected = new ArrayList<>();
            for (Sample sample : samples) {
                expected.add(open.read(sample));
            }
            Threads.each(
                    4,
                    thread -> {
                        for (int j = 0; j < samples.size(); j++) {
                            int i = (j + thread * samples.size() / 4) % samples.size();
                            Pictures.same(
                                    expected.get(i),
                                    open.read(samples.get(i)),
                                    "with four threads: " + samples.get(i));
                        }
                    });
        }
    }

    /** A sample that is not its own is refused in words. */
    @Test
    public void aForeignSampleIsRefused() throws Exception {
        try (Dataset.Open open = plugin().open(settings())) {
            Sample foreign =
                    Sample.of("nobody's", "no such place")
                            .split(Sample.Split.TEST)
                            .label(0)
                            .build();
            IOException refused = assertThrows(IOException.class, () -> open.read(foreign));
            assertTrue(
                    refused.getMessage() != null && !refused.getMessage().isBlank(),
                    "refused without a word");
        }
    }

    /** Closing twice is closing once, and nothing of it goes on. */
    @Test
    public void closingEndsIt() throws Exception {
        Set<Thread> before = Threads.alive();
        Dataset.Open open = plugin().open(settings());
        for (Sample sample : some(open)) {
            open.read(sample);
        }
        open.close();
        open.close();
        assertEquals(Set.of(), Threads.after(before), "threads left after close()");
    }
}
