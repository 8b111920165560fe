// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.provision.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.mien.provision.Provisioning.Addition;
import org.mien.provision.Provisioning.Setting;
import org.osgi.framework.Bundle;

/** What would harm the platform is refused, with its reason, before anything is changed. */
class HarmTest extends OnFramework {
    @BeforeEach
    void aProject() throws Exception {
        file("smile.jar", plugin("1.0.0", "smile"));
    }

    // --- names and parts

    @ParameterizedTest
    @CsvSource({
        "org.mien.core, the platform",
        "org.mien.platform-core, the platform",
        "org.mien.weights, the platform",
        "org.mien, the platform",
        "org.mien.core.extra, the platform",
        "system.bundle, the framework",
        "org.apache.felix.framework, a bundle that is no plugin",
        "com.example.library, 'a bundle that is no plugin, com.example.library 1.0.0'"
    })
    void theNameOfAnotherIsRefused(String name, String owner) throws Exception {
        byte[] bundle = Jars.bundle(name, "9.0.0", "Import-Package", API);
        refused(file("x.jar", bundle), "calls itself " + name, "the name of " + owner);
        // As a bundle of a feature, too.
        file("smile.jar", bundle);
        refused(xml("1.0.0", ""), "calls itself " + name);
    }

    @Test
    void aPluginThatShipsWithMienMayBeReplaced() throws Exception {
        Bundle shipped =
                install(
                        "mvn:org.mien/method-tiny/1",
                        Jars.bundle("org.mien.method.tiny", "1.0.0", "Import-Package", API));
        add(file("x.jar", Jars.bundle("org.mien.method.tiny", "1.1.0", "Import-Package", API)));
        assertEquals("1.1.0", shipped.getVersion().toString());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "system.bundle;extension:=framework",
                "system.bundle",
                "org.apache.felix.framework",
                "org.mien.core",
                "com.example.library",
                "com.example.nobody"
            })
    void aFragmentOfWhatIsNoPluginIsRefused(String host) throws Exception {
        byte[] part = Jars.bundle("com.example.part", "1.0.0", "Fragment-Host", host);
        refused(file("part.jar", part), "com.example.part is a fragment of " + host.split(";")[0]);
        file("part.jar", part);
        refused(
                xml("1.0.0", "<bundle>" + temp.resolve("project/part.jar").toUri() + "</bundle>"),
                "com.example.part is a fragment of");
    }

    @Test
    void aFragmentOfItsOwnBundleComesWithIt() throws Exception {
        Path part =
                file(
                        "part.jar",
                        Jars.bundle(
                                "com.example.part", "1.0.0", "Fragment-Host", "com.example.smile"));
        add(xml("1.0.0", "<bundle start=\"false\">" + part.toUri() + "</bundle>"));
        assertEquals(Bundle.ACTIVE, smile().getState());
        assertTrue(
                add(xml("1.0.0", "<bundle start=\"false\">" + part.toUri() + "</bundle>"))
                        .unchanged());
    }

    @Test
    void packagesOfThePlatformAndNativeCodeThatSomebodyHasAreRefused() throws Exception {
        for (String version : List.of("2.1.5", "9.0.0")) {
            byte[] own =
                    plugin(
                            "1.0.0",
                            "smile",
                            "Export-Package",
                            "org.mien.api.method;version=" + version);
            refused(file("own.jar", own), "exports the package org.mien.api.method, which is");
        }
        install(
                "file:/natives",
                Jars.bundle(
                        "owner",
                        "1.0.0",
                        "Bundle-NativeCode",
                        "lib/libtiny.so;osname=linux;processor=x86-64,*"));
        refused(
                file(
                        "native.jar",
                        plugin(
                                "1.0.0",
                                "smile",
                                "Bundle-NativeCode",
                                "other/libtiny.so;osname=linux")),
                "brings the native library libtiny.so, which owner has already");
    }

    @Test
    void aFeatureOfThePlatformKeepsItsName() throws Exception {
        refused(
                file(
                        "features.xml",
                        "<features name='x'><feature name='mien-platform'"
                                + " version='9'/></features>"),
                "feature 'mien-platform' has the name of one that is here");
    }

    // --- what stands in a features.xml

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "<library>file:/x.jar</library> | <library> would become part of the platform's",
                "<scoping/> | <scoping> is nothing that plugin-add knows",
                "<bundle start-level='0'>mvn:a/b/1</bundle> | start-level '0': expected 1 to 100",
                "<bundle start-level='200'>mvn:a/b/1</bundle> | start-level '200'",
                "<feature prerequisite='true'>mien-late</feature> | as a prerequisite",
                "<feature>mien-none</feature> | 'mien-none', which no repository has",
                "<feature>.*</feature> | feature '.*': expected letters",
                "<conditional><config name='a'>b=c</config></conditional> | in a <conditional>",
            })
    void whatAFeatureMayNotHaveIsNamedWithItsLine(String more, String why) throws Exception {
        features.ships(
                "mvn:a/late/1/xml/features",
                "<features name='late'><feature name='mien-late' version='1'/></features>");
        refused(xml("1.0.0", more), why);
    }

    @Test
    void aPrerequisiteThatIsThereIsNone() throws Exception {
        assertEquals(
                1,
                add(xml("1.0.0", "<feature prerequisite='true'>mien-platform</feature>"))
                        .plugins()
                        .size());
    }

    @Test
    void entitiesAndSizesAreRefused() throws Exception {
        refused(
                file(
                        "features.xml",
                        "<!DOCTYPE features [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>"
                                + "<features name='x'><feature name='a'><details>&a;</details>"
                                + "</feature></features>"),
                "document type");
        refused(
                file(
                        "features.xml",
                        "<features name='x'><feature name='a'>&a;</feature></features>"),
                "no features.xml");
        refused(
                file("features.xml", "<features name='x'>" + " ".repeat(5 << 20) + "</features>"),
                "larger than 4 MiB");
        refused(
                file("features.xml", "<features name='x'>" + "<feature name='a'>".repeat(90_000)),
                "within <feature>");
        refused(
                file(
                        "features.xml",
                        "<features name='x'><feature name='a'>"
                                + "<details/>".repeat(20_001)
                                + "</feature></features>"),
                "more than 20000 elements");
        refused(file("features.xml", "<html/>"), "expected <features>, got <html>");
    }

    // --- addresses

    /** Each in the place of a bundle, a file of features, a configuration and a file. */
    @Test
    void nobodyOutsideIsAsked() throws Exception {
        try (ServerSocket peer = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
            String at = peer.getInetAddress().getHostAddress() + ":" + peer.getLocalPort();
            List<String> addresses =
                    List.of(
                            "http://" + at + "/f.xml",
                            "HTTP://" + at + "/f.xml",
                            "https://" + at + "/f.xml",
                            "ftp://" + at + "/f.xml",
                            "file://" + at + "/f.xml",
                            "jar:http://" + at + "/f.jar!/f.xml",
                            "wrap:http://" + at + "/f.jar",
                            "wrap:mvn:a/b/1,http://" + at + "/i.bnd",
                            "blueprint:http://" + at + "/f.xml",
                            "mvn:http://" + at + "/repository!a/b/1",
                            "mvn:http://" + at + "@id=x!a/b/1",
                            "reference:file:/x.jar",
                            "mvn:a/b",
                            "mvn:a/b/[1,2)",
                            "mvn:a/b/LATEST",
                            "mvn:../b/1",
                            "f.xml",
                            "");
            for (String address : addresses) {
                String escaped = address.replace("&", "&amp;");
                refused(
                        xml("1.0.0", "<bundle>" + escaped + "</bundle>"),
                        "the address '" + address);
                refused(
                        xml(
                                "1.0.0",
                                "<configfile finalname='/etc/x.cfg'>" + escaped + "</configfile>"),
                        "the address '" + address);
                refused(
                        xml("1.0.0", "<config name='x' external='true'>" + escaped + "</config>"),
                        "the address '" + address);
                // In a file that a file names.
                Path last =
                        file(
                                "last.xml",
                                "<features name='l'><repository>"
                                        + escaped
                                        + "</repository></features>");
                Path next =
                        file(
                                "next.xml",
                                "<features name='n'><repository>"
                                        + last.toUri()
                                        + "</repository></features>");
                refused(
                        file(
                                "features.xml",
                                "<features name='x'><repository>"
                                        + next.toUri()
                                        + "</repository><feature name='mien-a'/></features>"),
                        "the address '" + address);
            }
            peer.setSoTimeout(200);
            List<String> asked = new ArrayList<>();
            try {
                asked.add(peer.accept().toString());
            } catch (SocketTimeoutException e) {
                // Nobody came.
            }
            assertEquals(List.of(), asked);
        }
    }

    @Test
    void featuresOfAFileThatIsNamedAreThere() throws Exception {
        Path library = file("lib.jar", Jars.bundle("com.example.lib", "1.0.0"));
        Path next =
                file(
                        "next.xml",
                        "<features name='n'><repository>"
                                + temp.resolve("project/features.xml").toUri()
                                + "</repository><feature name='lib' version='1'><bundle>"
                                + library.toUri()
                                + "</bundle></feature><feature name='mien-platform' version='9'/>"
                                + "<feature name='unused'><bundle>"
                                + temp.resolve("gone.jar").toUri()
                                + "</bundle></feature></features>");
        String more = "<feature>lib</feature></feature></features>";
        Path xml = xml("1.0.0", "");
        String text = Files.readString(xml).replace("</feature></features>", more);
        Path main =
                file(
                        "main.xml",
                        text.replace(
                                "<!-- one -->", "<repository>" + next.toUri() + "</repository>"));
        Files.delete(xml);
        Files.copy(main, xml);
        assertEquals(List.of("mien-method-smile/1.0.0", "lib/1"), add(xml).features());
        assertTrue(add(xml).unchanged());
    }

    // --- files

    @ParameterizedTest
    @CsvSource({
        "/etc/users.properties, users.properties",
        "${karaf.etc}/users.properties, users.properties",
        "${karaf.etc}/new.properties, Karaf reads files of this kind",
        "${karaf.etc}/overrides.properties, Karaf reads",
        "${karaf.etc}/org.apache.karaf.features.xml, Karaf reads",
        "${karaf.etc}/org.mien.jobs.cfg, 'the PID ''org.mien.jobs'' is the platform''s'",
        "${karaf.etc}/org.apache.karaf.shell.cfg, is the platform's",
        "${karaf.etc}/org.ops4j.pax.url.mvn.config, is the platform's",
        "${karaf.etc}/scripts/run.script, may be read as something else",
        "${karaf.etc}/smile/run.script, Karaf runs scripts",
        "${karaf.etc}/host.key, Karaf reads",
        "${karaf.etc}/there.txt, 'there.txt'' is in etc already'",
        "${karaf.etc}/link/x.txt, is no folder of etc",
        "${karaf.etc}/../x, expected a name",
        "${karaf.etc}/a/../../x, expected a name",
        "${karaf.etc}/${user.home}/x, expected a name",
        "/lib/x.jar, lies outside of etc",
        "/tmp/x, lies outside of etc",
        "${user.home}/.ssh/x, lies outside of etc",
        "etc, lies outside of etc"
    })
    void aFileThatIsThePlatformsIsRefused(String name, String why) throws Exception {
        Files.writeString(etc.resolve("users.properties"), "mien = secret,_g_:admingroup");
        Files.writeString(etc.resolve("there.txt"), "");
        Files.createSymbolicLink(etc.resolve("link"), temp);
        Path content = file("content", "x");
        String more =
                "<configfile finalname=\"%s\" override=\"true\">%s</configfile>"
                        .formatted(name, content.toUri());
        refused(xml("1.0.0", more), "feature 'mien-method-smile' brings the file '" + name, why);
        assertEquals(
                "mien = secret,_g_:admingroup", Files.readString(etc.resolve("users.properties")));
    }

    @ParameterizedTest
    @CsvSource({
        "org.mien.jobs, is the platform's",
        "org.apache.karaf.features, is the platform's",
        "org.mien.pipeline-demo, is in etc already",
        "org.mien.pipeline~demo, is in etc already",
        "com.example.taken, there is a configuration of this PID already",
        "../users, expected a name",
        "a/b, the folder",
        "'', expected a name"
    })
    void aConfigurationThatIsThePlatformsIsRefused(String pid, String why) throws Exception {
        Files.writeString(etc.resolve("org.mien.pipeline-demo.cfg"), "");
        configured.add("com.example.taken");
        String more = "<config name=\"" + pid + "\" append=\"true\">a = b</config>";
        if (!pid.equals("a/b")) {
            refused(xml("1.0.0", more), "brings the configuration '" + pid + "'", why);
        }
    }

    @Test
    void newFilesAreToldWrittenAndStay() throws Exception {
        Path content = file("labels", "smile\n");
        String more =
                "<config name=\"com.example.smile\">\n"
                        + "   # how\n"
                        + "   strength = gr\u00f6\u00dfer\n"
                        + "</config><config name=\"org.mien.pipeline-smile\">method ="
                        + " smile</config><configfile finalname=\"${karaf.etc}/smile/labels.txt\">"
                        + content.toUri()
                        + "</configfile>";
        Addition told = provisioning.add(xml("1.0.0", more) + "", temp, true, t -> {});
        assertEquals(
                List.of("com.example.smile.cfg", "org.mien.pipeline-smile.cfg", "smile/labels.txt"),
                told.settings().stream().map(Setting::path).toList());
        assertFalse(Files.exists(etc.resolve("smile")));
        add(xml("1.0.0", more));
        assertEquals(
                "# how\nstrength = gr\\u00f6\\u00dfer\n",
                Files.readString(etc.resolve("com.example.smile.cfg")));
        assertEquals("smile\n", Files.readString(etc.resolve("smile/labels.txt")));
        String kept = Files.readString(temp.resolve("data/plugins/mien-method-smile/features.xml"));
        assertFalse(kept.contains("config"), kept);
        // A user's change outlives an update and a removal.
        Files.writeString(etc.resolve("com.example.smile.cfg"), "strength = 2\n");
        file("smile.jar", plugin("1.0.0", "grin"));
        assertTrue(add(xml("1.0.0", more)).settings().get(0).there());
        provisioning.remove("grin", false, r -> {});
        add(xml("1.0.0", more));
        assertEquals("strength = 2\n", Files.readString(etc.resolve("com.example.smile.cfg")));
        // Of an addition that fails nothing stays.
        provisioning.remove("grin", false, r -> {});
        features.fault = "no";
        refused(xml("1.0.0", "<config name=\"com.example.other\">a = b</config>"), "no");
    }

    @Test
    void aFileOfTheDiskIsNotBroughtIn() throws Exception {
        Path secret = Files.writeString(temp.resolve("secret"), "x");
        Path link = temp.resolve("project/link");
        Files.createSymbolicLink(link, secret);
        for (Path path : List.of(secret, link)) {
            refused(
                    xml(
                            "1.0.0",
                            "<configfile finalname='/etc/x.txt'>" + path.toUri() + "</configfile>"),
                    "outside of the folder of its features.xml");
        }
    }

    // --- archives

    private static byte[] patched(byte[] zip, int signature, int offset, int value) {
        ByteBuffer all = ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i + 4 <= zip.length; i++) {
            if (all.getInt(i) == signature) {
                all.putInt(i + offset, value);
            }
        }
        return zip;
    }

    @Test
    void archivesAreBoundedBeforeTheyAreUnpacked() throws Exception {
        String xml = "<features name='f'><feature name='a'/></features>";
        String inside = "repository/a/b/1/b-1.xml";
        byte[] big = Jars.zip(inside, xml, "repository/x", "y".repeat(1000));
        // The directory says that each entry unpacks to nearly 1 GiB.
        refused(file("a.kar", patched(big, 0x02014b50, 24, 0x3fffffff)), "more than 1024 MiB");
        // It says less than there is.
        byte[] lying = Jars.zip(inside, xml, "repository/x", "y".repeat(1000));
        refused(file("b.kar", patched(lying, 0x02014b50, 24, 60)), "has more than the 60 bytes");
        List<Object> many = new ArrayList<>();
        for (int i = 0; i <= 20_000; i++) {
            many.add("repository/" + i);
            many.add("");
        }
        refused(file("c.kar", Jars.zip(many.toArray())), "more than 20000 entries");
        refused(
                file("d.kar", Jars.zip(inside, xml, "repository/../../x", "")),
                "entry 'repository/../../x' leads out of it");
        refused(file("e.kar", Jars.zip(inside, xml, "resources/etc/x", "")), "'resources/etc/x'");
        refused(file("f.kar", "no zip"), "neither a bundle");
        refused(file("g.kar", Jars.zip("a", "")), "neither a bundle");
        refused(
                file(
                        "h.kar",
                        Jars.zip(
                                inside,
                                "<features name='f'><feature name='a'><bundle>"
                                        + temp.resolve("project/smile.jar").toUri()
                                        + "</bundle></feature></features>")),
                "a .kar has inside what it needs");
    }
}
