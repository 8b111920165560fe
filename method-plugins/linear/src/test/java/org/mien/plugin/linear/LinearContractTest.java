// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.linear;

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
}
