package @package@;

import org.mien.api.method.Backbone;
import org.mien.testkit.BackboneContract;

/** What every backbone must hold, at an update and after its removal too. */
class @Name@BackboneContractTest extends BackboneContract<@Name@Backbone.Settings> {
    @Override
    protected Backbone<@Name@Backbone.Settings> plugin() {
        return new @Name@Backbone();
    }

    @Override
    protected String[] keys() {
        return new String[] {"size=13", "width=4"};
    }
}
