// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Makes files as {@code torch.save} writes them, in pickle's protocol 2, without Python. */
final class TorchMaker {
    /** An object that a function or a class makes of values, then with attributes. */
    record Made(String module, String name, List<Object> given, Object state) {}

    /** A class or a function itself. */
    record Named(String module, String name) {}

    /** A tensor of floats that are all the same. */
    record Floats(float fill, int... shape) {}

    private final ByteArrayOutputStream pickle = new ByteArrayOutputStream();
    private final List<byte[]> storages = new ArrayList<>();

    static Made made(String module, String name, Object... given) {
        return new Made(module, name, List.of(given), null);
    }

    static Made object(String module, String name, Map<String, Object> attributes) {
        return new Made(module, name, List.of(), attributes);
    }

    static Map<String, Object> map(Object... keysAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < keysAndValues.length; i += 2) {
            map.put((String) keysAndValues[i], keysAndValues[i + 1]);
        }
        return map;
    }

    /** As numpy.full(shape, fill, '<f4') is pickled: its bytes as text in Latin-1. */
    static Made array(float fill, int... shape) {
        int count = 1;
        List<Object> axes = new ArrayList<>();
        for (int axis : shape) {
            count *= axis;
            axes.add(axis);
        }
        String bytes = new String(floats(fill, count), StandardCharsets.ISO_8859_1);
        Made type =
                new Made("numpy", "dtype", List.of("f4", false, true), List.of(3, "<", -1, -1, 0));
        Made text = made("_codecs", "encode", bytes, "latin1");
        Made array =
                made(
                        "numpy.core.multiarray",
                        "_reconstruct",
                        new Named("numpy", "ndarray"),
                        List.of(0),
                        "b");
        return new Made(
                array.module(), array.name(), array.given(), List.of(1, axes, type, false, text));
    }

    private static byte[] floats(float fill, int count) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
        while (bytes.hasRemaining()) {
            bytes.putFloat(fill);
        }
        return bytes.array();
    }

    /** The zip layout. */
    static byte[] zip(Object root) throws IOException {
        TorchMaker maker = new TorchMaker();
        byte[] pickled = maker.pickled(root);
        Map<String, byte[]> entries = new LinkedHashMap<>();
        entries.put("archive/data.pkl", pickled);
        for (int i = 0; i < maker.storages.size(); i++) {
            entries.put("archive/data/" + i, maker.storages.get(i));
        }
        entries.put("archive/version", "3\n".getBytes(StandardCharsets.US_ASCII));
        return stored(entries);
    }

    /** A zip file of entries as they are. */
    static byte[] stored(Map<String, byte[]> entries) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                CRC32 crc = new CRC32();
                crc.update(entry.getValue());
                ZipEntry one = new ZipEntry(entry.getKey());
                one.setMethod(ZipEntry.STORED);
                one.setSize(entry.getValue().length);
                one.setCrc(crc.getValue());
                zip.putNextEntry(one);
                zip.write(entry.getValue());
                zip.closeEntry();
            }
        }
        return bytes.toByteArray();
    }

    /** The layout before PyTorch 1.6. */
    static byte[] legacy(Object root) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.write(
                "\u0080\u0002\u008a\n\u006c\u00fc\u009c\u0046\u00f9\u0020\u006a\u00a8\u0050\u0019."
                        .getBytes(StandardCharsets.ISO_8859_1));
        all.write("\u0080\u0002M\u00e9\u0003.".getBytes(StandardCharsets.ISO_8859_1));
        all.write(alone(map("little_endian", true)));
        TorchMaker maker = new TorchMaker();
        all.write(maker.pickled(root));
        List<Object> keys = new ArrayList<>();
        for (int i = 0; i < maker.storages.size(); i++) {
            keys.add(Integer.toString(i));
        }
        all.write(alone(keys));
        for (byte[] storage : maker.storages) {
            ByteBuffer count = ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN);
            all.write(count.putLong(storage.length / 4).array());
            all.write(storage);
        }
        return all.toByteArray();
    }

    /** A pickle alone. */
    static byte[] alone(Object root) {
        return new TorchMaker().pickled(root);
    }

    static Path write(Path file, byte[] bytes) throws IOException {
        return Files.write(file, bytes);
    }

    private byte[] pickled(Object root) {
        raw("\u0080\u0002");
        value(root);
        raw(".");
        return pickle.toByteArray();
    }

    private void raw(String bytes) {
        pickle.writeBytes(bytes.getBytes(StandardCharsets.ISO_8859_1));
    }

    private void number(int number) {
        pickle.writeBytes(
                ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(number).array());
    }

    private void value(Object value) {
        if (value == null) {
            raw("N");
        } else if (value instanceof String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            raw("X");
            number(bytes.length);
            pickle.writeBytes(bytes);
        } else if (value instanceof Boolean truth) {
            raw(truth ? "\u0088" : "\u0089");
        } else if (value instanceof Integer number) {
            raw("J");
            number(number);
        } else if (value instanceof Named named) {
            raw("c" + named.module() + "\n" + named.name() + "\n");
        } else if (value instanceof Map<?, ?> map) {
            raw("}(");
            map.forEach(
                    (key, one) -> {
                        value(key);
                        value(one);
                    });
            raw("u");
        } else if (value instanceof List<?> list) {
            raw("(");
            list.forEach(this::value);
            raw("t");
        } else if (value instanceof Floats tensor) {
            tensor(tensor);
        } else if (value instanceof Made made) {
            value(new Named(made.module(), made.name()));
            value(made.given());
            raw("R");
            if (made.state() != null) {
                value(made.state());
                raw("b");
            }
        } else {
            throw new IllegalArgumentException("no " + value.getClass());
        }
    }

    private void tensor(Floats tensor) {
        int count = 1;
        List<Object> shape = new ArrayList<>();
        List<Object> strides = new ArrayList<>();
        for (int i = tensor.shape().length - 1; i >= 0; i--) {
            shape.add(0, tensor.shape()[i]);
            strides.add(0, count);
            count *= tensor.shape()[i];
        }
        value(new Named("torch._utils", "_rebuild_tensor_v2"));
        raw("(");
        value(
                List.of(
                        "storage",
                        new Named("torch", "FloatStorage"),
                        Integer.toString(storages.size()),
                        "cpu",
                        count));
        raw("Q");
        value(0);
        value(shape);
        value(strides);
        raw("\u0089Nt");
        raw("R");
        storages.add(floats(tensor.fill(), count));
    }
}
