// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.provision.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.felix.framework.FrameworkFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.mien.core.Jobs;
import org.mien.core.MienException;
import org.mien.core.Pipelines;
import org.mien.core.Plugins;
import org.mien.core.Runs;
import org.mien.provision.Provisioning;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;
import org.osgi.service.cm.Configuration;
import org.osgi.service.cm.ConfigurationAdmin;
import org.osgi.service.resolver.Resolver;

/**
 * A framework of its own with a platform of two bundles, and a plugin for every bundle that imports
 * its API and says {@code Fake-Plugin: kind id}.
 */
abstract class OnFramework {
    static final String API = "org.mien.api.method;version=\"[2.0,3)\"";

    @TempDir Path temp;

    BundleContext context;
    FakeFeatures features;
    Provisioning provisioning;
    Path etc;

    /** PIDs of which there is a configuration. */
    final Set<String> configured = new HashSet<>();

    private Framework framework;

    @BeforeEach
    final void start() throws Exception {
        Path data = Files.createDirectories(temp.resolve("data"));
        etc = Files.createDirectories(temp.resolve("etc"));
        framework =
                new FrameworkFactory()
                        .newFramework(
                                Map.of(
                                        Constants.FRAMEWORK_STORAGE,
                                        data.resolve("cache") + "",
                                        "felix.log.level",
                                        "0",
                                        "karaf.data",
                                        data.toString(),
                                        "karaf.etc",
                                        etc.toString()));
        framework.start();
        context = framework.getBundleContext();
        install(
                "mvn:org.mien/platform-api/1",
                Jars.bundle(
                        "org.mien.api",
                        "2.0.0",
                        "Export-Package",
                        "org.mien.api.method;version=2.1.0"));
        install(
                "mvn:org.mien/platform-core/1",
                Jars.bundle("org.mien.core", "2.0.0", "Import-Package", API));
        install(
                "mvn:com.example/library/1",
                Jars.bundle("com.example.library", "1.0.0", "Export-Package", "lib;version=1.0"));
        features = new FakeFeatures(context);
        features.ships(
                "mvn:org.mien/karaf-features/1/xml/features",
                "<features><feature name='mien-platform' version='1'/></features>");
        features.required().add("mien-platform/1");
        provisioning = provisioner();
    }

    @AfterEach
    final void stop() throws Exception {
        framework.stop();
        framework.waitForStop(10_000);
    }

    /** As after a restart. */
    final Provisioning provisioner() {
        return new Provisioner(
                context,
                features.service(),
                context.getService(context.getServiceReference(Resolver.class)),
                FakeFeatures.fake(ConfigurationAdmin.class, new FakeConfigurations()),
                FakeFeatures.fake(Plugins.class, new FakePlugins()),
                FakeFeatures.fake(Pipelines.class, new Nothing()),
                FakeFeatures.fake(Jobs.class, new Nothing()),
                FakeFeatures.fake(Runs.class, new Nothing()),
                new FeatureIndex(features.service()));
    }

    /** Has PIDs. */
    public final class FakeConfigurations {
        public Configuration[] listConfigurations(String filter) {
            String pid = filter.replaceAll("\\(service\\.pid=|\\)", "");
            return configured.contains(pid) ? new Configuration[0] : null;
        }
    }

    /** Has no pipelines, no jobs. */
    public static final class Nothing {
        public List<Object> all() {
            return List.of();
        }
    }

    /** Plugins by the header of their bundles. */
    public final class FakePlugins {
        public List<Plugins.Plugin> all() {
            List<Plugins.Plugin> all = new ArrayList<>();
            for (Bundle bundle : context.getBundles()) {
                String plugin = bundle.getHeaders("").get("Fake-Plugin");
                if (plugin != null && bundle.getState() == Bundle.ACTIVE) {
                    String[] words = plugin.split(" ");
                    all.add(
                            new Plugins.Plugin(
                                    words[0],
                                    words[1],
                                    bundle.getSymbolicName(),
                                    bundle.getVersion() + "",
                                    "",
                                    List.of()));
                }
            }
            return all;
        }

        public boolean asked(Map<String, ?> values, List<Plugins.Plugin> some) {
            return false;
        }
    }

    final Bundle install(String location, byte[] bundle) throws Exception {
        Bundle installed = context.installBundle(location, new ByteArrayInputStream(bundle));
        if (bundle.length > 0 && installed.getHeaders("").get("Fragment-Host") == null) {
            installed.start();
        }
        return installed;
    }

    /** The bundle of a method. */
    static byte[] plugin(String version, String id, String... more) throws IOException {
        List<String> headers =
                new ArrayList<>(List.of("Import-Package", API, "Fake-Plugin", "method " + id));
        headers.addAll(List.of(more));
        return Jars.bundle("com.example.smile", version, headers.toArray(new String[0]));
    }

    final Path file(String name, byte[] content) throws IOException {
        Path file = temp.resolve("project").resolve(name);
        Files.createDirectories(file.getParent());
        return Files.write(file, content);
    }

    final Path file(String name, String content) throws IOException {
        return file(name, content.getBytes("UTF-8"));
    }

    /**
     * The features.xml of a project, whose bundle is {@code smile.jar}, with more in its feature.
     */
    final Path xml(String version, String more) throws IOException {
        return file(
                "features.xml",
                "<?xml version=\"1.0\"?>\n"
                        + "<features xmlns=\"http://karaf.apache.org/xmlns/features/v1.6.0\""
                        + " name=\"smile\"><!-- one --><feature name=\"mien-method-smile\" version=\""
                        + version
                        + "\"><feature>mien-platform</feature><bundle>"
                        + temp.resolve("project/smile.jar").toUri()
                        + "</bundle>"
                        + more
                        + "</feature></features>");
    }

    final Provisioning.Addition add(Path file) {
        return provisioning.add(file.toString(), temp, false, told -> {});
    }

    /** Why something is refused; nothing may have changed. */
    final String refused(Path file) throws IOException {
        String before = everything();
        String why = assertThrows(MienException.class, () -> add(file), "not refused").getMessage();
        assertEquals(before, everything(), why);
        return why;
    }

    final void refused(Path file, String... words) throws IOException {
        String why = refused(file);
        for (String word : words) {
            assertTrue(why.contains(word), word + " is not in: " + why);
        }
    }

    /** Bundles, features and files. */
    private String everything() throws IOException {
        Set<String> all = new TreeSet<>();
        for (Bundle bundle : context.getBundles()) {
            all.add(bundle + " " + bundle.getVersion() + " " + bundle.getState());
        }
        all.addAll(features.required());
        Arrays.stream(features.listRepositories()).forEach(one -> all.add(one.getURI() + ""));
        for (Path folder : List.of(etc, temp.resolve("data"))) {
            try (Stream<Path> files = Files.walk(folder)) {
                files.filter(file -> !file.toString().contains("cache"))
                        .filter(file -> !file.endsWith("plugins"))
                        .forEach(file -> all.add(file.toString()));
            }
        }
        return String.join("\n", all);
    }

    final Bundle smile() {
        return Arrays.stream(context.getBundles())
                .filter(bundle -> "com.example.smile".equals(bundle.getSymbolicName()))
                .findFirst()
                .orElse(null);
    }
}
