// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.vit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.mien.api.Feature;
import org.mien.api.net.Tap;
import org.mien.api.net.Trunk;
import org.mien.engine.Scope;
import org.mien.engine.Torch;
import org.mien.nn.Linear;
import org.mien.nn.Positions;
import org.mien.nn.SelfAttention;
import org.mien.nn.spi.Cost;
import org.mien.nn.spi.TorchPass;
import org.mien.nn.spi.Weights;
import org.mien.testkit.Formula;
import org.mien.testkit.Reference;

class VitTest {
    @BeforeAll
    static void start() {
        Torch.start(Path.of(System.getProperty("mien.torch")));
    }

    private static Vit.Settings settings(int size, int patch, Vit.Places places) {
        return new Vit.Settings(size, patch, places, 0, 0, 0, Vit.Pixels.IMAGENET);
    }

    private static Trunk trunk(Vit vit, Vit.Settings settings) {
        return vit.trunk(settings, vit.input(settings));
    }

    private static Trunk trunk(Vit vit) {
        return trunk(vit, settings(224, 16, Vit.Places.LEARNED));
    }

    private static long blocks(Trunk trunk) {
        return trunk.parts().entrySet().stream()
                .filter(part -> part.getKey().startsWith("block"))
                .mapToLong(part -> part.getValue().parameters())
                .sum();
    }

    @Test
    void itsMultiplyAddsFollowFromItsLayers() {
        long adds = Cost.of(trunk(new VitTiny())).stream().mapToLong(Cost::multiplyAdds).sum();
        long layers = 12L * 197 * 192 * 192;
        long attention = 2L * 197 * 197 * 192;
        assertEquals(196L * 768 * 192 + 12 * (layers + attention), adds);
    }

    @Test
    void haveThePublishedNumberOfParameters() {
        assertEquals(5_338_368, blocks(trunk(new VitTiny())));
        assertEquals(21_293_568, blocks(trunk(new VitSmall())));
        assertEquals(85_054_464, blocks(trunk(new VitBase())));
        // As timm and DeiT count with their heads of 1000 classes.
        assertEquals(
                5_717_416, trunk(new VitTiny()).parameters() + new Linear(192, 1000).parameters());
        assertEquals(
                22_050_664,
                trunk(new VitSmall()).parameters() + new Linear(384, 1000).parameters());
        assertEquals(
                86_567_656, trunk(new VitBase()).parameters() + new Linear(768, 1000).parameters());
        assertEquals(
                trunk(new VitTiny()).parameters() - 197 * 192,
                trunk(new VitTiny(), settings(224, 16, Vit.Places.FIXED)).parameters());
    }

    /** The state dict as the classes of timm and of masked autoencoders define it. */
    @Test
    void namesAreThoseOfTimmInItsOrder() {
        List<String> expected =
                new ArrayList<>(
                        List.of(
                                "cls_token",
                                "pos_embed",
                                "patch_embed.proj.weight",
                                "patch_embed.proj.bias"));
        for (int i = 0; i < 12; i++) {
            for (String layer :
                    List.of("norm1", "attn.qkv", "attn.proj", "norm2", "mlp.fc1", "mlp.fc2")) {
                expected.add("blocks." + i + "." + layer + ".weight");
                expected.add("blocks." + i + "." + layer + ".bias");
            }
        }
        expected.add("norm.weight");
        expected.add("norm.bias");
        VitTiny vit = new VitTiny();
        List<String> names = new ArrayList<>();
        Map<String, List<Long>> shapes = new HashMap<>();
        trunk(vit)
                .each(
                        "",
                        (path, var) -> {
                            names.add(vit.published(path));
                            List<Long> shape = new ArrayList<>();
                            for (long axis : var.shape()) {
                                shape.add(axis);
                            }
                            shapes.put(vit.published(path), shape);
                        });
        assertEquals(expected, names);
        assertEquals(List.of(1L, 1L, 192L), shapes.get("cls_token"));
        assertEquals(List.of(1L, 197L, 192L), shapes.get("pos_embed"));
        assertEquals(List.of(192L, 3L, 16L, 16L), shapes.get("patch_embed.proj.weight"));
        assertEquals(List.of(576L, 192L), shapes.get("blocks.11.attn.qkv.weight"));
    }

    @Test
    void stagesAreTokensAndTheClassToken() {
        Trunk trunk = trunk(new VitTiny());
        assertEquals(
                new Feature("embed", Feature.Kind.TOKENS, 192, 14, 14, 1), trunk.features().get(0));
        assertEquals("norm", trunk.feature(Feature.Kind.TOKENS).name());
        assertEquals("tokens (197, 192)", trunk.feature("block11").words());
        assertEquals("vector (192)", trunk.feature("cls").words());
        Trunk shallow =
                trunk(
                        new VitTiny(),
                        new Vit.Settings(64, 8, Vit.Places.FIXED, 4, 64, 4, Vit.Pixels.HALF));
        assertEquals("tokens (65, 64)", shallow.feature("block3").words());
        assertEquals(7, shallow.features().size());
        assertEquals(0.5f, shallow.input().mean().get(1));
    }

    /**
     * The encoder of a masked autoencoder on the visible quarter of the patches, for weights and
     * pixels made by a formula, where its answers are at hand.
     */
    @Test
    void onVisibleTokensItGivesWhatTheMaskedAutoencoderGives() throws IOException {
        Path file = Path.of(System.getProperty("mien.shared"), "oracles", "outputs.npz");
        assumeTrue(Files.exists(file));
        VitTiny vit = new VitTiny();
        Trunk trunk = trunk(vit, settings(224, 16, Vit.Places.FIXED));
        // Between the positions and the patches stand a mask token and the decoder's positions.
        List<String> order = new ArrayList<>();
        trunk.each("", (path, var) -> order.add(vit.published(path)));
        order.addAll(2, List.of("mask_token", "decoder_pos_embed"));
        try (Weights weights = new Weights(Device.cpu());
                Scope scope = Torch.get().inference(Device.cpu());
                InputStream stream = Files.newInputStream(file)) {
            weights.add("", trunk);
            for (Weights.Entry entry : weights.entries().values()) {
                String name = vit.published(entry.path());
                if (!name.equals("pos_embed")) {
                    long[] shape = entry.var().shape();
                    weights.set(
                            entry.path(), Formula.values(name, order.indexOf(name), shape), shape);
                }
            }
            weights.fill(1);
            Map<String, NDArray> expected = new HashMap<>();
            for (NDArray array : NDList.decode(scope.manager(), stream)) {
                expected.put(array.getName(), array);
            }
            assertArrayEquals(
                    expected.get("mae_ViT-T.pos_embed").toFloatArray(),
                    Weights.elements(weights.array("embed.pos.positions")),
                    1e-6f);
            TorchPass pass = TorchPass.inference(weights, scope);
            NDArray x =
                    scope.manager().create(Formula.images(2, 224, 224), new Shape(2, 3, 224, 224));
            Feature embed = trunk.feature("embed");
            NDArray tokens = trunk.run(pass, x, null, embed);
            // The 49 patches of least noise, after [CLS].
            NDArray visible =
                    expected.get("mae_ViT-T.noise")
                            .argSort(1)
                            .get(":, :49")
                            .add(1)
                            .toType(DataType.INT64, false);
            NDArray cls = scope.manager().zeros(new Shape(2, 1), DataType.INT64);
            NDArray latent =
                    trunk.run(
                            pass,
                            pass.pick(tokens, cls.concat(visible, 1)),
                            embed,
                            trunk.feature("norm"));
            NDArray right = expected.get("mae_ViT-T.latent");
            assertEquals(right.getShape(), latent.getShape());
            double error = latent.sub(right).abs().max().getFloat();
            assertTrue(error <= 1e-4 * right.abs().max().getFloat(), error + "");
        }
    }

    /**
     * All tokens after the last normalisation, weights and pixels by the formula; in Python, and
     * alike for small and base
     *
     * <pre>{@code
     * net = formula(timm.create_model("vit_tiny_patch16_224", num_classes=0))
     * tokens = net.forward_features(images(224))
     * }</pre>
     */
    @Test
    void givesTheTokensOfTimm() {
        try (Reference reference =
                new Reference(new VitTiny(), settings(224, 16, Vit.Places.LEARNED))) {
            reference.gives(
                    "norm",
                    new long[] {2, 197, 192},
                    122.998909,
                    61411.042032,
                    -23.583113,
                    1.1160185,
                    0.22658406,
                    0.20029941,
                    -1.0772835,
                    1.068379,
                    1.4022894,
                    -1.0320486,
                    -0.48061907);
        }
        try (Reference reference =
                new Reference(new VitSmall(), settings(224, 16, Vit.Places.LEARNED))) {
            reference.gives(
                    "norm",
                    new long[] {2, 197, 384},
                    1252.705809,
                    119426.176559,
                    -37.788126,
                    2.7991264,
                    -2.0086999,
                    1.082733,
                    -0.50862062,
                    2.7758598,
                    -1.5235714,
                    0.827595,
                    0.23516761);
        }
        try (Reference reference =
                new Reference(new VitBase(), settings(224, 16, Vit.Places.LEARNED))) {
            reference.gives(
                    "norm",
                    new long[] {2, 197, 768},
                    230.940985,
                    244935.134320,
                    18.611580,
                    1.7193561,
                    0.70881498,
                    0.08951667,
                    -2.0394502,
                    1.7539092,
                    1.0659475,
                    -0.11863325,
                    -2.3094983);
        }
    }

    /**
     * The same with the fixed positions of masked autoencoders
     *
     * <pre>{@code
     * def sincos(width, side):  # half of the channels by column, half by row
     *     omega = 10000.0 ** (-np.arange(width // 4) / (width // 4))
     *     row, column = np.divmod(np.arange(side * side), side)
     *     waves = [f(np.outer(p, omega)) for p in (column, row) for f in (np.sin, np.cos)]
     *     grid = np.concatenate(waves, 1)
     *     return torch.from_numpy(np.concatenate([np.zeros((1, width)), grid])).float()
     *
     * net.pos_embed.copy_(sincos(net.embed_dim, 14)[None])
     * tokens = net.forward_features(images(224))
     * }</pre>
     */
    @Test
    void givesTheTokensOfTimmAtFixedPositions() {
        try (Reference reference =
                new Reference(new VitTiny(), settings(224, 16, Vit.Places.FIXED))) {
            reference.gives(
                    "norm",
                    new long[] {2, 197, 192},
                    320.101444,
                    59591.786352,
                    -23.199996,
                    1.0103298,
                    1.1177198,
                    -0.087153167,
                    -0.13376011,
                    1.0159148,
                    1.2618471,
                    0.002166081,
                    -0.27336267);
        }
        try (Reference reference =
                new Reference(new VitSmall(), settings(224, 16, Vit.Places.FIXED))) {
            reference.gives(
                    "norm",
                    new long[] {2, 197, 384},
                    1815.994638,
                    119252.090435,
                    26.948770,
                    1.6650696,
                    -0.40730706,
                    -0.4042159,
                    0.98762596,
                    1.7017533,
                    0.51946956,
                    -0.86081302,
                    1.5700479);
        }
        try (Reference reference =
                new Reference(new VitBase(), settings(224, 16, Vit.Places.FIXED))) {
            reference.gives(
                    "norm",
                    new long[] {2, 197, 768},
                    -89.120912,
                    241471.786117,
                    -165.516196,
                    -0.35612455,
                    -0.26767954,
                    -0.82837492,
                    -1.4316616,
                    -0.26730245,
                    0.18248512,
                    -1.459579,
                    -1.5349193);
        }
    }

    /**
     * Packed and fused in inference, with attention weights asked for, and with all tokens of the
     * last block instead of [CLS] alone, it gives the same.
     */
    @Test
    void everyWayGivesTheSame() {
        Trunk trunk =
                trunk(
                        new VitSmall(),
                        new Vit.Settings(48, 8, Vit.Places.LEARNED, 3, 48, 6, Vit.Pixels.IMAGENET));
        try (Weights weights = new Weights(Device.cpu())) {
            weights.add("", trunk);
            int j = 0;
            for (Weights.Entry entry : weights.entries().values()) {
                long[] shape = entry.var().shape();
                weights.set(entry.path(), Formula.values(entry.path(), j++, shape), shape);
            }
            float[] plain;
            try (Scope scope = Torch.get().training(Device.cpu())) {
                TorchPass pass = TorchPass.training(weights, scope, new TorchPass.Clock(1, 0, 0));
                plain = pass.quiet(() -> trunk.run(pass.still(), images(scope)).toFloatArray());
            }
            try (Scope scope = Torch.get().inference(Device.cpu())) {
                TorchPass pass = TorchPass.inference(weights, scope);
                assertArrayEquals(plain, trunk.run(pass, images(scope)).toFloatArray(), 1e-4f);
                Feature norm = trunk.feature("norm");
                NDArray tokens = trunk.run(pass, images(scope), null, norm);
                assertArrayEquals(
                        plain,
                        trunk.run(pass, tokens, norm, trunk.feature("cls")).toFloatArray(),
                        1e-4f);
                Feature before = trunk.feature("block1");
                NDArray last = trunk.run(pass, images(scope), null, before);
                long arrays = Torch.get().arrays();
                assertArrayEquals(
                        plain,
                        trunk.run(pass, last, before, trunk.feature("cls")).toFloatArray(),
                        1e-4f);
                assertEquals(arrays + 1, Torch.get().arrays(), "[CLS] alone is left");
                pass.ask(SelfAttention.TAP);
                assertArrayEquals(plain, trunk.run(pass, images(scope)).toFloatArray(), 1e-4f);
                List<NDArray> weightsOfBlocks =
                        pass.tapped(SelfAttention.TAP).stream().map(Tap::value).toList();
                assertEquals(3, weightsOfBlocks.size());
                assertEquals(new Shape(2, 6, 37, 37), weightsOfBlocks.get(2).getShape());
            }
        }
    }

    private static NDArray images(Scope scope) {
        return scope.manager().create(Formula.images(2, 48, 48), new Shape(2, 3, 48, 48));
    }

    @Test
    void positionsOfAnotherGridFitOnceInterpolated() {
        VitTiny vit = new VitTiny();
        Trunk trunk = trunk(vit, settings(64, 16, Vit.Places.LEARNED));
        String path = "embed.pos.positions";
        float[] file = Formula.values("pos_embed", 0, 1, 1 + 9, 192);
        assertArrayEquals(
                Positions.resize(file, 1, 3, 3, 4, 4),
                vit.fit(trunk, path, file, 1, 10, 192).orElseThrow());
        assertTrue(vit.fit(trunk, path, new float[12 * 192], 1, 12, 192).isEmpty());
        // DeiT's distillation token goes; a file without a position for [CLS] has none.
        float[] distilled = new float[11 * 192];
        float[] bare = new float[9 * 192];
        System.arraycopy(file, 0, distilled, 0, 192);
        Arrays.fill(distilled, 192, 2 * 192, 7);
        System.arraycopy(file, 192, distilled, 2 * 192, 9 * 192);
        System.arraycopy(file, 192, bare, 0, 9 * 192);
        float[] whole = vit.fit(trunk, path, file, 1, 10, 192).orElseThrow();
        assertArrayEquals(whole, vit.fit(trunk, path, distilled, 1, 11, 192).orElseThrow());
        Arrays.fill(whole, 0, 192, 0);
        assertArrayEquals(whole, vit.fit(trunk, path, bare, 1, 9, 192).orElseThrow());
        assertTrue(vit.fit(trunk, path, new float[10 * 96], 1, 10, 96).isEmpty());
        assertTrue(vit.fit(trunk, "norm.weight", new float[96], 96).isEmpty());
    }

    @Test
    void whatDoesNotFitIsRefusedInWords() {
        VitBase vit = new VitBase();
        assertTrue(refused(vit, 100, 16, 0, 0).contains("vit-base cuts 100 x 100 pixels"));
        assertTrue(refused(vit, 1024, 8, 0, 0).contains("at most 4096 patches"));
        assertTrue(refused(vit, 224, 16, 100, 0).contains("width 100 and 12 heads"));
        assertTrue(refused(vit, 224, 16, 6, 3).contains("need a multiple of 4"));
    }

    private static String refused(Vit vit, int size, int patch, int width, int heads) {
        Vit.Settings settings =
                new Vit.Settings(
                        size, patch, Vit.Places.FIXED, 0, width, heads, Vit.Pixels.IMAGENET);
        return assertThrows(IllegalArgumentException.class, () -> trunk(vit, settings))
                .getMessage();
    }
}
