// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.plugin.chirality;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.mien.plugin.chirality.ChiralityContractTest.Contract;

/** The method's keys in the recipes and sweeps of this bundle are keys that it has. */
class ChiralityRecipesTest {
    private static Map<String, Properties> files(String folder) throws IOException {
        Map<String, Properties> files = new TreeMap<>();
        try (Stream<Path> all = Files.list(Path.of("src/main/resources/MIEN-INF", folder))) {
            for (Path file : all.toList()) {
                Properties properties = new Properties();
                try (Reader in = Files.newBufferedReader(file)) {
                    properties.load(in);
                }
                files.put(file.getFileName().toString(), properties);
            }
        }
        return files;
    }

    private static ChiralityMethod.Settings bind(List<String> pairs) throws Exception {
        List<String> own =
                pairs.stream()
                        .filter(pair -> pair.startsWith("method."))
                        .map(pair -> pair.substring("method.".length()))
                        .toList();
        return new Contract(own.toArray(new String[0])) {}.bound();
    }

    private static List<String> pairs(Properties properties) {
        List<String> pairs = new ArrayList<>();
        properties.forEach((key, value) -> pairs.add(key + "=" + value));
        return pairs;
    }

    @Test
    void recipesHaveKeysOfTheMethod() throws Exception {
        Map<String, Properties> recipes = files("recipes");
        assertEquals(5, recipes.size());
        for (Map.Entry<String, Properties> recipe : recipes.entrySet()) {
            assertEquals("chirality", recipe.getValue().getProperty("method"), recipe.getKey());
            bind(pairs(recipe.getValue()));
        }
        // What a paper prints is the default, so that its recipe without keys is its recipe.
        Properties paper = recipes.get("chirality-raf-db.cfg");
        assertEquals(bind(List.of()), bind(pairs(paper)));
    }

    @Test
    void cellsHaveKeysOfTheMethod() throws Exception {
        Map<String, Properties> recipes = files("recipes");
        Map<String, Properties> sweeps = files("sweeps");
        assertEquals(3, sweeps.size());
        for (Map.Entry<String, Properties> sweep : sweeps.entrySet()) {
            String base = sweep.getValue().getProperty("sweep.base");
            assertTrue(recipes.containsKey(base + ".cfg"), sweep.getKey() + ": " + base);
            for (String key : sweep.getValue().stringPropertyNames()) {
                boolean own = key.matches("cell[.]\\d+[.]keys");
                String value = sweep.getValue().getProperty(key);
                boolean other = value.contains("method=linear") || value.contains("method.view");
                if (own && !other) {
                    bind(List.of(value.split("; *")));
                }
            }
        }
    }
}
