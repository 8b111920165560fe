// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.mien.api.Batch;
import org.mien.api.Feature;
import org.mien.api.Output;
import org.mien.api.method.Build;
import org.mien.api.method.Loss;
import org.mien.api.method.Method;
import org.mien.api.method.Model;
import org.mien.api.method.Phase;
import org.mien.api.method.Plan;
import org.mien.api.net.Pass;
import org.mien.nn.Linear;

/**
 * A term that ends its gradient at a weight, on the maps of class activation of a face and of its
 * mirror image (Erasing Attention Consistency, Zhang et al. 2022).
 */
class StoppedGradientTest {
    /** No keys. */
    public record None() {}

    /** Maps must agree; the classifier does not learn from them, or does. */
    private static final class Consistency implements Method<None> {
        private final boolean stops;

        Consistency(boolean stops) {
            this.stops = stops;
        }

        @Override
        public Class<None> settings() {
            return None.class;
        }

        @Override
        public Plan plan(None s) {
            return Plan.on(Feature.Kind.MAP).views("face", "mirror").phase("train");
        }

        @Override
        public Model build(Build build, None s) {
            Linear head = build.part("head", new Linear(2, build.classes()));
            return new Model() {
                @Override
                public Output predict(Batch batch, Pass pass) {
                    NDArray map = build.trunk().run(pass, batch.face(), Feature.Kind.MAP);
                    return Output.logits(head.run(pass, pass.mean(map, 2, -1)))
                            .also("activation", Output.Role.HEAT_MAP, maps(pass, map));
                }

                @Override
                public List<Phase> phases(Build training) {
                    return List.of(Phase.of("train", this::loss));
                }

                private Loss loss(Batch batch, Pass pass) {
                    NDArray map = build.trunk().run(pass, batch.face(), Feature.Kind.MAP);
                    NDArray mirror =
                            build.trunk().run(pass, batch.view("mirror"), Feature.Kind.MAP);
                    NDArray logits = head.run(pass, pass.mean(map, 2, -1));
                    return Loss.crossEntropy(pass, logits, batch)
                            .plus(
                                    "consistency",
                                    5,
                                    () ->
                                            maps(pass, map)
                                                    .sub(maps(pass, mirror).flip(3))
                                                    .square()
                                                    .mean());
                }

                /** (N, C, h, w) to (N, K, h, w). */
                private NDArray maps(Pass pass, NDArray map) {
                    NDArray weight = head.weight(pass);
                    NDArray given = stops ? weight.stopGradient() : weight;
                    return pass.conv2d(map, given.reshape(-1, 2, 1, 1), null, 1, 0);
                }
            };
        }
    }

    private static Faces faces() {
        // Channel by channel, and zeros up to 3 x 1 x 2.
        return Faces.of(new double[] {1, 2, 3, 5, 0, 0})
                .view("mirror", new double[] {2, 4, 5, 3, 0, 0})
                .labels(0);
    }

    private static MethodBench bench(boolean stops) {
        MethodBench bench =
                MethodBench.of(new Consistency(stops), new None(), 2, MethodBench.map(2, 1, 2));
        bench.set("head.weight", 1, 0, 0, 2);
        return bench;
    }

    @Test
    void aMapIsWhatThePictureSays() {
        try (MethodBench bench = bench(true)) {
            MethodBench.Answer answer = bench.predict(faces());
            assertArrayEquals(new double[] {1.5, 8}, answer.logits()[0], 1e-6);
            assertArrayEquals(
                    new double[] {1, 2, 6, 10}, answer.extras().get("activation").rows()[0], 1e-6);
            MethodBench.Step step = bench.step(faces());
            assertEquals(2.25, step.terms().get("consistency"), 1e-6);
            assertTrue(step.gradients().containsKey("backbone.map.shift"));
        }
    }

    @Test
    void aGradientThatEndsOnPurposeIsCompared() {
        Map<String, Set<String>> said = Map.of("consistency", Set.of("head.weight"));
        try (MethodBench bench = bench(true)) {
            bench.compareGradients(faces(), said);
            AssertionError unsaid =
                    assertThrows(AssertionError.class, () -> bench.compareGradients(faces()));
            assertTrue(
                    unsaid.getMessage().contains("along 'head.weight': term 'consistency'"),
                    unsaid.getMessage());
        }
        try (MethodBench bench = bench(false)) {
            AssertionError goesOn =
                    assertThrows(AssertionError.class, () -> bench.compareGradients(faces(), said));
            assertTrue(
                    goesOn.getMessage().contains("term 'consistency' says that it stops here"),
                    goesOn.getMessage());
        }
    }

    @Test
    void aTermThatEndsNothingMayNotSaySo() {
        try (MethodBench bench = bench(true)) {
            Map<String, Set<String>> said =
                    Map.of("consistency", Set.of("head.weight", "head.bias"));
            AssertionError idle =
                    assertThrows(AssertionError.class, () -> bench.compareGradients(faces(), said));
            assertTrue(idle.getMessage().contains("do not depend on it"), idle.getMessage());
        }
    }
}
