// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.pfvit;

import org.junit.jupiter.api.Nested;
import org.mien.api.method.Method;
import org.mien.testkit.MethodContract;

class PfVitContractTest {
    static final String[] SMALL = {
        "neutral=class 0", "reduction=4", "decoder-width=8", "decoder-depth=1", "decoder-heads=2"
    };

    @Nested
    class OfPfVit extends MethodContract<Choices> {
        @Override
        protected Method<Choices> plugin() {
            return new PfVitMethod();
        }

        @Override
        protected String[] keys() {
            return SMALL;
        }
    }

    @Nested
    class OfMultiTaskMae extends MethodContract<MultiTaskMaeMethod.Settings> {
        @Override
        protected Method<MultiTaskMaeMethod.Settings> plugin() {
            return new MultiTaskMaeMethod();
        }

        @Override
        protected String[] keys() {
            return SMALL;
        }
    }
}
