// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.pfvit;

import java.util.Arrays;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.mien.api.method.Method;
import org.mien.testkit.MethodKeysContract;

class PfVitKeysTest {
    abstract static class Keys<S extends Record> extends MethodKeysContract<S> {
        /** What is asked of the frozen network counts only where there is one. */
        @Override
        protected String[] beside(String tried) {
            Stream<String> network =
                    Stream.of("constraint-network=resnet18")
                            .filter(key -> tried.equals("of-network"));
            return Stream.concat(Arrays.stream(PfVitContractTest.SMALL), network)
                    .toArray(String[]::new);
        }

        @Override
        protected Map<String, String> others() {
            return Map.of("neutral", "class 1", "constraint-network", "resnet18");
        }
    }

    @Nested
    class OfPfVit extends Keys<Choices> {
        @Override
        protected Method<Choices> plugin() {
            return new PfVitMethod();
        }
    }

    @Nested
    class OfMultiTaskMae extends Keys<MultiTaskMaeMethod.Settings> {
        @Override
        protected Method<MultiTaskMaeMethod.Settings> plugin() {
            return new MultiTaskMaeMethod();
        }
    }
}
