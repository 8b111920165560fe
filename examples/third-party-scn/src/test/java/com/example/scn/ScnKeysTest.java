// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package com.example.scn;

import org.mien.api.method.Method;
import org.mien.testkit.MethodKeysContract;

import java.util.Map;

class ScnKeysTest extends MethodKeysContract<ScnMethod.Settings> {
    @Override
    protected Method<ScnMethod.Settings> plugin() {
        return new ScnMethod();
    }

    /** Labels change from epoch 10 on by default; six steps do not come that far. */
    @Override
    protected String[] beside(String tried) {
        return new String[] {"relabel-from=0"};
    }

    /** So early no answer is surer than another by more than nothing. */
    @Override
    protected Map<String, String> others() {
        return Map.of("delta2", "0");
    }
}
