// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.classification;

import org.mien.api.evaluate.Evaluator;
import org.mien.testkit.EvaluatorContract;

class MultiLabelContractTest extends EvaluatorContract<MultiLabelEvaluator.Settings> {
    @Override
    protected Evaluator<MultiLabelEvaluator.Settings> plugin() {
        return new MultiLabelEvaluator();
    }
}
