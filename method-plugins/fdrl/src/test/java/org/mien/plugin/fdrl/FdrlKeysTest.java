// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.fdrl;

import org.mien.api.method.Method;
import org.mien.testkit.MethodKeysContract;

class FdrlKeysTest extends MethodKeysContract<Settings> {
    @Override
    protected Method<Settings> plugin() {
        return new FdrlMethod();
    }

    @Override
    protected String[] beside(String tried) {
        return tried.equals("fdn") // the modules need it
                ? new String[] {"latents=3", "width=8", "intra=false", "inter=false"}
                : new String[] {"latents=3", "width=8"};
    }
}
