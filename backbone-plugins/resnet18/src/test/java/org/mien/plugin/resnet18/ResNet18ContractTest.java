// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.resnet18;

import org.mien.api.method.Backbone;
import org.mien.testkit.BackboneContract;

class ResNet18ContractTest extends BackboneContract<ResNet18.Settings> {
    @Override
    protected Backbone<ResNet18.Settings> plugin() {
        return new ResNet18();
    }

    @Override
    protected String[] keys() {
        return new String[] {"size=32"};
    }
}
