// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.mien.api.data.Picture;
import org.mien.api.data.Preprocessor;
import org.osgi.service.component.annotations.Component;

class PreprocessorContractTest {
    /** No keys. */
    public record None() {}

    private enum Fault {
        NONE,
        FORGETS_POINTS,
        SWAPS_EYES,
        DRAWS_ELSEWHERE,
        WRITES_POINTS,
        SHARES_A_COUNTER,
        LOSES_FACTS,
        MIRRORS_IN_SILENCE,
        CROPS_IN_SILENCE,
        FACES_IN_SILENCE,
        FACES_WITHOUT_A_WAY_BACK
    }

    /** Mirrors half of the pictures in training. */
    private static final class Faulty implements Preprocessor<None> {
        private final Fault fault;
        private static final AtomicInteger SHARED = new AtomicInteger();

        Faulty(Fault fault) {
            this.fault = fault;
        }

        @Override
        public When when() {
            return When.EACH_USE;
        }

        @Override
        public Class<None> settings() {
            return None.class;
        }

        @Override
        public Gives gives(None settings) {
            return fault == Fault.FACES_WITHOUT_A_WAY_BACK ? Gives.FACES : Gives.ONE;
        }

        @Override
        public boolean mirrors(None settings) {
            return fault != Fault.MIRRORS_IN_SILENCE;
        }

        @Override
        public Step open(None settings, String view) {
            return new Step() {
                @Override
                public List<Picture> apply(Picture picture) {
                    return fault == Fault.FACES_IN_SILENCE
                            ? List.of(picture, picture)
                            : List.of(picture);
                }

                @Override
                public List<Picture> vary(Picture picture, RandomGenerator random) {
                    double draw =
                            fault == Fault.DRAWS_ELSEWHERE ? Math.random() : random.nextDouble();
                    if (fault == Fault.SHARES_A_COUNTER) {
                        draw = SHARED.incrementAndGet() % 2;
                    }
                    if (fault == Fault.CROPS_IN_SILENCE) {
                        return List.of(mirror(picture), picture);
                    }
                    return List.of(draw < 0.5 ? mirror(picture) : picture);
                }
            };
        }

        private Picture mirror(Picture picture) {
            ByteBuffer from = picture.bytes();
            int w = picture.width();
            byte[] rgb = new byte[from.remaining()];
            for (int i = 0; i < rgb.length; i++) {
                int x = i / 3 % w;
                rgb[i] = from.get(i + 3 * (w - 1 - 2 * x));
            }
            List<float[]> points = new ArrayList<>();
            for (float[] point : picture.points()) {
                points.add(new float[] {w - 1 - point[0], point[1]});
                if (fault == Fault.WRITES_POINTS) {
                    point[0] = w - 1 - point[0];
                }
            }
            if (fault != Fault.SWAPS_EYES && points.size() == 5) {
                Collections.swap(points, 0, 1);
                Collections.swap(points, 3, 4);
            }
            return new Picture(
                    w,
                    picture.height(),
                    ByteBuffer.wrap(rgb),
                    fault == Fault.FORGETS_POINTS ? picture.points() : points,
                    fault == Fault.LOSES_FACTS ? Map.of() : picture.facts());
        }
    }

    private static Set<String> caught(Fault fault) throws Exception {
        return Caught.by(
                        new PreprocessorContract<None>() {
                            @Override
                            protected Preprocessor<None> plugin() {
                                return new Faulty(fault);
                            }

                            @Override
                            protected Object activate(Class<?> type) throws Exception {
                                return Caught.again(type, fault);
                            }
                        })
                .keySet();
    }

    @Test
    void aGoodStepPasses() throws Exception {
        assertEquals(Set.of(), caught(Fault.NONE));
    }

    @Test
    void pointsThatDoNotMoveOrChangePlacesAreCaught() throws Exception {
        assertEquals(Set.of("pointsMoveWithThePixels"), caught(Fault.FORGETS_POINTS));
        assertEquals(Set.of("pointsMoveWithThePixels"), caught(Fault.SWAPS_EYES));
    }

    @Test
    void chanceThatIsNotItsOwnIsCaught() throws Exception {
        assertTrue(caught(Fault.DRAWS_ELSEWHERE).contains("varyIsAFunctionOfItsDraws"));
        assertTrue(caught(Fault.SHARES_A_COUNTER).contains("varyIsAFunctionOfItsDraws"));
    }

    @Test
    void aSourceThatIsWrittenIsCaught() throws Exception {
        assertTrue(caught(Fault.WRITES_POINTS).contains("theSourceIsLeftAsItIs"));
    }

    @Test
    void aMirrorThatIsNotDeclaredIsCaught() throws Exception {
        assertEquals(Set.of("whoMirrorsSaysSo"), caught(Fault.MIRRORS_IN_SILENCE));
    }

    @Test
    void picturesThatNobodyWasToldOfAreCaught() throws Exception {
        assertEquals(Set.of("itGivesWhatItSays"), caught(Fault.CROPS_IN_SILENCE));
        assertEquals(Set.of("itGivesWhatItSays"), caught(Fault.FACES_IN_SILENCE));
        // A step of each use looks for no faces either.
        assertEquals(
                Set.of("itGivesWhatItSays", "ofSeveralFacesOneCanBeHad"),
                caught(Fault.FACES_WITHOUT_A_WAY_BACK));
    }

    /** Named as the platform's keys begin. */
    @Component(property = "mien.id=train")
    private static final class Train implements Preprocessor<None> {
        @Override
        public When when() {
            return When.ONCE;
        }

        @Override
        public Class<None> settings() {
            return None.class;
        }

        @Override
        public Step open(None settings, String view) {
            return List::of;
        }
    }

    @Test
    void anIdThatShadowsThePlatformsKeysIsCaught() throws Exception {
        Map<String, String> caught =
                Caught.by(
                        new PreprocessorContract<None>() {
                            @Override
                            protected Preprocessor<None> plugin() {
                                return new Train();
                            }
                        },
                        "itsIdIsItsOwn");
        assertTrue(
                caught.get("itsIdIsItsOwn")
                        .contains("its id 'train' begins the platform's own keys"),
                caught::toString);
    }

    @Test
    void factsThatAreLostAreCaught() throws Exception {
        assertEquals(Set.of("picturesAreValid"), caught(Fault.LOSES_FACTS));
    }
}
