// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.MalformedURLException;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;
import org.mien.core.MienException;

/**
 * What somebody wants to install: a bundle, the features of a features.xml, or those of a .kar. It
 * is known by its content, not by its name. Its files lie in a folder named by their hash, so that
 * the features service finds them again after a restart.
 */
final class Source {
    /** Largest thing that is taken, and most that may come out of a .kar. */
    private static final long MOST_BYTES = 4L << 30;

    private static final int MOST_ENTRIES = 10_000;
    private static final long MOST_MANIFEST = 1 << 20;
    private static final long MOST_XML = 4 << 20;

    private static final Pattern LOCATION = Pattern.compile("mvn:[^\\s<>\"'$]+");
    private static final Pattern FEATURES =
            Pattern.compile(
                    "\\A(\\uFEFF)?\\s*(<\\?xml[^>]*>)?(\\s|<!--.*?-->)*<features[\\s>]", 32);

    private final String name;
    private final Path folder;
    private final Path bundle;
    private final List<URI> repositories = new ArrayList<>();
    private final boolean fresh;

    private Source(String name, Path folder, Path bundle, boolean fresh) {
        this.name = name;
        this.folder = folder;
        this.bundle = bundle;
        this.fresh = fresh;
    }

    /** As it was named. */
    String name() {
        return name;
    }

    /** The bundle, or null when it has features. */
    Path bundle() {
        return bundle;
    }

    /** Repositories of features; none when it is a bundle. */
    List<URI> repositories() {
        return repositories;
    }

    /**
     * Reads what was named.
     *
     * @param name a {@code mvn:} address, or a path
     * @param from where a relative path starts
     * @param store where its files may stay
     */
    static Source of(String name, Path from, Path store) {
        try {
            Files.createDirectories(store);
            Path copy = Files.createTempFile(store, "new", null);
            try {
                fetch(name, from, copy);
                return read(name, copy, store);
            } finally {
                Files.deleteIfExists(copy);
            }
        } catch (IOException e) {
            throw new MienException("'" + name + "' cannot be read: " + e.getMessage());
        }
    }

    private static void fetch(String name, Path from, Path to) throws IOException {
        if (name.startsWith("mvn:")) {
            download(name, to);
            return;
        }
        if (name.matches("[a-z]{2,}:/?/.*") && !name.startsWith("file:")) {
            throw new MienException(
                    "'"
                            + name
                            + "': nothing is downloaded. Give a file, or a mvn: address of what lies"
                            + " in the local repository");
        }
        Path file;
        try {
            file = name.startsWith("file:") ? Path.of(URI.create(name)) : from.resolve(name);
        } catch (IllegalArgumentException e) {
            throw new MienException("'" + name + "' is not a path: " + e.getMessage());
        }
        if (!Files.isRegularFile(file)) {
            throw new MienException(
                    "'"
                            + name
                            + "' does not exist; expected a bundle (.jar), a features.xml, a .kar, or"
                            + " mvn:GROUP/ARTIFACT/VERSION");
        }
        try (InputStream in = Files.newInputStream(file)) {
            copy(name, in, to, MOST_BYTES);
        }
    }

    /** Brings what an address of the features service stands for; only what is on this machine. */
    static void download(String address, Path to) throws IOException {
        try (InputStream in = open(address)) {
            copy(address, in, to, MOST_BYTES);
        } catch (MalformedURLException e) {
            throw new MienException(
                    "'"
                            + address
                            + "' is no address: "
                            + e.getMessage()
                            + ". Write it as"
                            + " mvn:GROUP/ARTIFACT/VERSION");
        } catch (IOException e) {
            throw new MienException(
                    "'"
                            + address
                            + "' is neither in the distribution's system folder nor in the local"
                            + " repository (~/.m2/repository), and nothing is downloaded. Put it there"
                            + " (mvn install), or give its file");
        }
    }

    @SuppressWarnings("deprecation")
    private static InputStream open(String address) throws IOException {
        return new URL(address).openStream();
    }

    private static long copy(String name, InputStream in, Path to, long most) throws IOException {
        long sum = 0;
        byte[] buffer = new byte[1 << 16];
        try (OutputStream out = Files.newOutputStream(to)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                sum += n;
                if (sum > most) {
                    throw new MienException(
                            "'" + name + "' is larger than " + (most >> 20) + " MiB, the limit");
                }
                out.write(buffer, 0, n);
            }
        }
        return sum;
    }

    private static Source read(String name, Path copy, Path store) throws IOException {
        Path folder = store.resolve(hash(copy));
        boolean fresh = !Files.isDirectory(folder);
        Source source = new Source(name, folder, null, fresh);
        if (xml(copy)) {
            source.repository(copy, folder.resolve("features.xml"), Map.of());
            return source;
        }
        boolean good = false;
        try (ZipFile zip = new ZipFile(copy.toFile())) {
            if (headers(name, zip).containsKey("Bundle-SymbolicName")) {
                Files.createDirectories(folder);
                Path bundle = folder.resolve("bundle.jar");
                Files.copy(copy, bundle, StandardCopyOption.REPLACE_EXISTING);
                good = true;
                return new Source(name, folder, bundle, true);
            }
            source.unpack(zip);
            good = !source.repositories.isEmpty();
            if (good) {
                return source;
            }
        } catch (ZipException e) {
            throw unknown(name);
        } finally {
            if (!good) {
                source.forget();
            }
        }
        throw unknown(name);
    }

    private static MienException unknown(String name) {
        return new MienException(
                "'"
                        + name
                        + "' is neither a bundle (a jar whose manifest has a Bundle-SymbolicName), nor a"
                        + " features.xml, nor a .kar");
    }

    private static boolean xml(Path file) throws IOException {
        try (InputStream in = new BufferedInputStream(Files.newInputStream(file))) {
            String begin = new String(in.readNBytes(4096), StandardCharsets.UTF_8);
            return FEATURES.matcher(begin).find();
        }
    }

    private void repository(Path from, Path to, Map<String, String> files) throws IOException {
        if (Files.size(from) > MOST_XML) {
            throw new MienException(
                    "'" + name + "': its features are larger than " + (MOST_XML >> 20) + " MiB");
        }
        Matcher locations = LOCATION.matcher(Files.readString(from));
        String text =
                locations.replaceAll(
                        found ->
                                Matcher.quoteReplacement(
                                        files.getOrDefault(found.group(), found.group())));
        Files.createDirectories(to.getParent());
        Files.writeString(to, text);
        repositories.add(to.toUri());
    }

    /** A .kar has a Maven repository inside; what its features name in it becomes a file. */
    private void unpack(ZipFile zip) throws IOException {
        if (zip.size() > MOST_ENTRIES) {
            throw new MienException("'" + name + "' has more than " + MOST_ENTRIES + " entries");
        }
        Map<String, String> files = new HashMap<>();
        List<Path> xml = new ArrayList<>();
        long left = MOST_BYTES;
        for (ZipEntry entry : Collections.list(zip.entries())) {
            if (entry.isDirectory() || !entry.getName().startsWith("repository/")) {
                continue;
            }
            Path to = folder.resolve(entry.getName()).normalize();
            if (!to.startsWith(folder)) {
                throw new MienException(
                        "'" + name + "': its entry '" + entry.getName() + "' leads out of it");
            }
            Files.createDirectories(to.getParent());
            try (InputStream in = zip.getInputStream(entry)) {
                left -= copy(name, in, to, left);
            }
            if (entry.getName().endsWith(".xml") && xml(to)) {
                xml.add(to);
            } else {
                address(entry.getName()).ifPresent(a -> files.put(a, to.toUri().toString()));
            }
        }
        for (Path one : xml) {
            repository(one, one.resolveSibling(one.getFileName() + ".here.xml"), files);
        }
    }

    /** The {@code mvn:} address of a jar in a Maven repository. */
    private static Optional<String> address(String entry) {
        Matcher parts =
                Pattern.compile("repository/(.+)/([^/]+)/([^/]+)/\\2-\\3(?:-([^/]+))?\\.(\\w+)")
                        .matcher(entry);
        if (!parts.matches()) {
            return Optional.empty();
        }
        String plain =
                "mvn:"
                        + parts.group(1).replace('/', '.')
                        + "/"
                        + parts.group(2)
                        + "/"
                        + parts.group(3);
        String type = parts.group(5);
        return Optional.of(
                parts.group(4) != null
                        ? plain + "/" + type + "/" + parts.group(4)
                        : type.equals("jar") ? plain : plain + "/" + type);
    }

    /** Main headers of a jar's manifest; none when it has no manifest. */
    static Map<String, String> headers(String name, ZipFile zip) throws IOException {
        ZipEntry entry = zip.getEntry(JarFile.MANIFEST_NAME);
        Map<String, String> headers = new HashMap<>();
        if (entry == null) {
            return headers;
        }
        byte[] bytes;
        try (InputStream in = zip.getInputStream(entry)) {
            bytes = in.readNBytes((int) MOST_MANIFEST + 1);
        }
        if (bytes.length > MOST_MANIFEST) {
            throw new MienException("'" + name + "': its manifest is larger than 1 MiB");
        }
        new Manifest(new ByteArrayInputStream(bytes))
                .getMainAttributes()
                .forEach((key, value) -> headers.put(key.toString(), value.toString()));
        return headers;
    }

    /** Removes its files, unless they were there before. */
    void forget() {
        if (fresh && Files.exists(folder)) {
            delete(folder);
        }
    }

    /** Removes a folder with what is in it. */
    static void delete(Path folder) {
        try (Stream<Path> all = Files.walk(folder)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new MienException("folder '" + folder + "' cannot be deleted: " + e.getMessage());
        }
    }

    private static String hash(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] buffer = new byte[1 << 16];
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                digest.update(buffer, 0, n);
            }
            return HexFormat.of().formatHex(digest.digest(), 0, 12);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
