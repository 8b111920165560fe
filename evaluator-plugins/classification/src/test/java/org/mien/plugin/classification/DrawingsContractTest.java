// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.classification;

import org.mien.api.evaluate.Evaluator;
import org.mien.testkit.EvaluatorContract;

class DrawingsContractTest extends EvaluatorContract<DrawingsEvaluator.Settings> {
    @Override
    protected Evaluator<DrawingsEvaluator.Settings> plugin() {
        return new DrawingsEvaluator();
    }

    @Override
    protected String[] keys() {
        return new String[] {"judge=judge-1"};
    }
}
