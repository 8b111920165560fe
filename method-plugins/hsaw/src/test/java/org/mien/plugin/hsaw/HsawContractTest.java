// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.hsaw;

import org.junit.jupiter.api.Nested;
import org.mien.api.method.Method;
import org.mien.api.net.Trunk;
import org.mien.testkit.MethodContract;

class HsawContractTest {
    abstract static class Contract extends MethodContract<Settings> {
        private final String[] keys;

        Contract(String... keys) {
            this.keys = keys;
        }

        @Override
        protected Method<Settings> plugin() {
            return new HsawMethod();
        }

        @Override
        protected Trunk backbone() {
            return Pixels.trunk(true);
        }

        @Override
        protected String[] keys() {
            return keys;
        }
    }

    @Nested
    class OwnTails extends Contract {
        OwnTails() {
            super("relabel-from=1");
        }
    }

    @Nested
    class Shared extends Contract {
        Shared() {
            super("extractors=shared", "relabel-from=1", "relabel-mode=inference");
        }
    }

    @Nested
    class Halves extends Contract {
        Halves() {
            super("extractors=halves", "relabelling=false");
        }
    }

    @Nested
    class Separate extends Contract {
        Separate() {
            super("extractors=separate", "relabel-from=0", "relabel-against=original");
        }
    }

    @Nested
    class RelabellingAlone extends Contract {
        RelabellingAlone() {
            super("attention=false", "relabel-from=1");
        }
    }

    @Nested
    class Neither extends Contract {
        Neither() {
            super("attention=false", "relabelling=false");
        }
    }
}
