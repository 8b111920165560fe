// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.checks;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Which bundle may use which. Plugins use platform-api and platform-nn, steps on images also
 * platform-vision; platform-core uses those, platform-provision uses platform-core, platform-shell
 * uses both; no arrow runs the other way, none between plugins.
 *
 * <p>In a rule {@code a.b} is a package, {@code a.b*} a package and all below it.
 */
final class Arrows {
    /** Folders of plugins, by which their artifacts start. */
    private static final Set<String> PLUGINS =
            new TreeSet<>(List.of("backbone-", "method-", "preprocess-", "dataset-", "evaluator-"));

    /** Everything a plugin may use besides java.*. */
    private static final List<String> PLUGIN_USES =
            List.of("org.mien.api*", "org.mien.nn", "ai.djl.ndarray*", "org.slf4j");

    /** What each bundle of the platform may use of what is named in {@link #GUARDED}. */
    private static final Map<String, List<String>> PLATFORM_USES =
            Map.of(
                    "platform-engine",
                    List.of(),
                    "platform-api",
                    List.of("ai.djl.ndarray*"),
                    "platform-nn",
                    List.of("org.mien.api*", "org.mien.engine", "ai.djl", "ai.djl.ndarray*"),
                    "platform-vision",
                    List.of("org.mien.api*"),
                    "platform-weights",
                    List.of(),
                    "platform-core",
                    List.of(
                            "org.mien.api*",
                            "org.mien.nn*",
                            "org.mien.engine",
                            "org.mien.vision",
                            "org.mien.weights",
                            "ai.djl",
                            "ai.djl.ndarray*"),
                    "platform-provision",
                    List.of("org.mien.core"),
                    "platform-shell",
                    List.of("org.mien.api*", "org.mien.core*", "org.mien.provision"),
                    "platform-guard",
                    List.of(),
                    "platform-gate",
                    List.of());

    /** Packages each of which has one owner. */
    private static final Map<String, String> GUARDED =
            Map.ofEntries(
                    Map.entry("ai.djl*", "platform-engine"),
                    Map.entry("org.mien.engine*", "platform-engine"),
                    Map.entry("org.opencv*", "platform-vision"),
                    Map.entry("org.mien.vision*", "platform-vision"),
                    Map.entry("org.mien.api*", "platform-api"),
                    Map.entry("org.mien.nn*", "platform-nn"),
                    Map.entry("org.mien.weights*", "platform-weights"),
                    Map.entry("org.mien.core*", "platform-core"),
                    Map.entry("org.mien.provision*", "platform-provision"),
                    Map.entry("org.mien.shell*", "platform-shell"),
                    Map.entry("org.mien.guard*", "platform-guard"),
                    Map.entry("org.mien.gate*", "platform-gate"),
                    Map.entry("org.mien.plugin*", "a plugin"));

    /** Beginning of the packages of platform-core that are not exported: its rooms. */
    private static final String ROOMS = "org.mien.core.internal.";

    /**
     * The rooms of platform-core, floor by floor from the top. An arrow leads to a lower floor;
     * rooms of one floor do not know each other.
     */
    private static final List<Set<String>> FLOORS =
            List.of(
                    Set.of("service"),
                    Set.of("job", "report", "doctor"),
                    Set.of("train", "sweep", "features", "predict"),
                    Set.of("evaluate"),
                    Set.of("model"),
                    Set.of("run"),
                    Set.of("data"),
                    Set.of("pipeline"),
                    Set.of("plugin"),
                    Set.of("io"));

    /** These name no plugin, not even in a string. */
    private static final Set<String> BLIND =
            Set.of("platform-core", "platform-provision", "platform-shell");

    /** Ways to reach classes without importing their package. */
    private static final List<String> BACK_DOORS =
            List.of("DynamicImport-Package", "Require-Bundle", "Fragment-Host");

    private Arrows() {}

    /**
     * Checks all bundles.
     *
     * @param bundles the bundles of the reactor
     * @return what is broken, in words; empty when nothing is
     */
    static List<String> broken(List<Bundle> bundles) {
        List<String> broken = new ArrayList<>();
        Map<String, String> owners = new TreeMap<>();
        for (Bundle bundle : bundles) {
            if (!isPlugin(bundle) && !PLATFORM_USES.containsKey(bundle.name())) {
                broken.add(
                        bundle.name()
                                + ": no rule says what it may use. Its artifact starts with none of "
                                + PLUGINS
                                + "; for a new bundle of the platform write its rule in Arrows");
                continue;
            }
            uses(bundle, broken);
            contains(bundle, owners, broken);
            if (isPlugin(bundle) && bundle.ids().isEmpty()) {
                broken.add(
                        bundle.name()
                                + ": no component has the property mien.id; give each service of a"
                                + " plugin one");
            }
            exports(bundle, broken);
            rooms(bundle, broken);
            if (BLIND.contains(bundle.name())) {
                names(bundle, bundles, broken);
            }
        }
        return broken;
    }

    private static boolean isPlugin(Bundle bundle) {
        return PLUGINS.stream().anyMatch(bundle.name()::startsWith);
    }

    private static void uses(Bundle bundle, List<String> broken) {
        boolean plugin = isPlugin(bundle);
        // A plugin and the API are closed: what is not allowed is not there. The others may use
        // libraries.
        boolean closed = plugin || bundle.name().equals("platform-api");
        List<String> allowed =
                new ArrayList<>(plugin ? PLUGIN_USES : PLATFORM_USES.get(bundle.name()));
        if (bundle.name().startsWith("preprocess-")) {
            allowed.add("org.mien.vision");
        }
        Map<String, String> used = new TreeMap<>(bundle.used());
        bundle.imports().forEach(name -> used.putIfAbsent(name, "Import-Package"));
        bundle.contained().forEach(used::remove);
        used.keySet().removeIf(name -> name.startsWith("java."));
        used.forEach(
                (name, where) -> {
                    boolean judged = closed || name.startsWith("org.mien.") || guarded(name);
                    // What a bundle exports for the platform alone ends with spi.
                    boolean inner = plugin && name.endsWith(".spi");
                    if (judged
                            && (inner || allowed.stream().noneMatch(rule -> matches(rule, name)))) {
                        broken.add(
                                bundle.name()
                                        + ": "
                                        + where
                                        + " uses "
                                        + name
                                        + "; it may use "
                                        + (allowed.isEmpty()
                                                ? "no other bundle of ours"
                                                : String.join(", ", allowed)));
                    }
                });
        for (String header : BACK_DOORS) {
            if (bundle.headers().containsKey(header)) {
                broken.add(
                        bundle.name()
                                + ": "
                                + header
                                + " = "
                                + bundle.headers().get(header)
                                + " hides what it uses; import packages by name");
            }
        }
    }

    private static void contains(Bundle bundle, Map<String, String> owners, List<String> broken) {
        for (String name : bundle.contained()) {
            String other = owners.putIfAbsent(name, bundle.name());
            if (other != null) {
                broken.add(bundle.name() + ": package " + name + " lies in " + other + " too");
            }
            GUARDED.forEach(
                    (rule, owner) -> {
                        String mine = isPlugin(bundle) ? "a plugin" : bundle.name();
                        if (matches(rule, name) && !owner.equals(mine)) {
                            broken.add(
                                    bundle.name()
                                            + ": contains "
                                            + name
                                            + "; only "
                                            + owner
                                            + " may");
                        }
                    });
            if (name.startsWith("org.mien.") && !guarded(name)) {
                broken.add(
                        bundle.name()
                                + ": contains "
                                + name
                                + ", which is a package of nobody; expected "
                                + (isPlugin(bundle)
                                        ? "org.mien.plugin.<id>"
                                        : bundle.name().replace("platform-", "org.mien.")));
            }
        }
        if (!bundle.name().equals("platform-engine")) {
            for (String library : bundle.natives()) {
                broken.add(
                        bundle.name()
                                + ": contains native code, "
                                + library
                                + "; only platform-engine may");
            }
        }
    }

    private static void exports(Bundle bundle, List<String> broken) {
        for (String name : bundle.exports()) {
            if (isPlugin(bundle)) {
                broken.add(
                        bundle.name()
                                + ": exports "
                                + name
                                + "; a plugin exports nothing but its services");
            } else if (name.startsWith("org.mien.") && !bundle.versioned().contains(name)) {
                broken.add(
                        bundle.name()
                                + ": exports "
                                + name
                                + " without a version; add @Version to its package-info.java");
            }
        }
        if (!isPlugin(bundle)) {
            for (String name : bundle.contained()) {
                if (belongs(bundle, name) && !internal(name) && !bundle.exports().contains(name)) {
                    broken.add(
                            bundle.name()
                                    + ": package "
                                    + name
                                    + " is not exported; export it, or let it be"
                                    + " .internal or lie below such a package");
                }
            }
        }
    }

    /** Arrows between the rooms of platform-core. */
    private static void rooms(Bundle bundle, List<String> broken) {
        bundle.files()
                .forEach(
                        (file, referred) -> {
                            String from = room(file);
                            if (from.isEmpty()) {
                                referred.stream()
                                        .filter(other -> !room(other).isEmpty())
                                        .forEach(
                                                other -> broken.add(exported(bundle, file, other)));
                                return;
                            }
                            if (floor(from) < 0) {
                                broken.add(
                                        bundle.name()
                                                + ": "
                                                + file
                                                + " lies in room '"
                                                + from
                                                + "', which stands on no floor; give it one in"
                                                + " Arrows");
                                return;
                            }
                            for (String other : referred) {
                                String to = room(other);
                                if (!to.isEmpty() && !to.equals(from) && floor(to) <= floor(from)) {
                                    broken.add(
                                            bundle.name()
                                                    + ": "
                                                    + file
                                                    + " uses "
                                                    + other
                                                    + "; room '"
                                                    + from
                                                    + "' may use the rooms below it only: "
                                                    + FLOORS.subList(
                                                            floor(from) + 1, FLOORS.size()));
                                }
                            }
                        });
    }

    private static String exported(Bundle bundle, String file, String other) {
        return bundle.name()
                + ": "
                + file
                + " is exported and uses "
                + other
                + ", which is not; rooms use what is exported";
    }

    /** The room of a class of platform-core; empty for another class. */
    private static String room(String file) {
        String name = file.substring(0, Math.max(0, file.lastIndexOf('.')));
        return name.startsWith(ROOMS) ? name.substring(ROOMS.length()) : "";
    }

    /** The floor of a room, 0 at the top; -1 for none. */
    private static int floor(String room) {
        for (int i = 0; i < FLOORS.size(); i++) {
            if (FLOORS.get(i).contains(room)) {
                return i;
            }
        }
        return -1;
    }

    private static boolean internal(String name) {
        return (name + ".").contains(".internal.");
    }

    /** String literals and files that name a plugin by artifact, feature, package or id. */
    private static void names(Bundle bundle, List<Bundle> all, List<String> broken) {
        Set<String> names = new TreeSet<>(List.of("org.mien.plugin"));
        Set<String> ids = new TreeSet<>();
        for (Bundle plugin : all) {
            if (isPlugin(plugin)) {
                names.add(plugin.name());
                ids.addAll(plugin.ids());
            }
        }
        List<Pattern> words = names.stream().map(Arrows::word).toList();
        // An id that no word of English could be is looked for within sentences too.
        List<Pattern> odd =
                ids.stream().filter(id -> id.matches(".*[0-9-].*")).map(Arrows::word).toList();
        bundle.texts()
                .forEach(
                        (text, where) -> {
                            if (Stream.of(text.split(","))
                                            .map(String::strip)
                                            .anyMatch(ids::contains)
                                    || words.stream().anyMatch(p -> p.matcher(text).find())
                                    || odd.stream().anyMatch(p -> p.matcher(text).find())) {
                                broken.add(
                                        bundle.name()
                                                + ": "
                                                + String.join(", ", where)
                                                + " names a plugin in '"
                                                + text.substring(0, Math.min(120, text.length()))
                                                + "'; ask the registry instead");
                            }
                        });
    }

    private static Pattern word(String name) {
        return Pattern.compile("(?<![A-Za-z0-9])" + Pattern.quote(name) + "(?![A-Za-z0-9])");
    }

    /** Whether a package of ours is this bundle's own. */
    private static boolean belongs(Bundle bundle, String name) {
        return name.startsWith("org.mien.")
                && GUARDED.entrySet().stream()
                        .anyMatch(
                                e ->
                                        matches(e.getKey(), name)
                                                && e.getValue().equals(bundle.name()));
    }

    private static boolean guarded(String name) {
        return GUARDED.keySet().stream().anyMatch(rule -> matches(rule, name));
    }

    private static boolean matches(String rule, String name) {
        if (!rule.endsWith("*")) {
            return rule.equals(name);
        }
        String root = rule.substring(0, rule.length() - 1);
        return name.equals(root) || name.startsWith(root + ".");
    }
}
