// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.mae;

import org.mien.api.method.Method;
import org.mien.testkit.MethodKeysContract;

class MaeKeysTest extends MethodKeysContract<Settings> {
    @Override
    protected Method<Settings> plugin() {
        return new MaeMethod();
    }

    @Override
    protected String[] beside(String tried) {
        return new String[] {"decoder-width=8", "decoder-depth=2", "decoder-heads=2"};
    }
}
