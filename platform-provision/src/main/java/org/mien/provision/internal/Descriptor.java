// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.provision.internal;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What stands in a features.xml, as far as plugins need it. Made by {@link DescriptorReader}. */
final class Descriptor {
    /**
     * A bundle.
     *
     * @param attributes {@code start-level}, {@code start} and {@code dependency}, as far as given
     */
    record Jar(String address, Map<String, String> attributes) {}

    /**
     * A feature that another needs.
     *
     * @param version or range, empty for any
     * @param first whether it has to be there before the other is looked at
     */
    record Wanted(String name, String version, boolean dependency, boolean first) {}

    /**
     * A file in {@code etc}: a configuration by its PID, or a file by its name.
     *
     * @param pid the PID, or null
     * @param name where the file goes, or null
     * @param text of a configuration, or null
     * @param address of what the file has, or null
     */
    record Written(String pid, String name, String text, String address) {}

    /** What comes only where some features are there. */
    record Conditional(List<String> conditions, List<Jar> jars, List<Wanted> wanted) {}

    /** A requirement or a capability of a feature, as it is written. */
    record Clause(boolean capability, String text) {}

    /** A feature. */
    static final class Feature {
        final String name;
        final Map<String, String> attributes;
        final List<Jar> jars = new ArrayList<>();
        final List<Wanted> wanted = new ArrayList<>();
        final List<Written> written = new ArrayList<>();
        final List<Conditional> conditionals = new ArrayList<>();
        final List<Clause> clauses = new ArrayList<>();

        Feature(String name, Map<String, String> attributes) {
            this.name = name;
            this.attributes = attributes;
        }

        String version() {
            return attributes.getOrDefault("version", "0.0.0");
        }

        String id() {
            return name + "/" + version();
        }

        /** Whether it is meant to be installed with its file, as in a .kar. */
        boolean automatic() {
            return attributes.getOrDefault("install", "auto").equals("auto");
        }

        /** Bundles, those that come on a condition too. */
        List<Jar> allJars() {
            List<Jar> all = new ArrayList<>(jars);
            conditionals.forEach(one -> all.addAll(one.jars()));
            return all;
        }
    }

    /** Addresses of other files of features. */
    final List<String> repositories = new ArrayList<>();

    /** Features by name. */
    final Map<String, Feature> features = new LinkedHashMap<>();
}
