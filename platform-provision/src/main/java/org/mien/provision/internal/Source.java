// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.provision.internal;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import org.mien.core.MienException;

/**
 * What somebody wants to install: a bundle, the features of a features.xml, or those of a .kar. It
 * is known by its content, not by its name, and copied before it is looked at, so that what is
 * judged is what is installed.
 */
final class Source {
    private static final int MOST_XML = 4 << 20;

    /** Where a .kar has its Maven repository. */
    private static final String REPOSITORY = "repository/";

    private static final Pattern IN_REPOSITORY =
            Pattern.compile(REPOSITORY + "(.+)/([^/]+)/([^/]+)/\\2-\\3(?:-([^/]+))?\\.(\\w+)");

    /**
     * A file of features.
     *
     * @param who for messages
     * @param folder in which the files lie that it may name, or null for none
     * @param path where it lies itself, or null
     */
    record File(String who, Descriptor descriptor, Path folder, Path path) {}

    private final String name;
    private final Path folder;
    private final List<File> files = new ArrayList<>();
    private final Map<String, Path> inside = new HashMap<>();
    private Path bundle;
    private boolean kar;

    private Source(String name, Path folder) {
        this.name = name;
        this.folder = folder;
    }

    /** As it was named. */
    String name() {
        return name;
    }

    /** The bundle, or null when it has features. */
    Path bundle() {
        return bundle;
    }

    /** Its files of features; none when it is a bundle. */
    List<File> files() {
        return files;
    }

    /**
     * Reads what was named.
     *
     * @param name a {@code mvn:} address, or a path
     * @param from where a relative path starts
     * @param folder an empty one for its copies
     */
    static Source of(String name, Path from, Path folder) throws IOException {
        Source source = new Source(name, folder);
        Path copy = folder.resolve("source");
        Path itself = null;
        if (name.startsWith("mvn:")) {
            try (InputStream in = Address.of("what is to be added", name).open("plugin-add")) {
                copy(name, in, copy);
            }
        } else {
            Path file = path(name, from);
            itself = file.toAbsolutePath().normalize();
            try (InputStream in = Files.newInputStream(file)) {
                copy(name, in, copy);
            }
        }
        source.read(copy, itself);
        return source;
    }

    private static Path path(String name, Path from) {
        if (name.matches("[A-Za-z][A-Za-z0-9+.-]+:.*") && !name.startsWith("file:")) {
            throw new MienException(
                    "'"
                            + name
                            + "': nothing is downloaded. Give a file, or a mvn: address of what"
                            + " lies in the local repository");
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
                            + (Files.isDirectory(file) ? "' is a folder" : "' does not exist")
                            + "; expected a bundle (.jar), a features.xml, a .kar, or"
                            + " mvn:GROUP/ARTIFACT/VERSION");
        }
        return file;
    }

    /** Copies at most what is taken. */
    static void copy(String name, InputStream in, Path to) throws IOException {
        long sum = 0;
        byte[] buffer = new byte[1 << 16];
        try (OutputStream out = Files.newOutputStream(to)) {
            for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                sum += n;
                if (sum > Zip.MOST_BYTES) {
                    throw new MienException(
                            "'"
                                    + name
                                    + "' is larger than "
                                    + (Zip.MOST_BYTES >> 20)
                                    + " MiB, the limit");
                }
                out.write(buffer, 0, n);
            }
        }
    }

    private void read(Path copy, Path itself) throws IOException {
        if (xml(copy)) {
            String who = "'" + name + "'";
            Path near = itself == null ? null : itself.getParent();
            files.add(new File(who, descriptor(who, copy), near, itself));
            return;
        }
        try (Zip zip = new Zip(name, copy)) {
            if (zip.headers().containsKey("Bundle-SymbolicName")) {
                bundle = copy;
                return;
            }
            unpack(zip);
        } catch (ZipException e) {
            throw unknown();
        }
        if (files.isEmpty()) {
            throw unknown();
        }
    }

    private MienException unknown() {
        return new MienException(
                "'"
                        + name
                        + "' is neither a bundle (a jar whose manifest has a Bundle-SymbolicName),"
                        + " nor a features.xml, nor a .kar");
    }

    private static boolean xml(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            String begin = new String(in.readNBytes(4096), StandardCharsets.UTF_8);
            return begin.replaceFirst("^\\uFEFF?\\s*", "").startsWith("<");
        }
    }

    private static Descriptor descriptor(String who, Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return descriptor(who, in);
        }
    }

    /** Reads a file of features, which is bounded before. */
    static Descriptor descriptor(String who, InputStream in) throws IOException {
        byte[] bytes = in.readNBytes(MOST_XML + 1);
        if (bytes.length > MOST_XML) {
            throw new MienException(
                    who + ": its features are larger than " + (MOST_XML >> 20) + " MiB, the limit");
        }
        return DescriptorReader.read(who, new ByteArrayInputStream(bytes));
    }

    /** A .kar has a Maven repository inside; what its features name in it is a file. */
    private void unpack(Zip zip) throws IOException {
        kar = true;
        List<Path> xml = new ArrayList<>();
        for (ZipEntry entry : zip.entries()) {
            String path = entry.getName();
            if (entry.isDirectory() || !path.startsWith(REPOSITORY)) {
                if (path.startsWith("resources/") && !entry.isDirectory()) {
                    throw new MienException(
                            "'"
                                    + name
                                    + "' has '"
                                    + path
                                    + "', which would be written into the platform's own folder;"
                                    + " a feature may bring files for etc. Take it out");
                }
                continue;
            }
            Path to;
            try {
                to = folder.resolve(path).normalize();
            } catch (IllegalArgumentException e) {
                throw new MienException("'" + name + "' has an entry whose name is no path");
            }
            if (!to.startsWith(folder.resolve("repository"))) {
                throw new MienException("'" + name + "': its entry '" + path + "' leads out of it");
            }
            Files.createDirectories(to.getParent());
            zip.unpack(entry, to);
            if (path.endsWith(".xml") && xml(to) && features(to)) {
                xml.add(to);
            }
            address(path).ifPresent(address -> inside.put(address, to));
        }
        for (Path one : xml) {
            String who = "'" + name + "', " + folder.relativize(one);
            files.add(new File(who, descriptor(who, one), null, one));
        }
    }

    /** Whether a file of a .kar has features rather than something else in XML. */
    private static boolean features(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            String begin = new String(in.readNBytes(1 << 16), StandardCharsets.UTF_8);
            return begin.contains("<features");
        }
    }

    /** The {@code mvn:} address of a jar in a Maven repository. */
    private static Optional<String> address(String entry) {
        Matcher parts = IN_REPOSITORY.matcher(entry);
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

    /**
     * Judges an address that one of the files names; nothing is opened.
     *
     * @param near whether it has to lie in the folder of the file that names it
     */
    Address judge(String who, String text, Path folder, boolean near) {
        String address = text.strip();
        if (inside.containsKey(address)) {
            return new Address(address, inside.get(address));
        }
        Address judged = Address.of(who, address);
        if (judged.file() != null && kar) {
            throw new MienException(
                    who
                            + " has the address '"
                            + judged.text()
                            + "': a .kar has inside what it needs. Name it as"
                            + " mvn:GROUP/ARTIFACT/VERSION");
        }
        if (near && judged.file() != null && !within(judged.file(), folder)) {
            throw new MienException(
                    who
                            + " has the address '"
                            + judged.text()
                            + "', which lies outside of the folder of its features.xml"
                            + (folder == null ? "" : ", " + folder));
        }
        return judged;
    }

    /** Whether a file lies in a folder, links followed. */
    private static boolean within(Path file, Path folder) {
        try {
            return folder != null && file.toRealPath().startsWith(folder.toRealPath());
        } catch (IOException e) {
            return folder != null && file.startsWith(folder);
        }
    }
}
