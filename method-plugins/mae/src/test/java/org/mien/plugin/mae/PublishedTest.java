// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.mae;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.djl.ndarray.types.Shape;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.mien.api.Output;
import org.mien.nn.Masking;
import org.mien.testkit.Faces;
import org.mien.testkit.MethodBench;

/** Against outputs of the published code for weights, pixels and noise made by a formula. */
class PublishedTest {
    private static final Settings PAPER = new Settings(0.75, true, 0, 8, 0);

    @Test
    void latentPredictionMaskAndLossAreThoseOfThePublishedCode() throws IOException {
        Path file = Path.of(System.getProperty("mien.shared"), "oracles", "outputs.npz");
        assumeTrue(Files.exists(file));
        float[] noise = array(file, "noise");
        Masking.Noise given =
                (batch, pass, patches) -> pass.scope().create(noise, new Shape(2, patches));
        Seam seam =
                new Seam(
                        given,
                        (mae, batch, pass) -> {
                            Mae.Encoded on = mae.encode(batch, pass);
                            return Output.none()
                                    .also("latent", Output.Role.EMBEDDING, on.latent())
                                    .also("hidden", Output.Role.WEIGHTS, on.masking().hidden())
                                    .also(
                                            "predicted",
                                            Output.Role.EMBEDDING,
                                            mae.predicted(on, pass));
                        });
        Faces waves = Faces.of(waves(0), waves(1));
        try (MethodBench bench =
                MethodBench.of(seam, PAPER, 2, MethodBench.transformer(224, 16, 192, 12, 3))) {
            fill(bench);
            Map<String, MethodBench.Extra> extras = bench.predict(waves).extras();
            near(array(file, "latent"), extras.get("latent"));
            near(array(file, "mask"), extras.get("hidden"));
            near(array(file, "pred"), extras.get("predicted"));
            double loss = bench.step(waves).terms().get("reconstruction");
            assertEquals(array(file, "loss")[0], loss, 1e-4 * loss);
        }
    }

    /** The decoder's part of the published state dict; the backbone has a test of its own names. */
    @Test
    void namesAndShapesAreThoseOfThePublishedCode() {
        Map<String, List<Long>> expected = new TreeMap<>();
        expected.put("mask_token", List.of(1L, 1L, 128L));
        expected.put("decoder_pos_embed", List.of(1L, 197L, 128L));
        layer(expected, "decoder_embed", 128, 192);
        for (int i = 0; i < 8; i++) {
            String block = "decoder_blocks." + i + ".";
            layer(expected, block + "norm1", 128);
            layer(expected, block + "attn.qkv", 384, 128);
            layer(expected, block + "attn.proj", 128, 128);
            layer(expected, block + "norm2", 128);
            layer(expected, block + "mlp.fc1", 512, 128);
            layer(expected, block + "mlp.fc2", 128, 512);
        }
        layer(expected, "decoder_norm", 128);
        layer(expected, "decoder_pred", 768, 128);
        assertEquals(104, expected.size());
        MaeMethod mae = new MaeMethod();
        Map<String, List<Long>> found = new TreeMap<>();
        try (MethodBench bench =
                MethodBench.of(mae, PAPER, 2, MethodBench.transformer(224, 16, 192, 12, 3))) {
            for (String path : bench.values().keySet()) {
                if (!path.startsWith("backbone.")) {
                    List<Long> shape = Arrays.stream(bench.shape(path)).boxed().toList();
                    assertNull(found.put(mae.published(path), shape), path);
                }
            }
        }
        assertEquals(expected, found);
    }

    private static void layer(Map<String, List<Long>> names, String name, long... weight) {
        names.put(name + ".weight", Arrays.stream(weight).boxed().toList());
        names.put(name + ".bias", List.of(weight[0]));
    }

    private static double[] waves(int n) {
        double[] pixels = new double[3 * 224 * 224];
        for (int i = 0; i < pixels.length; i++) {
            int w = i % 224;
            int h = i / 224 % 224;
            int c = i / 224 / 224;
            pixels[i] = Math.sin(0.05 * h + 0.11 * w + 0.7 * c + 1.3 * n);
        }
        return pixels;
    }

    private static void near(float[] expected, MethodBench.Extra extra) {
        double[] actual = Arrays.stream(extra.rows()).flatMapToDouble(Arrays::stream).toArray();
        double[] wide = new double[expected.length];
        double largest = 0;
        for (int i = 0; i < wide.length; i++) {
            wide[i] = expected[i];
            largest = Math.max(largest, Math.abs(wide[i]));
        }
        assertArrayEquals(wide, actual, 1e-4 * largest);
    }

    /** In the order of the published state dict; positions keep their sines and cosines. */
    private static void fill(MethodBench bench) {
        List<String> order =
                new ArrayList<>(
                        List.of(
                                "backbone.embed.cls_token",
                                "backbone.embed.positions.positions",
                                "decoder.mask_token",
                                "decoder.positions.positions"));
        layers(order, "backbone.embed.patches.", "proj");
        for (int i = 0; i < 12; i++) {
            block(order, "backbone.block" + i + ".");
        }
        layers(order, "", "backbone.norm", "decoder.embed");
        for (int i = 0; i < 8; i++) {
            block(order, "decoder.blocks." + i + ".");
        }
        layers(order, "", "decoder.norm", "pred");
        assertEquals(bench.values().size(), order.size());
        for (int j = 0; j < order.size(); j++) {
            if (!order.get(j).endsWith("positions")) {
                bench.set(order.get(j), formula(order.get(j), bench.shape(order.get(j)), j));
            }
        }
    }

    private static void layers(List<String> order, String prefix, String... names) {
        for (String name : names) {
            order.add(prefix + name + ".weight");
            order.add(prefix + name + ".bias");
        }
    }

    private static void block(List<String> order, String prefix) {
        layers(order, prefix, "norm1", "attn.qkv", "attn.proj", "norm2", "mlp.fc1", "mlp.fc2");
    }

    private static double[] formula(String path, long[] shape, int j) {
        double[] values = new double[(int) Arrays.stream(shape).reduce(1, Math::multiplyExact)];
        double bound = Math.sqrt(6 / (values.length / (double) shape[0]));
        for (int n = 0; n < values.length; n++) {
            double i = n + 1;
            double wave = 43758.5453 * Math.sin(12.9898 * i + 78.233 * (j + 1));
            values[n] =
                    shape.length > 1
                            ? bound * (2 * (wave - Math.floor(wave)) - 1)
                            : path.endsWith("weight") ? 1 + 0.1 * Math.sin(i) : 0.02 * Math.cos(i);
        }
        return values;
    }

    /** An array from an archive of numpy. */
    private static float[] array(Path file, String name) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile());
                InputStream in = zip.getInputStream(zip.getEntry("mae_ViT-T." + name + ".npy"))) {
            DataInputStream data = new DataInputStream(in);
            data.readNBytes(8);
            int header = Short.toUnsignedInt(Short.reverseBytes(data.readShort()));
            String text = new String(data.readNBytes(header), StandardCharsets.ISO_8859_1);
            boolean wide = text.contains("f8");
            ByteBuffer bytes = ByteBuffer.wrap(data.readAllBytes()).order(ByteOrder.LITTLE_ENDIAN);
            float[] values = new float[bytes.remaining() / (wide ? 8 : 4)];
            for (int i = 0; i < values.length; i++) {
                values[i] = wide ? (float) bytes.getDouble() : bytes.getFloat();
            }
            return values;
        }
    }
}
