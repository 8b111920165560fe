// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.fdrl;

import org.mien.api.method.Method;
import org.mien.testkit.MethodContract;

class FdrlContractTest extends MethodContract<FdrlMethod.Settings> {
    @Override
    protected Method<FdrlMethod.Settings> plugin() {
        return new FdrlMethod();
    }

    @Override
    protected String[] keys() {
        return new String[] {"latents=3", "width=8"};
    }
}
