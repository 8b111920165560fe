// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.classification;

import org.mien.api.evaluate.Evaluator;
import org.mien.testkit.EvaluatorContract;

class ClassificationContractTest extends EvaluatorContract<ClassificationEvaluator.Settings> {
    @Override
    protected Evaluator<ClassificationEvaluator.Settings> plugin() {
        return new ClassificationEvaluator();
    }
}
