// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.hsaw;

import org.mien.api.method.Method;
import org.mien.api.net.Trunk;
import org.mien.testkit.MethodKeysContract;

class HsawKeysTest extends MethodKeysContract<Settings> {
    @Override
    protected Method<Settings> plugin() {
        return new HsawMethod();
    }

    @Override
    protected Trunk backbone() {
        return Pixels.trunk(true);
    }

    @Override
    protected String[] beside(String tried) {
        return new String[] {"relabel-from=0"};
    }
}
