// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.mien.api.Key;
import org.mien.api.data.Dataset;
import org.mien.api.data.Picture;
import org.mien.api.data.Sample;
import org.mien.api.data.Target;
import org.mien.api.data.Targets;

class DatasetContractTest {
    private enum Fault {
        NONE,
        DUPLICATE_ID,
        LABEL_OUT_OF_SET,
        OTHER_BYTES,
        CLOSES_ONCE,
        THREAD_LEFT,
        READS_ANYTHING,
        SILENT_BOUND,
        NOTHING_OFFERED,
        VALUE_OUT_OF_RANGE,
        VALUE_NEVER_KNOWN
    }

    /**
     * Keys.
     *
     * @param side of a picture
     */
    public record Settings(@Key(value = "4", min = 1, max = 64, doc = "side") int side) {}

    /**
     * Keys with a bound that nobody checks.
     *
     * @param side of a picture
     */
    public record Silent(@Key(value = "4", min = 1, doc = "side") String side) {}

    private static Set<String> caught(Fault fault) throws Exception {
        CountDownLatch end = new CountDownLatch(1);
        try {
            return fault == Fault.SILENT_BOUND
                    ? caught(fault, Silent.class, end)
                    : caught(fault, Settings.class, end);
        } finally {
            end.countDown();
        }
    }

    private static <S extends Record> Set<String> caught(
            Fault fault, Class<S> type, CountDownLatch end) throws Exception {
        return Caught.by(
                        new DatasetContract<S>() {
                            @Override
                            protected Dataset<S> plugin() {
                                return new Dataset<>() {
                                    @Override
                                    public Class<S> settings() {
                                        return type;
                                    }

                                    @Override
                                    public Set<Target> offers(S settings) {
                                        return fault == Fault.NOTHING_OFFERED
                                                ? Set.of()
                                                : Set.of(Target.CLASS, Target.VALUES);
                                    }

                                    @Override
                                    public Open open(S settings) {
                                        return new Faulty(fault, end);
                                    }
                                };
                            }

                            @Override
                            protected Object activate(Class<?> type) {
                                return plugin();
                            }
                        })
                .keySet();
    }

    private static final class Faulty implements Dataset.Open {
        private final Fault fault;
        private final AtomicInteger reads = new AtomicInteger();
        private boolean closed;

        Faulty(Fault fault, CountDownLatch end) {
            this.fault = fault;
            if (fault == Fault.THREAD_LEFT) {
                Thread thread =
                        new Thread(
                                () -> {
                                    try {
                                        end.await();
                                    } catch (InterruptedException e) {
                                        Thread.currentThread().interrupt();
                                    }
                                },
                                "left");
                thread.setDaemon(true);
                thread.start();
            }
        }

        @Override
        public Targets targets() {
            return Targets.classes(List.of("calm", "cross"))
                    .withValues(new Targets.Value("valence", -1, 1));
        }

        @Override
        public Stream<Sample> samples() {
            return IntStream.range(0, 8).mapToObj(this::sample);
        }

        private Sample sample(int i) {
            boolean twice = fault == Fault.DUPLICATE_ID && i == 7;
            boolean out = fault == Fault.LABEL_OUT_OF_SET && i == 5;
            return Sample.of("s" + (twice ? 1 : i), Integer.toString(i))
                    .split(i < 4 ? Sample.Split.TRAIN : Sample.Split.TEST)
                    .label(out ? 2 : i % 2)
                    .values(
                            fault == Fault.VALUE_NEVER_KNOWN
                                    ? Float.NaN
                                    : fault == Fault.VALUE_OUT_OF_RANGE && i == 3 ? 1.5f : i / 8f)
                    .build();
        }

        @Override
        public Picture read(Sample sample) throws IOException {
            if (!sample.where().matches("[0-7]") && fault != Fault.READS_ANYTHING) {
                throw new IOException("no sample '" + sample.where() + "'; expected 0 to 7");
            }
            byte[] rgb = new byte[3 * 4 * 4];
            rgb[0] = (byte) sample.where().hashCode();
            rgb[1] = (byte) (fault == Fault.OTHER_BYTES ? reads.incrementAndGet() : 0);
            return Picture.rgb(4, 4, ByteBuffer.wrap(rgb));
        }

        @Override
        public void close() {
            if (closed && fault == Fault.CLOSES_ONCE) {
                throw new IllegalStateException("closed");
            }
            closed = true;
        }
    }

    @Test
    void aGoodDatasetPasses() throws Exception {
        assertEquals(Set.of(), caught(Fault.NONE));
    }

    @Test
    void whatIsWrongWithSamplesIsCaught() throws Exception {
        assertEquals(Set.of("idsAreUniqueAndSplitsDisjoint"), caught(Fault.DUPLICATE_ID));
        assertEquals(Set.of("labelsAreWithinTheSet"), caught(Fault.LABEL_OUT_OF_SET));
        assertEquals(Set.of("labelsAreWithinTheSet"), caught(Fault.VALUE_OUT_OF_RANGE));
        assertEquals(Set.of("whatIsOfferedIsKnown"), caught(Fault.VALUE_NEVER_KNOWN));
        assertEquals(Set.of("targetsAreThoseThatWereOffered"), caught(Fault.NOTHING_OFFERED));
        assertEquals(Set.of("aForeignSampleIsRefused"), caught(Fault.READS_ANYTHING));
    }

    @Test
    void picturesThatChangeAreCaught() throws Exception {
        assertEquals(
                Set.of(
                        "readingTwiceGivesTheSame",
                        "severalThreadsRead",
                        "anUpdateGoesOnWithTheSame"),
                caught(Fault.OTHER_BYTES));
    }

    @Test
    void whatIsLeftOpenIsCaught() throws Exception {
        assertEquals(Set.of("closingEndsIt"), caught(Fault.CLOSES_ONCE));
        assertEquals(Set.of("closingEndsIt", "aRemovalLeavesNothing"), caught(Fault.THREAD_LEFT));
    }

    @Test
    void aBoundThatNobodyChecksIsCaught() throws Exception {
        assertTrue(caught(Fault.SILENT_BOUND).contains("keysAreDescribedAndTheirDefaultsAreValid"));
    }
}
