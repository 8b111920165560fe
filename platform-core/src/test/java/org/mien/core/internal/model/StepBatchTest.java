// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.mien.api.data.Sample;
import org.mien.api.data.Target;
import org.mien.api.data.Targets;
import org.mien.core.internal.data.Loader;
import org.mien.engine.Scope;
import org.mien.engine.Torch;

class StepBatchTest {
    @BeforeAll
    static void start() {
        Torch.start(Path.of(System.getProperty("mien.torch")));
    }

    private static StepBatch batch(NDManager owner, boolean mayRelabel) {
        List<Sample> samples =
                Stream.of("one", "two")
                        .map(id -> Sample.of(id, id).split(Sample.Split.TRAIN).label(0).build())
                        .toList();
        Loader.Loaded loaded =
                new Loader.Loaded(new int[] {0, 1}, samples, new int[] {1, 1}, Map.of());
        return new StepBatch(
                owner,
                null,
                loaded,
                Targets.classes(List.of("a", "b", "c")),
                EnumSet.of(Target.CLASS),
                new long[] {0, 0},
                mayRelabel,
                0,
                null);
    }

    @Test
    void labelsChangeToClassesThatThereAre() {
        try (Scope scope = Torch.get().inference(Device.cpu())) {
            NDManager m = scope.manager();
            StepBatch batch = batch(m, true);
            // What is not to be changed may be anything.
            batch.relabel(m.create(new boolean[] {false, true}), m.create(new long[] {9, 2}));
            assertArrayEquals(new boolean[] {false, true}, batch.relabelled().where());
            assertArrayEquals(new long[] {9, 2}, batch.relabelled().labels());
        }
    }

    @Test
    void twoRelabellingsInAStepAreRefused() {
        try (Scope scope = Torch.get().inference(Device.cpu())) {
            NDManager m = scope.manager();
            StepBatch batch = batch(m, true);
            batch.relabel(m.create(new boolean[] {true, false}), m.create(new long[] {2, 2}));
            IllegalStateException refused =
                    assertThrows(
                            IllegalStateException.class,
                            () ->
                                    batch.relabel(
                                            m.create(new boolean[] {false, true}),
                                            m.create(new long[] {1, 1})));
            assertTrue(refused.getMessage().startsWith("relabel was called twice in a step"));
            assertArrayEquals(new long[] {2, 0}, batch.relabelled().after(new long[] {0, 0}));
        }
    }

    @Test
    void aClassThatThereIsNotIsRefused() {
        try (Scope scope = Torch.get().inference(Device.cpu())) {
            NDManager m = scope.manager();
            for (long label : new long[] {-1, 3}) {
                StepBatch batch = batch(m, true);
                IllegalArgumentException refused =
                        assertThrows(
                                IllegalArgumentException.class,
                                () ->
                                        batch.relabel(
                                                m.create(new boolean[] {false, true}),
                                                m.create(new long[] {0, label})));
                assertEquals(
                        "relabel would give sample 'two' class " + label + "; expected 0 to 2",
                        refused.getMessage());
                assertNull(batch.relabelled());
            }
        }
    }

    @Test
    void otherShapesAndOtherPlansAreRefused() {
        try (Scope scope = Torch.get().inference(Device.cpu())) {
            NDManager m = scope.manager();
            IllegalArgumentException refused =
                    assertThrows(
                            IllegalArgumentException.class,
                            () ->
                                    batch(m, true)
                                            .relabel(
                                                    m.create(new boolean[] {true}),
                                                    m.create(new long[] {0, 1})));
            assertEquals("relabel was given (1) and (2) for a batch of 2", refused.getMessage());
            assertThrows(
                    IllegalStateException.class,
                    () ->
                            batch(m, false)
                                    .relabel(
                                            m.create(new boolean[] {true, true}),
                                            m.create(new long[] {0, 1})));
        }
    }

    /** Two crops of one face and one of another: three rows, each with all that its sample has. */
    @Test
    void everythingOfABatchCountsRows() {
        List<Sample> samples =
                List.of(
                        Sample.of("one", "one").split(Sample.Split.TEST).label(2).build(),
                        Sample.of("two", "two").split(Sample.Split.TEST).label(1).build());
        Loader.Loaded loaded =
                new Loader.Loaded(new int[] {7, 9}, samples, new int[] {2, 1}, Map.of()).byRow();
        try (Scope scope = Torch.get().inference(Device.cpu())) {
            StepBatch batch =
                    new StepBatch(
                            scope.manager(),
                            null,
                            loaded,
                            Targets.classes(List.of("a", "b", "c")),
                            EnumSet.of(Target.CLASS),
                            loaded.samples().stream().mapToLong(Sample::label).toArray(),
                            false,
                            0,
                            new float[] {1, 2, 3});
            assertEquals(3, batch.size());
            assertEquals(
                    List.of("one", "one", "two"),
                    batch.samples().stream().map(Sample::id).toList());
            assertArrayEquals(new long[] {2, 2, 1}, batch.labels().toLongArray());
            assertArrayEquals(new long[] {7, 7, 9}, batch.index().toLongArray());
            assertArrayEquals(
                    new float[] {0, 0, 1, 0, 0, 1, 0, 1, 0}, batch.targets().toFloatArray());
            assertArrayEquals(new float[] {3, 3, 2}, batch.weights().toFloatArray());
        }
    }
}
