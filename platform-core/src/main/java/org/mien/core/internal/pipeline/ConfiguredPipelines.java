// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.pipeline;

import java.lang.reflect.Array;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Dictionary;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.mien.core.MienException;
import org.mien.core.Value;
import org.osgi.service.cm.ManagedServiceFactory;
import org.osgi.service.component.annotations.Component;

/** The pipelines that are configured now: one factory configuration each. */
@Component(
        immediate = true, // Config Admin lets go of it between deliveries
        service = {ManagedServiceFactory.class, ConfiguredPipelines.class},
        property = "service.pid=" + ConfiguredPipelines.PID)
public final class ConfiguredPipelines implements ManagedServiceFactory {
    /** Factory PID, and beginning of a configuration file's name. */
    public static final String PID = "org.mien.pipeline";

    /**
     * A configuration as it stands.
     *
     * @param pid its PID
     * @param name the pipeline's name
     * @param source its file, or its PID
     * @param values its keys, with where they came from
     */
    public record Configured(String pid, String name, String source, Map<String, Value> values) {
        /** Whether it has these keys and no others. */
        public boolean has(Map<String, String> keys) {
            return values.keySet().equals(keys.keySet())
                    && values.entrySet().stream()
                            .allMatch(one -> one.getValue().value().equals(keys.get(one.getKey())));
        }
    }

    private final Map<String, Configured> byPid = new ConcurrentHashMap<>();
    private final Map<String, Configured> good = new ConcurrentHashMap<>();
    private volatile Predicate<Configured> works = configured -> false;

    @Override
    public String getName() {
        return "Mien pipelines";
    }

    @Override
    public void updated(String pid, Dictionary<String, ?> properties) {
        Configured before = byPid.put(pid, read(PID, pid, properties));
        if (before != null && works.test(before)) {
            good.put(pid, before);
        }
    }

    @Override
    public void deleted(String pid) {
        byPid.remove(pid);
        good.remove(pid);
    }

    /** Who can say whether a configuration works. */
    public void judge(Predicate<Configured> judge) {
        works = judge;
    }

    /** What a pipeline was when it last worked, since the platform started; or null. */
    public Configured good(Configured now) {
        return good.get(now.pid());
    }

    /** Name of the file of a pipeline. */
    public static String file(String name) {
        return PID + "-" + name + ".cfg";
    }

    /** Text of the file of a pipeline. */
    public static String text(Map<String, String> keys) {
        StringBuilder text = new StringBuilder();
        keys.forEach(
                (key, value) -> {
                    if (!key.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
                        throw new MienException(
                                "key '"
                                        + key
                                        + "': expected letters, digits, dots, dashes and underscores");
                    }
                    if (value.contains("${") || value.chars().anyMatch(Character::isISOControl)) {
                        throw new MienException(
                                "key '"
                                        + key
                                        + "': its value can have no ${ and no control characters");
                    }
                    text.append(key).append(" = ").append(value.replace("\\", "\\\\")).append('\n');
                });
        return text.toString();
    }

    /**
     * Reads a factory configuration.
     *
     * @param factory its factory PID
     * @param pid its PID
     */
    public static Configured read(String factory, String pid, Dictionary<String, ?> properties) {
        Map<String, Object> all = new TreeMap<>();
        for (String key : Collections.list(properties.keys())) {
            all.put(key, properties.get(key));
        }
        Object file = all.get("felix.fileinstall.filename");
        String source = file == null ? pid : file.toString().replaceFirst(".*[/\\\\]", "");
        String name = pid.startsWith(factory) ? pid.substring(factory.length() + 1) : pid;
        if (file != null && source.startsWith(factory + "-")) {
            name = source.substring(factory.length() + 1).replaceFirst("\\.[^.]*$", "");
        }
        if (all.get("name") != null) {
            name = text(all.get("name")).trim();
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
                values.put(key, new Value(text(entry.getValue()), source));
            }
        }
        return new Configured(pid, name, source, values);
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

    /** All of them, by name; of two with one name the first PID counts and says so when asked. */
    public List<Configured> all() {
        Map<String, Configured> byName = new TreeMap<>();
        for (String pid : new TreeSet<>(byPid.keySet())) {
            Configured configured = byPid.get(pid);
            if (configured != null) {
                byName.putIfAbsent(configured.name(), configured);
            }
        }
        return List.copyOf(byName.values());
    }

    /** One by name. */
    public Optional<Configured> find(String name) {
        return all().stream().filter(configured -> configured.name().equals(name)).findFirst();
    }

    /** Another configuration with the same name, if there is one. */
    public String twin(Configured configured) {
        return byPid.values().stream()
                .filter(
                        c ->
                                c.name().equals(configured.name())
                                        && !c.pid().equals(configured.pid()))
                .map(Configured::source)
                .sorted()
                .findFirst()
                .orElse("");
    }
}
