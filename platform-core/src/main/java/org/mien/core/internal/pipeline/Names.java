// SPDX-License-Identifier: Apache-2.0
// Copyright the Mien contributors
package org.mien.core.internal.pipeline;

import java.util.regex.Pattern;
import org.mien.core.MienException;

/** What a recipe, a pipeline, a sweep may be called. */
public final class Names {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");

    private Names() {}

    /** Whether something may be called so. */
    public static boolean may(String name) {
        return NAME.matcher(name).matches();
    }

    /** Whether a text begins with a name, as the id of a run does. */
    public static boolean begins(String text) {
        return NAME.matcher(text).lookingAt();
    }

    /**
     * Refuses what cannot be a name.
     *
     * @param what is to be called so, for example {@code pipeline}
     * @throws MienException that says what a name is
     */
    public static void check(String what, String name) {
        if (!may(name)) {
            throw new MienException(
                    what
                            + " '"
                            + name
                            + "': a name is up to 64 letters, digits, dots, dashes and underscores,"
                            + " and begins with a letter or digit");
        }
    }
}
