// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.checks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.StringReader;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.jar.JarFile;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.mien.api.spi.Settings;

/**
 * The recipes and sweeps of all bundles: every key is one of the platform or of a plugin that the
 * recipe or the cell names, and its value is one that the plugin takes. What no bundle here brings
 * (the datasets of published recipes) is left out.
 */
class ShippedTest {
    private static final Pattern COMPONENT =
            Pattern.compile(
                    "<implementation class=\"([^\"]+)\"|<provide interface=\"([^\"]+)\""
                            + "|<property name=\"mien\\.id\"[^>]*\\bvalue=\"([^\"]+)\"");
    private static final Pattern CELL = Pattern.compile("cell\\.(\\d+)\\.keys");
    private static final String PLATFORM = "org.mien.core.internal.pipeline.PlatformKeys$";

    /** Keys of the platform beside those of plugins, by their beginning. */
    private static final Map<String, List<String>> OURS =
            Map.of(
                    "", List.of("Chosen"),
                    "backbone.", List.of("BackboneStart"),
                    "method.", List.of("MethodStart"),
                    "data.", List.of("Data"),
                    "image.", List.of("Image"),
                    "train.", List.of("Loop", "Rule"),
                    "report.", List.of("Report"));

    /** Settings by kind and id, for example {@code method hsaw}. */
    private static final Map<String, Class<? extends Record>> PLUGINS = new TreeMap<>();

    private static final Map<String, Map<String, String>> RECIPES = new TreeMap<>();
    private static final Map<String, Map<String, String>> SWEEPS = new TreeMap<>();

    @BeforeAll
    static void read() throws Exception {
        for (Path jar : Bundle.jars()) {
            try (JarFile file = new JarFile(jar.toFile())) {
                for (var entry : file.stream().toList()) {
                    String name = entry.getName();
                    boolean component = name.matches("OSGI-INF/.*\\.xml");
                    if (component || name.matches("MIEN-INF/(recipes|sweeps)/.*\\.cfg")) {
                        String text = new String(file.getInputStream(entry).readAllBytes());
                        if (component) {
                            plugin(text);
                        } else {
                            String own = name.replaceFirst(".*/", "").replace(".cfg", "");
                            (name.contains("/recipes/") ? RECIPES : SWEEPS).put(own, keys(text));
                        }
                    }
                }
            }
        }
    }

    private static Map<String, String> keys(String text) throws Exception {
        Properties properties = new Properties();
        properties.load(new StringReader(text));
        Map<String, String> keys = new TreeMap<>();
        properties.forEach((key, value) -> keys.put(key.toString(), value.toString()));
        return keys;
    }

    private static void plugin(String component) throws Exception {
        String type = null;
        String kind = null;
        String id = null;
        for (Matcher m = COMPONENT.matcher(component); m.find(); ) {
            type = m.group(1) == null ? type : m.group(1);
            kind =
                    m.group(2) == null
                            ? kind
                            : m.group(2).replaceFirst(".*\\.", "").toLowerCase(Locale.ROOT);
            id = m.group(3) == null ? id : m.group(3);
        }
        if (id != null) {
            PLUGINS.put(kind + " " + id, settings(load(type)));
        }
    }

    private static Class<?> load(String type) throws ClassNotFoundException {
        return Class.forName(type, false, ShippedTest.class.getClassLoader());
    }

    /** What stands between the brackets of {@code implements Method<Settings>}. */
    private static Class<? extends Record> settings(Class<?> plugin) {
        for (Class<?> at = plugin; at != null; at = at.getSuperclass()) {
            for (Type type : Stream.of(at.getGenericInterfaces()).toList()) {
                if (type instanceof ParameterizedType of
                        && of.getActualTypeArguments()[0] instanceof Class<?> argument
                        && argument.isRecord()) {
                    return argument.asSubclass(Record.class);
                }
            }
        }
        throw new IllegalArgumentException(plugin + " names no record of keys");
    }

    private static List<String> list(String text) {
        return Stream.of(text.split(",")).map(String::strip).filter(s -> !s.isEmpty()).toList();
    }

    /** Kind and id of each plugin that is named, by the beginning of its keys. */
    private static Map<String, String> named(Map<String, String> keys) {
        Map<String, String> named = new LinkedHashMap<>();
        for (String kind : List.of("dataset", "backbone", "method")) {
            named.put(kind + ".", kind + " " + keys.getOrDefault(kind, ""));
        }
        list(keys.getOrDefault("preprocess", ""))
                .forEach(id -> named.put(id + ".", "preprocessor " + id));
        list(keys.getOrDefault("evaluators", ""))
                .forEach(id -> named.put(id + ".", "evaluator " + id));
        return named;
    }

    /** Keys over others: those of a plugin whose place another takes go with it. */
    private static Map<String, String> over(Map<String, String> keys, Map<String, String> more) {
        Map<String, String> all = new TreeMap<>(keys);
        all.putAll(more);
        Map<String, String> before = named(keys);
        Map<String, String> after = named(all);
        before.forEach(
                (prefix, plugin) -> {
                    if (!plugin.equals(after.get(prefix))) {
                        all.keySet()
                                .removeIf(key -> key.startsWith(prefix) && !more.containsKey(key));
                    }
                });
        return all;
    }

    /** What is wrong with the keys of a pipeline to be. */
    private static void check(String who, Map<String, String> keys, List<String> wrong) {
        Map<String, List<Class<? extends Record>>> known = new TreeMap<>();
        Set<String> away = new TreeSet<>();
        try {
            for (Map.Entry<String, List<String>> ours : OURS.entrySet()) {
                List<Class<? extends Record>> types = new ArrayList<>();
                for (String name : ours.getValue()) {
                    types.add(load(PLATFORM + name).asSubclass(Record.class));
                }
                known.put(ours.getKey(), types);
            }
        } catch (ClassNotFoundException e) {
            throw new AssertionError(e);
        }
        named(keys)
                .forEach(
                        (prefix, plugin) -> {
                            Class<? extends Record> type = PLUGINS.get(plugin);
                            if (type == null) {
                                away.add(prefix);
                                return;
                            }
                            known.computeIfAbsent(prefix, p -> new ArrayList<>()).add(type);
                            bind(who + ", " + plugin, prefix, type, keys, wrong);
                        });
        for (String key : keys.keySet()) {
            String prefix = key.substring(0, key.lastIndexOf('.') + 1);
            // train.PHASE.key
            String of = prefix.startsWith("train.") ? "train." : prefix;
            String name = of + key.substring(prefix.length());
            boolean found =
                    known.getOrDefault(of, List.of()).stream()
                            .flatMap(type -> Settings.describe(of, type).stream())
                            .anyMatch(one -> one.name().equals(name));
            // Of a backbone that never moves; what it is called only the method's code knows.
            boolean role = !known.containsKey(of) && name.endsWith(".weights");
            if (!found && !role && !away.contains(prefix)) {
                wrong.add(who + ": nothing that it names has the key '" + key + "'");
            }
        }
    }

    private static void bind(
            String who,
            String prefix,
            Class<? extends Record> type,
            Map<String, String> keys,
            List<String> wrong) {
        Map<String, String> given = new TreeMap<>(keys);
        // What the user has to give.
        for (Settings.Described key : Settings.describe(prefix, type)) {
            if (key.value() == null) {
                given.putIfAbsent(key.name(), "given");
            }
        }
        try {
            Settings.bind(who, prefix, type, given);
        } catch (IllegalArgumentException e) {
            wrong.add(e.getMessage());
        }
    }

    private static Map<String, String> pipeline(Map<String, String> recipe) {
        return recipe.entrySet().stream()
                .filter(one -> !one.getKey().startsWith("recipe."))
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }

    @Test
    void recipesHaveKeysThatWhatTheyNameHas() {
        assertTrue(RECIPES.size() >= 50, RECIPES.keySet().toString());
        List<String> wrong = new ArrayList<>();
        RECIPES.forEach((name, keys) -> check("recipe " + name, pipeline(keys), wrong));
        assertEquals(List.of(), wrong);
    }

    @Test
    void cellsOfSweepsHaveKeysThatWhatTheyNameHas() {
        assertTrue(SWEEPS.size() >= 15, SWEEPS.keySet().toString());
        List<String> wrong = new ArrayList<>();
        SWEEPS.forEach(
                (name, keys) -> {
                    String base = keys.get("sweep.base");
                    assertTrue(RECIPES.containsKey(base), "sweep " + name + " starts at " + base);
                    Map<String, String> all = new TreeMap<>(keys);
                    all.keySet().removeIf(key -> key.matches("(sweep|cell)\\..*"));
                    keys.forEach(
                            (key, value) -> {
                                Matcher cell = CELL.matcher(key);
                                if (cell.matches()) {
                                    Map<String, String> own = new TreeMap<>(all);
                                    Stream.of(value.split(";"))
                                            .map(pair -> pair.split("=", 2))
                                            .forEach(p -> own.put(p[0].strip(), p[1].strip()));
                                    check(
                                            "sweep " + name + ", cell " + cell.group(1),
                                            over(pipeline(RECIPES.get(base)), own),
                                            wrong);
                                }
                            });
                });
        assertEquals(List.of(), wrong);
    }

    /** A wrong key, a wrong value, and a key that goes with the plugin it belongs to. */
    @Test
    void whatIsWrongIsFound() {
        Map<String, String> keys =
                Map.of("dataset", "schematic", "backbone", "resnet18", "method", "fdrl");
        List<String> wrong = new ArrayList<>();
        Map<String, String> more = Map.of("method.latents", "4", "train.encode.lr", "1");
        Map<String, String> good = over(keys, more);
        check("good", good, wrong);
        check("other", over(good, Map.of("method", "linear")), wrong);
        assertEquals(List.of(), wrong);
        check("a", over(good, Map.of("method.latent", "4")), wrong);
        check("b", over(good, Map.of("method.latents", "0")), wrong);
        check("c", over(good, Map.of("train.epoch", "4")), wrong);
        check("d", over(good, Map.of("flip.probability", "1")), wrong);
        assertEquals(4, wrong.size(), wrong.toString());
        assertTrue(wrong.get(1).contains("method.latents"), wrong.toString());
    }
}
