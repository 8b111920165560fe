package @package@;

import org.junit.jupiter.api.Nested;
import org.mien.api.method.Method;
import org.mien.testkit.MethodContract;
import org.mien.testkit.MethodKeysContract;

/** What every method must hold, at an update and after its removal too. */
class @Name@MethodContractTest extends MethodContract<@Name@Method.Settings> {
    @Override
    protected Method<@Name@Method.Settings> plugin() {
        return new @Name@Method();
    }

    /** With another value of any key it does something else. */
    @Nested
    class Keys extends MethodKeysContract<@Name@Method.Settings> {
        @Override
        protected Method<@Name@Method.Settings> plugin() {
            return new @Name@Method();
        }
    }
}
