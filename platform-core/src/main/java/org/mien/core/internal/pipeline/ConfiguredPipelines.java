// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.pipeline;

import java.nio.charset.StandardCharsets;
import java.util.Dictionary;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.mien.core.MienException;
import org.mien.core.internal.io.KeyFile;
import org.mien.core.internal.pipeline.Configurations.Configured;
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

    private final Configurations known = new Configurations(PID, this::replaced);
    private final Map<String, Configured> good = new ConcurrentHashMap<>();
    private volatile Predicate<Configured> works = configured -> false;

    @Override
    public String getName() {
        return "Mien pipelines";
    }

    @Override
    public void updated(String pid, Dictionary<String, ?> properties) {
        known.updated(pid, properties);
    }

    private void replaced(Configured before) {
        if (works.test(before)) {
            good.put(before.pid(), before);
        }
    }

    @Override
    public void deleted(String pid) {
        known.deleted(pid);
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

    /** Text of the file of a pipeline, which is read as it was given. */
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
                    try {
                        text.append(key).append(" = ").append(KeyFile.written(value)).append('\n');
                    } catch (IllegalArgumentException e) {
                        throw new MienException("key '" + key + "': its value: " + e.getMessage());
                    }
                });
        if (!KeyFile.parse(text.toString().getBytes(StandardCharsets.UTF_8)).equals(keys)) {
            throw new MienException(
                    "a value begins or ends with blanks, or ends in a backslash, which no file can"
                            + " hold; take them away");
        }
        return text.toString();
    }

    /** All of them, by name; of two with one name the first PID counts and says so when asked. */
    public List<Configured> all() {
        Map<String, Configured> byName = new TreeMap<>();
        known.all().forEach(one -> byName.putIfAbsent(one.name(), one));
        return List.copyOf(byName.values());
    }

    /** One by name. */
    public Optional<Configured> find(String name) {
        return all().stream().filter(configured -> configured.name().equals(name)).findFirst();
    }

    /** Another configuration with the same name, if there is one. */
    public String twin(Configured configured) {
        return known.all().stream()
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
