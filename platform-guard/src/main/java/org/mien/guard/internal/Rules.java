// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.guard.internal;

import java.util.Collections;
import java.util.Dictionary;
import java.util.List;
import java.util.Set;

/**
 * What roles may run of the scope {@code fer}, by the file with which Karaf judges it too. Karaf
 * answers that a command does not exist; here it is said that it is for others.
 */
final class Rules {
    /** Of the file's configuration. */
    static final String PID = "org.apache.karaf.command.acl.fer";

    private final Dictionary<String, Object> file;
    private final Set<String> roles;

    Rules(Dictionary<String, Object> file, Set<String> roles) {
        this.file = file;
        this.roles = roles;
    }

    boolean may(String verb) {
        Object allowed = file.get(verb) == null ? file.get("*") : file.get(verb);
        return allowed != null
                && List.of(allowed.toString().split("[ ,]+")).stream().anyMatch(roles::contains);
    }

    /** Those that the file names and the roles may run. */
    List<String> verbs() {
        return Collections.list(file.keys()).stream()
                .filter(key -> key.matches("[a-z][a-z0-9-]*") && may(key))
                .sorted()
                .toList();
    }
}
