package @package@;

import org.mien.api.data.Preprocessor;
import org.mien.testkit.PreprocessorContract;

class @Name@PreprocessorContractTest extends PreprocessorContract<@Name@Preprocessor.Settings> {
    @Override
    protected Preprocessor<@Name@Preprocessor.Settings> plugin() {
        return new @Name@Preprocessor();
    }
}
