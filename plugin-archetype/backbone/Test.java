package @package@;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;
import org.mien.api.Feature;
import org.mien.api.net.Trunk;

import java.util.List;

class @Name@BackboneTest {
    @Test
    void itHasTheStagesAndParametersItSays() {
        @Name@Backbone backbone = new @Name@Backbone();
        @Name@Backbone.Settings settings = new @Name@Backbone.Settings(50, 8);
        Trunk trunk = backbone.trunk(settings, backbone.input(settings));
        assertEquals(
                List.of(
                        Feature.map("conv1", 8, 25, 25),
                        Feature.map("conv2", 16, 13, 13),
                        Feature.vector("pool", 16)),
                trunk.features());
        // Convolutions without bias, normalisations with scale and shift.
        assertEquals(3 * 8 * 9 + 2 * 8 + 8 * 16 * 9 + 2 * 16, trunk.parameters());
    }
}
