package @package@;

import org.mien.api.data.Preprocessor;
import org.mien.testkit.PreprocessorContract;

/** What every preprocessor must hold, at an update and after its removal too. */
class @Name@PreprocessorContractTest extends PreprocessorContract<@Name@Preprocessor.Settings> {
    @Override
    protected Preprocessor<@Name@Preprocessor.Settings> plugin() {
        return new @Name@Preprocessor();
    }
}
