// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Methods of somebody else's, built apart from ours against nothing but the distribution, installed
 * into the running platform, used and removed.
 */
class ThirdPartyTest {
    private static Stranger he;
    // A file that stands in the text under its name.
    private static final Pattern BLOCK =
            Pattern.compile(
                    "^File `([^`]+)`:\\n\\n```\\w*\\n(.*?)^```$",
                    Pattern.DOTALL | Pattern.MULTILINE);

    private static final String IMPORTS =
            "java\\..*|org\\.mien\\.api(\\..*)?|org\\.mien\\.nn|ai\\.djl\\.ndarray(\\..*)?";

    @BeforeAll
    static void start() throws Exception {
        he = new Stranger(Path.of("target", "third-party"));
        he.must("start");
    }

    @AfterAll
    static void stop() throws Exception {
        he.must("stop");
    }

    /** The jar that a build left. */
    private static Path jar(Path project) throws IOException {
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
        JsonObject trained = he.must(arguments.toArray(new String[0])).json().getAsJsonObject();
        assertEquals("DONE", trained.get("state").getAsString());
        return trained;
    }

    /** Installs, trains, evaluates, predicts, removes; gives what the run's metrics hold. */
    private static String use(Path jar, String bundle, String method, String... keys)
            throws Exception {
        String installed = he.must("plugin-add", jar.toString()).out();
        assertTrue(installed.matches("(?s).*method +" + method + " .*" + bundle + ".*"), installed);
        String run = train(method, keys).get("run").getAsString();
        JsonObject evaluated = he.must("evaluate", run, "--json").json().getAsJsonObject();
        assertEquals(14, evaluated.get("samples").getAsInt());
        JsonObject predicted =
                he.must("predict", run, "--sample=first", "--json").json().getAsJsonObject();
        JsonObject face = predicted.getAsJsonArray("faces").get(0).getAsJsonObject();
        assertEquals(7, face.getAsJsonObject("probabilities").size());

        assertTrue(he.must("plugin-remove", method).out().contains(bundle), bundle);
        Stranger.Answer refused = he.mien("predict", run, "--sample=first");
        assertNotEquals(0, refused.status());
        assertTrue(refused.out().contains("method '" + method + "'"), refused.out());
        return Files.readString(he.at("work/runs").resolve(run).resolve("metrics.jsonl"));
    }

    @Test
    void theExampleIsBuiltInstalledUsedAndRemoved() throws Exception {
        Path project = he.at("scn");
        he.copy(Stranger.ROOT.resolve("examples/third-party-scn"), project);
        // It looks for the distribution beside it.
        String assembly = System.getProperty("mien.assembly");
        he.build(
                project,
                "-Dmaven.repo.local.tail=" + assembly + "/system",
                "-Dmien.torch=" + assembly + "/natives/torch");
        Path jar = jar(project);
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

    /** What was compiled against the promised API runs as it is. */
    @Test
    void aPluginOfThePromisedApiStillRuns() throws Exception {
        Path jar = resource("method-scn-1.0.0.jar");
        String metrics = use(jar, "com.example.scn", "scn", "method.relabel-from=0");
        assertTrue(metrics.contains("\"rank\""), metrics);
    }

    private static Path resource(String name) {
        return Path.of("src", "test", "resources", name).toAbsolutePath();
    }

    /** What was compiled against an API of before is refused, with the packages and what to do. */
    @Test
    void aPluginOfAnOlderApiIsRefusedInWords() throws Exception {
        Stranger.Answer refused =
                he.mien("plugin-add", resource("method-scn-of-api-1.jar").toString());
        assertNotEquals(0, refused.status());
        String needs = "com.example.scn needs the package org.mien.api in version [1.0,2); here";
        assertTrue(refused.out().contains(needs), refused.out());
        assertTrue(refused.out().contains("Build it against this version of Mien"), refused.out());
        assertFalse(refused.out().contains("Exception"), refused.out());
        assertFalse(he.must("plugin-list").out().contains("com.example.scn"), "it is there");
    }

    @Test
    void theMethodOfTheGuideIsBuiltInstalledUsedAndRemoved() throws Exception {
        String guide = Files.readString(Stranger.ROOT.resolve("docs/write-a-method.md"));
        Path project = he.at("method-centre");
        assertTrue(guide.contains("\n./mien plugin-new method centre\n"), "first command");
        he.must("plugin-new", "method", "centre");
        List<MatchResult> files = BLOCK.matcher(guide).results().toList();
        assertEquals(2, files.size(), "files of the guide");
        for (MatchResult file : files) {
            assertTrue(Files.exists(project.resolve(file.group(1))), file.group(1));
            Files.writeString(project.resolve(file.group(1)), file.group(2));
        }
        he.build(project);
        String metrics = use(jar(project), "com.example.centre", "centre");
        assertTrue(metrics.contains("\"centre\""), metrics);
    }
}
