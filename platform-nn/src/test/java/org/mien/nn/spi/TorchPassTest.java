// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.nn.spi;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mien.api.Batch;
import org.mien.api.InputSpec;
import org.mien.api.Output;
import org.mien.api.data.Sample;
import org.mien.api.data.Target;
import org.mien.api.net.Net;
import org.mien.api.net.Pass;
import org.mien.api.net.Tap;
import org.mien.api.net.Var;
import org.mien.engine.Scope;
import org.mien.engine.Torch;
import org.mien.nn.BatchNorm;
import org.mien.nn.Conv2d;
import org.mien.nn.Fn;
import org.mien.nn.LayerNorm;
import org.mien.nn.Linear;
import org.mien.nn.Prelu;
import org.mien.nn.SelfAttention;
import org.mien.nn.Sequence;

/**
 * Values of operations against PyTorch 1.13 in float64, printed by calling {@code F.interpolate},
 * {@code softmax(q @ k.T / 2) @ v}, {@code F.smooth_l1_loss}, .. on the inputs below; gradients
 * against finite differences in float64.
 */
class TorchPassTest {
    private Weights weights;
    private Scope scope;
    private TorchPass pass;
    private NDManager m;

    @BeforeAll
    static void start() {
        Torch.start(Path.of(System.getProperty("mien.torch")));
    }

    @BeforeEach
    void open() {
        weights = new Weights(Device.cpu());
        scope = Torch.get().training(Device.cpu());
        pass = TorchPass.training(weights, scope, new TorchPass.Clock(7, 2, 31));
        m = scope.manager();
    }

    @AfterEach
    void close() {
        scope.close();
        weights.close();
    }

    private NDArray ramp(long... shape) {
        return m.arange((int) new Shape(shape).size())
                .toType(DataType.FLOAT32, false)
                .reshape(shape);
    }

    private static void near(double[] expected, NDArray actual) {
        float[] values = actual.toType(DataType.FLOAT32, false).toFloatArray();
        assertEquals(expected.length, values.length);
        for (int i = 0; i < values.length; i++) {
            assertEquals(expected[i], values[i], 2e-6 * Math.max(1, Math.abs(expected[i])), "" + i);
        }
    }

    private record Fixed(NDArray targets, NDArray weights, List<Sample> samples) implements Batch {
        Fixed(NDArray targets, List<Sample> samples) {
            this(targets, null, samples);
        }

        @Override
        public int size() {
            return samples.size();
        }

        @Override
        public NDArray view(String name) {
            throw new IllegalArgumentException(name);
        }

        @Override
        public InputSpec input() {
            throw new IllegalStateException();
        }

        @Override
        public NDArray labels() {
            return targets.argMax(1);
        }

        @Override
        public NDArray multiLabel() {
            throw new IllegalStateException();
        }

        @Override
        public NDArray values() {
            throw new IllegalStateException();
        }

        @Override
        public NDArray known(Target target) {
            throw new IllegalStateException();
        }

        @Override
        public NDArray index() {
            throw new IllegalStateException();
        }

        @Override
        public void relabel(NDArray where, NDArray labels) {
            throw new IllegalStateException();
        }
    }

    private static Sample sample(String id) {
        return Sample.of(id, id).split(Sample.Split.TRAIN).label(0).build();
    }

    @Test
    void probabilitiesAreComputedWhenTheyAreAskedFor() {
        NDArray logits = ramp(2, 3);
        long before = Torch.get().arrays();
        Output output = Output.logits(logits);
        assertEquals(before, Torch.get().arrays());
        NDArray once = output.probabilities();
        assertEquals(before + 1, Torch.get().arrays());
        assertSame(once, output.probabilities());
        near(new double[] {1, 1}, once.sum(new int[] {1}));
    }

    @Test
    void resize() {
        NDArray x = ramp(1, 1, 4, 4).sin();
        near(
                new double[] {
                    0.0,
                    0.6311032386,
                    0.8753842058,
                    0.7172530721,
                    0.1411200081,
                    0.1162778757,
                    -0.1759827021,
                    -0.3425605996,
                    -0.3516641794,
                    -0.1715018039,
                    -0.5365729180,
                    0.1809820481,
                    0.7053871963,
                    0.9055274768,
                    0.6502878402
                },
                pass.resize(x, 3, 5, true));
        near(
                new double[] {
                    -0.1261337492, 0.3411434510, 0.6262918571, 0.5659543561, 0.2270977732,
                    0.1162778757, -0.1564986636, -0.3425605996, -0.3396533344, -0.1715018039,
                    -0.2822510572, 0.2085026109, 0.5768307781, 0.6269576109, 0.3752414990
                },
                pass.resize(x, 3, 5, false));
    }

    @Test
    void attention() {
        NDArray x = ramp(1, 2, 3, 4);
        NDArray y = pass.attention(x.sin(), x.cos(), x.div(10));
        near(
                new double[] {
                    0.3385031952, 0.4385031952, 0.5385031952, 0.6385031952, 0.5642796355,
                    0.6642796355, 0.7642796355, 0.8642796355, 0.1973977583, 0.2973977583,
                    0.3973977583, 0.4973977583, 1.5552547088, 1.6552547088, 1.7552547088,
                    1.8552547088, 1.7443874399, 1.8443874399, 1.9443874399, 2.0443874399,
                    1.4454768432, 1.5454768432, 1.6454768432, 1.7454768432
                },
                y);
    }

    @Test
    void losses() {
        NDArray a = m.create(new float[] {0.2f, -1.5f, 3});
        NDArray b = m.create(new float[] {0, 1, 0.5f});
        near(new double[] {1.34937983}, pass.binaryCrossEntropy(a, b));
        // The same value in 64 bits, though the targets have 32.
        NDArray wide = pass.binaryCrossEntropy(a.toType(DataType.FLOAT64, true), b);
        assertEquals(DataType.FLOAT64, wide.getDataType());
        assertNotEquals((float) wide.getDouble(), wide.getDouble());
        near(new double[] {1.34}, pass.smoothL1(a, b));
        near(new double[] {0.11585194, -0.10021080, 2.99595031}, pass.gelu(a));
        near(new double[] {0}, pass.cosine(a, b));
        NDArray logits = m.create(new float[] {1, 2, -1, 0.5f, -0.5f, 0}, new Shape(2, 3));
        NDArray targets = m.create(new float[] {0, 1, 0, 0.2f, 0.3f, 0.5f}, new Shape(2, 3));
        Batch batch = new Fixed(targets, List.of(sample("a"), sample("b")));
        near(new double[] {0.78964094}, pass.crossEntropy(logits, batch));
        // By hand: the losses of the two rows are 0.34901222 and 1.23026966.
        NDArray weights = m.create(new float[] {3, 1});
        Batch weighted = new Fixed(targets, weights, batch.samples());
        near(new double[] {(3 * 0.34901222 + 1.23026966) / 4}, pass.crossEntropy(logits, weighted));
        // Nobody's class is known: nothing to learn, and no division by zero.
        Batch unknown = new Fixed(targets.mul(0), weights.mul(0), batch.samples());
        near(new double[] {0}, pass.crossEntropy(logits, unknown));
    }

    @Test
    void lossesCountWhatIsKnown() {
        NDArray a = m.create(new float[] {0.2f, -1.5f, 3, 1}, new Shape(2, 2));
        NDArray b = m.create(new float[] {0, 1, 0.5f, 9}, new Shape(2, 2));
        NDArray three = m.create(new float[] {1, 1, 1, 0}, new Shape(2, 2));
        // As of the first three alone, see above.
        near(new double[] {1.34937983}, pass.binaryCrossEntropy(a, b, three));
        near(new double[] {1.34}, pass.smoothL1(a, b, three));
        NDArray none = three.mul(0);
        near(new double[] {0}, pass.binaryCrossEntropy(a, b, none));
        near(new double[] {0}, pass.smoothL1(a, b, none));
    }

    /** Against sums in 64 bits, written out after Lin's definition. */
    @Test
    void concordanceIsLins() {
        double[] x = {0.1, -0.4, 0.9, 0.3, -0.8};
        double[] y = {0.3, -0.5, 0.6, 0.2, 0.1};
        int known = 4; // of the second column, the first four
        double[] expected = {ccc(x, y, 5), ccc(x, y, known), 0};
        float[] both = new float[15];
        float[] other = new float[15];
        float[] counts = new float[15];
        for (int i = 0; i < 5; i++) {
            for (int v = 0; v < 3; v++) {
                both[3 * i + v] = (float) x[i];
                other[3 * i + v] = v == 1 && i >= known ? 7 : (float) y[i];
                counts[3 * i + v] = v == 0 || v == 1 && i < known || v == 2 && i == 0 ? 1 : 0;
            }
        }
        Shape shape = new Shape(5, 3);
        near(
                expected,
                pass.concordance(
                        m.create(both, shape), m.create(other, shape), m.create(counts, shape)));
        near(
                new double[] {1},
                pass.concordance(
                        m.create(new float[] {1, 2, 4}, new Shape(3, 1)),
                        m.create(new float[] {1, 2, 4}, new Shape(3, 1)),
                        m.ones(new Shape(3, 1))));
    }

    private static double ccc(double[] x, double[] y, int n) {
        double meanX = 0;
        double meanY = 0;
        for (int i = 0; i < n; i++) {
            meanX += x[i] / n;
            meanY += y[i] / n;
        }
        double together = 0;
        double varX = 0;
        double varY = 0;
        for (int i = 0; i < n; i++) {
            together += (x[i] - meanX) * (y[i] - meanY) / n;
            varX += (x[i] - meanX) * (x[i] - meanX) / n;
            varY += (y[i] - meanY) * (y[i] - meanY) / n;
        }
        return 2 * together / (varX + varY + (meanX - meanY) * (meanX - meanY));
    }

    @Test
    void batchNormFollowsOnlyWhenTheUpdateTakesEffect() {
        BatchNorm norm = new BatchNorm(3);
        weights.add("bn", norm);
        weights.fill(1);
        weights.set("bn.weight", new float[] {1, 0.5f, 2}, 3);
        weights.set("bn.bias", new float[] {0, 0.1f, -0.2f}, 3);
        NDArray x = ramp(2, 3, 2, 2).sin();
        double[] train = {
            -0.8617630146, 0.8362894349, 0.9731602933, -0.5769888754, -0.2322648533, -0.4197356073
        };
        pass.begin("other", Set.of());
        near(train, norm.run(pass, x).flatten().get("0:6"));
        pass.commit();
        near(new double[] {0, 0, 0}, weights.array("bn.running_mean"));
        pass.begin("train", weights.entries().keySet());
        near(train, norm.run(pass, x).flatten().get("0:6"));
        near(new double[] {0, 0, 0}, weights.array("bn.running_mean"));
        pass.commit();
        near(
                new double[] {0.0427047217, -0.0398570814, 0.0093999324},
                weights.array("bn.running_mean"));
        near(
                new double[] {0.9280640504, 0.9332105589, 0.9660507542},
                weights.array("bn.running_var"));
        near(
                new double[] {
                    -0.0443286577,
                    0.8291410149,
                    0.8995466987,
                    0.1021577327,
                    -0.2710769228,
                    -0.3756912023
                },
                norm.run(pass.still(), x).flatten().get("0:6"));
    }

    @Test
    void shapesAndPicks() {
        near(
                new double[] {0, 2, 1, 3},
                pass.pixelShuffle(m.create(new float[] {0, 2, 1, 3}, new Shape(1, 4, 1, 1)), 2));
        NDArray index = m.create(new long[] {2, 0}, new Shape(1, 2));
        near(new double[] {4, 5, 0, 1}, pass.pick(ramp(1, 3, 2), index));
        near(
                new double[] {-0.5, 2, -3, 4},
                pass.prelu(
                        m.create(new float[] {-1, 2, -3, 4}, new Shape(1, 2, 1, 2)),
                        m.create(new float[] {0.5f, 1})));
        near(new double[] {1.5, 5.5}, pass.globalAveragePool(ramp(1, 2, 2, 2)));
        near(new double[] {5, 7, 13, 15}, pass.maxPool(ramp(1, 1, 4, 4), 2, 2, 0));
        near(
                new double[] {0, 5, 5, 0},
                pass.distances(
                        m.create(new float[] {0, 0, 3, 4}, new Shape(1, 2, 2)),
                        m.create(new float[] {0, 0, 3, 4}, new Shape(1, 2, 2))));
    }

    /** Gradient at x against central differences in float64. */
    private void gradient(double[] at, Function<NDArray, NDArray> function, long... shape) {
        NDArray x = m.create(at, new Shape(shape));
        x.setRequiresGradient(true);
        double[] found = pass.gradient(function.apply(x).sum(), x).toDoubleArray();
        for (int i = 0; i < at.length; i++) {
            double[] up = at.clone();
            double[] down = at.clone();
            up[i] += 1e-6;
            down[i] -= 1e-6;
            double slope =
                    (function.apply(m.create(up, new Shape(shape))).sum().toDoubleArray()[0]
                                    - function.apply(m.create(down, new Shape(shape)))
                                            .sum()
                                            .toDoubleArray()[0])
                            / 2e-6;
            assertEquals(slope, found[i], 1e-6 * Math.max(1, Math.abs(slope)), "element " + i);
        }
    }

    @Test
    void gradientsAgainstFiniteDifferences() {
        double[] six = {0.3, -0.7, 1.1, -0.2, 0.9, 0.4};
        NDArray other = m.create(new double[] {0.1, 0.5, -0.6, 0.8, -0.3, 0.2}, new Shape(1, 3, 2));
        gradient(six, x -> pass.norm(x).pow(2).add(pass.norm(x)), 1, 3, 2);
        gradient(six, x -> pass.distances(x, other).tanh(), 1, 3, 2);
        gradient(six, x -> pass.cosine(x, other), 1, 3, 2);
        gradient(six, x -> pass.smoothL1(x.mul(2), other), 1, 3, 2);
        gradient(six, x -> pass.binaryCrossEntropy(x, pass.sigmoid(other)), 1, 3, 2);
        NDArray some = pass.sigmoid(other);
        gradient(six, x -> pass.binaryCrossEntropy(x, pass.sigmoid(other), some), 1, 3, 2);
        gradient(six, x -> pass.smoothL1(x.mul(2), other, some), 1, 3, 2);
        gradient(
                six,
                x -> pass.concordance(x.reshape(3, 2), other.reshape(3, 2), some.reshape(3, 2)),
                1,
                3,
                2);
        gradient(six, x -> pass.cast(pass.cast(x, DataType.FLOAT64), DataType.FLOAT64), 6);
        gradient(six, x -> pass.resize(x.reshape(1, 1, 2, 3), 4, 4, true).pow(2), 6);
        gradient(six, pass::gelu, 6);
        gradient(
                six,
                x ->
                        pass.attention(
                                x.reshape(1, 1, 3, 2),
                                other.reshape(1, 1, 3, 2),
                                x.reshape(1, 1, 3, 2)),
                6);
    }

    @Test
    void gradientsAreFiniteAtZero() {
        NDArray x = m.zeros(new Shape(1, 2, 3));
        x.setRequiresGradient(true);
        near(new double[6], pass.gradient(pass.norm(x).sum(), x));
        NDArray y = m.ones(new Shape(1, 2, 3));
        y.setRequiresGradient(true);
        near(new double[6], pass.gradient(pass.distances(y, y).sum(), y));
    }

    @Test
    void castKeepsTheGradient() {
        NDArray x = m.create(new float[] {2});
        x.setRequiresGradient(true);
        NDArray y = pass.cast(pass.cast(x, DataType.FLOAT64).mul(3), DataType.FLOAT32).sum();
        near(new double[] {3}, pass.gradient(y, x));
    }

    @Test
    void whatIsOfferedIsComputedOnlyWhenAskedFor() {
        NDArray x = ramp(3);
        assertTrue(pass.tap("half", () -> fail("computed for nobody")).isEmpty());
        pass.ask("half");
        pass.ask("half");
        assertEquals(List.of(), pass.tapped("half"));
        NDArray half = pass.tap("half", () -> x.div(2)).orElseThrow();
        pass.still().tap("half", () -> x);
        assertEquals(List.of(half, x), pass.tapped("half").stream().map(Tap::value).toList());
        assertEquals(List.of(), pass.tapped("half"));
        assertTrue(
                assertThrows(IllegalArgumentException.class, () -> pass.tapped("third"))
                        .getMessage()
                        .contains("'third' was not asked for; asked: [half]"));
    }

    @Test
    void castMakesNumbersOfAMask() {
        NDArray x = m.create(new float[] {1, 3, 2});
        near(new double[] {0, 1, 1}, pass.cast(x.gt(1.5f), DataType.FLOAT32));
        assertEquals(DataType.INT64, pass.cast(x.gt(1.5f), DataType.INT64).getDataType());
    }

    @Test
    void gradientReachesWhatThePhaseMovesAndNothingElse() {
        Sequence net =
                new Sequence(
                        new Conv2d(3, 4, 3, 1, 1),
                        new BatchNorm(4),
                        new Prelu(4),
                        new Fn((ops, x) -> ops.globalAveragePool(x)),
                        new Linear(4, 6),
                        new LayerNorm(6, 1e-6),
                        new Fn((ops, x) -> x.expandDims(1)),
                        new SelfAttention(6, 2));
        weights.add("net", net);
        weights.fill(3);
        assertEquals(4 * 27 + 8 + 4 + 30 + 12 + (6 * 18 + 18) + (36 + 6), net.parameters());
        pass.begin("train", weights.entries().keySet());
        NDArray x = ramp(2, 3, 5, 5).sin();
        Map<String, NDArray> all = pass.gradients(net.run(pass, x).pow(2).sum());
        assertEquals(
                weights.entries().values().stream()
                        .filter(e -> e.var().trained())
                        .map(Weights.Entry::path)
                        .toList(),
                List.copyOf(all.keySet()));
        all.forEach((path, g) -> assertTrue(g.abs().sum().getFloat() > 0, path));
        pass.begin("train", Set.of("net.4.weight"));
        assertEquals(
                Set.of("net.4.weight"), pass.gradients(net.run(pass, x).pow(2).sum()).keySet());
    }

    @Test
    void dropoutIsAFunctionOfSeedAndStep() {
        NDArray x = m.ones(new Shape(1000));
        pass.begin("train", Set.of());
        float[] first = pass.dropout(x, 0.25).toFloatArray();
        float[] second = pass.dropout(x, 0.25).toFloatArray();
        assertNotEquals(Arrays.toString(first), Arrays.toString(second));
        pass.begin("train", Set.of());
        assertArrayEquals(first, pass.dropout(x, 0.25).toFloatArray());
        int zeros = 0;
        for (float value : first) {
            assertTrue(value == 0 || Math.abs(value - 1 / 0.75) < 1e-6);
            zeros += value == 0 ? 1 : 0;
        }
        assertEquals(250, zeros, 60);
        assertArrayEquals(x.toFloatArray(), pass.still().dropout(x, 0.25).toFloatArray());
    }

    @Test
    void aRowOfDrawsBelongsToItsSample() {
        Batch two = new Fixed(null, List.of(sample("a"), sample("b")));
        Batch one = new Fixed(null, List.of(sample("b")));
        float[] both = pass.uniform("mask", two, 3).toFloatArray();
        assertArrayEquals(
                Arrays.copyOfRange(both, 3, 6), pass.uniform("mask", one, 3).toFloatArray());
        assertNotEquals(both[0], both[3]);
        assertNotEquals(both[3], pass.uniform("other", one, 3).toFloatArray()[0]);
    }

    @Test
    void phasesHandArraysOnDetached() {
        NDArray x = m.create(new float[] {2});
        x.setRequiresGradient(true);
        pass.begin("generator", Set.of());
        pass.keep("fake", x.mul(x));
        pass.begin("discriminator", Set.of());
        NDArray fake = pass.kept("fake");
        fake.setRequiresGradient(true);
        near(new double[] {5}, pass.gradient(fake.mul(5).sum(), fake));
        IllegalArgumentException e =
                assertThrows(IllegalArgumentException.class, () -> pass.kept("real"));
        assertTrue(e.getMessage().contains("kept: [fake]"), e.getMessage());
    }

    @Test
    void misuseIsNamed() {
        final class Odd extends Net {
            final Var w = weight("w", Var.Init.ZEROS, 2);
            final Var s = state("s", 0, 2);

            @Override
            public NDArray run(Pass p, NDArray x) {
                return p.read(w);
            }
        }
        Odd hung = new Odd();
        weights.add("odd", hung);
        weights.fill(1);
        NDArray two = m.zeros(new Shape(2));
        assertTrue(
                assertThrows(IllegalArgumentException.class, () -> new Odd().run(pass, two))
                        .getMessage()
                        .contains("hangs on no build"));
        assertTrue(
                assertThrows(IllegalArgumentException.class, () -> pass.write(hung.w, two))
                        .getMessage()
                        .contains("'odd.w' is a weight"));
        assertTrue(
                assertThrows(
                                IllegalArgumentException.class,
                                () -> pass.write(hung.s, m.zeros(new Shape(3))))
                        .getMessage()
                        .contains("expected [2]"));
        assertTrue(
                assertThrows(IllegalArgumentException.class, () -> weights.add("odd", new Odd()))
                        .getMessage()
                        .contains("two vars have the path 'odd.w'"));
    }

    @Test
    void pixelsBecomeTheInput() {
        ByteBuffer rgb = ByteBuffer.allocateDirect(2 * 1 * 3);
        rgb.put(new byte[] {0, (byte) 255, 51, 102, 0, (byte) 255}).flip();
        InputSpec input = new InputSpec(1, 2, List.of(0.5f, 0f, 0f), List.of(0.5f, 1f, 0.5f));
        near(new double[] {-1, -0.2, 1, 0, 0.4, 2}, Images.tensor(m, rgb, 1, input));
    }

    @Test
    void drawsAreTheSameHereAndInTorch() {
        long key = Counter.key(5L, "x");
        Counter counter = Counter.of(5L, "x");
        NDArray torch = Operations.call(m, "uniform", m.zeros(new Shape(5)), key);
        float[] here = new float[5];
        for (int i = 0; i < 5; i++) {
            here[i] = counter.nextFloat();
        }
        assertArrayEquals(here, torch.toFloatArray());
    }

    @Test
    void startValuesAreAFunctionOfSeedAndPath() {
        weights.add("a", new Linear(64, 32));
        weights.add("b", new Linear(64, 32));
        weights.add("c", new Conv2d(16, 32, 3, 1, 1));
        weights.fill(11);
        float[] a = weights.array("a.weight").toFloatArray();
        assertNotEquals(a[0], weights.array("b.weight").toFloatArray()[0]);
        try (Weights again = new Weights(Device.cpu())) {
            again.add("a", new Linear(64, 32));
            again.fill(11);
            assertArrayEquals(a, again.array("a.weight").toFloatArray());
        }
        for (float value : a) {
            assertTrue(Math.abs(value) <= 1 / 8.0);
        }
        NDArray c = weights.array("c.weight");
        double deviation = Math.sqrt(c.pow(2).mean().getFloat());
        assertEquals(Math.sqrt(2.0 / (32 * 9)), deviation, 0.002);
    }

    /** Doubles, keeps what it saw, and gives a weight back where it is told to. */
    private static final class Odd extends Net {
        private final Var weight = weight("w", Var.Init.ONES, 2);
        private final boolean gives;

        Odd(boolean gives) {
            this.gives = gives;
        }

        @Override
        public NDArray run(Pass pass, NDArray x) {
            pass.keep("seen", x);
            NDArray twice = x.add(x).mul(pass.read(weight));
            return gives ? pass.read(weight) : twice;
        }
    }

    /** Inference needs the memory of one part at a time; training keeps all for its gradient. */
    @Test
    void whatAPartMakesOnTheWayDiesWithItInInference() {
        Sequence net =
                new Sequence(
                        new Odd(false),
                        new Sequence(new Odd(false), new Fn((ops, x) -> x)),
                        new Odd(true),
                        new Odd(false));
        weights.add("net", net);
        weights.fill(1);
        NDArray[] results = new NDArray[2];
        long[] made = new long[2];
        try (Scope quiet = Torch.get().inference(Device.cpu())) {
            for (boolean training : new boolean[] {false, true}) {
                TorchPass one =
                        training
                                ? TorchPass.training(weights, quiet, new TorchPass.Clock(1, 0, 0))
                                : TorchPass.inference(weights, quiet);
                NDArray x = quiet.manager().create(new float[] {1, 2});
                weights.entries().values().forEach(entry -> one.read(entry.var()));
                int i = training ? 1 : 0;
                long before = Torch.get().arrays();
                results[i] = net.run(one, x);
                made[i] = Torch.get().arrays() - before;
                assertArrayEquals(new float[] {2, 2}, results[i].toFloatArray());
                assertArrayEquals(new float[] {1, 1}, one.kept("seen").toFloatArray());
                assertArrayEquals(new float[] {1, 2}, x.toFloatArray());
                weights.entries()
                        .values()
                        .forEach(
                                entry ->
                                        assertArrayEquals(
                                                new float[] {1, 1},
                                                one.read(entry.var()).toFloatArray()));
            }
        }
        // Two arrays of each part; what is kept was kept four times.
        assertEquals(4 + 2 * 4, made[1]);
        // The first part computes from the input, which is not its own, the last from a weight.
        assertEquals(4 + 1 + 1 + 1, made[0]);
    }
}
