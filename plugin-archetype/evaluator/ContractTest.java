package @package@;

import org.mien.api.evaluate.Evaluator;
import org.mien.testkit.EvaluatorContract;

class @Name@EvaluatorContractTest extends EvaluatorContract<@Name@Evaluator.Settings> {
    @Override
    protected Evaluator<@Name@Evaluator.Settings> plugin() {
        return new @Name@Evaluator();
    }
}
