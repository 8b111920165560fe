// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.inception;

import org.mien.api.method.Backbone;
import org.mien.testkit.BackboneContract;

class InceptionResnetV1ContractTest extends BackboneContract<InceptionResnetV1.Settings> {
    @Override
    protected Backbone<InceptionResnetV1.Settings> plugin() {
        return new InceptionResnetV1();
    }

    @Override
    protected String[] keys() {
        return new String[] {"size=75"};
    }
}
