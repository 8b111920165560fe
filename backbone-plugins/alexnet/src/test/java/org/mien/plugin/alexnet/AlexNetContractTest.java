// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.alexnet;

import org.mien.api.method.Backbone;
import org.mien.testkit.BackboneContract;

class AlexNetContractTest extends BackboneContract<AlexNet.Settings> {
    @Override
    protected Backbone<AlexNet.Settings> plugin() {
        return new AlexNet();
    }

    @Override
    protected String[] keys() {
        return new String[] {"size=63"};
    }
}
