// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.linear;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.mien.api.method.Method;
import org.mien.testkit.MethodContract;

class LinearContractTest extends MethodContract<LinearMethod.Settings> {
    @Override
    protected Method<LinearMethod.Settings> plugin() {
        return new LinearMethod();
    }

    @Override
    protected String[] keys() {
        return new String[] {"dropout=0.2"};
    }

    @Test
    void theViewIsAKey() {
        var plan = new LinearMethod().plan(new LinearMethod.Settings(0, "face"));
        assertEquals(List.of("face"), plan.views());
        assertFalse(plan.isOriented());
        plan = new LinearMethod().plan(new LinearMethod.Settings(0, "left"));
        assertEquals(List.of("left"), plan.views());
        assertTrue(plan.isOriented());
    }

    /** Of a half face, as the tables of left and right faces need it. */
    @Nested
    class OfAHalf extends MethodContract<LinearMethod.Settings> {
        @Override
        protected Method<LinearMethod.Settings> plugin() {
            return new LinearMethod();
        }

        @Override
        protected String[] keys() {
            return new String[] {"view=left"};
        }
    }
}
