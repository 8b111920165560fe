// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.jar.JarFile;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Methods of somebody else's, built apart from ours against nothing but our jars, installed into
 * the running platform, used and removed.
 */
class ThirdPartyTest {
    private static final Path FOLDER = Path.of("target", "third-party").toAbsolutePath();
    private static final Path ROOT = Path.of(System.getProperty("mien.launcher")).getParent();
    // A file that stands in the text under its name.
    private static final Pattern BLOCK =
            Pattern.compile(
                    "^File `([^`]+)`:\\n\\n```\\w*\\n(.*?)^```$",
                    Pattern.DOTALL | Pattern.MULTILINE);

    private static final String IMPORTS =
            "java\\..*|org\\.mien\\.api(\\..*)?|org\\.mien\\.nn|ai\\.djl\\.ndarray(\\..*)?";

    private record Answer(int status, String out) {
        JsonObject json() {
            String[] lines = out.strip().split("\n");
            return JsonParser.parseString(lines[lines.length - 1]).getAsJsonObject();
        }
    }

    @BeforeAll
    static void start() throws Exception {
        delete(FOLDER);
        Files.createDirectories(FOLDER.resolve("home"));
        for (String module : List.of("platform-api", "platform-nn", "platform-engine")) {
            Path at = published(module, ROOT.resolve(module).resolve("pom.xml"));
            String jar = at.getFileName().toString().replaceFirst("pom$", "jar");
            Files.copy(
                    Path.of(System.getProperty("mien.assembly"), "system/org/mien")
                            .resolve(module)
                            .resolve("0.1.0")
                            .resolve(jar),
                    at.resolveSibling(jar));
        }
        published("mien", ROOT.resolve("pom.xml"));
        assertEquals(0, mien("start").status());
    }

    /** Puts a pom where an installation would put it. */
    private static Path published(String module, Path pom) throws IOException {
        Path at = FOLDER.resolve("m2/org/mien").resolve(module).resolve("0.1.0");
        Files.createDirectories(at);
        return Files.copy(pom, at.resolve(module + "-0.1.0.pom"));
    }

    @AfterAll
    static void stop() throws Exception {
        assertEquals(0, mien("stop").status());
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
        List<String> command = new ArrayList<>(List.of(ROOT.resolve("mien").toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().put("MIEN_WORK", FOLDER.resolve("work").toString());
        builder.environment().put("MIEN_HEAP", "1g");
        builder.environment().put("HOME", FOLDER.resolve("home").toString());
        return run(builder, FOLDER);
    }

    private static Answer run(ProcessBuilder builder, Path folder) throws Exception {
        Path out = Files.createTempFile(FOLDER, "answer", "");
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        Process process =
                builder.directory(folder.toFile())
                        .redirectErrorStream(true)
                        .redirectOutput(out.toFile())
                        .start();
        process.getOutputStream().close();
        assertTrue(process.waitFor(300, TimeUnit.SECONDS), "no answer: " + builder.command());
        return new Answer(process.exitValue(), Files.readString(out));
    }

    /** Builds, with its tests, without a network, and knows our jars alone; gives its jar. */
    private static Path build(Path project) throws Exception {
        Answer built =
                run(
                        new ProcessBuilder(
                                ROOT.resolve("mvnw").toString(),
                                "-o",
                                "-B",
                                "-q",
                                "-Dmaven.repo.local=" + FOLDER.resolve("m2"),
                                "-Dmaven.repo.local.tail=" + System.getProperty("mien.repository"),
                                "-Dmien.torch=" + System.getProperty("mien.torch"),
                                "package"),
                        project);
        assertEquals(0, built.status(), built.out());
        try (Stream<Path> made = Files.list(project.resolve("target"))) {
            return made.filter(file -> file.toString().endsWith(".jar")).findFirst().orElseThrow();
        }
    }

    private static JsonObject train(String method, String... more) throws Exception {
        List<String> arguments =
                new ArrayList<>(
                        List.of(
                                "train",
                                "demo",
                                "method=" + method,
                                "dataset.train=28",
                                "dataset.validation=14",
                                "dataset.test=14",
                                "dataset.size=32",
                                "backbone.size=32",
                                "train.epochs=1",
                                "train.batch=14",
                                "--json"));
        arguments.addAll(List.of(more));
        Answer trained = mien(arguments.toArray(new String[0]));
        assertEquals(0, trained.status(), trained.out());
        assertEquals("DONE", trained.json().get("state").getAsString());
        return trained.json();
    }

    /** Installs, trains, evaluates, predicts, removes; gives what the run's metrics hold. */
    private static String use(Path jar, String bundle, String method, String... keys)
            throws Exception {
        Answer installed = mien("shell", "bundle:install", "-s", jar.toUri().toString());
        assertEquals(0, installed.status(), installed.out());
        assertTrue(mien("plugin-list", method).out().contains("method"), installed.out());
        String run = train(method, keys).get("run").getAsString();
        Answer evaluated = mien("evaluate", run, "--json");
        assertEquals(0, evaluated.status(), evaluated.out());
        assertEquals(14, evaluated.json().get("samples").getAsInt());
        Answer predicted = mien("predict", run, "--sample=first", "--json");
        assertEquals(0, predicted.status(), predicted.out());
        JsonObject face = predicted.json().getAsJsonArray("faces").get(0).getAsJsonObject();
        assertEquals(7, face.getAsJsonObject("probabilities").size());

        Answer removed = mien("shell", "bundle:uninstall", bundle);
        assertEquals(0, removed.status(), removed.out());
        Answer refused = mien("predict", run, "--sample=first");
        assertNotEquals(0, refused.status());
        assertTrue(refused.out().contains("method '" + method + "'"), refused.out());
        return Files.readString(FOLDER.resolve("work/runs").resolve(run).resolve("metrics.jsonl"));
    }

    @Test
    void theExampleIsBuiltInstalledUsedAndRemoved() throws Exception {
        Path example = ROOT.resolve("examples/third-party-scn");
        Path copy = FOLDER.resolve("scn");
        try (Stream<Path> all = Files.walk(example)) {
            for (Path path : all.filter(Files::isRegularFile).toList()) {
                Path within = example.relativize(path);
                if (!within.startsWith("target")) {
                    Path to = copy.resolve(within);
                    Files.createDirectories(to.getParent());
                    Files.copy(path, to);
                }
            }
        }
        Path jar = build(copy);
        try (JarFile bundle = new JarFile(jar.toFile())) {
            String imports = bundle.getManifest().getMainAttributes().getValue("Import-Package");
            for (String name : imports.replaceAll(";[^,\"]*\"[^\"]*\"", "").split(",")) {
                assertTrue(name.matches(IMPORTS), imports);
            }
        }
        // Without a margin, whatever is not yet recognised in the low group changes at once.
        String metrics =
                use(jar, "com.example.scn", "scn", "method.relabel-from=0", "method.delta2=0");
        assertTrue(metrics.contains("\"rank\""), metrics);
        assertTrue(metrics.contains("\"relabelled\":0."), metrics);
        assertFalse(metrics.contains("\"relabelled\":0.0,"), metrics);
    }

    @Test
    void theMethodOfTheGuideIsBuiltInstalledUsedAndRemoved() throws Exception {
        String guide = Files.readString(ROOT.resolve("docs/write-a-method.md"));
        List<MatchResult> files = BLOCK.matcher(guide).results().toList();
        assertEquals(3, files.size(), "files of the guide");
        for (MatchResult file : files) {
            Path to = FOLDER.resolve("guide").resolve(file.group(1));
            Files.createDirectories(to.getParent());
            Files.writeString(to, file.group(2));
        }
        String metrics = use(build(FOLDER.resolve("guide")), "com.example.centre", "centre");
        assertTrue(metrics.contains("\"centre\""), metrics);
    }
}
