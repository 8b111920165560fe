// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.shell.internal;

import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.mien.core.MienException;
import org.mien.core.Plugins;

/**
 * Keys that somebody may give who may not name the platform's files: the steps, and those of their
 * keys that are numbers and choices. A text could name a file.
 */
final class ViewersKeys {
    private static final String STEPS = "preprocess";

    private ViewersKeys() {}

    /** Whether an argument is a key with its value, whatever files there are. */
    static boolean isKey(String argument) {
        return argument.matches("(?s)[a-z][a-z0-9.-]*=.*");
    }

    /** Refuses the first key that is not for viewers. */
    static void check(List<String> words, Plugins plugins) {
        Set<String> open =
                plugins.all().stream()
                        .filter(plugin -> plugin.kind().equals("preprocessor"))
                        .flatMap(plugin -> plugin.keys().stream())
                        .filter(key -> key.type().matches("an? (integer|number)|true or.*|one of"))
                        .map(Plugins.Key::name)
                        .collect(Collectors.toSet());
        for (String word : words) {
            String key = word.substring(0, word.indexOf('='));
            if (!key.equals(STEPS) && !open.contains(key)) {
                throw new MienException(
                        "key '"
                                + key
                                + "' is not for viewers, who may give preprocess, and of the steps"
                                + " the keys that are numbers or choices: others could name a file"
                                + " of the platform's account. Ask a manager or an administrator");
            }
        }
    }
}
