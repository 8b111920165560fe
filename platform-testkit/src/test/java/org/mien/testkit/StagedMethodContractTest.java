// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.testkit;

import org.mien.api.method.Method;

/** A method with a phase that ends, one that begins later, and a rule after each epoch. */
class StagedMethodContractTest extends MethodContract<StagedMethod.Settings> {
    @Override
    protected Method<StagedMethod.Settings> plugin() {
        return new StagedMethod();
    }
}
