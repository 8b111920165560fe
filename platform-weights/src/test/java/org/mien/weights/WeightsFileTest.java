// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that PyTorch and NumPy wrote; make.py beside them says what they hold. */
class WeightsFileTest {
    @TempDir Path folder;

    static Path resource(String name) {
        return Path.of("src/test/resources/org/mien/weights", name);
    }

    private static float ramp(long i) {
        return i / 8f - 1;
    }

    private static float[] ramps(int count) {
        float[] all = new float[count];
        for (int i = 0; i < count; i++) {
            all[i] = ramp(i);
        }
        return all;
    }

    private static void assertTensor(WeightsFile file, String name, float[] values, long... shape)
            throws BadWeights {
        Tensor tensor = file.tensors().get(name);
        assertArrayEquals(shape, tensor.shape(), name);
        assertArrayEquals(values, file.floats(tensor), name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"zip.pth", "legacy.pth"})
    void everyTypeAndLayoutOfPyTorch(String name) throws BadWeights {
        try (WeightsFile file = WeightsFile.open(resource(name))) {
            assertEquals(
                    name.equals("zip.pth") ? "PyTorch (zip)" : "PyTorch (before 1.6)",
                    file.format());
            assertEquals("", file.wrapper());
            for (String type : List.of("float64", "float32", "float16", "bfloat16")) {
                assertTensor(file, type, ramps(24), 2, 3, 4);
            }
            for (String type : List.of("int64", "int32", "int16", "int8", "uint8")) {
                assertTensor(file, type, new float[] {0, 1, 2, 3, 4, 5}, 2, 3);
            }
            assertEquals(Type.BF16, file.tensors().get("bfloat16").type());
            assertTensor(file, "bool", new float[] {1, 0, 1}, 3);
            assertTensor(file, "scalar", new float[] {7});
            assertTensor(file, "empty", new float[0], 0, 3);
            assertTensor(file, "parameter", ramps(5), 5);
            assertTensor(file, "shared.all", ramps(24), 4, 6);
            float[] row = new float[6];
            float[] columns = new float[8];
            float[] steps = new float[4];
            float[] transposed = new float[15];
            float[] expanded = new float[12];
            for (int i = 0; i < 15; i++) {
                if (i < 6) {
                    row[i] = ramp(12 + i);
                }
                if (i < 8) {
                    columns[i] = ramp(i / 2 * 6 + 1 + i % 2);
                }
                if (i < 4) {
                    steps[i] = ramp(i / 2 * 12 + i % 2 * 3);
                }
                if (i < 12) {
                    expanded[i] = ramp(i / 4);
                }
                transposed[i] = ramp(i % 3 * 5 + i / 3);
            }
            assertTensor(file, "shared.row", row, 6);
            assertTensor(file, "shared.columns", columns, 4, 2);
            assertTensor(file, "shared.steps", steps, 2, 2);
            assertTensor(file, "transposed", transposed, 5, 3);
            assertTensor(file, "expanded", expanded, 3, 4);
            assertTensor(file, "channels_last", ramps(120), 2, 3, 4, 5);
            assertEquals(20, file.tensors().size());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"wrapped.pth", "wrapped-legacy.pth"})
    void theStateDictOfACheckpointIsFound(String name) throws BadWeights {
        try (WeightsFile file = WeightsFile.open(resource(name))) {
            assertEquals("checkpoint.state_dict", file.wrapper());
            assertEquals(
                    List.of(
                            "module.0.weight",
                            "module.0.bias",
                            "module.1.weight",
                            "module.1.bias",
                            "module.1.running_mean",
                            "module.1.running_var",
                            "module.1.num_batches_tracked"),
                    List.copyOf(file.tensors().keySet()));
            assertTensor(file, "module.0.weight", ramps(54), 2, 3, 3, 3);
        }
    }

    @Test
    void aWholeModelGivesItsParametersAndBuffers() throws BadWeights {
        try (WeightsFile file = WeightsFile.open(resource("whole-model.pth"))) {
            assertEquals("", file.wrapper());
            assertTensor(file, "0.weight", ramps(54), 2, 3, 3, 3);
            assertEquals(
                    List.of(
                            "0.weight",
                            "0.bias",
                            "1.weight",
                            "1.bias",
                            "1.running_mean",
                            "1.running_var",
                            "1.num_batches_tracked"),
                    List.copyOf(file.tensors().keySet()));
            assertEquals(List.of(), file.passed(), "modules are understood");
        }
    }

    @Test
    void aProgramGivesItsDataWhereAnAdministratorAllowsIt() throws BadWeights {
        Path program = resource("torchscript.pt");
        BadWeights e = assertThrows(BadWeights.class, () -> WeightsFile.open(program));
        assertTrue(e.getMessage().contains("mien.weights.torchscript = allow"), e.getMessage());
        System.setProperty(WeightsFile.TORCH_SCRIPT, "allow");
        try (WeightsFile file = WeightsFile.open(program)) {
            assertTensor(file, "body.0.weight", ramps(54), 2, 3, 3, 3);
            assertEquals(7, file.tensors().size());
        } finally {
            System.clearProperty(WeightsFile.TORCH_SCRIPT);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"stored.npz", "deflated.npz"})
    void arraysOfNumPy(String name) throws BadWeights {
        try (WeightsFile file = WeightsFile.open(resource(name))) {
            assertEquals("npz", file.format());
            assertTensor(file, "f4", ramps(6), 2, 3);
            assertTensor(file, "f8", ramps(6), 2, 3);
            assertTensor(file, "f2", ramps(6), 2, 3);
            assertTensor(file, "i8", new float[] {0, 1, 2}, 3);
            assertTensor(file, "columns", ramps(12), 3, 4);
            assertTensor(file, "scalar", new float[] {2.5f});
        }
    }

    @Test
    void rowsOfAnArrayAreReadApart() throws BadWeights {
        try (WeightsFile file = WeightsFile.open(resource("rows.npy"))) {
            Tensor all = file.tensors().get("array");
            Tensor some = all.rows(1, 2);
            assertArrayEquals(new long[] {2, 2, 3}, some.shape());
            float[] expected = new float[12];
            System.arraycopy(ramps(18), 6, expected, 0, 12);
            assertArrayEquals(expected, some.floats());
            assertThrows(BadWeights.class, () -> all.rows(3, 2));
        }
    }

    @Test
    void whatWeWriteWeRead() throws Exception {
        Random random = new Random(1);
        Map<String, Safetensors.Values> values = new LinkedHashMap<>();
        Map<String, Npy> arrays = new LinkedHashMap<>();
        for (int i = 0; i < 5; i++) {
            float[] elements = new float[i * 9000];
            for (int k = 0; k < elements.length; k++) {
                elements[k] = Float.intBitsToFloat(random.nextInt());
            }
            long[] shape = i == 3 ? new long[] {elements.length} : new long[] {i, 30, 300};
            values.put("array " + i, new Safetensors.Values(shape, elements));
            arrays.put("array " + i, Npy.floats(elements, shape));
        }
        Path tensors = folder.resolve("a.safetensors");
        try (OutputStream out = Files.newOutputStream(tensors)) {
            Safetensors.write(out, values, Map.of("who", "we \"quoted\" é"));
        }
        arrays.put("ids", Npy.texts(List.of("a", "später 😀")));
        arrays.put("labels", Npy.longs(new long[] {Long.MIN_VALUE, 3}, 2));
        Path npz = folder.resolve("a.npz");
        try (OutputStream out = Files.newOutputStream(npz)) {
            Npz.write(out, arrays);
        }
        try (WeightsFile file = WeightsFile.open(tensors)) {
            assertEquals("we \"quoted\" é", file.metadata().get("who"));
            assertSame(values, file);
            assertEquals(64, file.sha256().length());
        }
        try (WeightsFile file = WeightsFile.open(npz)) {
            assertEquals(
                    List.of("'ids' (elements of type '<U8', which are not read)"), file.passed());
            assertTensor(file, "labels", new float[] {Long.MIN_VALUE, 3}, 2);
            assertSame(values, file);
        }
    }

    private static void assertSame(Map<String, Safetensors.Values> values, WeightsFile file)
            throws BadWeights {
        for (Map.Entry<String, Safetensors.Values> one : values.entrySet()) {
            Tensor tensor = file.tensors().get(one.getKey());
            assertArrayEquals(one.getValue().shape(), tensor.shape());
            float[] found = file.floats(tensor);
            float[] expected = one.getValue().elements();
            assertEquals(expected.length, found.length);
            for (int i = 0; i < found.length; i++) { // to the bit, NaN with its payload too
                assertEquals(
                        Float.floatToRawIntBits(expected[i]), Float.floatToRawIntBits(found[i]));
            }
        }
    }

    @Test
    void halvesAreExact() throws BadWeights {
        java.nio.ByteBuffer bits = java.nio.ByteBuffer.allocate(2);
        float[] exact = {0, 5.9604645e-8f, 6.097555e-5f, 6.1035156e-5f, 1, 65504};
        short[] from = {0, 1, 0x3ff, 0x400, 0x3c00, 0x7bff};
        for (int i = 0; i < exact.length; i++) {
            assertEquals(exact[i], Type.F16.get(bits.putShort(0, from[i]), 0));
            assertEquals(-exact[i], Type.F16.get(bits.putShort(0, (short) (from[i] | 0x8000)), 0));
        }
        assertEquals(Float.POSITIVE_INFINITY, Type.F16.get(bits.putShort(0, (short) 0x7c00), 0));
        assertTrue(Float.isNaN(Type.F16.get(bits.putShort(0, (short) 0x7e00), 0)));
    }

    @Test
    void whatIsNoFileOfWeightsIsSaid() throws Exception {
        Map<String, String> wrong =
                Map.of(
                        "<!DOCTYPE html><title>Google Drive</title>", "it is a web page",
                        "version https://git-lfs.github.com/spec/v1", "pointer of Git LFS",
                        "", "it is empty",
                        "hello", "no format that is read here");
        for (Map.Entry<String, String> one : wrong.entrySet()) {
            Path file = Files.writeString(folder.resolve("wrong.pth"), one.getKey());
            BadWeights e = assertThrows(BadWeights.class, () -> WeightsFile.open(file));
            assertTrue(e.getMessage().contains(one.getValue()), e.getMessage());
        }
        Path none = folder.resolve("none");
        BadWeights e = assertThrows(BadWeights.class, () -> WeightsFile.open(none));
        assertTrue(e.getMessage().contains("does not exist"), e.getMessage());
    }
}
