// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.schematic;

import org.mien.api.data.Dataset;
import org.mien.testkit.DatasetContract;

class SchematicContractTest extends DatasetContract<SchematicDataset.Settings> {
    @Override
    protected Dataset<SchematicDataset.Settings> plugin() {
        return new SchematicDataset();
    }

    @Override
    protected String[] keys() {
        return new String[] {"train=40", "validation=20", "test=20", "size=32"};
    }

    @Override
    protected int most() {
        return 8;
    }
}
