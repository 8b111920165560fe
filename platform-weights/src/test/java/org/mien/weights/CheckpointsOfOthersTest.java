// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.weights;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.mien.weights.TorchMaker.array;
import static org.mien.weights.TorchMaker.made;
import static org.mien.weights.TorchMaker.map;
import static org.mien.weights.TorchMaker.object;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.mien.weights.TorchMaker.Floats;
import org.mien.weights.TorchMaker.Made;
import org.mien.weights.TorchMaker.Named;

/** Files as people save them: leftovers, several networks, other names, pieces, packed. */
class CheckpointsOfOthersTest {
    @TempDir Path folder;

    private static final List<String> NAMES =
            List.of("conv1.weight", "bn1.weight", "bn1.bias", "layer1.0.conv1.weight");

    private static final Map<String, long[]> SHAPES =
            Map.of(
                    "conv1.weight", new long[] {4, 3, 3, 3},
                    "bn1.weight", new long[] {4},
                    "bn1.bias", new long[] {4},
                    "layer1.0.conv1.weight", new long[] {4, 4, 3, 3});

    private static Map<String, Object> network(String prefix, float fill) {
        return network(prefix, fill, NAMES);
    }

    /** The same arrays under other names. */
    private static Map<String, Object> network(String prefix, float fill, List<String> names) {
        Map<String, Object> network = new LinkedHashMap<>();
        for (int i = 0; i < NAMES.size(); i++) {
            long[] shape = SHAPES.get(NAMES.get(i));
            int[] axes = new int[shape.length];
            for (int k = 0; k < axes.length; k++) {
                axes[k] = (int) shape[k];
            }
            network.put(prefix + names.get(i), new Floats(fill, axes));
        }
        return network;
    }

    private static Map<String, Object> both(Map<String, Object> one, Map<String, Object> other) {
        Map<String, Object> both = new LinkedHashMap<>(one);
        both.putAll(other);
        return both;
    }

    private static Match match(WeightsFile file) {
        Map<String, String> layout = new LinkedHashMap<>();
        NAMES.forEach(name -> layout.put(name, name));
        return Match.of(file, List.of(layout), SHAPES);
    }

    /** What the first value of the network is that is taken. */
    private static float taken(WeightsFile file) throws BadWeights {
        Match match = match(file);
        match.requireOne(file.place());
        assertEquals(4, match.found().size());
        String name = match.found().get("bn1.bias");
        return file.floats(match.network().tensors().get(name))[0];
    }

    private Path zip(Object root) throws IOException {
        return Files.write(folder.resolve("file.pth"), TorchMaker.zip(root));
    }

    private void takes(float expected, Object root) throws IOException {
        try (WeightsFile file = WeightsFile.open(zip(root))) {
            assertEquals(expected, taken(file));
        }
    }

    /** Whatever else people keep beside their weights. */
    static Map<String, Object> leftovers() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("counter", made("collections", "Counter", map("3", 1)));
        all.put("default", made("collections", "defaultdict", new Named("__builtin__", "list")));
        all.put("meter", object("__main__", "RecorderMeter1", map("total", 100)));
        all.put("curve", array(0.5f, 2, 2));
        all.put("where", made("pathlib", "PosixPath", "/", "home", "x"));
        all.put("hyper", object("lightning.utilities", "AttributeDict", map("lr", 1)));
        all.put("args", object("argparse", "Namespace", map("lr", 1)));
        all.put("when", made("datetime", "datetime", "x"));
        all.put("kind", made("__main__", "Kind", 3));
        all.put("partial", made("functools", "partial", new Named("torch.nn", "BatchNorm2d")));
        all.put("type", new Named("torch", "float32"));
        all.put("device", made("torch", "device", "cuda", 0));
        all.put("size", made("torch", "Size", List.of(1, 2)));
        all.put("call", made("builtins", "getattr", made("__main__", "Enum", 1), "x"));
        all.put("config", object("omegaconf.dictconfig", "DictConfig", map("_content", 3)));
        return all;
    }

    @Test
    void whatIsNoTensorIsPassedOverAndTold() throws IOException {
        Map<String, Object> root = leftovers();
        root.put("state_dict", network("module.", 2));
        root.put("evil", made("posix", "system", "touch " + folder.resolve("owned")));
        Map<String, byte[]> layouts = new LinkedHashMap<>();
        layouts.put("zip", TorchMaker.zip(root));
        layouts.put("legacy", TorchMaker.legacy(root));
        for (byte[] bytes : layouts.values()) {
            Path path = Files.write(folder.resolve("file.pth"), bytes);
            try (WeightsFile file = WeightsFile.open(path)) {
                assertEquals("state_dict", file.wrapper());
                assertEquals(4, file.tensors().size());
                assertEquals(2, taken(file));
                String told = String.join("; ", file.passed());
                assertEquals("posix.system (which Python would run)", file.passed().get(0));
                for (String name :
                        List.of(
                                "__main__.RecorderMeter1",
                                "pathlib.PosixPath",
                                "AttributeDict",
                                "argparse.Namespace",
                                "datetime.datetime",
                                "functools.partial",
                                "builtins.getattr",
                                "DictConfig")) {
                    assertTrue(told.contains(name), name + " in " + told);
                }
                assertFalse(told.contains("torch.device") || told.contains("OrderedDict"), told);
                assertTrue(file.passed().size() <= 21);
                assertEquals(
                        0.5f,
                        file.floats(
                                        file.networks().stream()
                                                .filter(one -> one.tensors().containsKey("curve"))
                                                .findFirst()
                                                .orElseThrow()
                                                .tensors()
                                                .get("curve"))[3]);
            }
        }
        assertFalse(Files.exists(folder.resolve("owned")));
    }

    @Test
    void manyNamesArePassedOverAndFewTold() throws IOException {
        Map<String, Object> root = new LinkedHashMap<>();
        for (int i = 0; i < 3000; i++) {
            root.put("x" + i, made("__main__", "C" + i));
        }
        root.put("model", network("", 1));
        try (WeightsFile file = WeightsFile.open(zip(root))) {
            assertEquals(21, file.passed().size());
            assertEquals("2980 more", file.passed().get(20));
        }
    }

    private static Made module(Map<String, Object> parameters, Map<String, Object> modules) {
        return object(
                "__main__",
                "Net",
                map(
                        "training",
                        true,
                        "_parameters",
                        parameters,
                        "_buffers",
                        map("mean", new Floats(3, 2), "none", null),
                        "_modules",
                        modules));
    }

    @Test
    void wholeModulesAreWalkedWhereverTheyLie() throws IOException {
        Made inner = module(map("weight", new Floats(7, 2, 2), "bias", null), map());
        Made outer = module(map(), map("fc", inner, "none", null));
        for (byte[] bytes :
                List.of(
                        TorchMaker.zip(outer),
                        TorchMaker.zip(map("model", outer, "epoch", 3)),
                        TorchMaker.legacy(map("trainer", object("x", "T", map("net", outer)))))) {
            try (WeightsFile file = WeightsFile.open(Files.write(folder.resolve("m.pt"), bytes))) {
                assertEquals(
                        List.of("mean", "fc.weight", "fc.mean"),
                        List.copyOf(file.tensors().keySet()));
                assertEquals(7, file.floats(file.tensors().get("fc.weight"))[3]);
                assertFalse(file.passed().contains("__main__.Net"), file.passed().toString());
            }
        }
    }

    @Test
    void aPickleOfArraysOfNumPyIsRead() throws IOException {
        Path path = folder.resolve("model.pkl");
        Files.write(path, TorchMaker.alone(map("model", map("conv1.weight", array(2, 3, 5)))));
        try (WeightsFile file = WeightsFile.open(path)) {
            Tensor tensor = file.tensors().get("conv1.weight");
            assertArrayEquals(new long[] {3, 5}, tensor.shape());
            assertEquals(2, file.floats(tensor)[14]);
        }
        Made large = array(-1.9f, 300, 50); // text with bytes from 128 on, passed over, then read
        Files.write(path, TorchMaker.alone(map("w", large)));
        try (WeightsFile file = WeightsFile.open(path)) {
            for (float value : file.floats(file.tensors().get("w"))) {
                assertEquals(-1.9f, value);
            }
        }
        Files.write(path, TorchMaker.alone(map("a", 1)));
        BadWeights e = assertThrows(BadWeights.class, () -> WeightsFile.open(path));
        assertTrue(e.getMessage().contains("holds no tensors"), e.getMessage());
    }

    @Test
    void ofTwoNetworksThatOfTheAuthorsIsTaken() throws IOException {
        takes(
                1,
                map(
                        "state_dict",
                        both(network("module.encoder_k.", 2), network("module.encoder_q.", 1))));
        takes(
                1,
                map(
                        "state_dict",
                        both(
                                network("module.momentum_encoder.", 2),
                                network("module.base_encoder.", 1))));
        takes(1, map("state_dict", network("", 2), "state_dict_ema", network("", 1)));
        takes(1, map("state_dict_ema", network("", 1), "state_dict", network("", 2)));
        takes(1, map("model", network("", 2), "model_ema", network("module.", 1)));
        takes(
                1,
                map(
                        "student", network("module.backbone.", 2),
                        "teacher", network("backbone.", 1)));
        takes(
                1,
                map(
                        "target_network_state_dict", network("", 2),
                        "online_network_state_dict", network("", 1)));
        takes(1, both(network("average/backbone.", 1), network("backbone.", 2)));
        takes(1, both(network("", 1), network("old.", 2)));
        takes(1, both(network("landmark.x", 2), network("face_model.", 1)));
        takes(1, map("optimizer", network("", 2), "net", network("", 1)));
    }

    @Test
    void whatWasNotTakenIsTold() throws IOException {
        Path path = zip(map("state_dict", network("", 2), "state_dict_ema", network("", 1)));
        try (WeightsFile file = WeightsFile.open(path)) {
            assertEquals(
                    List.of(
                            "state_dict_ema was taken; state_dict fits as well ("
                                    + path
                                    + "#state_dict takes it)"),
                    match(file).notes(file.place()));
            assertEquals("state_dict_ema", file.wrapper());
        }
    }

    @Test
    void equalsOfNoKnownLayoutAreAskedFor() throws IOException {
        Path path = zip(map("net", both(network("first.", 1), network("second.", 2))));
        try (WeightsFile file = WeightsFile.open(path)) {
            BadWeights e =
                    assertThrows(BadWeights.class, () -> match(file).requireOne(file.place()));
            assertTrue(
                    e.getMessage().contains("net.first, net.second")
                            && e.getMessage().contains(path + "#net.second"),
                    e.getMessage());
        }
        for (String choice : List.of("second", "net.second", "net.second.")) {
            try (WeightsFile file = WeightsFile.open(Place.of(path + "#" + choice))) {
                assertEquals(2, taken(file), choice);
                assertTrue(file.place().toString().endsWith("second"));
            }
        }
        BadWeights e =
                assertThrows(BadWeights.class, () -> WeightsFile.open(Place.of(path + "#third")));
        assertTrue(
                e.getMessage().contains("'third'") && e.getMessage().contains("net.second"),
                e.getMessage());
        // Names that fit by chance, with other shapes, are no networks to choose among.
        Map<String, Object> chance =
                map("a.bn1.bias", new Floats(1, 9), "b.bn1.bias", new Floats(1, 9));
        try (WeightsFile file = WeightsFile.open(zip(chance))) {
            match(file).requireOne(file.place());
        }
        Path hash = Files.copy(path, folder.resolve("a#first"));
        assertEquals(new Place(hash, ""), Place.of(hash.toString()));
    }

    @Test
    void namesThatAreNumbersAreMatchedByWhatTheyHold() throws IOException {
        List<String> numbers = List.of("0.weight", "1.weight", "1.bias", "4.0.conv1.weight");
        for (String prefix : List.of("features.", "", "module.features.", "backbone.0.")) {
            Map<String, Object> all = network(prefix, 5, numbers);
            all.put("fc.0.weight", new Floats(1, 7, 4));
            all.put(prefix + "2.weight", new Floats(1, 5, 4)); // not where it was registered
            try (WeightsFile file = WeightsFile.open(zip(all))) {
                Match match = match(file);
                assertTrue(match.inOrder() && match.certain());
                assertEquals(prefix + "4.0.conv1.weight", match.found().get(NAMES.get(3)));
                assertEquals(prefix + "1.bias", match.found().get("bn1.bias"));
                String told = match.notes(file.place()).get(0);
                assertTrue(told.contains("matched by their order and shapes"), told);
            }
        }
        // Other names altogether, in the same order.
        List<String> others = List.of("a.weight", "b.weight", "b.bias", "c.d.weight");
        try (WeightsFile file = WeightsFile.open(zip(network("x.", 5, others)))) {
            assertEquals("x.c.d.weight", match(file).found().get(NAMES.get(3)));
        }
        // In another order nothing is guessed.
        Map<String, Object> shuffled = new LinkedHashMap<>();
        for (int i = 3; i >= 0; i--) {
            String name = "x." + others.get(i);
            shuffled.put(name, network("x.", 5, others).get(name));
        }
        try (WeightsFile file = WeightsFile.open(zip(shuffled))) {
            assertEquals(Map.of(), match(file).found());
        }
    }

    /** A ResNet with two blocks is asked for, and the file has the first one, and a classifier. */
    @Test
    void aPartUnderNumbersIsMatchedToo() throws IOException {
        Map<String, String> layout = new LinkedHashMap<>();
        Map<String, long[]> shapes = new LinkedHashMap<>();
        Map<String, Object> file = new LinkedHashMap<>();
        for (String module : List.of("conv1", "bn1", "layer1.0", "layer1.1", "layer2.0")) {
            for (String part : module.startsWith("layer") ? List.of("conv1", "bn1") : List.of("")) {
                String name = part.isEmpty() ? module : module + "." + part;
                for (String kind :
                        name.contains("conv")
                                ? List.of("weight")
                                : List.of("weight", "bias", "running_mean", "running_var")) {
                    int width = module.startsWith("layer2") ? 8 : 4;
                    int[] shape =
                            kind.equals("weight") && name.contains("conv")
                                    ? new int[] {width, module.equals("conv1") ? 3 : 4, 3, 3}
                                    : new int[] {width};
                    layout.put(name + "." + kind, name + "." + kind);
                    shapes.put(name + "." + kind, Arrays.stream(shape).asLongStream().toArray());
                    if (!module.equals("layer1.1") && !module.equals("layer2.0")) {
                        String number =
                                name.replace("layer1", "4")
                                        .replaceFirst("^conv1", "0")
                                        .replaceFirst("^bn1", "1");
                        file.put("features." + number + "." + kind, new Floats(3, shape));
                    }
                }
            }
        }
        file.put("fc.weight", new Floats(1, 7, 4));
        file.put("fc.bias", new Floats(1, 7));
        try (WeightsFile weights = WeightsFile.open(zip(file))) {
            Match match = Match.of(weights, List.of(layout), shapes);
            assertTrue(match.inOrder());
            assertEquals(10, match.found().size());
            assertEquals("features.4.0.bn1.bias", match.found().get("layer1.0.bn1.bias"));
        }
    }

    private byte[] piece(int from, int to) throws IOException {
        Map<String, Object> some = network("", 6);
        some.keySet().retainAll(NAMES.subList(from, to));
        return TorchMaker.zip(some);
    }

    @Test
    void piecesAreReadTogetherOrTheOthersNamed() throws IOException {
        Path one = folder.resolve("pytorch_model-00001-of-00002.bin");
        Path two = folder.resolve("pytorch_model-00002-of-00002.bin");
        Files.write(one, piece(0, 2));
        BadWeights e = assertThrows(BadWeights.class, () -> WeightsFile.open(one));
        assertTrue(
                e.getMessage().contains("pytorch_model-00002-of-00002.bin")
                        && e.getMessage().contains("Download"),
                e.getMessage());
        Files.write(two, piece(2, 4));
        for (Path place : List.of(one, two, folder)) {
            try (WeightsFile file = WeightsFile.open(place)) {
                assertEquals(6, taken(file));
                assertEquals("PyTorch (zip), 2 files", file.format());
                assertEquals(Files.size(one) + Files.size(two), file.size());
            }
        }
        StringBuilder map = new StringBuilder("{\"metadata\": {}, \"weight_map\": {");
        for (String name : NAMES) {
            map.append('"').append(name).append("\": \"");
            map.append((NAMES.indexOf(name) < 2 ? one : two).getFileName()).append("\",");
        }
        Path index = folder.resolve("pytorch_model.bin.index.json");
        Files.writeString(index, map.substring(0, map.length() - 1) + "}}");
        for (Path place : List.of(one, index, folder)) {
            try (WeightsFile file = WeightsFile.open(place)) {
                assertEquals(6, taken(file));
                assertEquals(index, file.file());
            }
        }
        Files.write(two, piece(3, 4));
        e = assertThrows(BadWeights.class, () -> WeightsFile.open(index));
        assertTrue(e.getMessage().contains("lack 1 tensors of the index: bn1.bias"), "" + e);
        Files.writeString(index, "{\"weight_map\": {\"a\": \"../../etc/passwd\"}}");
        e = assertThrows(BadWeights.class, () -> WeightsFile.open(index));
        assertTrue(e.getMessage().contains("names of files beside it"), e.getMessage());
    }

    @Test
    void aFolderGivesItsOneFileOrSaysWhatItHas() throws IOException {
        BadWeights e = assertThrows(BadWeights.class, () -> WeightsFile.open(folder));
        assertTrue(e.getMessage().contains("without a file of weights, and is empty"), "" + e);
        Files.writeString(folder.resolve("saved_model.pb"), "x");
        e = assertThrows(BadWeights.class, () -> WeightsFile.open(folder));
        assertTrue(e.getMessage().contains("TensorFlow"), e.getMessage());
        Files.write(folder.resolve("some.pth"), TorchMaker.zip(network("", 1)));
        try (WeightsFile file = WeightsFile.open(folder)) {
            assertEquals(folder.resolve("some.pth"), file.file());
        }
        Files.write(folder.resolve("other.pth"), TorchMaker.zip(network("", 2)));
        e = assertThrows(BadWeights.class, () -> WeightsFile.open(folder));
        assertTrue(e.getMessage().contains("name one of them: other.pth, some.pth"), "" + e);
        Files.write(folder.resolve("pytorch_model.bin"), TorchMaker.zip(network("", 3)));
        try (WeightsFile file = WeightsFile.open(folder)) {
            assertEquals(3, taken(file));
        }
    }

    static byte[] gzip(byte[] bytes) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (GZIPOutputStream out = new GZIPOutputStream(packed)) {
            out.write(bytes);
        }
        return packed.toByteArray();
    }

    private static byte[] deflated(String name, byte[] bytes) throws IOException {
        ByteArrayOutputStream packed = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(packed)) {
            out.putNextEntry(new ZipEntry("readme.txt"));
            out.putNextEntry(new ZipEntry("__MACOSX/._" + name));
            out.putNextEntry(new ZipEntry("weights/" + name));
            out.write(bytes);
        }
        return packed.toByteArray();
    }

    static byte[] tar(String name, byte[] bytes) {
        byte[] tar = new byte[512 + (bytes.length + 511) / 512 * 512 + 1024];
        byte[] size = String.format("%011o", bytes.length).getBytes(StandardCharsets.US_ASCII);
        System.arraycopy(name.getBytes(StandardCharsets.US_ASCII), 0, tar, 0, name.length());
        System.arraycopy(size, 0, tar, 124, size.length);
        tar[156] = '0';
        System.arraycopy("ustar".getBytes(StandardCharsets.US_ASCII), 0, tar, 257, 5);
        System.arraycopy(bytes, 0, tar, 512, bytes.length);
        return tar;
    }

    @Test
    void whatIsPackedAroundOneFileIsUnpacked() throws IOException {
        Map<String, Object> network = network("", 4);
        network.put("large", new Floats(3, 700, 700)); // over what is unpacked in memory
        byte[] torch = TorchMaker.zip(network);
        Map<String, byte[]> files = new LinkedHashMap<>();
        files.put("PyTorch (zip) in gzip", gzip(torch));
        files.put("PyTorch (zip) in zip: weights/a.pth", deflated("a.pth", torch));
        files.put("PyTorch (zip) in tar: a.pth", tar("a.pth", torch));
        files.put("PyTorch (zip) in tar: a.pth in gzip", gzip(tar("a.pth", torch)));
        for (Map.Entry<String, byte[]> one : files.entrySet()) {
            Path path = Files.write(folder.resolve("packed"), one.getValue());
            try (WeightsFile file = WeightsFile.open(path)) {
                assertEquals(one.getKey(), file.format());
                assertEquals(4, taken(file));
                assertEquals(3, file.floats(file.tensors().get("large"))[489_999]);
            }
        }
        Map<String, byte[]> two = new LinkedHashMap<>();
        two.put("a.pth", torch);
        two.put("b.pth", torch);
        Path path = Files.write(folder.resolve("packed"), TorchMaker.stored(two));
        BadWeights e = assertThrows(BadWeights.class, () -> WeightsFile.open(path));
        assertTrue(e.getMessage().contains("2 files of weights: a.pth, b.pth"), e.getMessage());
        Files.write(path, gzip(gzip(gzip(gzip(torch)))));
        e = assertThrows(BadWeights.class, () -> WeightsFile.open(path));
        assertTrue(e.getMessage().contains("packed more than 3 times"), e.getMessage());
        Files.write(path, Arrays.copyOf(gzip(torch), 300));
        e = assertThrows(BadWeights.class, () -> WeightsFile.open(path));
        assertTrue(e.getMessage().contains("gzip file that is broken or was cut"), "" + e);
    }

    @Test
    void formatsOfOthersAreNamed() throws IOException {
        Map<String, byte[]> keras = Map.of("model.weights.h5", new byte[9]);
        Path packed = Files.write(folder.resolve("packed"), TorchMaker.stored(keras));
        BadWeights of = assertThrows(BadWeights.class, () -> WeightsFile.open(packed));
        assertTrue(of.getMessage().contains("a model of Keras"), of.getMessage());
        byte[] storages = tar("storages", new byte[512]);
        byte[] pickle = tar("pickle", new byte[512]);
        byte[] old = Arrays.copyOf(storages, 1024 + pickle.length);
        System.arraycopy(pickle, 0, old, 1024, pickle.length);
        Files.write(packed, old);
        of = assertThrows(BadWeights.class, () -> WeightsFile.open(packed));
        assertTrue(of.getMessage().contains("PyTorch 0.1 saved it"), of.getMessage());
        Map<String, String> wrong = new LinkedHashMap<>();
        wrong.put("\u0008\u0007\u0012\u0007pytorch", "it is ONNX");
        wrong.put("\u0008\u0001\u0012\u0007", "a model of TensorFlow");
        wrong.put("\u0089HDF\r\n\u001a\n", "HDF5 (Keras)");
        wrong.put("MATLAB 5.0 MAT-file, Platform: x", "a file of MATLAB");
        wrong.put("<?xml version=\"1.0\"?><Error>AccessDenied", "answer of a server");
        wrong.put("\u00ef\u00bb\u00bf  <HTML>", "a web page");
        wrong.put("{\"weights\": 1}", "it is JSON");
        wrong.put("Rar!\u001a\u0007", "unpack it");
        wrong.put("hello there", "it is text ('hello there')");
        for (Map.Entry<String, String> one : wrong.entrySet()) {
            Path path = folder.resolve("wrong");
            Files.write(path, one.getKey().getBytes(StandardCharsets.ISO_8859_1));
            BadWeights e = assertThrows(BadWeights.class, () -> WeightsFile.open(path));
            assertTrue(e.getMessage().contains(one.getValue()), e.getMessage());
            assertTrue(e.getMessage().contains("expected safetensors"), e.getMessage());
        }
    }

    /** A file that is mapped is read as it was, or in words not at all. */
    @Test
    void aMappedFileThatIsCutOrReplacedIsToldOrKept() throws Exception {
        Path path = folder.resolve("large.safetensors");
        float[] values = new float[1 << 20];
        Arrays.fill(values, 2);
        write(path, values);
        List<Thread> readers = new ArrayList<>();
        try (WeightsFile file = WeightsFile.open(path)) {
            Path other = folder.resolve("other");
            write(other, new float[1 << 20]);
            Files.move(other, path, StandardCopyOption.REPLACE_EXISTING);
            assertEquals(2, file.floats(file.tensors().get("w"))[1 << 19]);
            file.sha256();
            float[] some = new float[3];
            Thread interrupted =
                    new Thread(
                            () -> {
                                Thread.currentThread().interrupt();
                                try {
                                    file.tensors().get("w").read(100, some);
                                } catch (BadWeights e) {
                                    throw new IllegalStateException(e);
                                }
                            });
            readers.add(interrupted);
            interrupted.start();
            interrupted.join();
            assertArrayEquals(new float[] {2, 2, 2}, some);
        }
        try (WeightsFile file = WeightsFile.open(path)) {
            try (RandomAccessFile cut = new RandomAccessFile(path.toFile(), "rw")) {
                cut.setLength(1 << 12);
            }
            BadWeights e =
                    assertThrows(BadWeights.class, () -> file.floats(file.tensors().get("w")));
            assertTrue(e.getMessage().contains("became shorter"), e.getMessage());
            assertTrue(
                    assertThrows(BadWeights.class, file::sha256)
                            .getMessage()
                            .contains("large.safetensors"));
        }
    }

    private static void write(Path path, float[] values) throws IOException {
        try (var out = Files.newOutputStream(path)) {
            Safetensors.write(
                    out,
                    Map.of("w", new Safetensors.Values(new long[] {values.length}, values)),
                    Map.of());
        }
    }

    @Test
    void metadataOfAnNpzComeBack() throws IOException {
        Map<String, String> metadata = new LinkedHashMap<>();
        metadata.put("mien.labels", "[\"happy, laughing\",\"é😀\"]");
        metadata.put("empty", "");
        Map<String, Npy> arrays = new LinkedHashMap<>();
        arrays.put("w", Npy.floats(new float[2], 2));
        Map.Entry<String, Npy> one = Npz.metadata(metadata);
        arrays.put(one.getKey(), one.getValue());
        Path path = folder.resolve("a.npz");
        try (var out = Files.newOutputStream(path)) {
            Npz.write(out, arrays);
        }
        try (WeightsFile file = WeightsFile.open(path)) {
            assertEquals(metadata, file.metadata());
            assertEquals(List.of("w"), List.copyOf(file.tensors().keySet()));
            assertEquals(List.of(), file.passed());
        }
    }
}
