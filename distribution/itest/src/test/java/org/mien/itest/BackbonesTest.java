// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.itest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.mien.api.method.Backbone;
import org.mien.api.net.Var;
import org.mien.api.spi.Settings;
import org.mien.plugin.alexnet.AlexNet;
import org.mien.plugin.inception.InceptionResnetV1;
import org.mien.plugin.ir50.Ir50;
import org.mien.plugin.resnet18.ResNet18;
import org.mien.plugin.resnet50.ResNet50;
import org.mien.plugin.vit.VitTiny;
import org.mien.testkit.Formula;
import org.mien.testkit.Reference;
import org.mien.weights.Npy;
import org.mien.weights.Npz;
import org.mien.weights.Safetensors;
import org.mien.weights.Tensor;
import org.mien.weights.WeightsFile;

/** Every backbone of the distribution: its size, and a training that starts from a file. */
class BackbonesTest {
    private static Stranger he;

    @BeforeAll
    static void start() throws Exception {
        he = new Stranger(Path.of("target", "backbones"));
        he.must("start");
    }

    @AfterAll
    static void stop() throws Exception {
        he.must("stop");
    }

    private static JsonObject json(String... arguments) throws Exception {
        List<String> all = new ArrayList<>(List.of(arguments));
        all.add("--json");
        return he.must(all.toArray(new String[0])).json().getAsJsonObject();
    }

    /** What a published file of a backbone would hold, by its published names. */
    private static <S extends Record> Map<String, Safetensors.Values> published(
            Backbone<S> backbone, Map<String, String> keys) {
        S settings = Settings.bind("backbone", "backbone.", backbone.settings(), keys);
        Map<String, Safetensors.Values> arrays = new LinkedHashMap<>();
        backbone.trunk(settings, backbone.input(settings))
                .each(
                        "",
                        (path, var) -> {
                            if (var.init() != Var.Init.FIXED) {
                                float[] values = Formula.values(path, arrays.size(), var.shape());
                                arrays.put(
                                        backbone.published(path),
                                        new Safetensors.Values(var.shape(), values));
                            }
                        });
        return arrays;
    }

    private static Path file(String name, Map<String, Safetensors.Values> arrays)
            throws IOException {
        Path file = he.at(name);
        try (OutputStream out = Files.newOutputStream(file)) {
            if (name.endsWith(".npz")) {
                Map<String, Npy> rows = new LinkedHashMap<>();
                arrays.forEach(
                        (path, one) -> rows.put(path, Npy.floats(one.elements(), one.shape())));
                Npz.write(out, rows);
            } else {
                Safetensors.write(out, arrays, Map.of());
            }
        }
        return file;
    }

    /**
     * Trains three steps from a file, exports, and compares: running statistics aside, AdamW moves
     * nothing farther from where it started than its learning rates, so what was exported began as
     * the file says.
     */
    private static <S extends Record> void trains(
            String id, Backbone<S> backbone, String ending, String... keys) throws Exception {
        Map<String, String> given = new LinkedHashMap<>();
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "train",
                                "demo",
                                "backbone=" + id,
                                "dataset.train=12",
                                "dataset.validation=7",
                                "dataset.test=7",
                                "dataset.size=32",
                                "train.epochs=1",
                                "train.batch=4",
                                "train.lr=1e-4"));
        for (String key : keys) {
            arguments.add(key);
            given.put(key.substring(0, key.indexOf('=')), key.substring(key.indexOf('=') + 1));
        }
        Map<String, Safetensors.Values> arrays = published(backbone, given);
        Path file = file(id + ending, arrays);
        arguments.add("backbone.weights=" + file);
        JsonObject trained = json(arguments.toArray(new String[0]));
        assertEquals("DONE", trained.get("state").getAsString(), trained::toString);
        String run = trained.get("run").getAsString();
        String shown = he.must("run-show", run).out();
        String all = arrays.size() + " of " + arrays.size() + " tensors of " + file;
        assertTrue(shown.contains(all), shown);

        Path exported = he.at(id + "-trained.npz");
        he.must("export", run, "--format", "npz", "--output", exported.toString());
        double most = 0;
        try (WeightsFile out = WeightsFile.open(exported)) {
            for (Map.Entry<String, Safetensors.Values> entry : arrays.entrySet()) {
                Tensor tensor = out.tensors().get(entry.getKey());
                assertArrayEquals(entry.getValue().shape(), tensor.shape(), entry.getKey());
                float[] values = tensor.floats();
                if (!entry.getKey().contains("running_")) {
                    for (int i = 0; i < values.length; i++) {
                        double moved = Math.abs(values[i] - entry.getValue().elements()[i]);
                        most = Math.max(most, moved);
                    }
                }
            }
        }
        assertTrue(most > 1e-5 && most < 1e-3, id + " moved by " + most);
        he.must("run-delete", run);
        Files.delete(exported);
        Files.delete(file);
    }

    @Test
    void linearTrainsOnEachFromAFileOfWeights() throws Exception {
        trains("resnet18", new ResNet18(), ".safetensors", "backbone.size=32");
        trains("resnet50", new ResNet50(), ".npz", "backbone.size=32");
        trains("ir50", new Ir50(), ".npz", "backbone.size=32");
        trains(
                "vit-tiny",
                new VitTiny(),
                ".safetensors",
                "backbone.size=32",
                "backbone.patch=8",
                "backbone.depth=2");
        trains("inception-resnet-v1", new InceptionResnetV1(), ".npz", "backbone.size=75");
        trains("alexnet", new AlexNet(), ".safetensors", "backbone.size=63");
    }

    /** Features of two images whose pixels are of the formula, of a network from a file. */
    private static float[] features(String id, int size, String kind, Path weights)
            throws Exception {
        Path input = he.at("images.npy");
        try (OutputStream out = Files.newOutputStream(input)) {
            Npy.floats(Formula.images(2, size, size), 2, 3, size, size).write(out);
        }
        Path features = he.at("of-images.npz");
        he.must(
                "features",
                "--backbone",
                id,
                "--weights",
                weights.toString(),
                "--kind",
                kind,
                "--input",
                input.toString(),
                "--output",
                features.toString());
        float[] values;
        try (WeightsFile file = WeightsFile.open(features)) {
            values = file.tensors().get("features").floats();
        }
        Files.delete(features);
        Files.delete(he.at("of-images.json"));
        return values;
    }

    /**
     * From a file through its reader to what PyTorch gives; the tests of the two backbones have the
     * lines of Python that made the numbers.
     */
    @Test
    void fromAFileEachGivesWhatItGivesInPython() throws Exception {
        Map<String, Safetensors.Values> resnet18 = published(new ResNet18(), Map.of());
        Map<String, Safetensors.Values> ir50 = published(new Ir50(), Map.of());
        // In face.evoLVe the output layer stands before the body.
        List<String> order = new ArrayList<>();
        for (String part : List.of("input_layer", "output_layer", "body")) {
            ir50.keySet().stream().filter(name -> name.startsWith(part)).forEach(order::add);
        }
        assertEquals(ir50.size(), order.size());
        ir50.replaceAll(
                (name, one) -> {
                    long[] shape = one.shape();
                    boolean slopes =
                            name.equals("input_layer.2.weight")
                                    || name.matches("body.*res_layer.2.weight");
                    return new Safetensors.Values(
                            shape,
                            slopes
                                    ? Formula.slopes((int) shape[0])
                                    : Formula.values(name, order.indexOf(name), shape));
                });
        for (String ending : List.of(".safetensors", ".npz")) {
            Path file = file("resnet18" + ending, resnet18);
            Reference.compare(
                    "resnet18" + ending,
                    features("resnet18", 224, "vector", file),
                    3672.867229,
                    3672.867229,
                    2.417341,
                    5.4247231,
                    1.0026151,
                    6.0212288,
                    5.0300841,
                    5.2573318,
                    1.0298618,
                    6.2129178,
                    4.6430922);
            Files.delete(file);
            file = file("ir50" + ending, ir50);
            Reference.compare(
                    "ir50 map" + ending,
                    features("ir50", 112, "map", file),
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
                    "ir50" + ending,
                    features("ir50", 112, "vector", file),
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
            Files.delete(file);
        }
    }

    private static Map<String, Long> parameters(String id, String... keys) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("backbone-info", id));
        arguments.addAll(Arrays.asList(keys));
        JsonObject info = json(arguments.toArray(new String[0]));
        Map<String, Long> parameters = new LinkedHashMap<>();
        for (JsonElement one : info.getAsJsonArray("stages")) {
            JsonObject stage = one.getAsJsonObject();
            String name = stage.get("name").getAsString().replaceFirst("\\d+$", "");
            parameters.merge(name, stage.get("parameters").getAsLong(), Long::sum);
        }
        parameters.put("all", info.get("parameters").getAsLong());
        parameters.put("fixed", info.get("fixed").getAsLong());
        return parameters;
    }

    @Test
    void haveThePublishedNumbersOfParameters() throws Exception {
        assertEquals(11_176_512L, parameters("resnet18", "size=32").get("all"));
        Map<String, Long> ir50 = parameters("ir50");
        assertEquals(1_920L, ir50.get("input"));
        assertEquals(30_725_440L, ir50.get("block"));
        assertEquals(12_847_616L, ir50.get("output"));
        assertEquals(43_574_976L, ir50.get("all"));
        assertEquals(5_338_368L, parameters("vit-tiny", "size=32").get("block"));
        assertEquals(21_293_568L, parameters("vit-small", "size=32").get("block"));
        assertEquals(85_054_464L, parameters("vit-base", "size=32").get("block"));
        Map<String, Long> fixed = parameters("vit-tiny", "backbone.positions=fixed");
        assertEquals(197L * 192, fixed.get("fixed"));
        assertEquals(23_482_624L, parameters("inception-resnet-v1", "size=75").get("all"));
    }

    @Test
    void featuresOfADataset() throws Exception {
        JsonObject features =
                json(
                        "features",
                        "--backbone",
                        "vit-tiny",
                        "--tap",
                        "attention",
                        "--kind",
                        "tokens",
                        "--input",
                        "demo",
                        "--split",
                        "test",
                        "--output",
                        "features.npz",
                        "size=32",
                        "depth=2",
                        "patch=8",
                        "dataset.test=7",
                        "dataset.size=32");
        assertEquals(7, features.get("items").getAsInt());
        assertEquals("norm", features.get("stage").getAsString());
        assertTrue(Files.size(he.at("features.npz")) > 4 * 7 * (17 * 192 + 2 * 3 * 17 * 17));
        assertTrue(Files.readString(he.at("features.json")).contains("\"complete\": true"));
    }
}
