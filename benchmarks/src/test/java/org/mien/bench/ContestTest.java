// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.bench;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.mien.bench.Contest.Outcome;

class ContestTest {
    private final Map<String, Supplier<Meter>> sides = new LinkedHashMap<>();
    private final List<String> asked = new ArrayList<>();
    private final List<String> closed = new ArrayList<>();

    /** One that fails at its nth measurement; at 0 when it is started, at -1 never. */
    private void side(String name, int fails) {
        sides.put(
                name,
                () -> {
                    if (fails == 0) {
                        throw new IllegalStateException(name + " does not start");
                    }
                    return new Meter() {
                        private int times;

                        @Override
                        public double once() {
                            asked.add(name);
                            if (++times == fails) {
                                throw new IllegalStateException(name + " ended");
                            }
                            return times;
                        }

                        @Override
                        public double end() {
                            return 300;
                        }

                        @Override
                        public double idle() {
                            return 100;
                        }

                        @Override
                        public void close() {
                            closed.add(name);
                        }
                    };
                });
    }

    @Test
    void eachIsFirstInItsTurn() {
        side("a", -1);
        side("b", -1);
        side("c", -1);
        Map<String, Outcome> outcomes = Contest.hold(sides, 3);
        assertEquals(List.of("a", "b", "c", "b", "c", "a", "c", "a", "b"), asked);
        assertArrayEquals(new double[] {1, 2, 3}, outcomes.get("b").values().values());
        assertEquals(300, outcomes.get("b").memory().median());
        assertEquals(200, outcomes.get("b").aboveIdle().median());
        assertEquals(List.of("a", "b", "c"), closed);
    }

    @Test
    void whoFailsIsOutAndTheOthersGoOn() {
        side("a", -1);
        side("b", 0);
        side("c", 2);
        Map<String, Outcome> outcomes = Contest.hold(sides, 3);
        assertEquals(List.of("a", "c", "c", "a", "a"), asked);
        assertEquals(3, outcomes.get("a").values().values().length);
        assertEquals("b does not start", outcomes.get("b").values().failure());
        assertEquals("c ended", outcomes.get("c").memory().failure());
        assertEquals(0, outcomes.get("c").values().values().length);
        assertEquals(List.of("a", "c"), closed);
    }
}
