// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.chirality;

import org.junit.jupiter.api.Nested;
import org.mien.api.method.Method;
import org.mien.testkit.MethodContract;

class ChiralityContractTest {
    abstract static class Contract extends MethodContract<Settings> {
        private final String[] keys;

        Contract(String... keys) {
            this.keys = keys;
        }

        @Override
        protected Method<Settings> plugin() {
            return new ChiralityMethod();
        }

        @Override
        protected String[] keys() {
            return keys;
        }
    }

    @Nested
    class Full extends Contract {
        Full() {
            super("width=8", "heads=2", "layers=1", "feed-forward=8");
        }
    }

    @Nested
    class Places extends Contract {
        Places() {
            super(
                    "width=8",
                    "heads=2",
                    "layers=2",
                    "feed-forward=8",
                    "tokens=position",
                    "norm=post",
                    "combine=probabilities");
        }
    }

    @Nested
    class SplitToken extends Contract {
        SplitToken() {
            super("variant=cnn-trans-fs", "width=8", "heads=2", "layers=1", "feed-forward=8");
        }
    }

    @Nested
    class Baseline extends Contract {
        Baseline() {
            super("variant=cnn-trans", "width=8", "heads=2", "layers=1", "feed-forward=8");
        }
    }

    @Nested
    class SplitPooled extends Contract {
        SplitPooled() {
            super("variant=cnn-fs");
        }
    }

    @Nested
    class Pooled extends Contract {
        Pooled() {
            super("variant=cnn");
        }
    }

    @Nested
    class Conference extends Contract {
        Conference() {
            super("variant=icme");
        }
    }
}
