// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.fdrl;

import org.mien.api.method.Method;
import org.mien.testkit.MethodContract;

class FdrlContractTest extends MethodContract<Settings> {
    @Override
    protected Method<Settings> plugin() {
        return new FdrlMethod();
    }

    @Override
    protected String[] keys() {
        return new String[] {"latents=3", "width=8"};
    }
}
