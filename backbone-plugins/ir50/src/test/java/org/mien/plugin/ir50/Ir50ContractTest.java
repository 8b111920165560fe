// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.ir50;

import org.mien.api.method.Backbone;
import org.mien.testkit.BackboneContract;

class Ir50ContractTest extends BackboneContract<Ir50.Settings> {
    @Override
    protected Backbone<Ir50.Settings> plugin() {
        return new Ir50();
    }

    @Override
    protected String[] keys() {
        return new String[] {"size=16"};
    }
}
