// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What {@code plugin-new} writes: one project of each kind, from nothing to its removal. */
class PluginNewTest {
    private static final List<String> KINDS =
            List.of("backbone", "method", "preprocessor", "dataset", "evaluator");
    private static Stranger he;

    @BeforeAll
    static void begin() throws Exception {
        he = new Stranger(Path.of("target", "plugin-new"));
    }

    @AfterAll
    static void stop() throws Exception {
        he.must("stop");
    }

    private static Set<String> files() throws IOException {
        try (Stream<Path> all = Files.list(he.at("."))) {
            return all.map(path -> path.getFileName().toString())
                    .collect(Collectors.toCollection(TreeSet::new));
        }
    }

    @Test
    void whatCannotBeIsRefusedAndNothingIsWritten() throws Exception {
        Files.createDirectories(he.at("there"));
        Set<String> before = files();
        refused("kind 'methods' is unknown; expected backbone", "methods", "smile");
        refused("needs a kind and an id");
        refused("needs an id", "method");
        for (String id :
                List.of("Smile", "2smile", "smi_le", "smile-", "a--b", "../smile", "a b")) {
            refused("id '" + id + "': expected", "method", id);
        }
        refused("'switch' is a word of Java's", "method", "switch");
        refused("'org.mien.smile' is Mien's own", "method", "smile", "--package=org.mien.smile");
        refused("package 'a..b': expected words", "method", "smile", "--package", "a..b");
        refused("'2b' begins with a digit", "method", "smile", "--package", "a.2b");
        refused("there' exists already", "method", "smile", "--folder", "there");
        refused("there is no folder", "method", "smile", "--folder=gone/smile");
        refused("option '--pakage=a' is unknown", "method", "smile", "--pakage=a");
        refused("got 'frown' too", "method", "smile", "frown");
        assertEquals(before, files());
    }

    private static void refused(String why, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("plugin-new"));
        command.addAll(List.of(arguments));
        Stranger.Answer answer = he.mien(command.toArray(new String[0]));
        assertNotEquals(0, answer.status(), answer.out());
        assertTrue(answer.out().contains(why), answer.out());
        assertEquals(1, answer.out().strip().split("\n").length, answer.out());
    }

    /** Three classes of bars, which differ in their direction. */
    private static Path pictures() throws IOException {
        StringBuilder table = new StringBuilder("file,label,split\n");
        List<String> labels = List.of("across", "down", "slanted");
        List<String> splits = List.of("train", "train", "train", "validation", "test");
        Path folder = Files.createDirectories(he.at("bars"));
        for (int i = 0; i < labels.size() * splits.size(); i++) {
            int label = i % labels.size();
            BufferedImage image = new BufferedImage(16, 16, BufferedImage.TYPE_INT_RGB);
            for (int y = 0; y < 16; y++) {
                for (int x = 0; x < 16; x++) {
                    int along = label == 0 ? y : label == 1 ? x : x + y;
                    image.setRGB(x, y, (along + i) % 4 < 2 ? 0x606060 : 0xa0a0a0);
                }
            }
            ImageIO.write(image, "png", folder.resolve(i + ".png").toFile());
            String split = splits.get(i / labels.size());
            table.append(i + ".png," + labels.get(label) + "," + split + "\n");
        }
        return Files.writeString(folder.resolve("table.csv"), table);
    }

    /** Writes a project of each kind, and each again as its second version; builds all at once. */
    private static void build() throws Exception {
        StringBuilder modules = new StringBuilder();
        Path all = he.at("all");
        for (String kind : KINDS) {
            he.must("plugin-new", kind, "my-" + kind);
            Path first = he.at(kind + "-my-" + kind);
            assertTrue(Files.isExecutable(first.resolve("mvnw")), kind);
            Path second = he.at(kind + "-2");
            he.copy(first, second);
            Path pom = second.resolve("pom.xml");
            String text = Files.readString(pom);
            Files.writeString(
                    pom,
                    text.replace(
                            "<version>1.0.0</version>",
                            "<version>2.0.0</version>"
                                    + "<properties><skipTests>true</skipTests></properties>"));
            for (Path project : List.of(first, second)) {
                modules.append("<module>../").append(project.getFileName()).append("</module>");
            }
            he.copy(first.resolve(".mvn"), all.resolve(".mvn-" + kind));
        }
        // Each project says to Maven where ours is; built together, one of them says it for all.
        Files.move(all.resolve(".mvn-method"), all.resolve(".mvn"));
        for (String kind : KINDS) {
            if (!kind.equals("method")) {
                assertEquals(
                        Files.readString(all.resolve(".mvn/maven.config")),
                        Files.readString(all.resolve(".mvn-" + kind + "/maven.config")));
            }
        }
        Files.writeString(
                all.resolve("pom.xml"),
                "<project><modelVersion>4.0.0</modelVersion><groupId>a</groupId>"
                        + "<artifactId>all</artifactId><version>1</version>"
                        + "<packaging>pom</packaging><modules>"
                        + modules
                        + "</modules></project>");
        // By the wrapper of a project.
        Files.copy(he.at("method-my-method/mvnw"), all.resolve("mvnw"));
        he.build(all);
        for (String kind : KINDS) {
            Path reports = he.at(kind + "-my-" + kind + "/target/surefire-reports");
            try (Stream<Path> files = Files.list(reports)) {
                assertEquals(2, files.filter(f -> f.toString().endsWith(".xml")).count(), kind);
            }
        }
    }

    private static void add(String project) throws Exception {
        he.must("plugin-add", he.at(project).resolve("target/features.xml").toString());
    }

    /** The plugins of a run; those that came later say from which step. */
    private static String told(String run) {
        try {
            return he.must("run-show", run).out() + he.must("plugin-list").out();
        } catch (Exception e) {
            return e.toString();
        }
    }

    private static List<String> plugins(String run) throws Exception {
        JsonObject shown = he.must("run-show", run, "--json").json().getAsJsonObject();
        List<String> plugins = new ArrayList<>();
        shown.getAsJsonArray("plugins").forEach(one -> plugins.add(one.getAsString()));
        return plugins;
    }

    /** The plugin, if a run under way goes on with it, else all that the run has. */
    private static String replaced(String run, String plugin) throws Exception {
        List<String> plugins = plugins(run);
        boolean there = plugins.stream().anyMatch(one -> one.startsWith(plugin + " from step "));
        return there ? plugin : plugins.toString();
    }

    private static JsonObject pipeline() throws Exception {
        for (JsonElement one : he.must("pipeline-list", "--json").json().getAsJsonArray()) {
            if (one.getAsJsonObject().get("name").getAsString().equals("bars")) {
                return one.getAsJsonObject();
            }
        }
        throw new AssertionError("no pipeline bars");
    }

    @Test
    void eachKindIsBuiltInstalledUsedReplacedAndRemoved() throws Exception {
        build();
        Path table = pictures();
        he.must("start");
        Files.writeString(
                he.at("work/etc/org.mien.pipeline-bars.cfg"),
                String.join(
                        "\n",
                        "dataset = my-dataset",
                        "dataset.path = " + table,
                        "preprocess = my-preprocessor",
                        "my-preprocessor.cut = 0.1",
                        "backbone = my-backbone",
                        "backbone.size = 16",
                        "method = my-method",
                        "method.penalty = 0.2",
                        "evaluators = my-evaluator",
                        "train.epochs = 2",
                        "train.batch = 9",
                        "train.device = cpu",
                        ""));
        for (String kind : KINDS) {
            add(kind + "-my-" + kind);
            String listed = he.must("plugin-list", "my-" + kind).out();
            assertTrue(listed.contains("com.example.my" + kind), listed);
        }
        await("READY", () -> pipeline().get("state").getAsString());

        // A run that lasts until it is cancelled; every kind is replaced meanwhile.
        String run =
                he.must("train", "bars", "train.epochs=100000", "--background", "--json")
                        .json()
                        .getAsJsonObject()
                        .get("run")
                        .getAsString();
        Path metrics = he.at("work/runs").resolve(run).resolve("metrics.jsonl");
        await("true", () -> Boolean.toString(Files.exists(metrics) && lines(metrics) > 5));
        for (String kind : KINDS) {
            add(kind + "-2");
            String listed = he.must("plugin-list", "my-" + kind).out();
            assertTrue(listed.contains("2.0.0"), listed);
            assertFalse(listed.contains("1.0.0"), listed);
        }
        // An evaluator is asked after a run, the others at each of its steps.
        for (String kind : KINDS.subList(0, 4)) {
            String plugin = kind + " my-" + kind + " 2.0.0";
            await(plugin, () -> replaced(run, plugin));
        }
        he.must("job-cancel", run);

        JsonObject trained =
                he.must("train", "bars", "train.epochs=3", "--json").json().getAsJsonObject();
        assertEquals("DONE", trained.get("state").getAsString());
        String done = trained.get("run").getAsString();
        assertEquals(
                KINDS.stream().map(kind -> kind + " my-" + kind + " 2.0.0").sorted().toList(),
                plugins(done).stream().sorted().toList(),
                () -> told(done));
        JsonObject evaluated = he.must("evaluate", done, "--json").json().getAsJsonObject();
        assertEquals(3, evaluated.get("samples").getAsInt());
        double share = evaluated.getAsJsonObject("metrics").get("top2Accuracy").getAsDouble();
        assertEquals(Math.rint(3 * share), 3 * share, 1e-9);
        he.must("predict", done, "--sample=first", "--json");

        for (String kind : KINDS) {
            he.must("plugin-remove", "my-" + kind);
        }
        JsonObject waits = pipeline();
        assertEquals("WAITING", waits.get("state").getAsString(), waits.toString());
        assertFalse(he.must("plugin-list").out().contains("com.example"));
    }

    private static long lines(Path file) throws IOException {
        try (Stream<String> lines = Files.lines(file)) {
            return lines.count();
        }
    }

    private interface Question {
        String ask() throws Exception;
    }

    /** Asks again and again, for what the platform does on threads of its own. */
    private static void await(String expected, Question question) throws Exception {
        long end = System.nanoTime() + 60_000_000_000L;
        String last;
        do {
            last = question.ask();
            if (System.nanoTime() > end) {
                throw new AssertionError("within a minute not " + expected + ": " + last);
            }
        } while (!last.equals(expected));
    }
}
