// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.pipeline;

import java.io.IOException;
import java.lang.reflect.Array;
import java.net.URI;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Dictionary;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.mien.core.Value;
import org.mien.core.internal.io.KeyFile;

/**
 * The configurations of one factory. Config Admin says which there are; what a file of {@code etc}
 * holds is read by {@link KeyFile}, since Karaf reads files in ISO-8859-1, loses backslashes and
 * puts nothing in the place of variables that it does not know. A file that Karaf could not take
 * over is there all the same, with the reason if we cannot read it either.
 */
public final class Configurations {
    /**
     * A configuration as it stands.
     *
     * @param pid its PID
     * @param name what it is called
     * @param source its file, or its PID
     * @param values its keys, with where they came from
     * @param problem why its file cannot be read, or empty
     */
    public record Configured(
            String pid, String name, String source, Map<String, Value> values, String problem) {
        /** Whether it has these keys and no others. */
        public boolean has(Map<String, String> keys) {
            return problem.isEmpty()
                    && values.keySet().equals(keys.keySet())
                    && values.entrySet().stream()
                            .allMatch(one -> one.getValue().value().equals(keys.get(one.getKey())));
        }
    }

    /** A file at a moment. */
    private record Stamp(Object key, long time, long size) {
        static Stamp of(Path file) throws IOException {
            BasicFileAttributes about = Files.readAttributes(file, BasicFileAttributes.class);
            return new Stamp(
                    String.valueOf(about.fileKey()),
                    about.lastModifiedTime().toMillis(),
                    about.size());
        }
    }

    /** What Config Admin delivered, and its file as it was last read. */
    private record Known(Map<String, Object> delivered, Path file, Stamp read, Configured now) {}

    private final String factory;
    private final Consumer<Configured> replaced;
    private final Map<String, Known> byPid = new ConcurrentHashMap<>();
    private final Map<Path, Known> undelivered = new ConcurrentHashMap<>();

    /** Files whose configuration was deleted while they stayed, as they were then. */
    private final Map<Path, Stamp> deleted = new ConcurrentHashMap<>();

    /**
     * None yet.
     *
     * @param factory its factory PID, and the beginning of its files' names
     * @param replaced told what a configuration was before it became another
     */
    public Configurations(String factory, Consumer<Configured> replaced) {
        this.factory = factory;
        this.replaced = replaced;
    }

    /** Config Admin has one, or another in its place. */
    public void updated(String pid, Dictionary<String, ?> properties) {
        Map<String, Object> delivered = new TreeMap<>();
        for (String key : Collections.list(properties.keys())) {
            delivered.put(key, properties.get(key));
        }
        Known known = read(pid, delivered, file(delivered.get("felix.fileinstall.filename")));
        Known before = byPid.put(pid, known);
        if (known.file() != null) {
            deleted.remove(known.file().getFileName());
        }
        if (before != null && !before.now().equals(known.now())) {
            replaced.accept(before.now());
        }
    }

    /** Config Admin has it no longer. */
    public void deleted(String pid) {
        Known known = byPid.remove(pid);
        if (known != null && known.read() != null) {
            deleted.put(known.file().getFileName(), known.read());
        }
    }

    /** Where configurations lie. */
    public static Path etc() {
        return Path.of(System.getProperty("karaf.etc", "etc")).toAbsolutePath().normalize();
    }

    private static Path file(Object address) {
        if (address == null) {
            return null;
        }
        try {
            return Path.of(URI.create(address.toString())).normalize();
        } catch (IllegalArgumentException e) {
            return Path.of(address.toString().replaceFirst("^file:", "")).normalize();
        }
    }

    /** All of them as they are now, by PID. */
    public List<Configured> all() {
        Map<String, Configured> all = new TreeMap<>();
        Set<Path> seen = new HashSet<>();
        for (Map.Entry<String, Known> one : byPid.entrySet()) {
            Known known = one.getValue();
            Known now = refreshed(one.getKey(), known);
            if (now != known && byPid.replace(one.getKey(), known, now)) {
                replaced.accept(known.now());
            }
            all.put(one.getKey(), now.now());
            if (now.file() != null) {
                seen.add(now.file().getFileName()); // etc may be reached by another way
            }
        }
        List<Path> others = files();
        others.removeIf(file -> seen.contains(file.getFileName()));
        undelivered.keySet().retainAll(others);
        for (Path file : others) {
            String pid = file.getFileName().toString();
            Known known = undelivered.get(file);
            known = known == null ? read(pid, Map.of(), file) : refreshed(pid, known);
            undelivered.put(file, known);
            Stamp then = deleted.get(file.getFileName());
            if (then == null || !then.equals(known.read())) {
                all.put(pid, known.now());
            }
        }
        return List.copyOf(all.values());
    }

    private List<Path> files() {
        List<Path> files = new ArrayList<>();
        try (DirectoryStream<Path> found =
                Files.newDirectoryStream(
                        etc(),
                        file -> {
                            String name = file.getFileName().toString();
                            return name.startsWith(factory + "-") && name.endsWith(".cfg");
                        })) {
            found.forEach(file -> files.add(file.normalize()));
        } catch (IOException e) {
            return files; // what Config Admin knows is there all the same
        }
        return files;
    }

    private Known refreshed(String pid, Known known) {
        if (known.file() == null) {
            return known;
        }
        try {
            return Stamp.of(known.file()).equals(known.read())
                    ? known
                    : read(pid, known.delivered(), known.file());
        } catch (IOException e) {
            return known; // about to go
        }
    }

    private Known read(String pid, Map<String, Object> delivered, Path file) {
        String source = file == null ? pid : file.getFileName().toString();
        Map<String, Object> all = delivered;
        Stamp stamp = null;
        String problem = "";
        if (file != null) {
            try {
                stamp = Stamp.of(file); // before it is read: what changes between is read again
                all = new TreeMap<>(KeyFile.read(file));
            } catch (NoSuchFileException e) {
                all = delivered;
            } catch (IOException e) {
                problem = "it cannot be read (" + e.getClass().getSimpleName() + ")";
            } catch (IllegalArgumentException e) {
                problem = e.getMessage();
            }
        }
        if (!problem.isEmpty()) {
            all = Map.of();
            problem = source + " cannot be taken over: " + problem;
        }
        boolean longer = pid.startsWith(factory) && pid.length() > factory.length() + 1;
        String name = longer ? pid.substring(factory.length() + 1) : pid;
        if (file != null && source.startsWith(factory + "-")) {
            name = source.substring(factory.length() + 1).replaceFirst("\\.[^.]*$", "");
        }
        if (all.get("name") != null) {
            name = text(all.get("name")).strip();
        }
        Map<String, Value> values = new LinkedHashMap<>();
        for (Map.Entry<String, Object> entry : all.entrySet()) {
            String key = entry.getKey();
            boolean karafs =
                    key.equals("name")
                            || key.startsWith("service.")
                            || key.startsWith("felix.fileinstall.")
                            || key.startsWith("org.apache.karaf.");
            if (!karafs) {
                values.put(key, new Value(text(entry.getValue()).strip(), source));
            }
        }
        Configured now = new Configured(pid, name, source, values, problem);
        return new Known(delivered, file, stamp, now);
    }

    private static String text(Object value) {
        if (value instanceof Collection<?> several) {
            return String.join(",", several.stream().map(Object::toString).toList());
        }
        if (value.getClass().isArray()) {
            List<String> several = new ArrayList<>();
            for (int i = 0; i < Array.getLength(value); i++) {
                several.add(Array.get(value, i).toString());
            }
            return String.join(",", several);
        }
        return value.toString();
    }
}
