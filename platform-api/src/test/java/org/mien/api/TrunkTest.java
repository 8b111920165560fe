// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.mien.api.data.Picture;
import org.mien.api.method.Loss;
import org.mien.api.method.Phase;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.api.net.Trunk;
import org.mien.api.net.Var;

class TrunkTest {
    private static final class Weights extends Net {
        Weights(int size) {
            weight("w", Var.Init.ZEROS, size, 2);
            state("s", 1, 3);
        }

        @Override
        public NDArray run(Pass pass, NDArray x) {
            return x;
        }
    }

    private static Trunk trunk() {
        InputSpec input = new InputSpec(8, 8, List.of(0.5f, 0.5f, 0.5f), List.of(0.5f, 0.5f, 0.5f));
        return new Trunk(
                input,
                List.of(
                        new Trunk.Stage(Feature.map("stem", 4, 8, 8), () -> new Weights(1)),
                        new Trunk.Stage(Feature.map("body", 8, 4, 4), () -> new Weights(10)),
                        new Trunk.Stage(Feature.vector("pool", 8), () -> new Weights(100))));
    }

    @Test
    void aTrunkIsItsStagesInOrder() {
        List<String> paths = new ArrayList<>();
        trunk().each("backbone", (path, var) -> paths.add(path));
        assertEquals(
                List.of(
                        "backbone.stem.w", "backbone.stem.s",
                        "backbone.body.w", "backbone.body.s",
                        "backbone.pool.w", "backbone.pool.s"),
                paths);
        assertEquals(222, trunk().parameters());
        assertEquals("body", trunk().feature(Feature.Kind.MAP).name());
    }

    @Test
    void aCopyStartsFromWhereItSays() {
        Trunk tail = trunk();
        tail.startsFrom("backbone");
        tail.parts().get("body").startsFrom("decoder.blocks");
        List<String> own = new ArrayList<>();
        tail.each("left", (path, var) -> own.add(path));
        List<String> starts = new ArrayList<>();
        tail.eachStart("left", (path, var) -> starts.add(path));
        assertEquals("left.body.w", own.get(2));
        assertEquals(
                List.of(
                        "backbone.stem.w", "backbone.stem.s",
                        "decoder.blocks.w", "decoder.blocks.s",
                        "backbone.pool.w", "backbone.pool.s"),
                starts);
        for (String wrong : List.of("", ".", "backbone.", ".backbone", "a..b")) {
            assertThrows(IllegalArgumentException.class, () -> tail.startsFrom(wrong), wrong);
        }
    }

    @Test
    void cuttingDropsTheWeightsNobodyReads() {
        assertEquals(22, trunk().upTo(trunk().feature(Feature.Kind.MAP)).parameters());
    }

    @Test
    void aTailIsAFreshCopyOfTheStagesAfterOne() {
        Trunk trunk = trunk();
        Trunk tail = trunk.tail(trunk.feature("stem"));
        assertEquals(
                List.of(trunk.feature("body"), trunk.feature("pool")),
                tail.features(),
                "features keep their names and shapes");
        assertEquals(220, tail.parameters());
        List<Var> shared = new ArrayList<>();
        trunk.each("", (path, var) -> shared.add(var));
        tail.each("", (path, var) -> assertTrue(!shared.contains(var), path + " is shared"));
        // Another tail of the tail.
        assertEquals(200, tail.tail(tail.feature("body")).parameters());
    }

    @Test
    void atTheEndThereIsNoTail() {
        Trunk trunk = trunk();
        IllegalArgumentException e =
                assertThrows(
                        IllegalArgumentException.class, () -> trunk.tail(trunk.feature("pool")));
        assertTrue(e.getMessage().contains("no stage comes after 'pool'"), e.getMessage());
    }

    @Test
    void whatIsNotThereIsNamedWithWhatIs() {
        IllegalArgumentException e =
                assertThrows(
                        IllegalArgumentException.class, () -> trunk().feature(Feature.Kind.TOKENS));
        assertEquals(
                "no stage gives a TOKENS; they give stem: map (4, 8, 8), body: map (8, 4, 4), pool:"
                        + " vector (8)",
                e.getMessage());
    }

    @Test
    void aPictureIsAsLongAsItsSize() {
        IllegalArgumentException e =
                assertThrows(
                        IllegalArgumentException.class,
                        () -> Picture.rgb(2, 2, ByteBuffer.allocate(11)));
        assertTrue(e.getMessage().contains("needs 12 bytes of RGB; got 11"));
    }

    @Test
    void aTermOfWeightZeroIsNotComputed() {
        Loss loss =
                Loss.of(
                        "off",
                        0,
                        () -> {
                            throw new AssertionError("computed");
                        });
        assertTrue(loss.terms().isEmpty());
        assertEquals(0.0, loss.weights().get("off"));
    }

    @Test
    void aRuleOfATermOfWeightZeroDoesNotRun() {
        List<String> ran = new ArrayList<>();
        Loss loss =
                Loss.of("one", 1, () -> null)
                        .plus("off", 0, () -> null, () -> ran.add("off"))
                        .plus("on", 2, () -> null, () -> ran.add("on"))
                        .rule(() -> ran.add("always"));
        loss.rules().forEach(Runnable::run);
        assertEquals(List.of("on", "always"), ran);
    }

    @Test
    void aPhaseKnowsWhenItIsDue() {
        Phase phase = Phase.of("g", (batch, pass) -> null).every(5).from(2);
        assertEquals(5, phase.every());
        assertEquals(2, phase.from());
        assertTrue(phase.due(2, 10));
        assertTrue(!phase.due(1, 10) && !phase.due(2, 11));
    }
}
