// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.regression;

import org.mien.api.evaluate.Evaluator;
import org.mien.testkit.EvaluatorContract;

class RegressionContractTest extends EvaluatorContract<RegressionEvaluator.Settings> {
    @Override
    protected Evaluator<RegressionEvaluator.Settings> plugin() {
        return new RegressionEvaluator();
    }
}
