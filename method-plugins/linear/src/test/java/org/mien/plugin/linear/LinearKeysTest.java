// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.linear;

import java.util.Map;
import org.mien.api.method.Method;
import org.mien.testkit.MethodKeysContract;

class LinearKeysTest extends MethodKeysContract<Settings> {
    @Override
    protected Method<Settings> plugin() {
        return new LinearMethod();
    }

    @Override
    protected Map<String, String> others() {
        return Map.of("view", "left", "learns", "values");
    }

    @Override
    protected String[] beside(String tried) {
        return tried.startsWith("values") || tried.startsWith("multi-label")
                ? new String[] {"learns=multi-label, values"}
                : new String[0];
    }
}
