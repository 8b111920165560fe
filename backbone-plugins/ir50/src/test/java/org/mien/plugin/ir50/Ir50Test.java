// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.ir50;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.mien.api.Feature;
import org.mien.api.InputSpec;
import org.mien.api.net.Net;
import org.mien.api.net.Trunk;
import org.mien.engine.Scope;
import org.mien.engine.Torch;
import org.mien.nn.spi.Cost;
import org.mien.nn.spi.TorchPass;
import org.mien.nn.spi.Weights;
import org.mien.testkit.Formula;
import org.mien.testkit.Reference;

class Ir50Test {
    private final Ir50 backbone = new Ir50();

    @BeforeAll
    static void start() {
        Torch.start(Path.of(System.getProperty("mien.torch")));
    }

    private Trunk trunk(int size, boolean output) {
        Ir50.Settings settings = new Ir50.Settings(size, output, 0.5);
        return backbone.trunk(settings, backbone.input(settings));
    }

    @Test
    void itsMultiplyAddsFollowFromItsLayers() {
        long adds = Cost.of(trunk(112, true)).stream().mapToLong(Cost::multiplyAdds).sum();
        assertEquals(6_283_640_832L + 512 * 49 * 512, adds);
    }

    @Test
    void hasThePublishedNumberOfParameters() {
        Map<String, Net> parts = trunk(112, true).parts();
        assertEquals(1_920, parts.get("input").parameters());
        assertEquals(12_847_616, parts.get("output").parameters());
        assertEquals(43_574_976, trunk(112, true).parameters());
        assertEquals(43_574_976 - 12_847_616, trunk(112, false).parameters());
        long body = 0;
        for (int i = 0; i < 24; i++) {
            body += parts.get("block" + i).parameters();
        }
        assertEquals(30_725_440, body);
        assertEquals(26, parts.size());
    }

    @Test
    void whoNeedsOnlyTheMapDoesNotCarryTheOutputLayer() {
        Trunk whole = trunk(112, true);
        Feature map = whole.feature(Feature.Kind.MAP);
        assertEquals("map (512, 7, 7)", map.words());
        assertEquals("block23", map.name());
        assertEquals(43_574_976 - 12_847_616, whole.upTo(map).parameters());
        assertEquals("vector (512)", whole.feature("output").words());
        assertEquals("vector (512)", trunk(112, false).feature("pool").words());
        assertEquals("map (512, 6, 6)", trunk(96, true).feature(Feature.Kind.MAP).words());
    }

    /** The state dict as face.evoLVe's classes define it, without counters of batches. */
    private static List<String> published() {
        List<String> names = new ArrayList<>();
        names.add("input_layer.0.weight");
        norm(names, "input_layer.1");
        names.add("input_layer.2.weight");
        norm(names, "output_layer.0");
        names.add("output_layer.3.weight");
        names.add("output_layer.3.bias");
        norm(names, "output_layer.4");
        for (int i = 0; i < 24; i++) {
            String prefix = "body." + i + ".";
            if (i == 3 || i == 7 || i == 21) {
                names.add(prefix + "shortcut_layer.0.weight");
                norm(names, prefix + "shortcut_layer.1");
            }
            norm(names, prefix + "res_layer.0");
            names.add(prefix + "res_layer.1.weight");
            names.add(prefix + "res_layer.2.weight");
            names.add(prefix + "res_layer.3.weight");
            norm(names, prefix + "res_layer.4");
        }
        return names;
    }

    private static void norm(List<String> names, String prefix) {
        for (String name : List.of("weight", "bias", "running_mean", "running_var")) {
            names.add(prefix + "." + name);
        }
    }

    @Test
    void namesAreThoseOfFaceEvolve() {
        List<String> names = new ArrayList<>();
        trunk(112, true).each("", (path, var) -> names.add(backbone.published(path)));
        List<String> expected = new ArrayList<>(published());
        expected.sort(null);
        names.sort(null);
        assertEquals(expected, names);
        // 349 with a counter for each of 54 normalisations.
        assertEquals(349 - 54, names.size());
    }

    /**
     * Weights and pixels by the formula, slopes too; in Python, with face.evoLVe's model_irse.py
     *
     * <pre>{@code
     * net = formula(IR_50([112, 112]))
     * for m in net.modules():
     *     if isinstance(m, torch.nn.PReLU):
     *         i = torch.arange(1, m.weight.numel() + 1).double()
     *         m.weight.copy_((0.25 + 0.01 * i.sin()).float())
     * body = net.body(net.input_layer(images(112)))
     * embedding = net(images(112))
     * }</pre>
     */
    @Test
    void givesWhatFaceEvolveGives() throws IOException {
        Trunk trunk = trunk(112, true);
        List<String> order = published();
        try (Weights weights = new Weights(Device.cpu());
                Scope scope = Torch.get().inference(Device.cpu())) {
            weights.add("", trunk);
            for (Weights.Entry entry : weights.entries().values()) {
                long[] shape = entry.var().shape();
                String name = backbone.published(entry.path());
                float[] values =
                        name.matches("input_layer.2.weight|body.*res_layer.2.weight")
                                ? Formula.slopes((int) shape[0])
                                : Formula.values(name, order.indexOf(name), shape);
                weights.set(entry.path(), values, shape);
            }
            TorchPass pass = TorchPass.inference(weights, scope);
            NDArray x =
                    scope.manager().create(Formula.images(2, 112, 112), new Shape(2, 3, 112, 112));
            Feature last = trunk.feature(Feature.Kind.MAP);
            NDArray map = trunk.run(pass, x, null, last);
            NDArray embedding = trunk.run(pass, map, last, trunk.feature("output"));
            Reference.compare(
                    "map",
                    map.toFloatArray(),
                    -533623483.327942,
                    6487318824.720764,
                    -19749437.865315,
                    -66905.922,
                    -7482.2441,
                    -8954.2305,
                    -40304.766,
                    -49003.242,
                    38346.469,
                    52766.859,
                    -66050.031);
            Reference.compare(
                    "embedding",
                    embedding.toFloatArray(),
                    3774921.850586,
                    177888182.621338,
                    -324246.064588,
                    38710.332,
                    92989.094,
                    59877.496,
                    -130385.12,
                    221077.92,
                    74650.477,
                    -26892.162,
                    36315.508);
            Path file = Path.of(System.getProperty("mien.shared"), "oracles", "outputs.npz");
            assumeTrue(Files.exists(file), "outputs of face.evoLVe in full are not at hand");
            Map<String, NDArray> expected = new HashMap<>();
            try (InputStream stream = Files.newInputStream(file)) {
                for (NDArray array : NDList.decode(scope.manager(), stream)) {
                    expected.put(array.getName(), array);
                }
            }
            near(expected.get("IR_50_112.body"), map);
            near(expected.get("IR_50_112.embedding"), embedding);
        }
    }

    private static void near(NDArray expected, NDArray actual) {
        assertEquals(expected.getShape(), actual.getShape());
        double largest = expected.abs().max().getFloat();
        double error = actual.sub(expected).abs().max().getFloat();
        assertTrue(error <= 1e-4 * largest, error + " of " + largest);
    }

    @Test
    void aSmallInputIsRefused() {
        Ir50.Settings settings = new Ir50.Settings(112, true, 0.5);
        InputSpec small = new InputSpec(15, 112, List.of(0f, 0f, 0f), List.of(1f, 1f, 1f));
        assertTrue(
                assertThrows(IllegalArgumentException.class, () -> backbone.trunk(settings, small))
                        .getMessage()
                        .contains("15 x 112 is below 16 x 16"));
    }
}
