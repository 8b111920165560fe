// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mien.api.net.Tap;
import org.mien.api.net.Var;
import org.mien.engine.Scope;
import org.mien.engine.Script;
import org.mien.engine.Torch;
import org.mien.nn.spi.TorchPass;
import org.mien.nn.spi.Weights;

/** Patches, positions, attention and encoder blocks. */
class EncoderTest {
    private Weights weights;
    private Scope scope;
    private TorchPass pass;

    @BeforeAll
    static void start() {
        Torch.start(Path.of(System.getProperty("mien.torch")));
    }

    @BeforeEach
    void open() {
        weights = new Weights(Device.cpu());
        scope = Torch.get().training(Device.cpu());
        pass = TorchPass.training(weights, scope, new TorchPass.Clock(7, 0, 0));
    }

    @AfterEach
    void close() {
        scope.close();
        weights.close();
    }

    private NDArray waves(long... shape) {
        return scope.manager()
                .arange((int) new Shape(shape).size())
                .toType(DataType.FLOAT32, false)
                .mul(0.7f)
                .sin()
                .reshape(shape);
    }

    private static void near(NDArray expected, NDArray actual) {
        assertEquals(expected.getShape(), actual.getShape());
        assertArrayEquals(Weights.elements(expected), Weights.elements(actual), 2e-6f);
    }

    @Test
    void patchesAreTheConvolutionOfWhatIsCut() {
        Patches patches = new Patches(3, 5, 4);
        weights.add("p", patches);
        weights.fill(1);
        NDArray x = waves(2, 3, 8, 12);
        NDArray cut = Patches.cut(x, 4);
        assertEquals(new Shape(2, 6, 48), cut.getShape());
        // Rows 4 to 7, columns 8 to 11 are the last patch; the channels of a pixel lie together.
        assertEquals(x.getFloat(1, 2, 4, 9), cut.getFloat(1, 5, 5), 0);
        near(x, Patches.join(cut, 4, 2, 3));
        NDArray kernel =
                pass.read(weights.entries().get("p.proj.weight").var())
                        .transpose(0, 2, 3, 1)
                        .reshape(5, 48);
        near(pass.linear(cut, kernel, null), patches.run(pass, x));
        assertTrue(
                assertThrows(
                                IllegalArgumentException.class,
                                () -> patches.run(pass, waves(1, 3, 8, 10)))
                        .getMessage()
                        .contains("8 x 10 is not cut evenly into patches of 4"));
    }

    @Test
    void fixedPositionsAreSinesAndCosinesOfColumnThenRow() {
        float[] p = Positions.sinCos(1, 3, 2, 8);
        assertEquals((1 + 6) * 8, p.length);
        for (int k = 0; k < 8; k++) {
            assertEquals(0, p[k]);
        }
        double[] last = { // column 1, row 2; frequencies 1 and 10000^-0.5
            Math.sin(1), Math.sin(0.01), Math.cos(1), Math.cos(0.01),
            Math.sin(2), Math.sin(0.02), Math.cos(2), Math.cos(0.02)
        };
        for (int k = 0; k < 8; k++) {
            assertEquals(last[k], p[6 * 8 + k], 1e-7, "" + k);
        }
        Positions fixed = Positions.fixed(1, 3, 2, 8);
        assertEquals(0, fixed.parameters());
        weights.add("p", fixed);
        weights.fill(1);
        NDArray zeros = scope.manager().zeros(new Shape(2, 7, 8));
        assertArrayEquals(p, fixed.run(pass, zeros).get(1).toFloatArray());
        assertEquals(7 * 8, Positions.learned(7, 8).parameters());
        assertThrows(IllegalArgumentException.class, () -> Positions.sinCos(0, 2, 2, 6));
    }

    /** Against libtorch's own interpolation, as masked autoencoders call it. */
    @Test
    void positionsOfAnotherGridAreThoseOfBicubicInterpolation() {
        Script script =
                Torch.get()
                        .script(
                                """
                                  def bicubic(self: __torch__.Ops, x: Tensor, h: int, w: int) -> Tensor:
                                    return torch.upsample_bicubic2d(x, [h, w], False, None, None)
                                """,
                                Device.cpu());
        for (int[] g : new int[][] {{3, 4, 6, 8}, {5, 4, 3, 7}, {2, 1, 4, 4}, {3, 3, 3, 3}}) {
            NDArray grid = waves(1, 6, g[0], g[1]);
            NDArray expected = script.call(scope.manager(), "bicubic", grid, g[2], g[3]);
            NDArray tokens = grid.reshape(6, -1).transpose(1, 0);
            NDArray first = scope.manager().full(new Shape(1, 6), 9f);
            float[] resized =
                    Positions.resize(
                            Weights.elements(first.concat(tokens, 0)), 1, g[0], g[1], g[2], g[3]);
            near(
                    first.concat(expected.reshape(6, -1).transpose(1, 0), 0),
                    scope.manager().create(resized, new Shape(1 + g[2] * g[3], 6)));
        }
    }

    @Test
    void attentionWeightsOnDemandGiveTheSameAsTheFusedAttention() {
        SelfAttention attention = new SelfAttention(6, 3);
        weights.add("a", attention);
        weights.fill(2);
        NDArray x = waves(2, 5, 6);
        pass.begin("train", weights.entries().keySet());
        NDArray fused = attention.run(pass, x);
        pass.ask(SelfAttention.TAP);
        NDArray explicit = attention.run(pass, x);
        near(fused, explicit);
        List<NDArray> tapped = pass.tapped(SelfAttention.TAP).stream().map(Tap::value).toList();
        assertEquals(1, tapped.size());
        assertEquals(new Shape(2, 3, 5, 5), tapped.get(0).getShape());
        near(scope.manager().ones(new Shape(2, 3, 5)), tapped.get(0).sum(new int[] {3}));
        // The output is computed from what was handed out.
        NDArray gradient = pass.gradient(explicit.square().sum(), tapped.get(0));
        assertTrue(gradient.abs().sum().getFloat() > 0);
    }

    private static NDArray parts(TorchPass pass, TransformerBlock block, boolean first, NDArray x) {
        LayerNorm norm1 = (LayerNorm) block.parts().get("norm1");
        LayerNorm norm2 = (LayerNorm) block.parts().get("norm2");
        SelfAttention attn = (SelfAttention) block.parts().get("attn");
        Mlp mlp = (Mlp) block.parts().get("mlp");
        if (first) {
            NDArray y = x.add(attn.run(pass, norm1.run(pass, x)));
            return y.add(mlp.run(pass, norm2.run(pass, y)));
        }
        NDArray y = norm1.run(pass, x.add(attn.run(pass, x)));
        return norm2.run(pass, y.add(mlp.run(pass, y)));
    }

    private void gradients(List<float[]> found, NDArray y, NDArray x) {
        NDArray loss = y.square().sum();
        found.add(Weights.elements(pass.gradient(loss, x)));
        pass.gradients(loss).values().forEach(g -> found.add(Weights.elements(g)));
    }

    private static void near(List<float[]> expected, List<float[]> actual) {
        assertEquals(expected.size(), actual.size());
        for (int i = 0; i < expected.size(); i++) {
            assertArrayEquals(expected.get(i), actual.get(i), 2e-5f, "" + i);
        }
    }

    /** One call gives what its parts give, with their gradients; also for some tokens. */
    @Test
    void aBlockIsItsPartsInBothOrders() {
        for (TransformerBlock.Order order : TransformerBlock.Order.values()) {
            boolean first = order == TransformerBlock.Order.NORM_FIRST;
            TransformerBlock block =
                    new TransformerBlock(6, 2, 10, order, 1e-5, 0, Var.Init.XAVIER);
            weights.add(order.name(), block);
            weights.fill(3);
            pass.begin("train", weights.entries().keySet());
            NDArray x = waves(2, 5, 6);
            x.setRequiresGradient(true);
            NDArray expected = parts(pass, block, first, x);
            NDArray whole = block.run(pass, x);
            near(expected, whole);
            List<float[]> of = new ArrayList<>();
            List<float[]> ofWhole = new ArrayList<>();
            gradients(of, expected, x);
            gradients(ofWhole, whole, x);
            assertEquals(1 + 12, of.size());
            near(of, ofWhole);
            NDArray token = block.first(pass, x).orElseThrow();
            near(expected.get(":, :1"), token);
            of.clear();
            ofWhole.clear();
            gradients(of, parts(pass, block, first, x).get(":, :1"), x);
            gradients(ofWhole, token, x);
            near(of, ofWhole);
            NDArray places = scope.manager().create(new long[] {4, 0, 2, 1, 1, 3}, new Shape(2, 3));
            NDArray some = block.at(pass, x, places);
            near(pass.pick(expected, places), some);
            of.clear();
            ofWhole.clear();
            gradients(of, pass.pick(parts(pass, block, first, x), places), x);
            gradients(ofWhole, some, x);
            near(of, ofWhole);
        }
    }

    @Test
    void aBlockInInferenceIsItsPartsWithFourForms() {
        for (TransformerBlock.Order order : TransformerBlock.Order.values()) {
            TransformerBlock block =
                    new TransformerBlock(16, 2, 24, order, 1e-5, 0, Var.Init.XAVIER);
            try (Weights own = new Weights(Device.cpu());
                    Scope quiet = Torch.get().inference(Device.cpu())) {
                own.add("b", block);
                own.fill(3);
                NDArray x = waves(2, 9, 16).toDevice(Device.cpu(), true);
                NDArray expected =
                        parts(
                                TorchPass.training(own, quiet, new TorchPass.Clock(1, 0, 0)),
                                block,
                                order == TransformerBlock.Order.NORM_FIRST,
                                x);
                long before = Torch.get().arrays();
                TorchPass still = TorchPass.inference(own, quiet);
                NDArray whole = block.run(still, x);
                // Normalisations as leaves, four forms where oneDNN computes, the result.
                int forms = Torch.get().oneDnn().trusted() ? 4 : 0;
                assertEquals(before + 4 + 8 + forms + 1, Torch.get().arrays());
                near(expected, whole);
                near(expected.get(":, :1"), block.first(still, x).orElseThrow());
                NDArray places = quiet.manager().create(new long[] {8, 3}, new Shape(2, 1));
                near(still.pick(expected, places), block.at(still, x, places));
                still.ask(SelfAttention.TAP);
                near(still.pick(expected, places), block.at(still, x, places));
                assertEquals(1, still.tapped(SelfAttention.TAP).size());
                near(expected, block.run(still, x));
                assertEquals(1, still.tapped(SelfAttention.TAP).size());
                assertTrue(block.first(still, x).isEmpty(), "all tokens look somewhere");
            }
        }
    }

    @Test
    void aBlockHasTheNamesOfTimmAndDropsOnlyInTraining() {
        TransformerBlock block =
                new TransformerBlock(
                        4,
                        2,
                        8,
                        TransformerBlock.Order.NORM_FIRST,
                        1e-6,
                        0.5,
                        Var.Init.TRUNCATED_NORMAL);
        List<String> names = new ArrayList<>();
        block.each("", (path, var) -> names.add(path));
        assertEquals(
                List.of(
                        "norm1.weight", "norm1.bias",
                        "attn.qkv.weight", "attn.qkv.bias",
                        "attn.proj.weight", "attn.proj.bias",
                        "norm2.weight", "norm2.bias",
                        "mlp.fc1.weight", "mlp.fc1.bias",
                        "mlp.fc2.weight", "mlp.fc2.bias"),
                names);
        weights.add("b", block);
        weights.fill(1);
        NDArray x = waves(1, 3, 4);
        TransformerBlock still = new TransformerBlock(4, 2, 8);
        try (Weights other = new Weights(Device.cpu())) {
            other.add("b", still);
            other.fill(1);
            TorchPass plain = TorchPass.training(other, scope, new TorchPass.Clock(7, 0, 0));
            NDArray expected = still.run(plain, x);
            near(expected, block.run(pass.still(), x));
            assertTrue(block.run(pass, x).sub(expected).abs().max().getFloat() > 1e-4f);
        }
    }

    @Test
    void averagePoolingDividesTheMap() {
        NDArray x = scope.manager().create(new float[] {1, 2, 3, 4, 5, 6}, new Shape(1, 1, 2, 3));
        // PyTorch's windows from floor(i H / H') to ceil((i + 1) H / H').
        near(
                scope.manager().create(new float[] {3, 4}, new Shape(1, 1, 1, 2)),
                pass.averagePool(x, 1, 2));
        near(x, pass.averagePool(x, 2, 3));
        assertEquals(new Shape(1, 1, 6, 6), pass.averagePool(x, 6, 6).getShape());
    }

    /** Against the definition in plain Java: momentum 0.1, the variance of n - 1. */
    @Test
    void runningStatisticsAfterTenSteps() {
        BatchNorm norm = new BatchNorm(2);
        weights.add("bn", norm);
        weights.fill(1);
        double[] mean = {0, 0};
        double[] variance = {1, 1};
        for (int step = 0; step < 10; step++) {
            int n = 3 + step % 2;
            float[] values = new float[n * 2 * 4];
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (Math.sin(1.3 * i + step) + 0.5 * step * (i / 4 % 2));
            }
            for (int c = 0; c < 2; c++) {
                double sum = 0;
                double squares = 0;
                for (int i = 0; i < n * 4; i++) {
                    double value = values[i / 4 * 8 + c * 4 + i % 4];
                    sum += value;
                    squares += value * value;
                }
                double m = sum / (n * 4);
                mean[c] = 0.9 * mean[c] + 0.1 * m;
                variance[c] = 0.9 * variance[c] + 0.1 * (squares - n * 4 * m * m) / (n * 4 - 1);
            }
            pass.begin("train", weights.entries().keySet());
            norm.run(pass, scope.manager().create(values, new Shape(n, 2, 2, 2)));
            pass.commit();
        }
        float[] means = Weights.elements(weights.array("bn.running_mean"));
        float[] variances = Weights.elements(weights.array("bn.running_var"));
        for (int c = 0; c < 2; c++) {
            assertEquals(mean[c], means[c], 1e-6);
            assertEquals(variance[c], variances[c], 1e-6);
        }
    }

    @Test
    void oneValueOfAChannelHasNoVariance() {
        BatchNorm norm = new BatchNorm(2);
        Conv2d conv = new Conv2d(3, 2, 3, 2, 0);
        weights.add("bn", norm);
        weights.add("conv", conv);
        weights.fill(1);
        pass.begin("train", weights.entries().keySet());
        String text =
                assertThrows(
                                IllegalArgumentException.class,
                                () -> norm.run(pass, waves(1, 2, 1, 1)))
                        .getMessage();
        assertTrue(text.contains("phase 'train': batch normalisation"), text);
        assertThrows(IllegalArgumentException.class, () -> conv.run(pass, waves(1, 3, 4, 4), norm));
        norm.run(pass, waves(2, 2));
        conv.run(pass, waves(2, 3, 4, 4), norm);
        norm.run(pass.still(), waves(1, 2));
    }

    @Test
    void whatIsAddedToALinearLayerMustHaveItsShape() {
        Linear linear = new Linear(4, 3, false);
        weights.add("l", linear);
        weights.fill(1);
        NDArray x = waves(2, 5, 4);
        near(linear.run(pass, x).add(1f), linear.plus(pass, x, waves(2, 5, 3).mul(0).add(1f)));
        assertEquals(
                "a linear layer gives (2, 5, 3) here; what is added has (1, 5, 3)",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> linear.plus(pass, x, waves(1, 5, 3)))
                        .getMessage());
    }

    @Test
    void weightsOf64BitsComputeIn64Bits() {
        TransformerBlock block = new TransformerBlock(4, 2, 8);
        try (Weights wide = new Weights(Device.cpu(), DataType.FLOAT64)) {
            wide.add("b", block);
            wide.fill(1);
            TorchPass passes = TorchPass.training(wide, scope, new TorchPass.Clock(1, 0, 0));
            passes.begin("train", wide.entries().keySet());
            NDArray x = pass.cast(waves(2, 3, 4), DataType.FLOAT64);
            assertEquals(DataType.FLOAT64, block.run(passes, x).getDataType());
            assertEquals(4 * 12, Weights.elements(wide.array("b.attn.qkv.weight")).length);
        }
        assertThrows(
                IllegalArgumentException.class, () -> new Weights(Device.cpu(), DataType.INT32));
    }
}
