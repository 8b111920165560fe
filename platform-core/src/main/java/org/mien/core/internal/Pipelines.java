// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal;

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
import org.mien.core.Mien;
import org.osgi.service.cm.ManagedServiceFactory;
import org.osgi.service.component.annotations.Component;

/** The pipelines that are configured now: one factory configuration each. */
@Component(
        immediate = true, // Config Admin lets go of it between deliveries
        service = {ManagedServiceFactory.class, Pipelines.class},
        property = "service.pid=" + Pipelines.PID)
public final class Pipelines implements ManagedServiceFactory {
    /** Factory PID, and beginning of a configuration file's name. */
    static final String PID = "org.mien.pipeline";

    /**
     * A configuration as it stands.
     *
     * @param pid its PID
     * @param name the pipeline's name
     * @param source its file, or its PID
     * @param values its keys, with where they came from
     */
    record Configured(String pid, String name, String source, Map<String, Mien.Value> values) {}

    private final Map<String, Configured> byPid = new ConcurrentHashMap<>();

    @Override
    public String getName() {
        return "Mien pipelines";
    }

    @Override
    public void updated(String pid, Dictionary<String, ?> properties) {
        byPid.put(pid, read(PID, pid, properties));
    }

    @Override
    public void deleted(String pid) {
        byPid.remove(pid);
    }

    /**
     * Reads a factory configuration.
     *
     * @param factory its factory PID
     * @param pid its PID
     */
    static Configured read(String factory, String pid, Dictionary<String, ?> properties) {
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
        Map<String, Mien.Value> values = new LinkedHashMap<>();
        for (Map.Entry<String, Object> entry : all.entrySet()) {
            String key = entry.getKey();
            boolean karafs =
                    key.equals("name")
                            || key.startsWith("service.")
                            || key.startsWith("felix.fileinstall.")
                            || key.startsWith("org.apache.karaf.");
            if (!karafs) {
                values.put(key, new Mien.Value(text(entry.getValue()), source));
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
    List<Configured> all() {
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
    Optional<Configured> find(String name) {
        return all().stream().filter(configured -> configured.name().equals(name)).findFirst();
    }

    /** Another configuration with the same name, if there is one. */
    String twin(Configured configured) {
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
