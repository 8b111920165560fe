// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package com.example.scn;

import org.mien.api.method.Method;
import org.mien.testkit.MethodContract;

class ScnContractTest extends MethodContract<ScnMethod.Settings> {
    @Override
    protected Method<ScnMethod.Settings> plugin() {
        return new ScnMethod();
    }
}
