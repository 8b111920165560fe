// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package com.example.scn;

import org.mien.api.method.Method;
import org.mien.testkit.MethodKeysContract;

class ScnKeysTest extends MethodKeysContract<ScnMethod.Settings> {
    @Override
    protected Method<ScnMethod.Settings> plugin() {
        return new ScnMethod();
    }
}
