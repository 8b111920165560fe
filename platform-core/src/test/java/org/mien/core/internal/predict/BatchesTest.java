// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.predict;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.mien.api.data.Picture;
import org.mien.core.internal.predict.Batches.Rows;

/** How faces of several images become batches. */
class BatchesTest {
    private final List<Integer> computed = new ArrayList<>();
    private final List<String> told = new ArrayList<>();
    private boolean stopped;

    private final Batches<String, Integer> batches =
            new Batches<>(
                    loaded -> {
                        computed.add(loaded.height());
                        return CompletableFuture.completedFuture(
                                IntStream.of(loaded.positions()).boxed().toList());
                    },
                    1,
                    (image, said) -> told.add(image + said),
                    () -> stopped);

    private static List<Rows> faces(int count, int crops) {
        Picture picture = Picture.rgb(1, 1, ByteBuffer.allocate(3));
        Rows face = new Rows(Optional.empty(), Collections.nCopies(crops, Map.of("face", picture)));
        return Collections.nCopies(count, face);
    }

    private void add(String image, int faces, int crops) {
        batches.add(image, faces(faces, crops));
    }

    @Test
    void aFileEndsNoBatch() {
        add("a", 15, 1);
        assertEquals(List.of(4), computed);
        add("b", 6, 1);
        assertEquals(List.of(4, 16), computed);
        assertEquals(1, told.size());
        add("c", 30, 1);
        assertEquals(List.of(4, 16, 16), computed);
        assertEquals("b[15, 16, 17, 18, 19, 20]", told.get(1));
        batches.end();
        assertEquals(List.of(4, 16, 16, 15), computed);
        assertEquals(3, told.size());
    }

    @Test
    void anImageWithoutFacesWaitsForThoseBeforeItOnly() {
        add("none", 0, 1);
        add("one", 1, 1);
        add("nothing", 0, 1);
        assertEquals(List.of("none[]"), told);
        batches.end();
        assertEquals(List.of("none[]", "one[0]", "nothing[]"), told);
    }

    @Test
    void fewFacesDoNotHoldUpManyImages() {
        add("one", 1, 1);
        for (int i = 0; i < 62; i++) {
            add("none", 0, 1);
        }
        assertEquals(0, told.size());
        add("none", 0, 1);
        assertEquals(List.of(1), computed);
        assertEquals(64, told.size());
    }

    @Test
    void cropsOfAFaceStayTogether() {
        add("a", 3, 10);
        batches.end();
        assertEquals(List.of(10, 20), computed);
        assertEquals(List.of("a[0, 1, 2]"), told);
    }

    @Test
    void answersKeepTheirOrderWhateverIsReadyFirst() {
        List<CompletableFuture<List<Integer>>> said = new ArrayList<>();
        Batches<String, Integer> two =
                new Batches<>(
                        loaded -> {
                            said.add(new CompletableFuture<>());
                            return said.get(said.size() - 1);
                        },
                        2,
                        (image, numbers) -> told.add(image + numbers.size()),
                        () -> false);
        two.add("a", faces(4, 1));
        two.add("b", faces(16, 1));
        assertEquals(2, said.size());
        said.get(1).complete(Collections.nCopies(16, 0));
        two.add("none", List.of());
        assertEquals(List.of(), told);
        said.get(0).complete(Collections.nCopies(4, 0));
        two.end();
        assertEquals(List.of("a4", "b16", "none0"), told);
    }

    @Test
    void nothingIsComputedOrToldAfterAStop() {
        add("a", 3, 1);
        stopped = true;
        add("b", 50, 1);
        batches.end();
        assertEquals(List.of(), computed);
        assertEquals(List.of(), told);
    }
}
