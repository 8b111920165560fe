// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import aQute.bnd.osgi.Jar;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ArrowsTest {
    private static final String COMPONENT =
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <scr:component xmlns:scr="http://www.osgi.org/xmlns/scr/v1.4.0" name="tiny">
              <property name="mien.id" type="String" value="%s"/>
            </scr:component>
            """;

    private static final String EXPORTED =
            "@org.osgi.annotation.bundle.Export"
                    + " @org.osgi.annotation.versioning.Version(\"1.0.0\")";
    private static final String ROOMS = "org.mien.core.internal.";
    private static final String PLUGIN = "org.mien.plugin.tiny";

    @TempDir Path temp;
    private int made;

    @Test
    void everyBundleOfTheReactorIsChecked() throws Exception {
        assertEquals(
                Repository.bundles(),
                new TreeSet<>(reactor().stream().map(Bundle::name).toList()),
                "bundles of the reactor, and those this module's pom.xml depends on: add what is"
                        + " missing there");
    }

    @Test
    void noArrowOfTheReactorIsBroken() throws Exception {
        assertEquals("", String.join("\n", Arrows.broken(reactor())));
    }

    private static List<Bundle> reactor() throws Exception {
        List<Bundle> bundles = new ArrayList<>();
        for (Path jar : Bundle.jars()) {
            bundles.add(Bundle.read(jar));
        }
        return bundles;
    }

    @ParameterizedTest
    @CsvSource({
        // bundle, its package, what it uses, whether it may
        "method-tiny, org.mien.plugin.tiny, org.mien.api, yes",
        "method-tiny, org.mien.plugin.tiny, org.mien.api.net, yes",
        "method-tiny, org.mien.plugin.tiny, org.mien.nn, yes",
        "method-tiny, org.mien.plugin.tiny, ai.djl.ndarray, yes",
        "method-tiny, org.mien.plugin.tiny, ai.djl.ndarray.types, yes",
        "method-tiny, org.mien.plugin.tiny, org.slf4j, yes",
        "method-tiny, org.mien.plugin.tiny, ai.djl, no",
        "method-tiny, org.mien.plugin.tiny, ai.djl.ndarrays, no",
        "method-tiny, org.mien.plugin.tiny, org.mien.nn.spi, no",
        "method-tiny, org.mien.plugin.tiny, org.mien.api.spi, no",
        "method-tiny, org.mien.plugin.tiny, org.mien.engine, no",
        "method-tiny, org.mien.plugin.tiny, org.mien.core, no",
        "method-tiny, org.mien.plugin.tiny, org.mien.core.internal, no",
        "method-tiny, org.mien.plugin.tiny, org.mien.shell, no",
        "method-tiny, org.mien.plugin.tiny, org.mien.vision, no",
        "method-tiny, org.mien.plugin.tiny, org.mien.plugin.other, no",
        "method-tiny, org.mien.plugin.tiny, org.opencv.core, no",
        "method-tiny, org.mien.plugin.tiny, org.osgi.framework, no",
        "method-tiny, org.mien.plugin.tiny, com.acme, no",
        "backbone-tiny, org.mien.plugin.tiny, org.mien.core, no",
        "dataset-tiny, org.mien.plugin.tiny, org.mien.core, no",
        "evaluator-tiny, org.mien.plugin.tiny, org.mien.core, no",
        "preprocess-tiny, org.mien.plugin.tiny, org.mien.vision, yes",
        "preprocess-tiny, org.mien.plugin.tiny, org.mien.core, no",
        "preprocess-tiny, org.mien.plugin.tiny, org.opencv.core, no",
        "platform-api, org.mien.api, ai.djl.ndarray, yes",
        "platform-api, org.mien.api, ai.djl.nn, no",
        "platform-api, org.mien.api, org.mien.nn, no",
        "platform-api, org.mien.api, org.slf4j, no",
        "platform-nn, org.mien.nn, org.mien.engine, yes",
        "platform-nn, org.mien.nn, ai.djl, yes",
        "platform-nn, org.mien.nn, ai.djl.nn, no",
        "platform-nn, org.mien.nn, org.mien.core, no",
        "platform-nn, org.mien.nn, org.mien.plugin.other, no",
        "platform-vision, org.mien.vision, org.slf4j, yes",
        "platform-vision, org.mien.vision, org.mien.core, no",
        "platform-vision, org.mien.vision, ai.djl.ndarray, no",
        "platform-engine, org.mien.engine, org.slf4j, yes",
        "platform-engine, org.mien.engine, org.mien.api, no",
        "platform-core, org.mien.core, org.mien.nn.spi, yes",
        "platform-core, org.mien.core, com.acme, yes",
        "platform-core, org.mien.core, org.mien.shell, no",
        "platform-core, org.mien.core, org.mien.plugin.other, no",
        "platform-core, org.mien.core, org.opencv.core, no",
        "platform-core, org.mien.core, org.mien.provision, no",
        "platform-provision, org.mien.provision, org.mien.core, yes",
        "platform-provision, org.mien.provision, org.mien.api, no",
        "platform-provision, org.mien.provision, org.mien.shell, no",
        "platform-shell, org.mien.shell, org.mien.core, yes",
        "platform-shell, org.mien.shell, org.mien.provision, yes",
        "platform-shell, org.mien.shell, org.mien.engine, no",
        "platform-shell, org.mien.shell, org.mien.plugin.other, no",
        "platform-guard, org.mien.guard, org.mien.core, no",
        "platform-gate, org.mien.gate, org.mien.core, no"
    })
    void aBundleUsesWhatItMay(String name, String own, String used, String may) throws Exception {
        TinyBundle tiny =
                tiny(own)
                        .source(used, "Used", "public class Used {}")
                        .source(own, "Tiny", "public class Tiny { %s.Used used; }".formatted(used));
        List<String> broken = broken(Bundle.read(name, tiny.jar(own)));
        if (may.equals("yes")) {
            assertEquals(List.of(), broken);
        } else {
            assertOnly(name + ": " + own + ".Tiny uses " + used + "; it may use ", broken);
        }
    }

    @Test
    void anImportThatNoClassNeedsCountsToo() throws Exception {
        Jar jar =
                plugin().header("Import-Package", "org.mien.core;resolution:=optional").jar(PLUGIN);
        assertOnly(
                "method-tiny: Import-Package uses org.mien.core; it may use",
                broken(Bundle.read("method-tiny", jar)));
    }

    @ParameterizedTest
    @CsvSource({
        "DynamicImport-Package, *",
        "Require-Bundle, org.mien.core",
        "Fragment-Host, org.mien.core"
    })
    void noBackDoorIsOpen(String header, String value) throws Exception {
        Jar jar = plugin().header(header, value).jar(PLUGIN);
        assertOnly(
                "method-tiny: " + header + " = " + value + " hides what it uses",
                broken(Bundle.read("method-tiny", jar)));
    }

    @ParameterizedTest
    @CsvSource({
        "platform-core, org.mien.core, ai.djl.nn, platform-engine",
        "platform-core, org.mien.core, org.opencv.core, platform-vision",
        "method-tiny, org.mien.plugin.tiny, ai.djl.nn, platform-engine",
        "method-tiny, org.mien.plugin.tiny, org.opencv.core, platform-vision",
        "method-tiny, org.mien.plugin.tiny, org.mien.api.net, platform-api",
        "method-tiny, org.mien.plugin.tiny, org.mien.core.internal, platform-core",
        "platform-nn, org.mien.nn, org.mien.plugin.internal, a plugin"
    })
    void aPackageStaysWithItsOwner(String name, String own, String stray, String owner)
            throws Exception {
        TinyBundle tiny = tiny(own).source(stray, "Stray", "public class Stray {}");
        assertOnly(
                name + ": contains " + stray + "; only " + owner + " may",
                broken(Bundle.read(name, tiny.jar(own + "," + stray))));
    }

    @Test
    void noPackageLiesInTwoBundles() throws Exception {
        assertOnly(
                "method-two: package org.mien.plugin.tiny lies in method-one too",
                broken(
                        Bundle.read("method-one", plugin().jar(PLUGIN)),
                        Bundle.read("method-two", plugin().jar(PLUGIN))));
    }

    @Test
    void aPluginsPackageSaysSo() throws Exception {
        Jar jar = plugin().source("org.mien.tiny", "Odd", "class Odd {}").jar("org.mien.tiny");
        assertOnly(
                "method-tiny: contains org.mien.tiny, which is a package of nobody",
                broken(Bundle.read("method-tiny", jar)));
    }

    @ParameterizedTest
    @CsvSource({"lib/libtiny.so.1", "tiny.dll", "data.bin"})
    void nativeCodeStaysInTheEngine(String path) throws Exception {
        String elf = "\u007fELF\u0002\u0001";
        Bundle plugin = Bundle.read("method-tiny", plugin().file(path, elf).jar(PLUGIN));
        assertOnly("method-tiny: contains native code, " + path, broken(plugin));
        Jar jar = tiny("org.mien.engine").file(path, elf).jar("org.mien.engine");
        assertEquals(List.of(), broken(Bundle.read("platform-engine", jar)));
    }

    @ParameterizedTest
    @CsvSource({
        "platform-core, org.mien.core, tiny-net",
        "platform-core, org.mien.core, tiny",
        "platform-core, org.mien.core, try tiny-net or another",
        "platform-core, org.mien.core, feature:install mien-method-tiny",
        "platform-core, org.mien.core, org.mien.plugin.tiny.Tiny",
        "platform-provision, org.mien.provision, tiny-net",
        "platform-shell, org.mien.shell, tiny-net"
    })
    void thePlatformNamesNoPlugin(String name, String own, String literal) throws Exception {
        Bundle plugin =
                Bundle.read(
                        "method-tiny",
                        plugin().file("OSGI-INF/net.xml", COMPONENT.formatted("tiny-net"))
                                .jar(PLUGIN));
        TinyBundle tiny =
                tiny(own).source(own, "Namer", "class Namer { String s = \"" + literal + "\"; }");
        String where = own.replace('.', '/') + "/Namer.class";
        assertOnly(
                name + ": " + where + " names a plugin in '" + literal + "'",
                broken(plugin, Bundle.read(name, tiny.jar(own))));
    }

    @Test
    void thePlatformNamesNoPluginInAnAnnotation() throws Exception {
        Bundle plugin = Bundle.read("method-tiny", plugin().jar(PLUGIN));
        Jar jar =
                tiny("org.mien.core")
                        .source(
                                "org.mien.core",
                                "Key",
                                "import java.lang.annotation.*;"
                                        + "@Retention(RetentionPolicy.RUNTIME)"
                                        + " @Target(ElementType.RECORD_COMPONENT) @interface Key {"
                                        + " String[] value(); }")
                        .source(
                                "org.mien.core",
                                "Keys",
                                "record Keys(@Key({\"one\", \"big, tiny\"}) String method) {}")
                        .jar("org.mien.core");
        assertOnly(
                "platform-core: org/mien/core/Keys.class names a plugin in 'big, tiny'",
                broken(plugin, Bundle.read("platform-core", jar)));
    }

    @Test
    void thePlatformNamesNoPluginInAFile() throws Exception {
        Bundle plugin = Bundle.read("method-tiny", plugin().jar(PLUGIN));
        Jar jar =
                tiny("org.mien.core")
                        .file(
                                "OSGI-INF/a.xml",
                                "<reference interface=\"org.mien.plugin.tiny.Tiny\"/>")
                        .jar("org.mien.core");
        assertOnly(
                "platform-core: OSGI-INF/a.xml names a plugin in '<reference",
                broken(plugin, Bundle.read("platform-core", jar)));
    }

    @Test
    void wordsThatOnlyContainAnIdAreFree() throws Exception {
        Bundle plugin = Bundle.read("method-tiny", plugin().jar(PLUGIN));
        Jar jar =
                tiny("org.mien.core")
                        .source(
                                "org.mien.core",
                                "Namer",
                                "class Namer { String s = \"a tiny step\"; String t = \"tinyness\"; }")
                        .jar("org.mien.core");
        assertEquals(List.of(), broken(plugin, Bundle.read("platform-core", jar)));
    }

    @Test
    void aPluginExportsNothing() throws Exception {
        Jar jar = plugin().source(PLUGIN, "package-info", EXPORTED).jar(PLUGIN);
        assertOnly(
                "method-tiny: exports org.mien.plugin.tiny; a plugin exports nothing",
                broken(Bundle.read("method-tiny", jar)));
    }

    @Test
    void aPluginWithoutAnIdIsNamed() throws Exception {
        Jar jar =
                new TinyBundle(temp.resolve("anonymous"))
                        .source(PLUGIN, "Tiny", "public class Tiny {}")
                        .jar(PLUGIN);
        assertOnly(
                "method-tiny: no component has the property mien.id",
                broken(Bundle.read("method-tiny", jar)));
    }

    @Test
    void anExportHasAVersion() throws Exception {
        Jar jar =
                new TinyBundle(temp.resolve("unversioned"))
                        .source("org.mien.nn", "Tiny", "public class Tiny {}")
                        .header("Export-Package", "org.mien.nn;-noimport:=true")
                        .jar("org.mien.nn");
        assertOnly(
                "platform-nn: exports org.mien.nn without a version",
                broken(Bundle.read("platform-nn", jar)));
    }

    @Test
    void whatIsNotExportedIsInternal() throws Exception {
        Jar hidden =
                tiny("org.mien.core")
                        .source("org.mien.core.runs", "Hidden", "class Hidden {}")
                        .jar("org.mien.core,org.mien.core.runs");
        assertOnly(
                "platform-core: package org.mien.core.runs is not exported",
                broken(Bundle.read("platform-core", hidden)));
        Jar internal =
                tiny("org.mien.core")
                        .source("org.mien.core.internal", "Hidden", "class Hidden {}")
                        .source("org.mien.core.internal.run", "Hidden", "class Hidden {}")
                        .jar("org.mien.core,org.mien.core.internal,org.mien.core.internal.run");
        assertEquals(List.of(), broken(Bundle.read("platform-core", internal)));
    }

    @Test
    void roomsUseRoomsBelowThemOnly() throws Exception {
        Jar jar =
                tiny("org.mien.core")
                        .source(
                                ROOMS + "run",
                                "Low",
                                "public class Low { Object o = new org.mien.core.internal.train.High(); }")
                        .source(
                                ROOMS + "train",
                                "High",
                                "public class High { org.mien.core.internal.run.Low low; }")
                        .source(
                                ROOMS + "sweep",
                                "Beside",
                                "public class Beside { org.mien.core.internal.train.High high; }")
                        .source(ROOMS + "attic", "Attic", "public class Attic {}")
                        .source(
                                "org.mien.core",
                                "Out",
                                "public class Out { org.mien.core.internal.run.Low low; }")
                        .jar("org.mien.core,org.mien.core.internal.*");
        List<String> broken = broken(Bundle.read("platform-core", jar));
        assertEquals(4, broken.size(), broken::toString);
        assertTrue(broken.get(0).contains("Out is exported and uses"), broken::toString);
        assertTrue(broken.get(1).contains("room 'attic', which stands on no"), broken::toString);
        assertTrue(broken.get(2).contains("run.Low uses " + ROOMS + "train.High"));
        assertTrue(broken.get(3).contains("sweep.Beside uses " + ROOMS + "train.High"));
    }

    @Test
    void aBundleWithoutARuleIsNamed() throws Exception {
        Jar jar = tiny("org.mien.tools").jar("org.mien.tools");
        assertOnly(
                "platform-tools: no rule says what it may use",
                broken(Bundle.read("platform-tools", jar)));
    }

    private TinyBundle plugin() throws Exception {
        return tiny(PLUGIN);
    }

    /** A sound bundle of one package, to break. */
    private TinyBundle tiny(String own) throws Exception {
        TinyBundle tiny =
                new TinyBundle(temp.resolve("tiny" + made++))
                        .source(own, "Tiny", "public class Tiny {}");
        return own.equals(PLUGIN)
                ? tiny.file("OSGI-INF/tiny.xml", COMPONENT.formatted("tiny"))
                : tiny.source(own, "package-info", EXPORTED);
    }

    private static List<String> broken(Bundle... bundles) {
        return Arrows.broken(List.of(bundles));
    }

    private static void assertOnly(String start, List<String> broken) {
        assertEquals(1, broken.size(), broken::toString);
        assertTrue(broken.get(0).startsWith(start), broken::toString);
    }
}
