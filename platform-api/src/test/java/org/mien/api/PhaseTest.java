// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.api;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.mien.api.method.Phase;

class PhaseTest {
    private static Phase phase() {
        return Phase.of("head", (batch, pass) -> null);
    }

    @Test
    void itRunsFromAnEpochUntilAnother() {
        Phase phase = phase().from(2).until(4).every(3);
        assertFalse(phase.due(1));
        assertTrue(phase.due(2));
        assertTrue(phase.due(3));
        assertFalse(phase.due(4));
        assertTrue(phase.due(3, 6));
        assertFalse(phase.due(3, 7));
        assertFalse(phase.due(4, 6));
        assertEquals(4, phase.until());
        assertTrue(phase().due(Integer.MAX_VALUE - 1), "without an end it does not end");
        assertFalse(phase().until(0).due(0), "a phase of no epochs");
    }

    @Test
    void anEndBeforeTheBeginningIsRefused() {
        for (Runnable wrong :
                new Runnable[] {() -> phase().from(3).until(2), () -> phase().until(2).from(3)}) {
            assertEquals(
                    "phase head: until(2) is before from(3)",
                    assertThrows(IllegalArgumentException.class, wrong::run).getMessage());
        }
    }
}
