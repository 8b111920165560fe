// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.mien.api.Feature;
import org.mien.api.InputSpec;
import org.mien.api.method.Backbone;
import org.mien.api.net.Net;
import org.mien.api.net.Ops;
import org.mien.api.net.Pass;
import org.mien.api.net.Trunk;
import org.mien.nn.Conv2d;
import org.mien.nn.Fn;
import org.mien.nn.Linear;

class BackboneContractTest {
    /** No keys. */
    public record None() {}

    private enum Fault {
        NONE,
        OTHER_SHAPE,
        UNREAD_WEIGHT,
        BATCH_STATISTICS,
        ARRAY_LEAK,
        CUT_GRADIENT,
        REMEMBERS
    }

    private static Map<String, String> caught(Fault fault) throws Exception {
        return Caught.by(
                new BackboneContract<None>() {
                    @Override
                    protected Backbone<None> plugin() {
                        return new Faulty(fault);
                    }

                    @Override
                    protected Object activate(Class<?> type) throws Exception {
                        return Caught.again(type, fault);
                    }
                });
    }

    private static final class Faulty implements Backbone<None> {
        private final Fault fault;

        Faulty(Fault fault) {
            this.fault = fault;
        }

        @Override
        public Class<None> settings() {
            return None.class;
        }

        @Override
        public InputSpec input(None s) {
            return new InputSpec(6, 6, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f));
        }

        @Override
        public Trunk trunk(None s, InputSpec input) {
            int channels = fault == Fault.OTHER_SHAPE ? 5 : 4;
            return new Trunk(
                    input,
                    List.of(
                            new Trunk.Stage(
                                    Feature.map("conv", channels, 6, 6), () -> new Stage(fault)),
                            new Trunk.Stage(
                                    Feature.vector("pool", 4),
                                    () -> new Fn(Ops::globalAveragePool))));
        }
    }

    private static final class Stage extends Net {
        private final Fault fault;
        private final Conv2d conv = part("conv", new Conv2d(3, 4, 3, 1, 1, true));
        private float[] first;

        Stage(Fault fault) {
            this.fault = fault;
            if (fault == Fault.UNREAD_WEIGHT) {
                part("forgotten", new Linear(2, 2));
            }
        }

        @Override
        public NDArray run(Pass pass, NDArray x) {
            NDArray y = conv.run(pass, x);
            switch (fault) {
                case BATCH_STATISTICS -> y = y.sub(y.mean(new int[] {0}, true));
                case CUT_GRADIENT -> y = y.add(y.stopGradient());
                case ARRAY_LEAK -> pass.scope().getParentManager().create(1f);
                case REMEMBERS -> {
                    if (first == null) {
                        first = y.mean().toFloatArray();
                    }
                    y = y.add(first[0]);
                }
                default -> {}
            }
            return y;
        }
    }

    @Test
    void aGoodBackbonePasses() throws Exception {
        assertEquals(Map.of(), caught(Fault.NONE));
    }

    @Test
    void aStageOfAnotherShapeIsCaught() throws Exception {
        String text = caught(Fault.OTHER_SHAPE).get("stagesGiveWhatTheyDeclare");
        assertTrue(text != null && text.contains("(5, 6, 6)"), text);
    }

    @Test
    void aWeightThatNobodyReadsIsCaught() throws Exception {
        Map<String, String> failed = caught(Fault.UNREAD_WEIGHT);
        assertEquals(Set.of("gradientsReachEveryWeight"), failed.keySet());
    }

    @Test
    void aGradientThatIsCutIsCaught() throws Exception {
        Map<String, String> failed = caught(Fault.CUT_GRADIENT);
        assertEquals(Set.of("gradientsAreWhatTheLossDoes"), failed.keySet());
    }

    @Test
    void rowsThatDependOnTheOthersAreCaught() throws Exception {
        assertTrue(
                caught(Fault.BATCH_STATISTICS)
                        .containsKey("inferenceDoesNotDependOnTheRestOfTheBatch"));
    }

    @Test
    void anArrayThatIsLeftIsCaught() throws Exception {
        Set<String> tests =
                Set.of("noNativeArrayIsLeft", "aRemovalLeavesNothing", "itsForwardCanBeRecorded");
        assertEquals(tests, caught(Fault.ARRAY_LEAK).keySet());
    }

    @Test
    void whatIsRememberedOutsideTheWeightsIsCaught() throws Exception {
        assertTrue(caught(Fault.REMEMBERS).containsKey("fromTrainingToInferenceAndBack"));
    }
}
