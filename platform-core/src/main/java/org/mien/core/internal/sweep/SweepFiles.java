// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.sweep;

import java.util.Dictionary;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import org.mien.core.internal.pipeline.ConfiguredPipelines;
import org.osgi.service.cm.ManagedServiceFactory;
import org.osgi.service.component.annotations.Component;

/** The sweeps of the user: one factory configuration each, {@code etc/org.mien.sweep-NAME.cfg}. */
@Component(
        immediate = true, // Config Admin lets go of it between deliveries
        service = {ManagedServiceFactory.class, SweepFiles.class},
        property = "service.pid=" + SweepFiles.PID)
public final class SweepFiles implements ManagedServiceFactory {
    /** Factory PID, and beginning of a configuration file's name. */
    static final String PID = "org.mien.sweep";

    private final Map<String, ConfiguredPipelines.Configured> byPid = new ConcurrentHashMap<>();

    @Override
    public String getName() {
        return "Mien sweeps";
    }

    @Override
    public void updated(String pid, Dictionary<String, ?> properties) {
        byPid.put(pid, ConfiguredPipelines.read(PID, pid, properties));
    }

    @Override
    public void deleted(String pid) {
        byPid.remove(pid);
    }

    /** All of them, by name; of two with one name the first PID counts. */
    Map<String, ConfiguredPipelines.Configured> all() {
        Map<String, ConfiguredPipelines.Configured> byName = new TreeMap<>();
        new TreeMap<>(byPid).values().forEach(one -> byName.putIfAbsent(one.name(), one));
        return byName;
    }

    Optional<ConfiguredPipelines.Configured> find(String name) {
        return Optional.ofNullable(all().get(name));
    }
}
