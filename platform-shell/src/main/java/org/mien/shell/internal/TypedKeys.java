// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.mien.api.spi.Settings;
import org.mien.core.Plugins;

/**
 * Keys as somebody typed them: a relative path starts from his folder, which the platform does not
 * know afterwards. Which keys are paths their declarations say.
 */
final class TypedKeys {
    private final Path folder;
    private final Map<String, String> types = new LinkedHashMap<>();

    private TypedKeys(Plugins plugins, Path folder) {
        this.folder = folder;
        Stream.concat(
                        plugins.platformKeys().stream(),
                        plugins.all().stream().flatMap(plugin -> plugin.keys().stream()))
                .filter(key -> List.of(Settings.PATH, Settings.PATH_OR_NAME).contains(key.type()))
                .forEach(key -> types.merge(key.name(), key.type(), (a, b) -> a.equals(b) ? a : b));
    }

    /**
     * Reads them.
     *
     * @param words {@code key=value} each
     * @param folder that relative paths start from
     */
    static Map<String, String> of(List<String> words, Plugins plugins, Path folder) {
        Map<String, String> values = KeyValues.parse(words);
        if (!values.isEmpty()) {
            TypedKeys keys = new TypedKeys(plugins, folder);
            values.replaceAll(keys::absolute);
        }
        return values;
    }

    /** The same where a value may be several, parted by commas or semicolons. */
    static Map<String, String> several(List<String> words, Plugins plugins, Path folder) {
        Map<String, String> values = KeyValues.parse(words);
        TypedKeys keys = new TypedKeys(plugins, folder);
        values.replaceAll(
                (key, value) -> {
                    String parting = value.contains(";") ? ";" : ",";
                    return keys.type(key).isEmpty()
                            ? value
                            : Stream.of(value.split(parting, -1))
                                    .map(one -> keys.absolute(key, one.strip()))
                                    .collect(Collectors.joining(parting));
                });
        return values;
    }

    /** What kind of path a key is; empty for others. */
    private String type(String key) {
        // A method's second network has a role, whose keys nobody declares before it is built.
        String otherwise = key.endsWith(".weights") ? Settings.PATH_OR_NAME : "";
        return types.getOrDefault(key, otherwise);
    }

    private String absolute(String key, String value) {
        String type = type(key);
        // Home folders and variables are the platform's to read; so is what it refuses.
        if (type.isEmpty() || value.isEmpty() || value.matches("(?s)[/~$\"'].*|[a-z]+:.*")) {
            return value;
        }
        try {
            Path path = folder.resolve(value).toAbsolutePath().normalize();
            boolean named = type.equals(Settings.PATH) || value.contains("/") || there(path);
            return named ? path.toString() : value;
        } catch (InvalidPathException e) {
            return value; // refused with its key
        }
    }

    /** Whether there is a file; behind a # stands a part of it. */
    private static boolean there(Path path) {
        return Files.isRegularFile(path)
                || Files.isRegularFile(Path.of(path.toString().replaceFirst("#.*", "")));
    }
}
