// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.itest;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.mien.itest.dying.Dying;
import org.mien.itest.late.Late;

/**
 * What a user types, in a work folder with a blank in its name, with an empty home, and where the
 * system allows it in a network of its own that has nothing but the loopback.
 */
class LauncherTest {
    private static final Path FOLDER = Path.of("target", "a user's").toAbsolutePath();
    private static final Path WORK = FOLDER.resolve("work");
    private static final List<String> TINY =
            List.of(
                    "dataset.train=28",
                    "dataset.validation=14",
                    "dataset.test=14",
                    "dataset.size=32",
                    "backbone.size=32",
                    "train.epochs=1",
                    "train.batch=14");

    private static List<String> prefix = List.of();
    private static Process namespace;
    private static Path home;

    private record Answer(int status, String out, String err) {
        /** The last line of the output, as JSON. */
        JsonObject json() {
            String[] lines = out.strip().split("\n");
            return JsonParser.parseString(lines[lines.length - 1]).getAsJsonObject();
        }
    }

    @BeforeAll
    static void start() throws Exception {
        delete(FOLDER);
        Files.createDirectories(FOLDER);
        home = Files.createTempDirectory("mien-home");
        // A process that keeps a network namespace open, which the launcher's calls then enter.
        Answer apart = run(WORK, List.of("unshare", "-n", "ip", "link", "set", "lo", "up"));
        if (apart.status() == 0) {
            Process keeper =
                    new ProcessBuilder(
                                    "unshare",
                                    "-n",
                                    "sh",
                                    "-c",
                                    "ip link set lo up && echo up && exec cat")
                            .start();
            assertEquals(
                    "up",
                    keeper.inputReader().readLine(),
                    "the network namespace has its loopback");
            namespace = keeper;
            prefix = List.of("nsenter", "-t", Long.toString(keeper.pid()), "-n");
        }
        Answer started = mien("start");
        assertEquals(0, started.status(), started.err());
        bootsOnce(WORK);
    }

    /** The features were installed once, and no bundle that ran was stopped for them. */
    private static void bootsOnce(Path work) throws IOException {
        List<String> log = Files.readAllLines(work.resolve("log/mien.log"));
        for (String stops : List.of("Stopping bundles:", "Refreshing bundles:")) {
            assertEquals(List.of(), log.stream().filter(line -> line.contains(stops)).toList());
        }
        List<String> begins =
                log.stream().filter(line -> line.contains("Adding features:")).toList();
        assertEquals(1, begins.size(), begins.toString());
    }

    @AfterAll
    static void stop() throws Exception {
        Answer stopped = mien("stop");
        if (namespace != null) {
            namespace.destroy();
        }
        assertEquals(0, stopped.status(), stopped.err());
        try (Stream<Path> left = Files.walk(home)) {
            assertEquals(List.of(home), left.toList(), "nothing is written to the user's home");
        }
    }

    private static void delete(Path folder) throws IOException {
        if (Files.exists(folder)) {
            try (Stream<Path> all = Files.walk(folder)) {
                for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                    Files.delete(path);
                }
            }
        }
    }

    private static Answer mien(String... arguments) throws Exception {
        return mienIn(WORK, arguments);
    }

    private static Answer mienIn(Path work, String... arguments) throws Exception {
        List<String> command = new ArrayList<>(prefix);
        command.add(System.getProperty("mien.launcher"));
        command.addAll(List.of(arguments));
        return run(work, command);
    }

    /** What somebody else hears who logs in over SSH: an answer for each thing that he tries. */
    private static List<JsonObject> visit(String user, String password, String... tries)
            throws Exception {
        List<String> command = new ArrayList<>(prefix);
        command.addAll(
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        Visitor.classPath(),
                        "org.mien.itest.Visitor",
                        value("port", mien("status")),
                        user,
                        password));
        command.addAll(List.of(tries));
        Answer answer = run(WORK, command);
        List<JsonObject> heard =
                answer.out()
                        .lines()
                        .map(line -> JsonParser.parseString(line).getAsJsonObject())
                        .toList();
        assertEquals(tries.length, heard.size(), answer.out() + answer.err());
        return heard;
    }

    /** The value of a line that begins with a name. */
    private static String value(String name, Answer answer) {
        return answer.out()
                .lines()
                .filter(line -> line.startsWith(name + " "))
                .map(line -> line.substring(name.length()).strip())
                .findFirst()
                .orElseThrow(() -> new AssertionError(answer.toString()));
    }

    private static Answer tiny(String verb, String pipeline, String... more) throws Exception {
        List<String> arguments = new ArrayList<>(List.of(verb, pipeline));
        List<String> given = Stream.of(more).map(one -> one.replaceFirst("=.*", "=")).toList();
        TINY.stream()
                .filter(key -> given.stream().noneMatch(key::startsWith))
                .forEach(arguments::add);
        arguments.addAll(List.of(more));
        return mien(arguments.toArray(new String[0]));
    }

    private static Answer run(Path work, List<String> command) throws Exception {
        Path out = Files.createTempFile("mien", "out");
        Path err = Files.createTempFile("mien", "err");
        try {
            ProcessBuilder builder = new ProcessBuilder(command).directory(FOLDER.toFile());
            builder.redirectOutput(out.toFile()).redirectError(err.toFile());
            Map<String, String> environment = builder.environment();
            environment.put("MIEN_WORK", work.toString());
            environment.put("HOME", home.toString());
            environment.put("JAVA_HOME", System.getProperty("java.home"));
            environment.put("MIEN_HEAP", "1g");
            environment.put("JAVA_TOOL_OPTIONS", "-Duser.home=" + home);
            Process process = builder.start();
            process.getOutputStream().close();
            assertTrue(process.waitFor(300, TimeUnit.SECONDS), "no answer: " + command);
            return new Answer(
                    process.exitValue(),
                    Files.readString(out, StandardCharsets.UTF_8),
                    Files.readString(err, StandardCharsets.UTF_8)
                            .lines()
                            .filter(line -> !line.startsWith("Picked up JAVA_TOOL_OPTIONS"))
                            .collect(Collectors.joining("\n")));
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }

    /** Refused: the status, one or two lines on standard error, no trace, and these words. */
    private static void refused(Answer answer, String... words) {
        assertNotEquals(0, answer.status(), answer.out());
        assertEquals("", answer.out());
        assertFalse(answer.err().contains("\tat "), answer.err());
        assertFalse(answer.err().contains("Exception"), answer.err());
        assertTrue(answer.err().strip().lines().count() <= 2, answer.err());
        for (String word : words) {
            assertTrue(answer.err().contains(word), answer.err());
        }
    }

    @Test
    void trainsEvaluatesAndPredicts() throws Exception {
        Answer trained = tiny("train", "demo", "--json");
        assertEquals(0, trained.status(), trained.err());
        String run = trained.json().get("run").getAsString();
        assertEquals("DONE", trained.json().get("state").getAsString());
        assertTrue(Files.isDirectory(WORK.resolve("runs").resolve(run)));

        Answer evaluated = mien("evaluate", run, "--json");
        assertEquals(0, evaluated.status(), evaluated.err());
        assertEquals(14, evaluated.json().get("samples").getAsInt());
        assertTrue(evaluated.json().getAsJsonObject("metrics").has("macroF1"));
        assertTrue(mien("evaluate", run).out().contains("anger"));

        Answer predicted = mien("predict", run, "--sample=first", "--json");
        assertEquals(0, predicted.status(), predicted.err());
        JsonObject face = predicted.json().getAsJsonArray("faces").get(0).getAsJsonObject();
        assertEquals(7, face.getAsJsonObject("probabilities").size());
        assertTrue(face.get("box").isJsonNull());
        assertTrue(mien("run-list").out().contains(run));

        photographs(run);
    }

    /** The face of a photograph, and five files that are none, each in a line of its own. */
    private static void photographs(String run) throws Exception {
        Path data = Path.of(System.getProperty("mien.launcher")).resolveSibling("../shared/data");
        Path photograph = data.resolve("faces/astronaut.png").normalize();
        boolean there = Files.isRegularFile(photograph);
        byte[] astronaut = there ? Files.readAllBytes(photograph) : grey();
        Files.write(FOLDER.resolve("astronaut.png"), astronaut);
        Files.writeString(FOLDER.resolve("text.png"), "no image");
        Files.write(FOLDER.resolve("cut.png"), Arrays.copyOf(astronaut, astronaut.length / 2));
        Files.write(FOLDER.resolve("empty.jpg"), new byte[0]);
        byte[] huge = grey();
        // Its header, at byte 16, says the width.
        huge[17] = 100;
        Files.write(FOLDER.resolve("huge.png"), huge);
        List<String> images =
                List.of(
                        "astronaut.png",
                        "text.png",
                        "cut.png",
                        "empty.jpg",
                        "huge.png",
                        "missing.png");
        List<String> arguments = new ArrayList<>(List.of("predict", run, "--json"));
        arguments.addAll(images);
        List<String> errors =
                List.of("", "not an image", "truncated PNG", "is empty", "a side", "not exist");
        Path model = data.resolve("models/face_detection_yunet_2023mar.onnx").normalize();
        for (String detector : List.of("haar", "yunet")) {
            if (detector.equals("yunet") && !Files.isRegularFile(model)) {
                continue;
            }
            List<String> all = new ArrayList<>(arguments);
            if (detector.equals("yunet")) {
                all.addAll(List.of("preprocess=yunet,align,resize", "yunet.model=" + model));
            } else {
                all.add("preprocess=haar,resize");
            }
            Answer answer = mien(all.toArray(new String[0]));
            assertNotEquals(0, answer.status());
            assertEquals("5 of 6 images could not be answered", answer.err().strip());
            assertFalse(answer.out().contains("\tat "), answer.out());
            List<JsonObject> lines =
                    answer.out()
                            .strip()
                            .lines()
                            .map(line -> JsonParser.parseString(line).getAsJsonObject())
                            .toList();
            assertEquals(6, lines.size(), answer.out());
            for (int i = 0; i < 6; i++) {
                assertEquals(images.get(i), lines.get(i).get("path").getAsString());
                if (i > 0) {
                    String error = lines.get(i).get("error").getAsString();
                    assertTrue(error.contains(errors.get(i)), error);
                }
            }
            JsonArray faces = lines.get(0).getAsJsonArray("faces");
            assertEquals(there ? 1 : 0, faces.size(), answer.out());
            if (there) {
                JsonArray box = faces.get(0).getAsJsonObject().getAsJsonArray("box");
                assertEquals(177, box.get(0).getAsDouble(), 4);
                assertEquals(66, box.get(1).getAsDouble(), 5);
                assertEquals(93, box.get(2).getAsDouble(), 5);
            }
        }
        mien("predict", run, "--csv=faces.csv", "*.png", "preprocess=haar");
        assertEquals(
                there ? 1 : 0,
                Files.readAllLines(FOLDER.resolve("faces.csv")).stream()
                        .filter(line -> line.startsWith("astronaut.png,1,"))
                        .count());
    }

    private static byte[] grey() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ImageIO.write(new BufferedImage(64, 64, BufferedImage.TYPE_BYTE_GRAY), "png", out);
        return out.toByteArray();
    }

    @Test
    void aMethodIsInstalledAndTrains() throws Exception {
        refused(tiny("train", "demo", "method=fdrl"), "feature:install mien-method-fdrl");
        Answer installed = mien("shell", "feature:install", "mien-method-fdrl");
        assertEquals(0, installed.status(), installed.err());
        Answer info = mien("method-info", "fdrl", "backbone=resnet18", "labels=7");
        assertTrue(info.out().contains("12,065,607"), info.out() + info.err());
        Answer trained = tiny("train", "demo", "method=fdrl", "method.latents=3", "--json");
        assertEquals(0, trained.status(), trained.err());
        Answer uninstalled = mien("shell", "feature:uninstall", "mien-method-fdrl");
        assertEquals(0, uninstalled.status(), uninstalled.err());
        refused(mien("method-info", "fdrl", "backbone=resnet18"), "method 'fdrl'");
    }

    /** A small network that draws, on small pictures. */
    private static final String[] DRAWS = {
        "backbone.depth=2",
        "backbone.width=48",
        "method.decoder-depth=1",
        "train.epochs=2",
        "train.warmup=0",
        "report.gallery=2",
        "report.gallery-every=1",
        "--json"
    };

    private static String[] draws(String... more) {
        return Stream.concat(Stream.of(DRAWS), Stream.of(more)).toArray(String[]::new);
    }

    /** Pictures of drawn faces in the report after each epoch, and of an image when asked for. */
    @Test
    void aMethodThatDrawsIsSeenToLearn() throws Exception {
        for (String feature : List.of("mien-method-mae", "mien-method-pf-vit")) {
            Answer installed = mien("shell", "feature:install", feature);
            assertEquals(0, installed.status(), installed.err());
        }
        Path face = FOLDER.resolve("face.png");
        Files.write(face, grey());
        String mae = drawn("mae-schematic", List.of("original", "masked", "reconstruction"));
        String poker =
                drawn(
                        "pf-vit-schematic",
                        List.of("original", "emotion", "poker face", "reconstruction"),
                        "method.init=" + mae);
        whatIsDrawnIsJudged(mae, poker);
        isShownWhenAskedFor();
    }

    /**
     * What has no classes by what it fills in; poker faces by another run, and by what they change.
     */
    private static void whatIsDrawnIsJudged(String mae, String poker) throws Exception {
        Answer filled = mien("evaluate", mae, "--json");
        assertEquals(0, filled.status(), filled.err());
        JsonObject errors = filled.json().getAsJsonObject("metrics");
        assertTrue(errors.get("masked-error visible mean").getAsDouble() > 0, filled.out());
        assertTrue(errors.get("masked-error reconstruction").getAsDouble() > 0, filled.out());
        refused(mien("evaluate", mae, "evaluators=classification"), "names no classes");
        Answer judged =
                mien(
                        "evaluate",
                        poker,
                        "evaluators=drawings",
                        "drawings.judge=" + poker,
                        "drawings.pictures=poker face",
                        "--json");
        assertEquals(0, judged.status(), judged.err());
        JsonObject of = judged.json().getAsJsonObject("metrics");
        for (String metric : List.of("error inside", "error outside", "called neutral")) {
            double value = of.get("poker face " + metric).getAsDouble();
            assertTrue(value >= 0 && value <= 1, metric + " " + value);
        }
        assertTrue(of.get("face from rest inside").getAsDouble() > 0, judged.out());
        refused(
                mien("evaluate", poker, "evaluators=drawings", "drawings.judge=" + mae),
                mae + "' was trained without labels");
    }

    /** Trains, looks at the report, draws an image; gives the run. */
    private static String drawn(String recipe, List<String> columns, String... more)
            throws Exception {
        Answer trained = tiny("train", recipe, draws(more));
        assertEquals(0, trained.status(), trained.err());
        String run = trained.json().get("run").getAsString();
        Path folder = WORK.resolve("runs").resolve(run);
        String report = Files.readString(folder.resolve("report.html"));
        JsonArray strips =
                JsonParser.parseString(Files.readString(folder.resolve("gallery/strips.json")))
                        .getAsJsonObject()
                        .getAsJsonArray("strips");
        assertEquals(2, strips.size(), "one an epoch");
        assertEquals(
                strips.get(0).getAsJsonObject().get("samples"),
                strips.get(1).getAsJsonObject().get("samples"));
        String captions =
                columns.stream().map(n -> "<li>" + n + "</li>").reduce("", String::concat);
        for (int epoch = 1; epoch <= 2; epoch++) {
            Path strip = folder.resolve("gallery/epoch-000" + epoch + ".png");
            BufferedImage picture = ImageIO.read(strip.toFile());
            assertEquals(34 * columns.size() - 2, picture.getWidth(), "32 pixels and 2 between");
            assertEquals(34 * 2 - 2, picture.getHeight());
            String figure =
                    "<figcaption>epoch " + epoch + "</figcaption><ol>" + captions + "</ol><img";
            assertTrue(report.replaceAll(">\\s+<", "><").contains(figure), figure + report);
            assertTrue(
                    report.contains(Base64.getEncoder().encodeToString(Files.readAllBytes(strip))),
                    "the report has the strip of epoch " + epoch);
        }
        for (JsonElement id : strips.get(0).getAsJsonObject().getAsJsonArray("samples")) {
            assertTrue(report.contains(id.getAsString()), id + " in " + report);
        }
        assertFalse(
                Arrays.equals(
                        Files.readAllBytes(folder.resolve("gallery/epoch-0001.png")),
                        Files.readAllBytes(folder.resolve("gallery/epoch-0002.png"))),
                "it has learnt");

        Answer generated = mien("generate", run, "face.png", "--output=drawn by " + run);
        assertEquals(0, generated.status(), generated.err());
        Path target = FOLDER.resolve("drawn by " + run);
        for (String column : columns) {
            BufferedImage picture =
                    ImageIO.read(
                            target.resolve("face-" + column.replace(' ', '-') + ".png").toFile());
            assertEquals(32, picture.getWidth(), column);
        }
        try (Stream<Path> files = Files.list(target)) {
            assertEquals(columns.size() + 1, files.count(), "each, and the strip");
        }
        refused(
                mien("generate", run, "face.png", "--output=drawn by " + run),
                "face-strip.png' exists",
                "--replace");
        return run;
    }

    /** Of people nothing is kept, but where the user says that he may. */
    private static void isShownWhenAskedFor() throws Exception {
        StringBuilder rows = new StringBuilder("emotion,pixels,Usage\n");
        for (int i = 0; i < 42; i++) {
            String usage = i < 28 ? "Training" : i < 35 ? "PublicTest" : "PrivateTest";
            rows.append(i % 7 + "," + pixels(48 * 48, Integer.toString(i)) + "," + usage + "\n");
        }
        Path people = FOLDER.resolve("people.csv");
        Files.writeString(people, rows);
        for (String images : List.of("", "all")) {
            List<String> order =
                    new ArrayList<>(
                            List.of(
                                    "train",
                                    "mae-fer2013",
                                    "dataset.path=" + people,
                                    "backbone.size=32",
                                    "train.batch=14"));
            order.addAll(List.of(DRAWS));
            if (!images.isEmpty()) {
                order.add("report.images=" + images);
            }
            Answer trained = mien(order.toArray(new String[0]));
            assertEquals(0, trained.status(), trained.err());
            Path folder = WORK.resolve("runs").resolve(trained.json().get("run").getAsString());
            boolean asked = !images.isEmpty();
            assertEquals(asked, Files.exists(folder.resolve("gallery")));
            String report = Files.readString(folder.resolve("report.html"));
            assertEquals(asked, report.contains("<img"), report);
        }
    }

    @Test
    void recipesAndSweepsComeAndGoWithTheirPlugin() throws Exception {
        refused(mien("train", "fdrl-schematic"), "'fdrl-schematic'", "plugin of its method");
        refused(
                mien("train", "linear-raf-db"),
                "backbone.weights (a file with a ResNet-18",
                "dataset.path (the folder of RAF-DB");
        Answer installed = mien("shell", "feature:install", "mien-method-fdrl");
        assertEquals(0, installed.status(), installed.err());
        Map<String, JsonObject> recipes = new TreeMap<>();
        for (JsonElement one :
                JsonParser.parseString(mien("recipe-list", "--json").out()).getAsJsonArray()) {
            JsonObject recipe = one.getAsJsonObject();
            assertNotEquals("FAILED", recipe.get("state").getAsString(), recipe.toString());
            recipes.put(recipe.get("name").getAsString(), recipe);
        }
        assertTrue(
                recipes.keySet()
                        .containsAll(
                                List.of(
                                        "fdrl-raf-db",
                                        "fdrl-sfew",
                                        "fdrl-ck-plus",
                                        "fdrl-mmi",
                                        "fdrl-oulu-casia",
                                        "linear-fer2013")),
                recipes.toString());
        assertEquals("READY", recipes.get("fdrl-schematic").get("state").getAsString());
        for (JsonElement one :
                JsonParser.parseString(mien("sweep-list", "--json").out()).getAsJsonArray()) {
            assertNotEquals(
                    "FAILED", one.getAsJsonObject().get("state").getAsString(), one.toString());
        }
        assertTrue(mien("sweep-show", "fdrl-table-2").out().contains("88.76 %"));

        Answer trained = tiny("train", "fdrl-schematic", "method.latents=3", "--json");
        assertEquals(0, trained.status(), trained.err());
        String run = trained.json().get("run").getAsString();
        assertEquals("fdrl-schematic-1", run);
        assertTrue(
                mien("run-show", run)
                        .out()
                        .contains("recipe fdrl-schematic (org.mien.method.fdrl)"));
        assertEquals(
                Set.of("dataset.path", "backbone.weights"),
                recipes.get("fdrl-mmi").getAsJsonObject("needs").keySet());
        Answer uninstalled = mien("shell", "feature:uninstall", "mien-method-fdrl");
        assertEquals(0, uninstalled.status(), uninstalled.err());
        String left = mien("recipe-list").out();
        assertTrue(left.contains("linear-schematic"), left);
        assertFalse(left.contains("fdrl"), left);
        assertFalse(mien("sweep-list").out().contains("fdrl"));
        refused(mien("sweep-show", "fdrl-table-2"), "sweep 'fdrl-table-2' does not exist");
    }

    /** Two cells, two seeds, a platform that is killed in the middle, and no run done twice. */
    @Test
    void aSweepOfAPlatformThatWasKilledGoesOn() throws Exception {
        Path work = FOLDER.resolve("swept");
        List<String> order =
                new ArrayList<>(
                        List.of(
                                "sweep",
                                "linear-schematic",
                                "method.dropout=0,0.5",
                                "--seeds=1..2",
                                "--name=tiny",
                                "--background",
                                "--json"));
        TINY.stream().filter(key -> !key.startsWith("train.epochs")).forEach(order::add);
        order.add("train.epochs=3");
        try {
            Answer begun = mienIn(work, order.toArray(new String[0]));
            assertEquals(0, begun.status(), begun.err());
            assertEquals("RUNNING", begun.json().get("state").getAsString());
            assertEquals(4, begun.json().get("all").getAsInt());
            JsonObject half = null;
            for (int i = 0; i < 300 && (half == null || !isHalfDone(half)); i++) {
                half = mienIn(work, "sweep-show", "tiny", "--json").json();
            }
            assertTrue(isHalfDone(half), half.toString());
            String pid = value("pid", mienIn(work, "status"));
            assertEquals(0, run(work, List.of("kill", "-KILL", pid)).status());
            Map<String, JsonObject> before = swept(half);
            String first = before.get("method.dropout=0 1").get("run").getAsString();
            Object written = Files.getLastModifiedTime(work.resolve("runs").resolve(first));

            Answer gone = mienIn(work, "sweep", "--resume=tiny", "--json");
            assertEquals(0, gone.status(), gone.err());
            assertEquals("DONE", gone.json().get("state").getAsString());
            assertTrue(gone.err().contains("seed 1: was done before, run " + first), gone.err());
            assertTrue(gone.err().contains("goes on with run"), gone.err());
            Map<String, JsonObject> after = swept(gone.json());
            assertEquals(4, after.size());
            before.forEach(
                    (who, run) -> {
                        if (!run.get("run").getAsString().isEmpty()) {
                            assertEquals(run.get("run"), after.get(who).get("run"));
                        }
                    });
            assertEquals(written, Files.getLastModifiedTime(work.resolve("runs").resolve(first)));
            try (Stream<Path> runs = Files.list(work.resolve("runs"))) {
                List<Path> all = runs.toList();
                assertEquals(4, all.size(), all.toString());
                for (Path one : all) {
                    assertEquals(
                            6,
                            Files.readAllLines(one.resolve("metrics.jsonl")).stream()
                                    .filter(line -> line.contains("\"event\":\"step\""))
                                    .count(),
                            "steps of " + one);
                }
            }
            List<String> table = Files.readAllLines(work.resolve("sweeps/tiny/table.csv"));
            assertEquals(1 + 4 + 4, table.size(), table.toString());
            Answer again = mienIn(work, "sweep", "--resume=tiny");
            assertEquals(0, again.status(), again.err());
            assertFalse(again.err().contains("trains"), again.err());
            assertTrue(again.out().contains("2/2"), again.out());
        } finally {
            assertEquals(0, mienIn(work, "stop").status());
        }
    }

    /** A run is done, and another has begun. */
    private static boolean isHalfDone(JsonObject sweep) {
        List<String> states =
                swept(sweep).values().stream().map(run -> run.get("state").getAsString()).toList();
        return states.contains("DONE") && states.contains("RUNNING") && states.contains("OPEN");
    }

    /** Cell and seed to the run. */
    private static Map<String, JsonObject> swept(JsonObject sweep) {
        Map<String, JsonObject> runs = new TreeMap<>();
        for (JsonElement one : sweep.getAsJsonArray("cells")) {
            JsonObject cell = one.getAsJsonObject();
            for (JsonElement run : cell.getAsJsonArray("runs")) {
                runs.put(
                        cell.get("name").getAsString()
                                + " "
                                + run.getAsJsonObject().get("seed").getAsLong(),
                        run.getAsJsonObject());
            }
        }
        return runs;
    }

    @Test
    void aKilledRunGoesOn() throws Exception {
        Answer done = tiny("train", "demo", "train.epochs=2", "--json");
        assertEquals(0, done.status(), done.err());
        String run = done.json().get("run").getAsString();
        refused(mien("train", "--resume=" + run), "is done");
        // As after a kill in the second epoch: the folder says that it runs, and nobody runs it.
        Path state = WORK.resolve("runs").resolve(run).resolve("run.json");
        Files.writeString(state, Files.readString(state).replace("DONE", "RUNNING"));
        assertTrue(mien("run-list").out().contains("FAILED"));
        Answer resumed = mien("train", "--resume=" + run, "--json");
        assertEquals(0, resumed.status(), resumed.err());
        assertEquals("DONE", resumed.json().get("state").getAsString());
    }

    @Test
    void aNewBuildHasTheFeaturesOfTheOldOneAndNamesWhatWasAdded() throws Exception {
        Path work = FOLDER.resolve("renewed");
        try {
            String[] install = {"shell", "feature:install", "mien-method-fdrl", "mien-method-mae"};
            assertEquals(0, mienIn(work, install).status());
            Answer added = mienIn(work, "plugin-add", dying("renewed", "fdrl").toString());
            assertEquals(0, added.status(), added.err());
            assertEquals(0, mienIn(work, "stop").status());
            Files.writeString(work.resolve("shipped/stamp"), "another build");

            Answer plugins = mienIn(work, "plugin-list");
            assertEquals(0, plugins.status(), plugins.err());
            assertTrue(plugins.out().contains("fdrl"), plugins.out());
            assertTrue(plugins.out().contains("mae"), plugins.out());
            assertFalse(plugins.out().contains("dying"), plugins.out());
            assertTrue(
                    plugins.err().matches("(?s).*installed again.*(fdrl.*mae|mae.*fdrl).*"),
                    plugins.err());
            assertTrue(
                    plugins.err().contains("what was added to the old one: com.example.dying."),
                    plugins.err());
            assertEquals(0, mienIn(work, "stop").status());
            Answer calm = mienIn(work, "start");
            assertEquals(
                    List.of(),
                    calm.err().lines().filter(line -> line.contains("a new build")).toList());
        } finally {
            assertEquals(0, mienIn(work, "stop").status());
        }
    }

    /**
     * The thread of start levels comes to the features service when that could begin long since.
     */
    @Test
    void aFirstStartThatIsHeldUpComesToItsEnd() throws Exception {
        Path work = FOLDER.resolve("held up");
        Path jar = work.resolve("system/org/mien/itest/late/1.0.0/late-1.0.0.jar");
        Files.createDirectories(jar.getParent());
        Jars.of(
                jar,
                Late.class,
                "Bundle-SymbolicName",
                "org.mien.itest.late",
                "Bundle-Version",
                "1.0.0",
                "Import-Package",
                "org.osgi.framework");
        Path shipped = Path.of(System.getProperty("mien.assembly"), "etc", "startup.properties");
        Files.createDirectories(work.resolve("etc"));
        Files.writeString(
                work.resolve("etc/startup.properties"),
                Files.readString(shipped) + "\nmvn\\:org.mien.itest/late/1.0.0 = 14\n");
        try {
            Answer started = mienIn(work, "start");
            assertEquals(0, started.status(), started.err());
            bootsOnce(work);
        } finally {
            assertEquals(0, mienIn(work, "stop").status());
        }
    }

    /** A method with the name "dying" that does as another one until it dies. */
    private static Path dying(String name, String method) throws IOException {
        return Jars.of(
                FOLDER.resolve("dying-" + name + ".jar"),
                Dying.class,
                "Bundle-SymbolicName",
                "com.example.dying",
                "Bundle-Version",
                "1.0.0",
                "Import-Package",
                "org.mien.api,org.mien.api.method,org.mien.api.net,org.osgi.framework,"
                        + "org.osgi.util.tracker",
                "Dying-Id",
                method);
    }

    /** A method of two phases, killed within one and then within the other. */
    @Test
    void aRunThatWasKilledInEitherPhaseEndsInTheSameBytes() throws Exception {
        killed(
                "pf-vit",
                List.of(
                        "train",
                        "pf-vit-schematic",
                        "dataset.train=42",
                        "dataset.validation=14",
                        "dataset.test=14",
                        "dataset.size=32",
                        "backbone.size=32",
                        "backbone.depth=2",
                        "backbone.width=48",
                        "method.decoder-depth=1",
                        "train.epochs=3",
                        "train.batch=14",
                        "--json"),
                // Three steps an epoch: in the second, and when that is done in the third.
                List.of("generate 4 forward", "discriminate 7 update"),
                List.of("gallery/epoch-0003.png"));
    }

    /** A method that changes labels, killed while it does so and after it has. */
    @Test
    void labelsThatChangedSurviveAKill() throws Exception {
        Path metrics =
                killed(
                        "hsaw",
                        List.of(
                                "train",
                                "hsaw-schematic",
                                "dataset.train=14",
                                "dataset.validation=7",
                                "dataset.test=7",
                                "method.extractors=shared",
                                "method.relabel-from=1",
                                "train.optimizer=sgd",
                                "train.momentum=0",
                                "train.epochs=3",
                                "train.batch=7",
                                "--json"),
                        // Two steps an epoch; the first has none that changes a label.
                        List.of("train 3 update", "train 4 forward"),
                        List.of());
        List<Integer> epochs = new ArrayList<>();
        Map<String, String> labels = new HashMap<>();
        for (String line : Files.readAllLines(metrics)) {
            JsonObject read = JsonParser.parseString(line).getAsJsonObject();
            if (read.get("event").getAsString().equals("relabel")) {
                epochs.add(read.get("epoch").getAsInt());
                String from = read.get("from").getAsString();
                assertNotEquals(from, read.get("to").getAsString(), line);
                // What has changed before changes from what it has become.
                String to = read.get("to").getAsString();
                String before = labels.put(read.get("sample").getAsString(), to);
                assertEquals(before == null ? from : before, from, line);
            }
        }
        assertTrue(epochs.contains(2), "labels changed before the second kill: " + epochs);
        assertTrue(epochs.stream().allMatch(epoch -> epoch >= 2), "none before: " + epochs);
    }

    /**
     * Trains unbroken, and once more on a platform that is killed at some steps, and compares.
     *
     * @param deaths as {@link Dying} wants them, one after the other
     * @param files of the run that must be the same, too
     * @return the metrics of both
     */
    private static Path killed(
            String method, List<String> order, List<String> deaths, List<String> files)
            throws Exception {
        Path work = FOLDER.resolve("killed-" + method);
        Path runs = work.resolve("runs");
        Path jar = dying(method, method);
        try {
            Answer installed = mienIn(work, "shell", "feature:install", "mien-method-" + method);
            assertEquals(0, installed.status(), installed.err());
            Answer whole = mienIn(work, order.toArray(new String[0]));
            assertEquals(0, whole.status(), whole.err());
            Answer added = mienIn(work, "plugin-add", jar.toString());
            assertEquals(0, added.status(), added.err());

            String run = order.get(1);
            String[] resume = {"train", "--resume=" + run + "-2", "--json"};
            List<String> dying = new ArrayList<>(order);
            dying.add("method=dying");
            // What a recipe says to its own method, another method is not told.
            for (Map.Entry<String, JsonElement> key : config(runs.resolve(run + "-1")).entrySet()) {
                JsonObject said = key.getValue().getAsJsonObject();
                if (said.get("origin").getAsString().startsWith("recipe ")
                        && !key.getKey().equals("method")) {
                    dying.add(key.getKey() + "=" + said.get("value").getAsString());
                }
            }
            String[] next = dying.toArray(new String[0]);
            for (String death : deaths) {
                Path dies = Files.writeString(work.resolve("dies"), death);
                Answer killed = mienIn(work, next);
                assertNotEquals(0, killed.status(), killed.out());
                assertFalse(Files.exists(dies), "it has died: " + death);
                assertEquals(3, mienIn(work, "status").status(), "the whole platform is gone");
                next = resume;
            }
            Answer done = mienIn(work, resume);
            assertEquals(0, done.status(), done.err());

            List<String> same = new ArrayList<>(files);
            same.addAll(List.of("last.safetensors", "best.safetensors", "metrics.jsonl"));
            for (String file : same) {
                assertArrayEquals(
                        Files.readAllBytes(runs.resolve(run + "-1").resolve(file)),
                        Files.readAllBytes(runs.resolve(run + "-2").resolve(file)),
                        file);
            }
            return runs.resolve(run + "-2").resolve("metrics.jsonl");
        } finally {
            assertEquals(0, mienIn(work, "stop").status());
        }
    }

    /** Every key of a run, each with its value and who gave it. */
    private static JsonObject config(Path run) throws IOException {
        return JsonParser.parseString(Files.readString(run.resolve("config.json")))
                .getAsJsonObject()
                .getAsJsonObject("values");
    }

    @Test
    void ctrlCStopsWithACheckpointAndSaysHowToGoOn() throws Exception {
        // A process group of its own, as a terminal gives it: the signal reaches nobody else. And
        // it counts, also when these tests run in the background of a script, which ignores it.
        Path group = FOLDER.resolve("group");
        List<String> command =
                new ArrayList<>(List.of("setsid", "env", "--default-signal=INT", "sh", "-c"));
        command.add("echo $$ >\"$0\"; exec \"$@\"");
        command.add(group.toString());
        command.addAll(prefix);
        command.addAll(List.of(System.getProperty("mien.launcher"), "train", "demo"));
        TINY.forEach(key -> command.add(key.replace("train.epochs=1", "train.epochs=500")));
        CompletableFuture<Answer> training =
                CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                return run(WORK, command);
                            } catch (Exception e) {
                                throw new IllegalStateException(e);
                            }
                        });
        String run = runningJob();
        Answer sent =
                run(WORK, List.of("kill", "-INT", "--", "-" + Files.readString(group).strip()));
        assertEquals(0, sent.status(), sent.err());
        Answer stopped = training.get(120, TimeUnit.SECONDS);
        assertNotEquals(0, stopped.status());
        assertTrue(stopped.err().contains("Stopping after this step"), stopped.err());
        assertTrue(stopped.err().contains("To go on: ./mien train --resume=" + run), stopped.err());
        assertTrue(Files.exists(WORK.resolve("runs").resolve(run).resolve("last.safetensors")));
        assertTrue(mien("job-list").out().contains("CANCELLED"));
    }

    /** The run that is under way and has made a step. */
    private static String runningJob() throws Exception {
        for (int i = 0; i < 100; i++) {
            for (JsonElement one :
                    JsonParser.parseString(mien("job-list", "--json").out()).getAsJsonArray()) {
                JsonObject job = one.getAsJsonObject();
                if (job.get("state").getAsString().equals("RUNNING")
                        && job.get("step").getAsLong() > 0) {
                    return job.get("run").getAsString();
                }
            }
        }
        throw new AssertionError("nothing trains: " + mien("job-list").out());
    }

    @Test
    void jobsQueueInTheBackground() throws Exception {
        Answer first = tiny("train", "demo", "train.epochs=500", "--background", "--json");
        assertEquals(0, first.status(), first.err());
        Answer second = tiny("train", "demo", "seed=2", "--background", "--json");
        String run = first.json().get("run").getAsString();
        String next = second.json().get("run").getAsString();
        assertEquals("QUEUED", second.json().get("state").getAsString());
        assertEquals(run, runningJob());
        refused(mien("run-delete", next), "is under way");
        assertEquals(
                "CANCELLED", mien("job-cancel", run, "--json").json().get("state").getAsString());
        Answer watched = mien("job-watch", next, "--json");
        assertEquals(0, watched.status(), watched.err());
        assertEquals("DONE", watched.json().get("state").getAsString());
        refused(mien("job-cancel", next), "is over: DONE");
    }

    /** Killed as by a power cut, and then stopped as by a shutdown. */
    @Test
    void runsInTheBackgroundGoOnAfterAKillAndAStop() throws Exception {
        Path work = FOLDER.resolve("restarted");
        List<String> order = new ArrayList<>(List.of("train", "demo", "--background", "--json"));
        TINY.forEach(key -> order.add(key.replace("train.epochs=1", "train.epochs=25")));
        try {
            Answer first = mienIn(work, order.toArray(new String[0]));
            assertEquals(0, first.status(), first.err());
            order.add("seed=2");
            assertEquals(0, mienIn(work, order.toArray(new String[0])).status());
            Answer status = mienIn(work, "status", "--json");
            assertTrue(status.json().get("answers").getAsBoolean(), status.out());
            String answer = status.json().get("answer").getAsString();
            assertTrue(answer.endsWith("1 under way, 1 queued, 0 waiting"), answer);
            Path metrics = work.resolve("runs/demo-1/metrics.jsonl");
            while (!Files.exists(metrics) || Files.readString(metrics).lines().count() < 3) {
                Thread.sleep(20);
            }
            String pid = value("pid", mienIn(work, "status"));
            assertEquals(0, run(work, List.of("kill", "-KILL", pid)).status());
            Answer again = mienIn(work, "start");
            assertEquals(0, again.status(), again.err());
            assertEquals(0, mienIn(work, "stop").status());
            assertEquals(0, mienIn(work, "start").status());
            for (String run : List.of("demo-1", "demo-2")) {
                Answer done = mienIn(work, "job-watch", run, "--json");
                assertEquals("DONE", done.json().get("state").getAsString(), done.err());
            }
            assertEquals(
                    50,
                    Files.readAllLines(metrics).stream()
                            .filter(line -> line.contains("\"event\":\"step\""))
                            .count());
        } finally {
            assertEquals(0, mienIn(work, "stop").status());
        }
    }

    /** What no plugin install does, but an administrator can. */
    @Test
    void theEngineSurvivesItsOwnRefresh() throws Exception {
        for (String bundle : List.of("org.mien.engine", "org.mien.vision")) {
            Answer refreshed = mien("shell", "bundle:refresh", bundle);
            assertEquals(0, refreshed.status(), refreshed.err());
            Answer trained = null;
            // The framework restarts what hangs on the bundle on a thread of its own.
            for (int i = 0; i < 60 && (trained == null || trained.status() != 0); i++) {
                trained =
                        tiny("train", "demo", "preprocess=resize,flip", "resize.size=24", "--json");
            }
            assertEquals(0, trained.status(), trained.err());
            assertEquals("DONE", trained.json().get("state").getAsString());
        }
    }

    @Test
    void helpIsWholeAndForItsReader() throws Exception {
        Answer help = mien("help");
        Map<String, String> commands = new TreeMap<>();
        for (JsonElement one :
                JsonParser.parseString(mien("command-list", "--json").out()).getAsJsonArray()) {
            JsonObject command = one.getAsJsonObject();
            commands.put(command.get("command").getAsString(), command.get("does").getAsString());
        }
        assertTrue(commands.size() > 30, commands.toString());
        assertFalse(commands.containsKey("interrupt"));
        commands.forEach(
                (name, does) ->
                        assertTrue(
                                help.out()
                                        .lines()
                                        .anyMatch(
                                                line ->
                                                        line.matches(
                                                                "  "
                                                                        + name
                                                                        + " +"
                                                                        + Pattern.quote(
                                                                                does.replace(
                                                                                        "fer:",
                                                                                        "./mien ")))),
                                name + ": " + help.out()));
        for (Answer answer :
                List.of(
                        mien("train", "--help"),
                        mien("shell", "fer:train --help"),
                        mien("shell", "help", "fer:train"),
                        help)) {
            assertFalse(answer.out().contains("\u001b"), answer.out());
        }
        String train = mien("train", "--help").out();
        assertTrue(train.contains("./mien train"), train);
        assertTrue(train.contains("./mien pipeline-list"), train);
        assertFalse(train.contains("fer:"), train);
        assertTrue(mien("shell", "fer:train --help").out().contains("fer:pipeline-list"));
        refused(mien("evaluate", "demo-77"), "./mien run-list shows them all");
        // A line for the shell is typed where the launcher is typed.
        refused(mien("shell", "fer:evaluate demo-77"), "./mien run-list shows them all");
    }

    /** More than fits into the buffers on the way, to a reader that takes its time. */
    @Test
    void longAnswersArriveWhole() throws Exception {
        Path text = Files.createTempFile("long", ".txt"); // a path without a quote
        StringBuilder lines = new StringBuilder();
        for (int i = 0; lines.length() < 12_000_000; i++) {
            lines.append(i).append(" is a line like any other\n");
        }
        Files.writeString(text, lines);
        Path heard = FOLDER.resolve("heard");
        Files.writeString(
                FOLDER.resolve("slow"),
                "\"$@\" | { dd bs=1000 count=1 2>/dev/null; sleep 7; cat; } >\"$HEARD\"\n");
        List<String> command =
                new ArrayList<>(
                        List.of("env", "HEARD=" + heard, "sh", FOLDER.resolve("slow").toString()));
        command.addAll(prefix);
        command.addAll(List.of(System.getProperty("mien.launcher"), "shell", "cat " + text));
        Answer slow = run(WORK, command);
        assertEquals("", slow.err());
        assertEquals(-1, Files.mismatch(text, heard), Files.size(heard) + " bytes came");

        String run = tiny("train", "demo", "--json").json().get("run").getAsString();
        Path empty = Files.createDirectories(FOLDER.resolve("empty"));
        for (int i = 0; i < 3_000; i++) {
            Files.createFile(empty.resolve("a picture that is none, " + i + ".png"));
        }
        Answer predicted = mien("predict", run, empty + "/*.png", "--json");
        assertEquals("3000 of 3000 images could not be answered", predicted.err().strip());
        assertEquals(3_000, predicted.out().lines().count());
        String some = lines.substring(0, lines.indexOf("\n", 300_000) + 1);
        Files.writeString(text, some);
        for (int i = 0; i < 20; i++) {
            Answer answer = mien("shell", "cat " + text);
            assertEquals(some.length(), answer.out().length(), answer.err());
        }
        Files.delete(text);
    }

    @Test
    void listsAndCounts() throws Exception {
        Answer plugins = mien("plugin-list", "--json");
        assertEquals(0, plugins.status(), plugins.err());
        assertTrue(plugins.out().contains("resnet18") && plugins.out().contains("schematic"));
        assertTrue(mien("pipeline-list").out().contains("READY"));
        Answer info = mien("method-info", "linear", "backbone=resnet18", "labels=7");
        assertEquals(0, info.status(), info.err());
        assertTrue(info.out().contains("11,180,103"), info.out());
    }

    /** Masked autoencoders as their papers count them: Table 1 of PF-ViT, and all there is. */
    @Test
    void aMaskedAutoencoderIsCountedAsInItsPapers() throws Exception {
        Answer installed = mien("shell", "feature:install", "mien-method-mae");
        assertEquals(0, installed.status(), installed.err());
        for (List<String> counts :
                List.of(
                        List.of("vit-tiny", "7,259,968", "5,338,368", "1,586,176"),
                        List.of("vit-small", "28,330,880", "21,293,568", "6,318,080"),
                        List.of("vit-base", "111,907,840", "85,054,464", "25,219,072"))) {
            Answer info = mien("method-info", "mae", "backbone=" + counts.get(0));
            assertEquals(0, info.status(), info.err());
            List<String> rows = info.out().lines().map(row -> row.replaceAll(" +", " ")).toList();
            assertTrue(rows.contains("with fixed arrays " + counts.get(1)), info.out());
            assertTrue(rows.contains(" block0 to block11 " + counts.get(2)), info.out());
            assertTrue(rows.contains(" blocks " + counts.get(3)), info.out());
        }
    }

    @Test
    void badInputIsNamedWithValueExpectationAndNextStep() throws Exception {
        refused(mien("train", "dmo"), "pipeline 'dmo'", "Did you mean 'demo'?");
        refused(mien("train", "demo", "train.epoch=3"), "train.epoch", "'train.epochs'");
        refused(mien("train", "demo", "train.epochs=three"), "'three'", "an integer from 1");
        refused(mien("train", "demo", "train.device=cuda:0"), "no GPU was found", "cpu");
        refused(mien("train", "demo-fer2013", "dataset.path=none.csv"), "none.csv");
        refused(mien("no-such-verb"), "no-such-verb");
        refused(mien("evaluate", "demo-77"), "run 'demo-77' does not exist");
        refused(mien("predict", "demo-77", "x.png"), "run 'demo-77' does not exist");
    }

    private static Path csv(String name, String row) throws IOException {
        String good =
                "3,"
                        + IntStream.range(0, 48 * 48)
                                .mapToObj(i -> Integer.toString(i % 256))
                                .collect(Collectors.joining(" "))
                        + ",Training\n";
        Path file = FOLDER.resolve(name);
        Files.writeString(file, "emotion,pixels,Usage\n" + good + row + "\n");
        return file;
    }

    private static String pixels(int count, String first) {
        return first
                + IntStream.range(1, count)
                        .mapToObj(i -> " " + i % 256)
                        .collect(Collectors.joining());
    }

    @Test
    void aBadRowOfTheDatasetIsNamed() throws Exception {
        refused(
                mien(
                        "train",
                        "demo-fer2013",
                        "dataset.path=" + csv("short.csv", "3," + pixels(2303, "0") + ",Training")),
                "short.csv",
                "2303",
                "2304");
        refused(
                mien(
                        "train",
                        "demo-fer2013",
                        "dataset.path=" + csv("label.csv", "9," + pixels(2304, "0") + ",Training")),
                "label.csv",
                "9");
        refused(
                mien(
                        "train",
                        "demo-fer2013",
                        "dataset.path=" + csv("text.csv", "3," + pixels(2304, "x") + ",Training")),
                "text.csv",
                "'x'");
    }

    @Test
    void argumentsAreNeverRunAsCommands() throws Exception {
        for (String argument :
                List.of("$(fer:run-list)", "a;fer:run-list", "a|cat", "'", "\"", "a b", "a\nb")) {
            refused(mien("train", argument), "pipeline");
        }
    }

    @Test
    void listensOnTheLoopbackOnlyAndKeepsItsPasswordToItself() throws Exception {
        assertEquals(
                "rw-------",
                PosixFilePermissions.toString(
                        Files.getPosixFilePermissions(WORK.resolve("etc/users.properties"))));
        Answer status = mien("status");
        List<String> addresses = listening(value("pid", status));
        // The shell, and nothing else: no JMX, no port to stop the platform.
        assertEquals(1, addresses.size(), addresses.toString());
        int port = Integer.parseInt(value("port", status));
        assertTrue(
                Set.of(
                                "0100007F:%04X".formatted(port),
                                "0000000000000000FFFF00000100007F:%04X".formatted(port))
                        .contains(addresses.get(0)),
                addresses.toString());
        String features = mien("shell", "feature:list -i").out();
        assertTrue(features.contains("mien-guard"), features);
        for (String absent : List.of("management", "deployer", "instance", "jdbc", "groovy")) {
            assertFalse(features.contains("\n" + absent), features);
        }
    }

    /** Addresses on which a process listens, hexadecimal, the low byte first. */
    private static List<String> listening(String pid) throws IOException {
        List<String> addresses = new ArrayList<>();
        for (String table : List.of("tcp", "tcp6")) {
            for (String line : Files.readAllLines(Path.of("/proc", pid, "net", table))) {
                String[] columns = line.trim().split("\\s+");
                // Column 3 is the state, 0A is LISTEN.
                if (columns.length > 3 && columns[3].equals("0A") && owns(pid, columns[9])) {
                    addresses.add(columns[1]);
                }
            }
        }
        return addresses;
    }

    private static void isPrivate(Path file) throws IOException {
        assertEquals(
                "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
    }

    @Test
    void aViewerListsAndPredictsAndNothingElse() throws Exception {
        Path users = WORK.resolve("etc/users.properties");
        Answer added = mien("user-add", "anna");
        assertEquals(0, added.status(), added.err());
        assertEquals("viewer", value("role", added));
        String password = value("password", added);
        assertEquals(48, password.length());
        isPrivate(users);
        refused(mien("user-add", "anna"), "'anna' exists already");
        refused(mien("user-add", "eve", "--role", "root"), "'root'", "viewer, manager or admin");
        assertTrue(mien("user-list").out().matches("(?s).*anna +viewer\n.*"));

        String run = tiny("train", "demo", "--json").json().get("run").getAsString();
        Path image = Files.createTempFile("mien", ".png");
        Path hidden = Files.createTempFile("mien", ".png");
        try {
            ImageIO.write(
                    new BufferedImage(64, 64, BufferedImage.TYPE_INT_RGB), "png", image.toFile());
            Files.copy(image, hidden, StandardCopyOption.REPLACE_EXISTING);
            Files.setPosixFilePermissions(image, PosixFilePermissions.fromString("rw-r--r--"));
            Files.setPosixFilePermissions(hidden, PosixFilePermissions.fromString("rw-------"));
            List<JsonObject> may =
                    visit(
                            "anna",
                            password,
                            "run-list",
                            "fer:pipeline-list --json",
                            "run-show " + run,
                            "predict " + run + " '" + image + "' --sample first --json",
                            "help");
            for (JsonObject one : may) {
                assertEquals(0, one.get("status").getAsInt(), one.toString());
            }
            assertTrue(may.get(0).get("out").getAsString().contains(run), may.toString());
            assertEquals(2, may.get(3).get("out").getAsString().lines().count(), may.toString());
            assertTrue(may.get(4).get("out").getAsString().contains("predict"), may.toString());

            Path touched = FOLDER.resolve("touched");
            List<JsonObject> mayNot =
                    visit(
                            "anna",
                            password,
                            "train demo",
                            "doctor",
                            "run-delete " + run,
                            "export " + run + " --output " + touched,
                            "weights-show " + touched,
                            "feature:install mien-method-fdrl",
                            "config:list",
                            "bundle:list",
                            "system:shutdown -f",
                            "jaas:realm-list",
                            "shell:exec touch " + touched,
                            "shell:java org.mien.Main",
                            "shell:source " + touched,
                            "shell:new java.io.File x",
                            "shell:cat /etc/hostname",
                            "exec touch " + touched,
                            "$.context bundles",
                            "history-file = " + touched,
                            "run-list > " + touched,
                            "run-list | tac -f " + touched,
                            "run-list; shell:exec touch " + touched,
                            "each [1] { shell:exec touch " + touched + " }",
                            "scp -f /etc/hostname",
                            "@shell");
            for (JsonObject one : mayNot) {
                assertEquals(1, one.get("status").getAsInt(), one.toString());
                assertEquals("", one.get("out").getAsString(), one.toString());
                assertTrue(one.get("err").getAsString().startsWith("Refused: "), one.toString());
            }
            assertTrue(mayNot.get(0).get("err").getAsString().contains("'train'"));
            assertFalse(Files.exists(touched));

            JsonObject closed = visit("anna", password, "predict " + run + " " + hidden).get(0);
            JsonObject absent =
                    visit("anna", password, "predict " + run + " /tmp/no-such.png").get(0);
            for (JsonObject one : List.of(closed, absent)) {
                assertEquals(1, one.get("status").getAsInt(), one.toString());
                assertTrue(
                        one.get("out").getAsString().contains("cannot be read by every user"),
                        one.toString());
            }
        } finally {
            Files.delete(image);
            Files.delete(hidden);
        }

        Answer removed = mien("user-remove", "anna");
        assertEquals(0, removed.status(), removed.err());
        isPrivate(users);
        assertTrue(visit("anna", password, "run-list").get(0).has("refused"));
        refused(mien("user-remove", "anna"), "'anna' does not exist");
        refused(mien("user-remove", "mien"), "'mien'");
    }

    @Test
    void aKeyOpensTheShellToItsUserOnly() throws Exception {
        Path own = FOLDER.resolve("own key");
        Path other = FOLDER.resolve("other key");
        Visitor.keys(own);
        Visitor.keys(other);
        String role = "--role=manager";
        Answer added = mien("user-add", "berta", role, "--key", "own key/key.pub");
        assertEquals(0, added.status(), added.err());
        assertFalse(added.out().contains("password"), added.out());
        isPrivate(WORK.resolve("etc/keys.properties"));
        List<JsonObject> answers =
                visit("berta", "@key " + own, "run-list", "doctor --help", "bundle:list");
        assertEquals(0, answers.get(0).get("status").getAsInt(), answers.toString());
        assertEquals(0, answers.get(1).get("status").getAsInt(), answers.toString());
        assertTrue(answers.get(2).get("err").getAsString().startsWith("Refused: "));
        assertTrue(visit("berta", "@key " + other, "run-list").get(0).has("refused"));
        assertTrue(visit("mien", "@key " + own, "run-list").get(0).has("refused"));
        assertTrue(visit("berta", "none", "run-list").get(0).has("refused"));
        assertTrue(mien("user-list").out().matches("(?s).*berta +manager +SHA256:.*"));
        refused(mien("user-add", "eve", "--key", "own key/private"), "own key/private");
        assertEquals(0, mien("user-remove", "berta").status());
        assertTrue(visit("berta", "@key " + own, "run-list").get(0).has("refused"));
    }

    /** Not even for administrators. */
    @Test
    void sshCarriesCommandsAndNothingElse() throws Exception {
        Answer added = mien("user-add", "root", "--role=admin");
        String port = value("port", mien("status"));
        List<JsonObject> answers =
                visit(
                        "root",
                        value("password", added),
                        "@to " + port,
                        "@from 39999",
                        "@sftp",
                        "scp -f /etc/hostname",
                        "bundle:list");
        for (JsonObject one : answers.subList(0, 3)) {
            assertTrue(one.has("refused"), one.toString());
            assertFalse(one.get("refused").getAsString().contains("auth"), one.toString());
        }
        assertEquals(1, answers.get(3).get("status").getAsInt(), answers.toString());
        assertEquals(0, answers.get(4).get("status").getAsInt(), answers.toString());
        mien("user-remove", "root");
    }

    @Test
    void karafKeepsTheFileOfUsersPrivate() throws Exception {
        Answer added =
                mien("shell", "jaas:realm-manage --index 1; jaas:user-add zoe secret; jaas:update");
        assertEquals(0, added.status(), added.err());
        assertTrue(mien("user-list").out().contains("zoe"), added.out());
        isPrivate(WORK.resolve("etc/users.properties"));
        assertEquals(0, mien("user-remove", "zoe").status());
        assertEquals(0, mien("run-list").status());
    }

    @Test
    void theDoctorFindsNothingAndThenSomething() throws Exception {
        Answer well = mien("doctor", "--json");
        assertEquals(0, well.status(), well.out() + well.err());
        Map<String, JsonObject> checks = new TreeMap<>();
        for (String line : well.out().lines().toList()) {
            JsonObject check = JsonParser.parseString(line).getAsJsonObject();
            checks.put(check.get("check").getAsString(), check);
        }
        for (String name :
                List.of("launcher", "build", "platform", "engine", "ports", "training")) {
            assertTrue(checks.containsKey(name), well.out());
            assertFalse(checks.get(name).get("state").getAsString().equals("problem"), well.out());
        }
        Path users = WORK.resolve("etc/users.properties");
        Files.setPosixFilePermissions(users, PosixFilePermissions.fromString("rw-r--r--"));
        try {
            Answer ill = mien("doctor");
            assertEquals(1, ill.status(), ill.out());
            assertTrue(ill.out().contains("problem  secrets"), ill.out());
            assertTrue(ill.err().contains("1 problem: secrets"), ill.err());
        } finally {
            Files.setPosixFilePermissions(users, PosixFilePermissions.fromString("rw-------"));
        }
    }

    /** The last line that has a text, from 0; -1 where none has. */
    private static int last(List<String> lines, String text) {
        Pattern pattern = Pattern.compile(text);
        return IntStream.range(0, lines.size())
                .filter(i -> pattern.matcher(lines.get(i)).find())
                .max()
                .orElse(-1);
    }

    /** A JVM crashes over an archive of classes that a full disk, say, has cut. */
    @Test
    void aCutArchiveOfTheClientsClassesIsPassedOver() throws Exception {
        Path archive = WORK.resolve("data/client.jsa");
        Path whole = WORK.resolve("data/client.whole");
        Files.move(archive, whole);
        try {
            byte[] bytes = Files.readAllBytes(whole);
            Files.write(archive, Arrays.copyOf(bytes, bytes.length / 2));
            Answer answer = mien("run-list");
            assertEquals(0, answer.status(), answer.err());
        } finally {
            Files.move(whole, archive, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    @Test
    void withoutItsShellNothingListens() throws Exception {
        Path work = FOLDER.resolve("silent");
        Path etc = Files.createDirectories(work.resolve("etc"));
        Path shipped =
                Path.of(System.getProperty("mien.assembly"), "etc", "custom.system.properties");
        Files.writeString(
                etc.resolve("custom.system.properties"),
                Files.readString(shipped).replace("mien.ssh = on", "mien.ssh = off"));
        Answer started = mienIn(work, "start");
        try {
            assertEquals(0, started.status(), started.err());
            assertTrue(started.err().contains("it has no shell"), started.err());
            List<String> log = Files.readAllLines(work.resolve("log/mien.log"));
            int booted = last(log, "FeaturesServiceImpl .*Done\\.");
            int ready = last(log, "the platform is ready");
            assertTrue(0 <= booted && booted < ready, booted + ", " + ready);
            Answer status = mienIn(work, "status");
            assertEquals("off", value("port", status));
            assertEquals(List.of(), listening(value("pid", status)));
            refused(mienIn(work, "run-list"), "without its shell", "mien.ssh = off");
            refused(mienIn(work, "shell", "fer:run-list"), "without its shell");
        } finally {
            assertEquals(0, mienIn(work, "stop").status());
        }
    }

    /** Only the launcher is real here: what it asks of Maven, and what it counts. */
    @Test
    void testAllAsksForEveryPair() throws Exception {
        Path sources = FOLDER.resolve("sources");
        Files.createDirectories(sources);
        Files.copy(Path.of(System.getProperty("mien.launcher")), sources.resolve("mien"));
        Files.writeString(sources.resolve("pom.xml"), "");
        Path maven = sources.resolve("mvnw");
        Files.writeString(
                maven,
                """
                #!/bin/sh
                echo "$*"
                mkdir -p target/surefire-reports
                echo '<testsuite name="a" tests="3">' >target/surefire-reports/TEST-a.xml
                touch -d '1 minute' target/surefire-reports/TEST-a.xml
                """);
        assertTrue(maven.toFile().setExecutable(true));
        Path work = FOLDER.resolve("work of tests");
        String launcher = sources.resolve("mien").toString();
        Answer all = run(work, List.of("sh", launcher, "test", "-o", "--all", "-q"));
        assertEquals(0, all.status(), all.err());
        assertEquals("-B verify -o -Dmien.all=true -q", all.out().strip());
        assertTrue(all.err().contains("3 tests passed"), all.err());
        assertEquals("-B verify", run(work, List.of("sh", launcher, "test")).out().strip());
    }

    private static boolean owns(String pid, String inode) throws IOException {
        try (Stream<Path> open = Files.list(Path.of("/proc", pid, "fd"))) {
            for (Path fd : open.toList()) {
                try {
                    if (Files.readSymbolicLink(fd).toString().equals("socket:[" + inode + "]")) {
                        return true;
                    }
                } catch (IOException e) {
                    continue; // closed since
                }
            }
        }
        return false;
    }
}
