// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.linear;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.List;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.mien.api.data.Target;
import org.mien.api.method.Method;
import org.mien.testkit.MethodContract;

class LinearContractTest extends MethodContract<Settings> {
    @Override
    protected Method<Settings> plugin() {
        return new LinearMethod();
    }

    @Override
    protected String[] keys() {
        return new String[] {"dropout=0.2"};
    }

    @Test
    void theViewIsAKey() {
        var plan = new LinearMethod().plan(settings("face", "class"));
        assertEquals(List.of("face"), plan.views());
        assertFalse(plan.isOriented());
        plan = new LinearMethod().plan(settings("left", "class"));
        assertEquals(List.of("left"), plan.views());
        assertTrue(plan.isOriented());
    }

    @Test
    void whatIsLearntIsAKey() {
        var plan = new LinearMethod().plan(settings("face", "values", "multi-label"));
        assertEquals(EnumSet.of(Target.VALUES, Target.MULTI_LABEL), plan.learned());
        assertEquals(plan.learned(), plan.read());
        plan = new LinearMethod().plan(settings("face", "class"));
        assertEquals(EnumSet.of(Target.CLASS, Target.DISTRIBUTION), plan.read());
        for (String wrong : List.of("distribution", "valence")) {
            String said =
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> settings("face", "class", wrong))
                            .getMessage();
            assertTrue(said.contains("'" + wrong) || said.contains(wrong + "'"), said);
            assertTrue(said.contains("multi-label"), said);
        }
        assertThrows(IllegalArgumentException.class, () -> settings("face"));
    }

    private static Settings settings(String view, String... learns) {
        return new Settings(0, view, List.of(learns), Settings.ValuesLoss.CCC, 1, 1);
    }

    /** Several labels at once, some of them not known. */
    @Nested
    class OfSeveralLabels extends MethodContract<Settings> {
        @Override
        protected Method<Settings> plugin() {
            return new LinearMethod();
        }

        @Override
        protected String[] keys() {
            return new String[] {"learns=multi-label"};
        }
    }

    /** Values, some of them not known. */
    @Nested
    class OfValues extends MethodContract<Settings> {
        @Override
        protected Method<Settings> plugin() {
            return new LinearMethod();
        }

        @Override
        protected String[] keys() {
            return new String[] {"learns=values"};
        }
    }

    /** Everything at once. */
    @Nested
    class OfAll extends MethodContract<Settings> {
        @Override
        protected Method<Settings> plugin() {
            return new LinearMethod();
        }

        @Override
        protected String[] keys() {
            return new String[] {"learns=class, multi-label, values", "values-loss=smooth-l1"};
        }
    }

    /** Of a half face, as the tables of left and right faces need it. */
    @Nested
    class OfAHalf extends MethodContract<Settings> {
        @Override
        protected Method<Settings> plugin() {
            return new LinearMethod();
        }

        @Override
        protected String[] keys() {
            return new String[] {"view=left"};
        }
    }
}
