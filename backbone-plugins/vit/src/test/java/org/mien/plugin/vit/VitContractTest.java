// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.vit;

import org.junit.jupiter.api.Nested;
import org.mien.api.method.Backbone;
import org.mien.testkit.BackboneContract;

class VitContractTest {
    private static final String[] SHALLOW = {"size=16", "patch=8", "depth=2"};

    @Nested
    class Tiny extends BackboneContract<Vit.Settings> {
        @Override
        protected Backbone<Vit.Settings> plugin() {
            return new VitTiny();
        }

        @Override
        protected String[] keys() {
            return new String[] {"size=32", "depth=2", "width=24", "heads=4", "positions=fixed"};
        }
    }

    @Nested
    class Small extends BackboneContract<Vit.Settings> {
        @Override
        protected Backbone<Vit.Settings> plugin() {
            return new VitSmall();
        }

        @Override
        protected String[] keys() {
            return SHALLOW;
        }
    }

    @Nested
    class Base extends BackboneContract<Vit.Settings> {
        @Override
        protected Backbone<Vit.Settings> plugin() {
            return new VitBase();
        }

        @Override
        protected String[] keys() {
            return SHALLOW;
        }
    }
}
