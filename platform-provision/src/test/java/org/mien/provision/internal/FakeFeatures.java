// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.provision.internal;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.karaf.features.BundleInfo;
import org.apache.karaf.features.Dependency;
import org.apache.karaf.features.Feature;
import org.apache.karaf.features.FeaturesService;
import org.apache.karaf.features.Repository;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/**
 * Karaf's features service as far as it is used, on a real framework: features by their files, and
 * bundles by name and version, updated where the content of their address is another.
 */
final class FakeFeatures {
    private final BundleContext context;
    private final Map<String, Repository> repositories = new LinkedHashMap<>();
    private final Set<String> required = new TreeSet<>();
    private final Set<Bundle> managed = new HashSet<>();

    /** Content of a bundle as it was installed from its address. */
    private final Map<Bundle, byte[]> contents = new LinkedHashMap<>();

    /** Refuses to install. */
    String fault;

    FakeFeatures(BundleContext context) {
        this.context = context;
    }

    FeaturesService service() {
        return fake(FeaturesService.class, this);
    }

    @SuppressWarnings("unchecked")
    static <T> T fake(Class<T> type, Object with) {
        return (T)
                Proxy.newProxyInstance(
                        FakeFeatures.class.getClassLoader(),
                        new Class<?>[] {type},
                        (proxy, method, arguments) -> call(with, proxy, method, arguments));
    }

    private static Object call(Object with, Object proxy, Method method, Object[] arguments)
            throws Throwable {
        if (method.getName().equals("hashCode")) {
            return System.identityHashCode(proxy);
        }
        if (method.getName().equals("equals")) {
            return proxy == arguments[0];
        }
        try {
            Method own = with.getClass().getMethod(method.getName(), method.getParameterTypes());
            own.setAccessible(true);
            return own.invoke(with, arguments);
        } catch (InvocationTargetException e) {
            throw e.getCause();
        } catch (NoSuchMethodException e) {
            throw new UnsupportedOperationException(method.toString(), e);
        }
    }

    // --- what a test may ask for

    /** A feature that came with the platform. */
    void ships(String uri, String xml) {
        repositories.put(uri, repository(URI.create(uri), xml));
    }

    Set<String> required() {
        return required;
    }

    // --- the service

    /** A file of features. */
    public record FakeRepository(URI uri, Feature[] features) {
        public URI getURI() {
            return uri;
        }

        public Feature[] getFeatures() {
            return features;
        }
    }

    /** A feature. */
    public record FakeFeature(
            String name, String version, List<BundleInfo> bundles, List<Dependency> dependencies) {
        public String getName() {
            return name;
        }

        public String getId() {
            return name + "/" + version;
        }

        public String getVersion() {
            return version;
        }

        public List<BundleInfo> getBundles() {
            return bundles;
        }

        public List<Dependency> getDependencies() {
            return dependencies;
        }
    }

    /** A bundle of a feature. */
    public record FakeBundle(String location) {
        public String getLocation() {
            return location;
        }
    }

    /** What a feature needs. */
    public record FakeDependency(String name, String version) {
        public String getName() {
            return name;
        }

        public String getVersion() {
            return version;
        }
    }

    private static Repository repository(URI uri, String xml) {
        Descriptor descriptor =
                DescriptorReader.read(
                        uri.toString(),
                        new ByteArrayInputStream(xml.getBytes(StandardCharsets.UTF_8)));
        List<Feature> features = new ArrayList<>();
        descriptor.features.forEach(
                (name, one) -> {
                    List<BundleInfo> bundles = new ArrayList<>();
                    one.jars.forEach(
                            jar ->
                                    bundles.add(
                                            fake(BundleInfo.class, new FakeBundle(jar.address()))));
                    List<Dependency> wanted = new ArrayList<>();
                    one.wanted.forEach(
                            w ->
                                    wanted.add(
                                            fake(
                                                    Dependency.class,
                                                    new FakeDependency(w.name(), w.version()))));
                    features.add(
                            fake(
                                    Feature.class,
                                    new FakeFeature(name, one.version(), bundles, wanted)));
                });
        return fake(Repository.class, new FakeRepository(uri, features.toArray(new Feature[0])));
    }

    public Repository[] listRepositories() {
        return repositories.values().toArray(new Repository[0]);
    }

    public void addRepository(URI uri) throws IOException {
        repositories.putIfAbsent(uri.toString(), repository(uri, Files.readString(Path.of(uri))));
    }

    public void refreshRepository(URI uri) throws IOException {
        repositories.remove(uri.toString());
        addRepository(uri);
    }

    public void removeRepository(URI uri) throws Exception {
        removeRepository(uri, true);
    }

    public void removeRepository(URI uri, boolean uninstall) throws Exception {
        for (Feature feature : repositories.get(uri.toString()).getFeatures()) {
            required.remove(feature.getId());
        }
        repositories.remove(uri.toString());
        deploy();
    }

    public Feature[] listFeatures() {
        return repositories.values().stream()
                .flatMap(one -> List.of(one.getFeatures()).stream())
                .toArray(Feature[]::new);
    }

    public Feature[] listInstalledFeatures() {
        return List.of(listFeatures()).stream().filter(this::isInstalled).toArray(Feature[]::new);
    }

    /** Those that others need are installed, too. */
    public boolean isInstalled(Feature feature) {
        return isRequired(feature)
                || List.of(listFeatures()).stream()
                        .filter(
                                other ->
                                        other.getDependencies().stream()
                                                .anyMatch(
                                                        d -> d.getName().equals(feature.getName())))
                        .anyMatch(this::isInstalled);
    }

    public boolean isRequired(Feature feature) {
        return required.contains(feature.getId());
    }

    public Feature getFeature(String name, String version) {
        return List.of(listFeatures()).stream()
                .filter(one -> one.getName().equals(name))
                .filter(one -> version == null || one.getVersion().equals(version))
                .findFirst()
                .orElse(null);
    }

    public void installFeatures(Set<String> names, EnumSet<FeaturesService.Option> options)
            throws Exception {
        if (fault != null) {
            String now = fault;
            fault = null;
            throw new IOException(now);
        }
        for (String id : names) {
            String name = id.substring(0, id.indexOf('/'));
            if (getFeature(name, id.substring(name.length() + 1)) == null) {
                throw new IllegalArgumentException("No matching features for " + id);
            }
            if (!options.contains(FeaturesService.Option.Simulate)) {
                required.removeIf(one -> one.startsWith(name + "/"));
                required.add(id);
            }
        }
        if (!options.contains(FeaturesService.Option.Simulate)) {
            deploy();
        }
    }

    public void uninstallFeatures(Set<String> names, EnumSet<FeaturesService.Option> options)
            throws Exception {
        if (!required.containsAll(names)) {
            throw new IllegalArgumentException("Feature named '" + names + "' is not installed");
        }
        required.removeAll(names);
        deploy();
    }

    /** Bundles of the features that are required come, others go. */
    private void deploy() throws Exception {
        managed.removeIf(one -> one.getState() == Bundle.UNINSTALLED);
        Set<Bundle> keep = new HashSet<>();
        List<String> come = new ArrayList<>();
        for (Feature feature : listInstalledFeatures()) {
            for (BundleInfo one : feature.getBundles()) {
                byte[] content;
                try (InputStream in = URI.create(one.getLocation()).toURL().openStream()) {
                    content = in.readAllBytes();
                }
                Incoming piece = Jars.read(content);
                Bundle there =
                        managed.stream()
                                .filter(b -> b.getSymbolicName().equals(piece.name()))
                                .filter(b -> b.getVersion().equals(piece.version()))
                                .findFirst()
                                .orElse(null);
                if (there == null) {
                    come.add(one.getLocation());
                } else {
                    keep.add(there);
                    if (!Arrays.equals(contents.get(there), content)) {
                        there.update(new ByteArrayInputStream(content));
                        contents.put(there, content);
                    }
                }
            }
        }
        for (Bundle one : List.copyOf(managed)) {
            if (!keep.contains(one)) {
                one.uninstall();
                managed.remove(one);
            }
        }
        for (String location : come) {
            Bundle bundle = context.installBundle(location);
            managed.add(bundle);
            try (InputStream in = URI.create(location).toURL().openStream()) {
                contents.put(bundle, in.readAllBytes());
            }
            if (bundle.getHeaders("").get("Fragment-Host") == null) {
                bundle.start();
            }
        }
    }
}
