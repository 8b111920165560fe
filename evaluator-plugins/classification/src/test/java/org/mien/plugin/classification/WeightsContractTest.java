// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.classification;

import org.mien.api.evaluate.Evaluator;
import org.mien.testkit.EvaluatorContract;

class WeightsContractTest extends EvaluatorContract<WeightsEvaluator.Settings> {
    @Override
    protected Evaluator<WeightsEvaluator.Settings> plugin() {
        return new WeightsEvaluator();
    }
}
