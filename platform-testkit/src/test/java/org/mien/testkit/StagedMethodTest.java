// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.mien.api.method.Method;

class StagedMethodTest {
    /** The vector is two pixels, the logits are it and more or less. */
    private static MethodBench bench(int alone, int later) {
        MethodBench bench =
                MethodBench.of(
                        new StagedMethod(),
                        new StagedMethod.Settings(alone, later, 0.7),
                        2,
                        MethodBench.linear(1, 1, 2));
        bench.set("backbone.vector.1.weight", 1, 0, 0, 0, 1, 0);
        bench.set("backbone.vector.1.bias", 0);
        bench.set("head.weight", 1, 0, 0, 1);
        bench.set("head.bias", 0);
        return bench;
    }

    @Test
    void aPhaseEndsAndAnotherGoesOn() {
        Faces faces = Faces.of(new double[][] {{1, 0, 0}, {0, 1, 0}}).labels(0, 1);
        try (MethodBench bench = bench(2, 0)) {
            bench.epoch(1);
            assertEquals(Set.of("head"), bench.steps(faces).keySet());
            bench.epoch(2);
            assertEquals(Set.of("all"), bench.steps(faces).keySet());
        }
    }

    /** The mean of what is said of a class is kept where it is sure of it, else made so. */
    @Test
    void whatIsSaidOfAClassIsGatheredOverTheSplit() {
        // Log odds of .9, .7 and .4: the means are (.8, .2) of class 0 and (.4, .6) of class 1.
        Faces first = Faces.of(new double[][] {{Math.log(9), 0, 0}}).labels(0);
        Faces second =
                Faces.of(new double[][] {{Math.log(7 / 3.0), 0, 0}, {0, Math.log(1.5), 0}})
                        .labels(0, 1);
        try (MethodBench bench = bench(1, 0)) {
            bench.endOfEpoch(first, second);
            double[] before = bench.values().get("known.rows");
            assertArrayEquals(new double[] {0.5, 0.5, 0.5, 0.5}, before, 1e-6, "not its epoch");
            bench.epoch(1);
            bench.endOfEpoch(first, second);
            assertArrayEquals(
                    new double[] {0.8, 0.2, 0.363636, 0.636364},
                    bench.values().get("known.rows"),
                    1e-6);
            // A class without a sample keeps its row.
            bench.endOfEpoch(first);
            assertArrayEquals(
                    new double[] {0.9, 0.1, 0.363636, 0.636364},
                    bench.values().get("known.rows"),
                    1e-6);
        }
    }

    @Test
    void anEpochWithoutATrainingPhaseIsCaught() throws Exception {
        String test = "phasesBeginAndEndInTheirTime";
        Map<String, String> failed =
                Caught.by(
                        new MethodContract<StagedMethod.Settings>() {
                            @Override
                            protected Method<StagedMethod.Settings> plugin() {
                                return new StagedMethod();
                            }

                            @Override
                            protected String[] keys() {
                                return new String[] {"later=1"};
                            }
                        },
                        test);
        assertTrue(failed.get(test).contains("no phase is due in epoch 2"), failed.toString());
    }
}
