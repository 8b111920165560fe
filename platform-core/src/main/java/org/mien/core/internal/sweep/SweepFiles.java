// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.sweep;

import java.util.Dictionary;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.mien.core.internal.pipeline.Configurations;
import org.mien.core.internal.pipeline.Configurations.Configured;
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

    private final Configurations known = new Configurations(PID, before -> {});

    @Override
    public String getName() {
        return "Mien sweeps";
    }

    @Override
    public void updated(String pid, Dictionary<String, ?> properties) {
        known.updated(pid, properties);
    }

    @Override
    public void deleted(String pid) {
        known.deleted(pid);
    }

    /** All of them, by name; of two with one name the first PID counts. */
    Map<String, Configured> all() {
        Map<String, Configured> byName = new TreeMap<>();
        known.all().forEach(one -> byName.putIfAbsent(one.name(), one));
        return byName;
    }

    Optional<Configured> find(String name) {
        return Optional.ofNullable(all().get(name));
    }
}
