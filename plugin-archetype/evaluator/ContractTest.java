package @package@;

import org.mien.api.evaluate.Evaluator;
import org.mien.testkit.EvaluatorContract;

/** What every evaluator must hold, at an update and after its removal too. */
class @Name@EvaluatorContractTest extends EvaluatorContract<@Name@Evaluator.Settings> {
    @Override
    protected Evaluator<@Name@Evaluator.Settings> plugin() {
        return new @Name@Evaluator();
    }
}
