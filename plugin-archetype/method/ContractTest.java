package @package@;

import org.mien.api.method.Method;
import org.mien.testkit.MethodContract;

class @Name@MethodContractTest extends MethodContract<@Name@Method.Settings> {
    @Override
    protected Method<@Name@Method.Settings> plugin() {
        return new @Name@Method();
    }
}
