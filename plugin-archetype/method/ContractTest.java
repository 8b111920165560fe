package @package@;

import org.mien.api.method.Method;
import org.mien.testkit.MethodContract;

/** What every method must hold, at an update and after its removal too. */
class @Name@MethodContractTest extends MethodContract<@Name@Method.Settings> {
    @Override
    protected Method<@Name@Method.Settings> plugin() {
        return new @Name@Method();
    }
}
