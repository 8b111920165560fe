// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.mien.api.data.Targets;
import org.mien.core.Datasets;
import org.mien.core.Evaluations;
import org.mien.core.Pipelines;
import org.mien.core.Runs;
import org.mien.core.WeightFiles;

class ListsTest {
    private Shell shell;

    @BeforeEach
    void open() {
        shell = new Shell();
    }

    @AfterEach
    void close() {
        shell.close();
    }

    private String out(String line) {
        Shell.Outcome outcome = shell.type(line);
        assertNull(outcome.failure());
        return outcome.out();
    }

    @Test
    void plugins() {
        assertEquals(
                """
                kind          id        version  bundle                    problem
                ------------  --------  -------  ------------------------  ----------------------------
                backbone      resnet18  0.1.0    org.mien.plugin.resnet18
                dataset       fer2013   0.1.0    org.mien.plugin.fer2013
                method        broken    1.2.3    org.mien.plugin.broken    method 'broken': no settings
                method        linear    0.1.0    org.mien.plugin.linear
                preprocessor  flip      0.1.0    org.mien.plugin.basic
                preprocessor  resize    0.1.0    org.mien.plugin.basic
                """,
                out("fer:plugin-list"));
    }

    @Test
    void keysOfAPlugin() {
        String expected =
                """
                kind     id       version  bundle
                -------  -------  -------  -----------------------
                dataset  fer2013  0.1.0    org.mien.plugin.fer2013

                dataset fer2013
                key           type    default          meaning
                ------------  ------  ---------------  ------------
                dataset.path  a path  (must be given)  its CSV file
                """;
        assertEquals(expected, out("fer:plugin-list fer2013"));
        String all = out("fer:plugin-list --keys");
        assertTrue(all.contains("backbone.size  an integer  64       from 32 to 512"), all);
        assertTrue(all.endsWith("whether it averages\n"), all);
        assertTrue(all.contains("preprocessor flip\nno keys\n"), all);
    }

    @Test
    void aPipelineIsMadeAndDeleted() {
        assertEquals(
                """
                pipeline  new
                state     WAITING for method 'm'
                source    org.mien.pipeline-new.cfg
                next      fer:train new
                """,
                out("fer:pipeline-new new method=m --replace"));
        assertEquals(List.of("create", "new", Map.of("method", "m"), true), shell.mien.asked);
        assertEquals(
                "{\"pipeline\":\"demo\",\"deleted\":true}\n",
                out("fer:pipeline-delete demo --json"));
        assertEquals(List.of("delete", "demo"), shell.mien.asked);
    }

    @Test
    void theLastGoodStateIsShownBesideAWrongEdit() {
        shell.mien.pipelines =
                List.of(
                        new Pipelines.Pipeline(
                                "demo",
                                Pipelines.State.FAILED,
                                "train.lr is 'fast'",
                                "demo.cfg",
                                FakePlatform.values("train.lr=fast;demo.cfg"),
                                FakePlatform.values("train.lr=0.1;demo.cfg")));
        String shown = out("fer:pipeline-show demo");
        assertTrue(shown.contains("state     FAILED train.lr is 'fast'"), shown);
        assertTrue(shown.contains("When it last worked:"), shown);
        assertTrue(shown.contains("train.lr  0.1    demo.cfg"), shown);
    }

    @Test
    void pluginsAsJson() {
        JsonArray all = JsonParser.parseString(out("fer:plugin-list --json")).getAsJsonArray();
        assertEquals(6, all.size());
        JsonArray one =
                JsonParser.parseString(out("fer:plugin-list fer2013 --json")).getAsJsonArray();
        assertEquals(1, one.size());
        JsonObject key =
                one.get(0).getAsJsonObject().getAsJsonArray("keys").get(0).getAsJsonObject();
        assertEquals("dataset.path", key.get("name").getAsString());
        assertTrue(key.get("default").isJsonNull());
    }

    @Test
    void anUnknownPluginIsRefused() {
        assertEquals(
                "plugin 'fdrl' is not installed. Installed: resnet18, fer2013, broken, linear,"
                        + " flip, resize.",
                shell.type("fer:plugin-list fdrl").failure());
    }

    @Test
    void pipelines() {
        assertEquals(
                """
                name  state    method  backbone  dataset    why
                ----  -------  ------  --------  ---------  ----------------------------------------------------
                demo  READY    linear  resnet18  schematic
                raf   WAITING  fdrl                         for method 'fdrl' (feature:install mien-method-fdrl)
                """,
                out("fer:pipeline-list"));
        JsonArray json = JsonParser.parseString(out("fer:pipeline-list --json")).getAsJsonArray();
        assertEquals("WAITING", json.get(1).getAsJsonObject().get("state").getAsString());
        assertEquals("", json.get(1).getAsJsonObject().get("backbone").getAsString());
    }

    @Test
    void aPipeline() {
        assertEquals(
                """
                pipeline  demo
                state     READY
                source    etc/org.mien.pipeline-demo.cfg

                key           value         origin
                ------------  ------------  -------
                method        linear        a file
                backbone      resnet18      a file
                dataset       schematic     a file
                preprocess    resize, flip  a file
                train.epochs  10            default
                """,
                out("fer:pipeline-show demo"));
        JsonObject json =
                JsonParser.parseString(out("fer:pipeline-show demo --json")).getAsJsonObject();
        assertEquals(
                "{\"value\":\"10\",\"origin\":\"default\"}",
                json.getAsJsonObject("values").get("train.epochs").toString());
        assertEquals(
                "pipeline 'dem' does not exist. Known: demo, raf.",
                shell.type("fer:pipeline-show dem").failure());
    }

    @Test
    void runs() {
        assertEquals(
                """
                run     pipeline  state   started               seconds  epochs  best epoch        validation  test accuracy  why
                ------  --------  ------  --------------------  -------  ------  ----------  ----------------  -------------  ----------------
                demo-1  demo      DONE    2026-01-02T03:04:05Z     12.3       3           2  accuracy 92.50 %        90.71 %
                demo-2  demo      FAILED  2026-01-02T03:04:05Z     12.3       0           -                 -              -  the disk is full
                """,
                out("fer:run-list"));
        JsonArray json = JsonParser.parseString(out("fer:run-list --json")).getAsJsonArray();
        assertTrue(json.get(1).getAsJsonObject().get("chosenValue").isJsonNull());
        assertEquals(
                0.9071,
                json.get(0)
                        .getAsJsonObject()
                        .getAsJsonObject("evaluations")
                        .getAsJsonObject("test")
                        .get("accuracy")
                        .getAsDouble());
    }

    @Test
    void nothingThere() {
        shell.mien.plugins = List.of();
        shell.mien.pipelines = List.of();
        shell.mien.runs = List.of();
        assertEquals("No runs yet. fer:train PIPELINE makes one.\n", out("fer:run-list"));
        assertEquals(
                "No runs yet. ./mien train PIPELINE makes one.\n",
                shell.launch(Map.of(), "run-list").out());
        assertTrue(out("fer:pipeline-list").startsWith("No pipelines."));
        assertTrue(out("fer:plugin-list").startsWith("No plugins"));
        assertEquals("[]\n", out("fer:run-list --json"));
    }

    @Test
    void aMethod() {
        assertEquals(
                """
                method    linear
                backbone  resnet18
                needs     VECTOR
                gets      pool: vector (N, 512)
                views     face
                input     3 x 64 x 64
                phases    train

                predicts              parameters
                --------------------  ----------
                backbone              11,176,512
                  stem                     9,536
                  block0 to block1     8,000,000
                  block2               3,000,000
                  3x3                    166,976
                classifier                 3,591
                in all                11,180,103
                with stages not read  24,027,719

                in training only   parameters
                -----------------  ----------
                centres                 3,584
                in all                  3,584
                with fixed arrays       3,968

                key               type      default  bounds       meaning
                ----------------  --------  -------  -----------  ---------------
                method.smoothing  a number  0        from 0 to 1  label smoothing
                """,
                out("fer:method-info linear backbone=resnet18"));
        assertEquals(List.of("linear", Map.of("backbone", "resnet18")), shell.mien.asked);
        JsonObject json =
                JsonParser.parseString(out("fer:method-info linear --json")).getAsJsonObject();
        assertEquals(11_180_103, json.get("inferenceParameters").getAsLong());
        assertEquals(12_847_616, json.get("unreadParameters").getAsLong());
        assertEquals(3584, json.getAsJsonObject("training").get("centres").getAsLong());
        assertEquals(0, json.get("fixed").getAsLong());
        assertEquals(
                3_000_000,
                json.getAsJsonObject("pieces")
                        .getAsJsonObject("backbone")
                        .get("block2")
                        .getAsLong());
        assertEquals(384, json.get("trainingFixed").getAsLong());
    }

    @Test
    void aBackbone() {
        assertEquals(
                """
                backbone       vit-tiny
                input          3 x 32 x 32
                mean           [0.5, 0.5, 0.5]
                deviation      [0.25, 0.25, 0.25]
                parameters     9,408
                fixed          12,480, not counted as parameters
                multiply-adds  602,112 an image
                forward        0.2 MiB with one image: 0.2 and 0.0 an image
                training step  1.2 MiB with one image: 0.2 and 1.0 an image

                stage  gives             parameters   fixed  multiply-adds  forward KiB  training KiB
                -----  ----------------  ----------  ------  -------------  -----------  ------------
                embed  tokens (65, 192)       9,408  12,480        602,112            2         1,024
                cls    vector (192)               0                      0            1             1

                key            type        default  bounds          meaning
                -------------  ----------  -------  --------------  ---------------------------
                backbone.size  an integer  64       from 32 to 512  side of the input in pixels
                """,
                out("fer:backbone-info vit-tiny size=32"));
        assertEquals(List.of("vit-tiny", Map.of("size", "32")), shell.mien.asked);
        JsonObject json =
                JsonParser.parseString(out("fer:backbone-info vit-tiny --json")).getAsJsonObject();
        assertEquals(9_408, json.get("parameters").getAsLong());
        assertEquals(12_480, json.get("fixed").getAsLong());
        assertEquals(602_112, json.get("multiplyAdds").getAsLong());
        assertEquals(1793, json.getAsJsonObject("forward").get("image").getAsLong());
        assertEquals(200_448, json.getAsJsonObject("training").get("weights").getAsLong());
        assertEquals(2, json.getAsJsonArray("stages").size());
    }

    @Test
    void aRunIsShownWithAllItTakesToDoItAgain() {
        shell.mien.details =
                new Runs.Details(
                        FakePlatform.run("demo-1", "DONE", 2, 1, 0.5, ""),
                        FakePlatform.values("seed=5;command line", "train.epochs=2;demo.cfg"),
                        Targets.classes(List.of("sadness", "happy, laughing")),
                        Map.of("train", 54),
                        "carved",
                        List.of("method linear 0.1.0"),
                        List.of("backbone.weights: 100 of 102 tensors"),
                        List.of("gallery/epoch-0001.png", "gallery/epoch-0002.png"),
                        "PyTorch",
                        "17",
                        "54 samples, 4 steps (shuffle)");
        shell.mien.evaluated =
                List.of(
                        new Evaluations.Evaluation(
                                        "demo-1",
                                        "test",
                                        9,
                                        FakePlatform.numbers("accuracy pose=left", 0.1643),
                                        Set.of("accuracy pose=left"),
                                        List.of(),
                                        List.of(),
                                        List.of())
                                .as("other", Map.of("dataset", "fer2013")));
        String text = shell.launch(Map.of(), "run-show", "demo-1").out();
        assertTrue(
                text.matches(
                        "(?s).*\nother +test +9  accuracy pose=left  16.43 %  dataset=fer2013\n.*"),
                text);
        assertTrue(text.contains("sadness, \"happy, laughing\"\n"), text);
        assertTrue(text.contains("54 samples, 4 steps (shuffle)\n"), text);
        assertTrue(text.contains("method linear 0.1.0"), text);
        assertTrue(
                text.matches("(?s).*started from +backbone.weights: 100 of 102 tensors.*"), text);
        assertTrue(text.matches("(?s).*seed +5 +command line *\n.*"), text);
        assertTrue(text.contains("gallery/epoch-0001.png, gallery/epoch-0002.png"), text);
        JsonObject json =
                JsonParser.parseString(shell.launch(Map.of(), "run-show", "demo-1", "--json").out())
                        .getAsJsonObject();
        assertEquals(
                "5",
                json.getAsJsonObject("values").getAsJsonObject("seed").get("value").getAsString());
        assertEquals(54, json.getAsJsonObject("splits").get("train").getAsInt());
        assertEquals("[\"sadness\",\"happy, laughing\"]", json.get("labels").toString());
        JsonObject other = json.getAsJsonArray("evaluated").get(0).getAsJsonObject();
        assertEquals("other", other.get("evaluation").getAsString());
        assertEquals("{\"dataset\":\"fer2013\"}", other.get("keys").toString());
        assertEquals("deleted demo-1\n", shell.launch(Map.of(), "run-delete", "demo-1").out());
        assertEquals(List.of("demo-1", false), shell.mien.asked);
    }

    @Test
    void aRunIsPackedInTheCallersFolder() {
        Map<String, String> caller = Map.of("MIEN_CWD", "/home/me");
        Shell.Outcome outcome = shell.launch(caller, "export", "demo-1");
        assertEquals("exported demo-1 as /home/me/demo-1.zip\n", outcome.out());
        assertEquals(
                List.of("demo-1", Runs.Format.ZIP, Path.of("/home/me/demo-1.zip")),
                shell.mien.asked);
        shell.launch(caller, "export", "demo-1", "--format", "npz", "--output", "/tmp/w.npz");
        assertEquals(List.of("demo-1", Runs.Format.NPZ, Path.of("/tmp/w.npz")), shell.mien.asked);
        assertTrue(
                shell.launch(caller, "export", "demo-1", "--format", "onnx")
                        .failure()
                        .contains("'onnx'; expected zip, safetensors or npz"));
    }

    @Test
    void aFileOfWeightsIsShown() {
        shell.mien.weights =
                new WeightFiles.Contents(
                        Path.of("/home/me/a.pth"),
                        "PyTorch (zip)",
                        "state_dict",
                        "ab12",
                        4711,
                        Map.of("mien.labels", "[\"happy, laughing\",\"sad\"]"),
                        List.of(
                                new WeightFiles.TensorInfo(
                                        "module.fc.bias", "f16", List.of(1000L))),
                        List.of(
                                new WeightFiles.NetworkInfo("state_dict", 1),
                                new WeightFiles.NetworkInfo("ema", 1)),
                        List.of("__main__.Meter"),
                        List.of(
                                new WeightFiles.Fit(
                                        "resnet18",
                                        100,
                                        100,
                                        "module.",
                                        "",
                                        List.of("ema was taken"))));
        Map<String, String> caller = Map.of("MIEN_CWD", "/home/me");
        String text = shell.launch(caller, "weights-show", "a.pth").out();
        assertEquals(List.of(Path.of("/home/me/a.pth")), shell.mien.asked);
        assertTrue(text.matches("(?s).*wrapper +state_dict\\n.*"), text);
        assertTrue(text.matches("(?s).*resnet18 +100 +100 +module\\..*"), text);
        assertTrue(text.matches("(?s).*networks +state_dict 1, ema 1\\n.*"), text);
        assertTrue(text.matches("(?s).*passed over +__main__.Meter\\n.*"), text);
        assertTrue(text.contains("resnet18: ema was taken"), text);
        assertTrue(text.matches("(?s).*mien.labels +\\[\"happy, laughing\",\"sad\"].*"), text);
        assertTrue(text.matches("(?s).*module.fc.bias +f16 +\\[1000\\] +1,000.*"), text);
        JsonObject json =
                JsonParser.parseString(
                                shell.launch(caller, "weights-show", "a.pth", "--json").out())
                        .getAsJsonObject();
        assertEquals(
                100,
                json.getAsJsonArray("fits").get(0).getAsJsonObject().get("fitting").getAsInt());
        assertEquals("ab12", json.get("sha256").getAsString());
    }

    @Test
    void aDatasetWithFaultsFailsAndNamesThem() {
        Map<String, Map<String, Integer>> counts = new LinkedHashMap<>();
        counts.put("train", Map.of("joy", 2));
        counts.put("test", Map.of("joy", 1));
        shell.mien.check =
                new Datasets.Check(
                        "demo",
                        "folder",
                        counts,
                        "none",
                        List.of("a.png: is cut"),
                        List.of(List.of("train: b", "test: c"), List.of("train: d", "train: e")),
                        Map.of("train", 2, "test", 1),
                        List.of("S001: train 12, test 3"),
                        List.of("3 files were left out"));
        Shell.Outcome outcome = shell.launch(Map.of(), "dataset-check", "demo");
        assertTrue(outcome.out().contains("a.png: is cut"), outcome.out());
        assertTrue(
                outcome.out().contains("in more than one split: 1\n  train: b = test: c"),
                outcome.out());
        assertTrue(outcome.out().contains("twice in one split: 1\n  train: d = train: e"));
        assertTrue(
                outcome.out()
                        .contains("people in more than one split: 1\n  S001: train 12, test 3"),
                outcome.out());
        assertTrue(outcome.out().contains("3 files were left out"), outcome.out());
        assertTrue(outcome.out().matches("(?s).*\nall +2 +1\npeople +2 +1\n.*"), outcome.out());
        assertTrue(
                outcome.failure()
                        .contains(
                                "1 sample cannot be read, 1 picture lies in more than one split,"
                                        + " 1 person has pictures in more than one split. Mend"),
                outcome.failure());
        shell.mien.check =
                new Datasets.Check(
                        "demo", "folder", counts, "none", List.of(), List.of(), Map.of(), List.of(),
                        List.of());
        Shell.Outcome good = shell.launch(Map.of(), "dataset-check", "demo", "--json");
        assertNull(good.failure());
        assertEquals(
                2,
                JsonParser.parseString(good.out())
                        .getAsJsonObject()
                        .getAsJsonObject("counts")
                        .getAsJsonObject("train")
                        .get("joy")
                        .getAsInt());
    }
}
