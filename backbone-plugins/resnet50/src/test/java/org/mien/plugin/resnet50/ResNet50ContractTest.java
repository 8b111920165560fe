// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.resnet50;

import org.mien.api.method.Backbone;
import org.mien.testkit.BackboneContract;

class ResNet50ContractTest extends BackboneContract<ResNet50.Settings> {
    @Override
    protected Backbone<ResNet50.Settings> plugin() {
        return new ResNet50();
    }

    @Override
    protected String[] keys() {
        return new String[] {"size=64"};
    }
}
