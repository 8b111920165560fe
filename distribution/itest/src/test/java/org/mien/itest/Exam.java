// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.itest;

import static org.ops4j.pax.exam.CoreOptions.vmOption;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.configureConsole;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.editConfigurationFilePut;
import static org.ops4j.pax.exam.karaf.options.KarafDistributionOption.karafDistributionConfiguration;

import java.io.IOException;
import java.io.InputStream;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.ops4j.pax.exam.Option;

/** The assembled distribution as a container for tests. */
final class Exam {
    /** A feature that is not there at first. */
    static final String LINEAR = "mien-method-linear";

    private Exam() {}

    /** The distribution with every boot feature but the method. */
    static List<Option> options() throws IOException {
        String karaf = System.getProperty("mien.version.karaf");
        Path target = Path.of("target").toAbsolutePath();
        Path repository = Path.of(System.getProperty("mien.repository"));
        String locator = "lib/endorsed/org.apache.karaf.specs.locator-" + karaf + ".jar";
        String xml = "lib/endorsed/org.apache.karaf.specs.java.xml-" + karaf + ".jar";
        List<Option> options = new ArrayList<>();
        options.addAll(
                List.of(
                        karafDistributionConfiguration()
                                .frameworkUrl(target.resolve("mien.zip").toUri().toString())
                                .name("Mien")
                                .karafVersion(karaf)
                                .unpackDirectory(target.resolve("exam").toFile())
                                .useDeployFolder(false),
                        configureConsole().ignoreLocalConsole(),
                        put(
                                "custom.system.properties",
                                "mien.torch",
                                System.getProperty("mien.torch")),
                        put(
                                "custom.system.properties",
                                "mien.opencv",
                                System.getProperty("mien.opencv")),
                        put("custom.system.properties", "mien.ssh.port", freePort()),
                        put(
                                "org.ops4j.pax.url.mvn.cfg",
                                "org.ops4j.pax.url.mvn.localRepository",
                                repository.toString()),
                        put(
                                "org.ops4j.pax.url.mvn.cfg",
                                "org.ops4j.pax.url.mvn.defaultRepositories",
                                "${karaf.home.uri}${karaf.default.repository}@id=system@snapshots,"
                                        + repository.toUri()
                                        + "@id=local@snapshots"),
                        put("org.apache.karaf.features.cfg", "featuresBoot", bootFeatures())));
        for (String option :
                List.of(
                        "--add-reads=java.xml=java.logging",
                        "--add-exports=java.base/org.apache.karaf.specs.locator=java.xml,ALL-UNNAMED",
                        "--patch-module",
                        "java.base=" + locator,
                        "--patch-module",
                        "java.xml=" + xml,
                        "--add-opens",
                        "java.base/java.security=ALL-UNNAMED",
                        "--add-opens",
                        "java.base/java.net=ALL-UNNAMED",
                        "--add-opens",
                        "java.base/java.lang=ALL-UNNAMED",
                        "--add-opens",
                        "java.base/java.util=ALL-UNNAMED",
                        "--add-opens",
                        "java.naming/javax.naming.spi=ALL-UNNAMED",
                        "-Xmx1g")) {
            options.add(vmOption(option));
        }
        return options;
    }

    private static Option put(String file, String key, String value) {
        return editConfigurationFilePut("etc/" + file, key, value);
    }

    private static String bootFeatures() throws IOException {
        Path file =
                Path.of(
                        System.getProperty("mien.assembly"),
                        "etc",
                        "org.apache.karaf.features.cfg");
        Properties properties = new Properties();
        try (InputStream in = Files.newInputStream(file)) {
            properties.load(in);
        }
        String boot = properties.getProperty("featuresBoot");
        String without = boot.replaceAll("\\s*" + LINEAR + "(/[^,)]*)?\\s*,?", "");
        if (without.equals(boot)) {
            throw new IllegalStateException("featuresBoot has no " + LINEAR + ": " + boot);
        }
        return without.replaceAll("\\s+", "");
    }

    private static String freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0)) {
            return Integer.toString(socket.getLocalPort());
        }
    }
}
