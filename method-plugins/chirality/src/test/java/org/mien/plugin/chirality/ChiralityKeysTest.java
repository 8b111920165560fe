// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.chirality;

import org.mien.api.method.Method;
import org.mien.testkit.MethodKeysContract;

class ChiralityKeysTest extends MethodKeysContract<Settings> {
    @Override
    protected Method<Settings> plugin() {
        return new ChiralityMethod();
    }

    @Override
    protected String[] beside(String tried) {
        return new String[] {"width=8", "heads=2", "layers=2", "feed-forward=8"};
    }
}
